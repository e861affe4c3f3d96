// What pages_linux.cpp does, for other systems with mmap: by mapping anew, and by copying.

#include <sys/mman.h>

#include <cstring>

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_parts.hpp"

namespace fermata::pages {

std::byte* grow(std::byte* base, std::uint64_t bytes, std::uint64_t used,
                std::uint64_t more) noexcept {
  std::byte* const grown = map(more);
  if (grown == nullptr) return nullptr;
  copy_into_zeros(grown, base, used);
  unmap(base, bytes);
  return grown;
}

bool clear(std::byte* base, std::uint64_t bytes) noexcept {
  return ::mmap(base, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

std::vector<Part> touched(const std::byte*, std::uint64_t bytes) {
  if (bytes == 0) return {};
  return {{0, bytes}};
}

void expect_writes(std::byte*, std::uint64_t, std::span<const Part>) noexcept {}

Cleared clear_keeping(std::byte* base, std::uint64_t bytes, std::uint64_t most) noexcept {
  if (bytes > most) return {clear(base, bytes), 0};
  std::memset(base, 0, static_cast<std::size_t>(bytes));
  return {true, bytes};
}

}  // namespace fermata::pages
