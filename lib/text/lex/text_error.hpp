// Errors in text: where they are, with the line and a caret under the place.
//
// Owns how a place in a source is shown. Knows nothing of the grammar.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"

namespace fermata::text {

/// The positions of every 1,024th byte of a source, for a source that is asked about many times:
/// counting begins at the nearest one, not at the begin of the source. Without any (the default)
/// it begins there, which is right for a source with one error.
class PositionTable {
 public:
  PositionTable() = default;
  explicit PositionTable(std::string_view source);

  /// Line and column of a byte of the source; both count from 1, columns in characters.
  /// Precondition: the table is empty or of this source.
  [[nodiscard]] SourcePosition position_at(std::string_view source, std::size_t offset) const;

 private:
  static constexpr std::size_t step = 1024;
  std::vector<SourcePosition> known_;
};

/// The error: its message is `message`, line and column, then the source line and a caret.
[[nodiscard]] Error make_error(std::string_view source, const PositionTable& positions,
                               std::size_t offset, const std::string& message,
                               Phase phase = Phase::malformed);

}  // namespace fermata::text
