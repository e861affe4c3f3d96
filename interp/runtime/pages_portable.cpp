// Mappings from the C library's heap: for systems without mmap.

#include <cstdlib>
#include <cstring>
#include <limits>

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_parts.hpp"

namespace fermata::pages {

std::byte* map(std::uint64_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max()) return nullptr;
  return static_cast<std::byte*>(std::calloc(static_cast<std::size_t>(bytes), 1));
}

std::byte* grow(std::byte* base, std::uint64_t, std::uint64_t used, std::uint64_t more) noexcept {
  std::byte* const grown = map(more);
  if (grown == nullptr) return nullptr;
  copy_into_zeros(grown, base, used);
  std::free(base);
  return grown;
}

void unmap(std::byte* base, std::uint64_t) noexcept { std::free(base); }

bool clear(std::byte* base, std::uint64_t bytes) noexcept {
  std::memset(base, 0, static_cast<std::size_t>(bytes));
  return true;
}

std::vector<Part> touched(const std::byte*, std::uint64_t bytes) {
  if (bytes == 0) return {};
  return {{0, bytes}};
}

void expect_writes(std::byte*, std::uint64_t, std::span<const Part>) noexcept {}

Cleared clear_keeping(std::byte* base, std::uint64_t bytes, std::uint64_t) noexcept {
  return {clear(base, bytes), bytes};
}

std::uint64_t share() noexcept { return half_of_address_space; }

}  // namespace fermata::pages
