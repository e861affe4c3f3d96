#pragma once

#include <string>
#include <utility>

#include "fermata/error.hpp"

namespace fermata {

/// What a call of the API that its contract refuses ends with: there is no place in a binary to
/// name.
[[gnu::cold]] inline Error usage_error(ErrorCode code, std::string message) {
  return {code, Phase::usage, std::move(message), {}, {}, {}};
}

}  // namespace fermata
