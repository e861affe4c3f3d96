// Address space by mmap and mprotect: a reservation costs no memory, only address space.

#include "interp/runtime/pages_posix.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <limits>

#include "interp/runtime/pages.hpp"

namespace fermata::pages {
namespace {

constexpr int reservation_flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

}  // namespace

std::byte* allocate(std::uint64_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max()) return nullptr;
  void* const base = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                            reservation_flags, -1, 0);
  return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

std::uint64_t worth_reserving(std::uint64_t, std::uint64_t most) noexcept { return most; }

std::byte* reserve(std::uint64_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max()) return nullptr;
  void* const base =
      ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_NONE, reservation_flags, -1, 0);
  return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

bool commit(std::byte* base, std::uint64_t from, std::uint64_t to) noexcept {
  if (from == to) return true;
  return ::mprotect(base + from, static_cast<std::size_t>(to - from), PROT_READ | PROT_WRITE) == 0;
}

bool discard(std::byte* base, std::uint64_t used) noexcept {
  if (used == 0) return true;
  // Mapping anew drops the contents and the access at once.
  return ::mmap(base, static_cast<std::size_t>(used), PROT_NONE, reservation_flags | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

std::byte* move_by_copying(std::byte* base, std::uint64_t reserved, std::uint64_t used,
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

void release(std::byte* base, std::uint64_t bytes) noexcept {
  ::munmap(base, static_cast<std::size_t>(bytes));
}

}  // namespace fermata::pages
