// FuncPool: blocks that grow with the pool, and the search through them.

#include "interp/runtime/func_pool.hpp"

#include <algorithm>

namespace fermata {

std::span<Func> FuncPool::make(std::uint32_t count, std::uint32_t spare) {
  if (blocks_.empty() || blocks_.back().capacity - blocks_.back().used < count) {
    const std::uint32_t grown = blocks_.empty() ? 0 : std::min(blocks_.back().capacity * 2, 256u);
    const std::uint32_t capacity = std::max(count + spare, grown);
    blocks_.push_back({std::make_unique<Func[]>(capacity), 0, capacity});
  }
  Block& block = blocks_.back();
  const std::span<Func> made(block.funcs.get() + block.used, count);
  block.used += count;
  return made;
}

bool FuncPool::owns(const void* address) const noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  return std::ranges::any_of(blocks_, [at](const Block& block) {
    const auto begin = reinterpret_cast<std::uintptr_t>(block.funcs.get());
    const std::uintptr_t distance = at - begin;
    return at >= begin && distance % sizeof(Func) == 0 && distance / sizeof(Func) < block.used;
  });
}

}  // namespace fermata
