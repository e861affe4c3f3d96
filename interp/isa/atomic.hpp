// How an atomic instruction says what it does, as its last word.
#pragma once

#include <cstdint>
#include <string_view>

#include "interp/isa/word.hpp"

namespace fermata {

/// In the order of WebAssembly's opcodes, where each has seven widths.
enum class AtomicOp : std::uint8_t { load, store, add, sub, and_, or_, xor_, xchg, cmpxchg };

[[nodiscard]] constexpr std::string_view to_string(AtomicOp op) noexcept {
  constexpr std::string_view names[] = {"load", "store", "add",  "sub",    "and",
                                        "or",   "xor",   "xchg", "cmpxchg"};
  return names[static_cast<std::size_t>(op)];
}

/// One access, or a wait or notify, which look at memory only.
struct AtomicAccess {
  AtomicOp op = AtomicOp::load;
  std::uint8_t size_log2 = 0;   ///< of the bytes in memory
  std::uint32_t last_slot = 0;  ///< of a third operand: a replacement, a timeout
  std::uint32_t memory = 0;

  [[nodiscard]] constexpr Word word() const noexcept {
    return static_cast<Word>(op) | Word{size_log2} << 8 | Word{last_slot} << 16 |
           Word{memory} << 32;
  }
  [[nodiscard]] static constexpr AtomicAccess from(Word word) noexcept {
    return {static_cast<AtomicOp>(word & 0xFF), static_cast<std::uint8_t>(word >> 8),
            static_cast<std::uint32_t>(word >> 16) & 0xFFFF,
            static_cast<std::uint32_t>(word >> 32)};
  }
};

}  // namespace fermata
