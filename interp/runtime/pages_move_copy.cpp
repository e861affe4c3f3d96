// Moving a reservation by copying it: for systems without mremap.

#include <cstring>

#include "interp/runtime/pages.hpp"

namespace fermata::pages {

std::byte* move(std::byte* base, std::uint64_t reserved, std::uint64_t used,
                std::uint64_t bytes) noexcept {
  std::byte* const moved = reserve(bytes);
  if (moved == nullptr) return nullptr;
  if (!commit(moved, 0, used)) {
    release(moved, bytes);
    return nullptr;
  }
  if (used != 0) std::memcpy(moved, base, static_cast<std::size_t>(used));
  release(base, reserved);
  return moved;
}

}  // namespace fermata::pages
