// What pages_linux.cpp does, for other systems with mmap: by mapping anew, and by copying.

#include <cstring>

#include "interp/runtime/pages.hpp"

namespace fermata::pages {

bool clear(std::byte* base, std::uint64_t used) noexcept {
  return discard(base, used) && commit(base, 0, used);
}

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
