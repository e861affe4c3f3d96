// FuncPool: blocks that grow with the pool, and the search through them.

#include "interp/runtime/func_pool.hpp"

#include <algorithm>
#include <iterator>

namespace fermata {

std::span<Func> FuncPool::make(std::uint32_t count, std::uint32_t spare) {
  if (blocks_.empty() || blocks_.back().capacity - blocks_.back().used < count) {
    const std::uint32_t grown = blocks_.empty() ? 0 : std::min(blocks_.back().capacity * 2, 256u);
    begin_block(std::max(count + spare, grown));
  }
  Block& block = blocks_.back();
  const std::span<Func> made(block.funcs.get() + block.used, count);
  block.used += count;
  return made;
}

// What was the last block until now takes its place among the others.
void FuncPool::begin_block(std::uint32_t capacity) {
  if (!blocks_.empty()) {
    const auto last = std::prev(blocks_.end());
    const auto place =
        std::ranges::upper_bound(blocks_.begin(), last, last->begin(), {}, &Block::begin);
    std::rotate(place, last, blocks_.end());
  }
  blocks_.push_back({std::make_unique<Func[]>(capacity), 0, capacity});
}

// A store may have tens of thousands of blocks, and each import of each instance asks.
bool FuncPool::owns(const void* address) const noexcept {
  if (blocks_.empty()) return false;
  const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(address);
  const auto in = [&](const Block& block) {
    const std::uintptr_t distance = at - block.begin();
    return at >= block.begin() && distance % sizeof(Func) == 0 &&
           distance / sizeof(Func) < block.used;
  };
  const auto last = std::prev(blocks_.end());
  if (in(*last)) return true;
  const auto after = std::ranges::upper_bound(blocks_.begin(), last, at, {}, &Block::begin);
  return after != blocks_.begin() && in(*std::prev(after));
}

}  // namespace fermata
