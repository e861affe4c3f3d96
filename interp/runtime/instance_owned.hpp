// What stands behind an instance's plain pointers. For instance.cpp, instantiate.cpp and the reader of
// snapshots alone.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>
#include <vector>

#include "fermata/module.hpp"
#include "interp/runtime/func_pool.hpp"
#include "interp/runtime/instance.hpp"
#include "interp/runtime/instance_layout.hpp"
#include "interp/runtime/store.hpp"

namespace fermata {

struct Instance::Owned {
  Owned(const Module& of, StoreObjects& in)
      : module(of), layout(InstanceLayout::of(of.impl())), store(in) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (arrays) store.budget.give(layout.instance_bytes());
  }

  Module module;
  const InstanceLayout& layout;
  StoreObjects& store;
  /// All of Instance's arrays and `dropped`; once they are there the budget has given `layout.instance_bytes()`.
  std::unique_ptr<std::byte[]> arrays;
  std::uint64_t* dropped = nullptr;     // one bit per data segment, then per elem segment
  std::unique_ptr<GlobalExtern[]> imported_globals;  // with their own types, when there are any
  /// By element segment: its references, of segments that may refer to the heap, until it is
  /// dropped: an object that an expression makes is made once.
  using Elements = std::unordered_map<std::uint32_t, std::vector<Slot>>;
  std::unique_ptr<Elements> evaluated;
  Func* listed = nullptr;  // the layout's listed functions, once made
  // The functions that are not listed, each made on demand. Most instances need only one, the
  // entry: with a place of its own for the first they are spared a hash table.
  Func* first_other = nullptr;
  std::unique_ptr<std::unordered_map<std::uint32_t, Func*>> others;  // all but the first

  [[nodiscard]] std::vector<Slot>& evaluated_elements(std::uint32_t elem) {
    if (!evaluated) evaluated = std::make_unique<Elements>();
    return (*evaluated)[elem];
  }

  [[nodiscard]] std::uint64_t elem_bit(ElemIdx elem) const {
    return module.impl().data.datas.size() + elem.value;
  }
  [[nodiscard]] bool is_dropped(std::uint64_t bit) const {
    return (dropped[bit / 64] >> bit % 64 & 1) != 0;
  }
  void drop(std::uint64_t bit) { dropped[bit / 64] |= std::uint64_t{1} << bit % 64; }
};

}  // namespace fermata
