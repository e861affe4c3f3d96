// Address space from the C library's heap: for systems without mmap. Nothing is reserved ahead, so
// a memory moves when it grows.

#include <cstdlib>
#include <cstring>
#include <limits>

#include "interp/runtime/pages.hpp"

namespace fermata::pages {

std::byte* allocate(std::uint64_t bytes) noexcept { return reserve(bytes); }

std::uint64_t worth_reserving(std::uint64_t now, std::uint64_t) noexcept { return now; }

std::byte* reserve(std::uint64_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max()) return nullptr;
  return static_cast<std::byte*>(std::calloc(static_cast<std::size_t>(bytes), 1));
}

// Everything is zero from the start and stays so until it is committed.
bool commit(std::byte*, std::uint64_t, std::uint64_t) noexcept { return true; }

bool clear(std::byte* base, std::uint64_t used) noexcept {
  std::memset(base, 0, static_cast<std::size_t>(used));
  return true;
}

bool discard(std::byte* base, std::uint64_t used) noexcept { return clear(base, used); }

std::byte* move(std::byte* base, std::uint64_t, std::uint64_t used, std::uint64_t bytes) noexcept {
  std::byte* const moved = reserve(bytes);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, base, static_cast<std::size_t>(used));
  std::free(base);
  return moved;
}

void release(std::byte* base, std::uint64_t) noexcept { std::free(base); }

}  // namespace fermata::pages
