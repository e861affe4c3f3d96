// Errors in text: where they are, with the line and a caret under the place.
//
// Owns how a place in a source is shown. Knows nothing of the grammar.
#pragma once

#include <string>
#include <string_view>

#include "fermata/error.hpp"

namespace fermata::text {

/// Line and column of a byte of the source; both count from 1, columns in characters.
[[nodiscard]] SourcePosition position_at(std::string_view source, std::size_t offset);

/// The error: its message is `message`, line and column, then the source line and a caret.
[[nodiscard]] Error make_error(std::string_view source, std::size_t offset,
                               const std::string& message, Phase phase = Phase::malformed);

}  // namespace fermata::text
