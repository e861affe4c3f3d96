// RootTable: the references that an embedder keeps alive in one store (Root, fermata/process.hpp).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "fermata/value.hpp"

namespace fermata {

struct RootTable {
  static constexpr std::size_t none = SIZE_MAX;
  std::vector<Value> references;  // a free place has the number of the next
  std::size_t free = none;

  /// The next one that is added needs no memory.
  void make_room() {
    if (free == none && references.size() == references.capacity()) {
      references.reserve(std::max<std::size_t>(16, 2 * references.size()));
    }
  }
  [[nodiscard]] std::size_t add(const Value& reference) {
    if (free == none) {
      references.push_back(reference);
      return references.size() - 1;
    }
    const std::size_t place = free;
    free = static_cast<std::size_t>(references[place].as_u64());
    references[place] = reference;
    return place;
  }
  void remove(std::size_t place) noexcept {
    references[place] = Value::u64(free);
    free = place;
  }
  /// Nothing is kept any more, and no Root's place is free.
  void forget() noexcept {
    for (Value& reference : references) {
      if (reference.type().is_ref()) reference = Value::null(reference.type());
    }
  }
};

}  // namespace fermata
