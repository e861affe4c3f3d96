// RootTable: the references that an embedder keeps alive in one store (Root, fermata/process.hpp).
#pragma once

#include <cstddef>
#include <vector>

#include "fermata/value.hpp"

namespace fermata {

struct RootTable {
  std::vector<Value> references;  // null where a place is free
  std::vector<std::size_t> free;  // places

  [[nodiscard]] std::size_t add(const Value& reference) {
    if (free.empty()) {
      references.push_back(reference);
      return references.size() - 1;
    }
    const std::size_t place = free.back();
    free.pop_back();
    references[place] = reference;
    return place;
  }
  void remove(std::size_t place) {
    references[place] = {};
    free.push_back(place);
  }
};

}  // namespace fermata
