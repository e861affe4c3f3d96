// MemoryPool: a warm block is the first to go, else any.

#include "interp/runtime/memory_pool.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace fermata {
namespace {

// So many takes later the module's processes are taken for many, and blocks are kept warm; the
// blocks of one that runs once or twice are not.
constexpr std::uint64_t busy_after = 8;

}  // namespace

MemoryPool::~MemoryPool() {
  for (std::size_t i = 0; i < count_; ++i) Blocks::shared().give(kept_[i].block);
}

MemoryPool& MemoryPool::of(const ModuleImpl& module) {
  return static_cast<MemoryPool&>(module.attachments.get_or_make(
      AttachmentKey::memory_pool, [] { return std::make_unique<MemoryPool>(); }));
}

Block MemoryPool::take(std::uint64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  const std::size_t at = best(bytes);
  if (at == count_) return {};
  const Kept taken = kept_[at];
  kept_[at] = kept_[--count_];
  --admitted_;
  bytes_ -= taken.block.bytes;
  warm_bytes_ -= taken.warm_bytes;
  ++taken_;
  return taken.block;
}

// The block to take, or `count_`.
std::size_t MemoryPool::best(std::uint64_t bytes) const noexcept {
  std::size_t found = count_;
  for (std::size_t i = 0; i < count_; ++i) {
    if (kept_[i].block.bytes < bytes) continue;
    if (found == count_ || kept_[i].warm_bytes != 0 || kept_[found].warm_bytes == 0) found = i;
  }
  return found;
}

// Clearing takes long: it is done without the lock.
void MemoryPool::give(const Block& block, std::uint64_t used) noexcept {
  if (block.base == nullptr) return;
  Kept kept{block};
  if (!admit(kept)) return Blocks::shared().give(block);
  const auto cleared = pages::clear_keeping(block.base, used, kept.warm_bytes);
  if (!keep(kept, cleared)) Blocks::shared().give(block);
}

// Whether there is room for it, and how many bytes of it may stay warm.
bool MemoryPool::admit(Kept& kept) noexcept {
  const std::lock_guard lock(mutex_);
  if (admitted_ == most_blocks || kept.block.bytes > most_bytes - bytes_) return false;
  if (taken_ > busy_after) {
    kept.warm_bytes = std::min(most_warm_bytes_of_block, most_warm_bytes - warm_bytes_);
  }
  ++admitted_;
  bytes_ += kept.block.bytes;
  warm_bytes_ += kept.warm_bytes;
  return true;
}

bool MemoryPool::keep(Kept kept, const pages::Cleared& cleared) noexcept {
  const std::lock_guard lock(mutex_);
  const std::uint64_t admitted = std::exchange(kept.warm_bytes, cleared.resident);
  const bool kept_at_all = cleared.done && cleared.resident <= admitted;
  warm_bytes_ -= admitted;
  if (kept_at_all) {
    warm_bytes_ += kept.warm_bytes;
    kept_[count_++] = kept;
  } else {
    --admitted_;
    bytes_ -= kept.block.bytes;
  }
  return kept_at_all;
}

}  // namespace fermata
