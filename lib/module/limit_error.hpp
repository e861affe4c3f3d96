// The error of what exceeds a limit of this implementation.
//
// Owns its words, so that nobody takes a limit for a rule of the specification. Knows nothing of
// the limits.
#pragma once

#include <string_view>

#include "fermata/error.hpp"

namespace fermata {

/// `implementation limit: DETAIL`, of the code `implementation_limit` and the phase `invalid`.
[[nodiscard]] Error limit_error(std::string_view detail,
                                std::optional<std::uint64_t> offset = std::nullopt);

}  // namespace fermata
