// See limit_error.hpp.
#include "lib/module/limit_error.hpp"

#include <fmt/format.h>

namespace fermata {

Error limit_error(std::string_view detail, std::optional<std::uint64_t> offset) {
  return {ErrorCode::implementation_limit,
          Phase::invalid,
          fmt::format("implementation limit: {}", detail),
          offset,
          std::nullopt,
          {}};
}

}  // namespace fermata
