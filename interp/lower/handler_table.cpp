#include "interp/lower/handler_table.hpp"

#include <algorithm>
#include <iterator>

namespace fermata {

std::uint32_t HandlerTable::region_at(std::uint32_t word) const {
  const auto after = std::ranges::upper_bound(changes, word, {}, &Change::word);
  return after == changes.begin() ? none : std::prev(after)->region;
}

}  // namespace fermata
