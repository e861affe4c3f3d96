// Word and Slot: what register code and the frames of guests are made of.
#pragma once

#include <cstdint>

namespace fermata {

using Slot = std::uint64_t;  ///< one slot of a frame
using Word = std::uint64_t;  ///< one word of register code

/// An address as a slot or a word keeps it: zero-extended, so that equal addresses are equal bits.
/// Compilers differ in how they widen a pointer themselves.
[[nodiscard]] inline std::uint64_t address_bits(const void* address) noexcept {
  return reinterpret_cast<std::uintptr_t>(address);
}

}  // namespace fermata
