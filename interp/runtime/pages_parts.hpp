// What the files that implement pages.hpp share, and what copies as they do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fermata::pages {

/// Half of the address space that a program has at most (2^47 bytes with 64 bits, on the systems
/// that give least).
inline constexpr std::uint64_t half_of_address_space =
    sizeof(void*) >= 8 ? std::uint64_t{1} << 46 : std::uint64_t{1} << 31;

/// Copies into a place that is all zero. What is zero in `from` is not written, and so takes no
/// memory in `to` either.
inline void copy_into_zeros(std::byte* to, const std::byte* from, std::uint64_t bytes) noexcept {
  static constexpr std::byte zeros[4096] = {};
  for (std::uint64_t at = 0; at < bytes; at += sizeof zeros) {
    if (std::memcmp(from + at, zeros, sizeof zeros) == 0) continue;
    std::memcpy(to + at, from + at, sizeof zeros);
  }
}

}  // namespace fermata::pages
