// What Linux does better than other systems with mmap: it moves committed pages to another address
// without copying them, and its MADV_DONTNEED promises zeros.

#include <sys/mman.h>

#include <cerrno>

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_posix.hpp"

namespace fermata::pages {
namespace {

// Whether [base, base + used) is a single mapping. Others cannot be moved before Linux 6.17, which
// is noticed only when the new place has been unmapped already; so this asks first. Pages that were
// written to and then moved remember where they come from, and never become one mapping with those
// that are committed behind them. Asked by growing in place: EFAULT says that there are several
// mappings, ENOMEM that there is one, with something behind it.
bool is_one_mapping(std::byte* base, std::uint64_t used) noexcept {
  constexpr std::size_t more = 65536;
  const auto size = static_cast<std::size_t>(used);
  if (::mremap(base, size, size + more, 0) == MAP_FAILED) return errno == ENOMEM;
  release(base + used, more);
  return true;
}

}  // namespace

bool clear(std::byte* base, std::uint64_t used) noexcept {
  return ::madvise(base, static_cast<std::size_t>(used), MADV_DONTNEED) == 0;
}

std::byte* move(std::byte* base, std::uint64_t reserved, std::uint64_t used,
                std::uint64_t bytes) noexcept {
  if (used != 0 && !is_one_mapping(base, used)) {
    return move_by_copying(base, reserved, used, bytes);
  }
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
