// Moving a reservation by mremap: the committed pages change their address, nothing is copied.

#include <sys/mman.h>

#include "interp/runtime/pages.hpp"

namespace fermata::pages {

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
