// MemoryPool: a warm block is the first to go, else the last that came.

#include "interp/runtime/memory_pool.hpp"

#include <cstring>
#include <memory>

#include "interp/runtime/memory.hpp"
#include "interp/runtime/pages.hpp"

namespace fermata {
namespace {

// So many takes later the module's processes are taken for many, and blocks are kept warm; the
// blocks of one that runs once or twice are not.
constexpr std::uint64_t busy_after = 8;

// Of larger blocks a process seldom uses all pages, and to clear those would make them all.
constexpr std::uint64_t largest_warm_block = 128 << 10;

}  // namespace

MemoryPool::~MemoryPool() {
  for (std::size_t i = 0; i < count_; ++i) pages::release(blocks_[i].base, blocks_[i].bytes);
}

MemoryPool* MemoryPool::of(const ModuleImpl& module, const MemoryType& type) {
  if (type.limits.min == 0 || type.limits.min > largest_block / page_size) return nullptr;
  return &static_cast<MemoryPool&>(module.attachments.get_or_make(
      AttachmentKey::memory_pool, [] { return std::make_unique<MemoryPool>(); }));
}

std::byte* MemoryPool::take(std::uint64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t at = best(bytes);
  if (at == count_) return nullptr;
  const Block block = blocks_[at];
  blocks_[at] = blocks_[--count_];
  if (block.warm) warm_bytes_ -= bytes;
  ++taken_;
  return block.base;
}

// The block to take, or `count_`.
std::size_t MemoryPool::best(std::uint64_t bytes) const noexcept {
  std::size_t found = count_;
  for (std::size_t i = 0; i < count_; ++i) {
    if (blocks_[i].bytes != bytes) continue;
    if (found == count_ || blocks_[i].warm || !blocks_[found].warm) found = i;
  }
  return found;
}

void MemoryPool::give(std::byte* base, std::uint64_t bytes) noexcept {
  Block block{base, bytes};
  if (!admit(block) || !clear(block) || !keep(block)) pages::release(base, bytes);
}

// Whether it is worth clearing, and how; that is done without the lock.
bool MemoryPool::admit(Block& block) noexcept {
  const std::lock_guard lock(mutex_);
  if (full() || block.bytes > largest_block) return false;
  block.warm = taken_ > busy_after && block.bytes <= largest_warm_block &&
               block.bytes <= most_warm_bytes - warm_bytes_;
  if (block.warm) warm_bytes_ += block.bytes;
  return true;
}

bool MemoryPool::clear(const Block& block) noexcept {
  if (!block.warm) return pages::clear(block.base, block.bytes);
  std::memset(block.base, 0, static_cast<std::size_t>(block.bytes));
  return true;
}

bool MemoryPool::keep(const Block& block) noexcept {
  const std::lock_guard lock(mutex_);
  if (full()) {
    if (block.warm) warm_bytes_ -= block.bytes;
    return false;
  }
  blocks_[count_++] = block;
  return true;
}

}  // namespace fermata
