// What Linux does better than other systems with mmap: it moves committed pages to another address
// without copying them, and its MADV_DONTNEED promises zeros.

#include <sys/mman.h>

#include "interp/runtime/pages.hpp"

namespace fermata::pages {

bool clear(std::byte* base, std::uint64_t used) noexcept {
  return ::madvise(base, static_cast<std::size_t>(used), MADV_DONTNEED) == 0;
}

std::byte* move(std::byte* base, std::uint64_t reserved, std::uint64_t used,
                std::uint64_t bytes) noexcept {
  std::byte* const moved = reserve(bytes);
  if (moved == nullptr) return nullptr;
  if (used != 0 && ::mremap(base, static_cast<std::size_t>(used), static_cast<std::size_t>(used),
                            MREMAP_MAYMOVE | MREMAP_FIXED, moved) == MAP_FAILED) {
    release(moved, bytes);
    return nullptr;
  }
  // The moved pages left a hole behind, where somebody else may already have mapped something.
  if (reserved > used) release(base + used, reserved - used);
  return moved;
}

}  // namespace fermata::pages
