// SHA-256: the name of a module's bytes, and of what a snapshot holds. Specification: FIPS 180-4,
// section 6.2.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fermata {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::span<const std::uint8_t> bytes);
[[nodiscard]] Sha256 sha256(std::span<const std::byte> bytes);

/// The same of bytes that come in pieces.
class Sha256Hasher {
 public:
  void add(std::span<const std::uint8_t> piece);
  void add(std::span<const std::byte> piece);
  /// Of all pieces so far; nothing may be added afterwards.
  [[nodiscard]] Sha256 finish();

 private:
  static constexpr std::size_t block_bytes = 64;

  // Section 5.3.3.
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, block_bytes> begun_{};  // a block that is not full yet
  std::uint64_t bytes_ = 0;
};

}  // namespace fermata
