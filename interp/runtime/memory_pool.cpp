// MemoryPool: the last block that came is the first to go, because it is the warmest.

#include "interp/runtime/memory_pool.hpp"

#include <cstring>
#include <memory>
#include <utility>

#include "interp/runtime/pages.hpp"

namespace fermata {
namespace {

// A key beyond those of the code caches and of the instance layout.
constexpr std::uint32_t attachment_key = 0x101;

// When processes come and go all the time, the pages of a block up to this size stay with it:
// clearing them costs less than the system's page faults. Else they go back to the system at once.
constexpr std::uint64_t largest_warm_block = 128 << 10;
constexpr std::uint64_t busy_after = 8;

}  // namespace

MemoryPool::~MemoryPool() {
  for (std::size_t i = 0; i < count_; ++i) pages::release(blocks_[i].base, blocks_[i].bytes);
}

MemoryPool& MemoryPool::of(const ModuleImpl& module) {
  return static_cast<MemoryPool&>(module.attachments.get_or_make(
      attachment_key, [] { return std::make_unique<MemoryPool>(); }));
}

std::byte* MemoryPool::take(std::uint64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = count_; i-- > 0;) {
    if (blocks_[i].bytes != bytes) continue;
    std::byte* const base = blocks_[i].base;
    blocks_[i] = blocks_[--count_];
    ++taken_;
    return base;
  }
  return nullptr;
}

void MemoryPool::give(std::byte* base, std::uint64_t bytes) noexcept {
  const Block block{base, bytes};
  const auto [room, busy] = [this] {
    const std::lock_guard lock(mutex_);
    return std::pair(!full(), taken_ > busy_after);
  }();
  const bool worth_it = room && bytes <= largest_block;
  if (!worth_it || !clear(block, busy) || !keep(block)) pages::release(base, bytes);
}

bool MemoryPool::clear(const Block& block, bool busy) noexcept {
  if (!busy || block.bytes > largest_warm_block) return pages::clear(block.base, block.bytes);
  std::memset(block.base, 0, static_cast<std::size_t>(block.bytes));
  return true;
}

bool MemoryPool::keep(const Block& block) noexcept {
  const std::lock_guard lock(mutex_);
  if (full()) return false;
  blocks_[count_++] = block;
  return true;
}

}  // namespace fermata
