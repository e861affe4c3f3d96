// Numbers as WebAssembly's memories have them: the lowest byte first, at any address.
//
// Specification: "Execution / Numerics / Storage".
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <span>

namespace fermata::little_endian {

/// An integer or float of up to 8 bytes.
template <class T>
concept Number = (std::integral<T> || std::floating_point<T>) && !std::same_as<T, bool> &&
                 sizeof(T) <= 8;

/// Precondition: `bytes.size() >= sizeof(T)`.
template <Number T>
[[nodiscard]] T decode(std::span<const std::byte> bytes) {
  std::array<std::byte, sizeof(T)> own;
  std::copy_n(bytes.begin(), sizeof(T), own.begin());
  if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(own);
  return std::bit_cast<T>(own);
}

/// Precondition: `bytes.size() >= sizeof(T)`.
template <Number T>
void encode(std::span<std::byte> bytes, T value) {
  auto own = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  if constexpr (std::endian::native == std::endian::big) std::ranges::reverse(own);
  std::ranges::copy(own, bytes.begin());
}

}  // namespace fermata::little_endian
