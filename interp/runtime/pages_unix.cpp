// What pages_linux.cpp does, for other systems with mmap: by mapping anew, and by copying.

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_posix.hpp"

namespace fermata::pages {

bool clear(std::byte* base, std::uint64_t used) noexcept {
  return discard(base, used) && commit(base, 0, used);
}

std::byte* move(std::byte* base, std::uint64_t reserved, std::uint64_t used,
                std::uint64_t bytes) noexcept {
  return move_by_copying(base, reserved, used, bytes);
}

}  // namespace fermata::pages
