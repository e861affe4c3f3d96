// MemoryPool: an OS thread takes from its own shelf first, then from the others.

#include "interp/runtime/memory_pool.hpp"

#include <algorithm>
#include <memory>

namespace fermata {
namespace {

// So many takes later the module's processes are taken for many, and blocks are kept warm; the
// blocks of one that runs once or twice are not.
constexpr std::uint32_t busy_after = 8;

/// A number of the calling OS thread's own.
std::size_t thread_number() noexcept {
  static std::atomic<std::size_t> next = 0;
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

MemoryPool& MemoryPool::of(const ModuleImpl& module) {
  return static_cast<MemoryPool&>(module.attachments.get_or_make(
      AttachmentKey::memory_pool, [] { return std::make_unique<MemoryPool>(); }));
}

Block MemoryPool::take(std::uint64_t bytes) noexcept {
  const std::size_t first = thread_number();
  for (std::size_t i = 0; i < shelf_count; ++i) {
    const Block block = shelves_[(first + i) % shelf_count].take(bytes);
    if (block.base == nullptr) continue;
    // Counted as far as it is asked for: later, processes that come and go all the time write to
    // nothing that other OS threads read.
    if (taken_.load(std::memory_order_relaxed) <= busy_after) ++taken_;
    return block;
  }
  return {};
}

// Clearing takes long: it is done without a lock.
void MemoryPool::give(const Block& block, std::uint64_t used) noexcept {
  if (block.base == nullptr) return;
  Kept kept{block, 0};
  Shelf* const shelf = admit(kept, used);
  if (shelf == nullptr) return Blocks::shared().give(block);
  const auto cleared = pages::clear_keeping(block.base, used, kept.warm_bytes);
  if (cleared.done && cleared.resident <= kept.warm_bytes) {
    shelf->keep({block, cleared.resident}, kept.warm_bytes);
  } else {
    shelf->dismiss(kept);
    Blocks::shared().give(block);
  }
}

// The shelf where the block may stay as warm as a block may be, else any that has room for it.
MemoryPool::Shelf* MemoryPool::admit(Kept& kept, std::uint64_t used) noexcept {
  const bool is_busy = taken_.load(std::memory_order_relaxed) > busy_after;
  const std::uint64_t warm = is_busy ? std::min(used, most_warm_bytes_of_block) : 0;
  const std::size_t first = thread_number();
  for (const std::uint64_t least_warm : {warm, std::uint64_t{0}}) {
    for (std::size_t i = 0; i < shelf_count; ++i) {
      Shelf& shelf = shelves_[(first + i) % shelf_count];
      kept.warm_bytes = warm;
      if (shelf.admit(kept, least_warm)) return &shelf;
    }
    if (warm == 0) break;
  }
  return nullptr;
}

// --- shelves ------------------------------------------------------------------------------------

MemoryPool::Shelf::~Shelf() {
  for (std::size_t i = 0; i < count_; ++i) Blocks::shared().give(kept_[i].block);
}

Block MemoryPool::Shelf::take(std::uint64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t at = best(bytes);
  if (at == count_) return {};
  const Kept taken = kept_[at];
  kept_[at] = kept_[--count_];
  --admitted_;
  bytes_ -= taken.block.bytes;
  warm_bytes_ -= taken.warm_bytes;
  return taken.block;
}

// The block to take, or `count_`.
std::size_t MemoryPool::Shelf::best(std::uint64_t bytes) const noexcept {
  std::size_t found = count_;
  for (std::size_t i = 0; i < count_; ++i) {
    if (kept_[i].block.bytes < bytes) continue;
    if (found == count_ || kept_[i].warm_bytes != 0 || kept_[found].warm_bytes == 0) found = i;
  }
  return found;
}

bool MemoryPool::Shelf::admit(Kept& kept, std::uint64_t least_warm) noexcept {
  const std::lock_guard lock(mutex_);
  const std::uint64_t warm = std::min(kept.warm_bytes, most_warm_bytes - warm_bytes_);
  if (admitted_ == most_blocks || kept.block.bytes > most_bytes - bytes_ || warm < least_warm) {
    return false;
  }
  kept.warm_bytes = warm;
  ++admitted_;
  bytes_ += kept.block.bytes;
  warm_bytes_ += warm;
  return true;
}

void MemoryPool::Shelf::keep(const Kept& kept, std::uint64_t admitted_warm) noexcept {
  const std::lock_guard lock(mutex_);
  warm_bytes_ -= admitted_warm - kept.warm_bytes;
  kept_[count_++] = kept;
}

void MemoryPool::Shelf::dismiss(const Kept& kept) noexcept {
  const std::lock_guard lock(mutex_);
  --admitted_;
  bytes_ -= kept.block.bytes;
  warm_bytes_ -= kept.warm_bytes;
}

}  // namespace fermata
