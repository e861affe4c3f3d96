// StackType: a value type in 64 bits, as the operand stack of the validator keeps it.
//
// Adds the two bottoms that only validation knows: the bottom type (an operand of unreachable code)
// and the bottom heap type (a reference of unreachable code). Equal bits mean equal types, so that
// the common case of matching is one comparison. Knows nothing of subtyping. Specification:
// "Appendix / Validation Algorithm / Data Structures".
#pragma once

#include <cstdint>
#include <string>

#include "fermata/types.hpp"

namespace fermata::validation {

class StackType {
 public:
  constexpr StackType() = default;  ///< i32
  constexpr StackType(ValType type)
      : bits_(static_cast<std::uint64_t>(type.kind) |
              static_cast<std::uint64_t>(type.nullable) << 8 |
              static_cast<std::uint64_t>(type.heap.kind) << 16 |
              static_cast<std::uint64_t>(type.heap.index.value) << 32) {}
  [[nodiscard]] static constexpr StackType number(ValKind kind) { return ValType{kind}; }
  [[nodiscard]] static constexpr StackType bottom() { return from_bits(bottom_kind); }
  /// The non-null reference to the bottom heap type, a subtype of every reference type.
  [[nodiscard]] static constexpr StackType bottom_ref() {
    return from_bits(static_cast<std::uint64_t>(ValKind::ref) | bottom_heap << 16);
  }

  /// The type of nothing, which no operand has.
  [[nodiscard]] static constexpr StackType none() { return from_bits(~std::uint64_t{0}); }

  [[nodiscard]] constexpr bool is_bottom() const { return kind_bits() == bottom_kind; }
  [[nodiscard]] constexpr bool is_ref() const {
    return kind_bits() == static_cast<std::uint64_t>(ValKind::ref);
  }
  [[nodiscard]] constexpr bool is_v128() const {
    return kind_bits() == static_cast<std::uint64_t>(ValKind::v128);
  }
  [[nodiscard]] constexpr bool is_nullable() const { return (bits_ >> 8 & 1) != 0; }
  [[nodiscard]] constexpr bool has_bottom_heap() const {
    return (bits_ >> 16 & 0xFF) == bottom_heap;
  }
  /// Precondition: a reference type.
  [[nodiscard]] constexpr StackType with_nullable(bool nullable) const {
    return from_bits((bits_ & ~(std::uint64_t{1} << 8)) | static_cast<std::uint64_t>(nullable)
                                                              << 8);
  }
  /// Precondition: no bottom in it.
  [[nodiscard]] constexpr ValType val_type() const {
    return {static_cast<ValKind>(kind_bits()), is_nullable(), heap()};
  }
  /// Precondition: a reference type, not to the bottom heap type.
  [[nodiscard]] constexpr HeapType heap() const {
    return {static_cast<HeapKind>(bits_ >> 16 & 0xFF), {static_cast<std::uint32_t>(bits_ >> 32)}};
  }
  /// Slots of a frame that a value takes.
  [[nodiscard]] constexpr std::uint32_t slots() const { return is_v128() ? 2 : 1; }

  /// 0 exactly when the types are equal.
  [[nodiscard]] constexpr std::uint64_t difference(StackType other) const {
    return bits_ ^ other.bits_;
  }
  /// Negative for `none`, not for types.
  [[nodiscard]] constexpr std::int64_t sign() const { return static_cast<std::int64_t>(bits_); }
  friend constexpr bool operator==(StackType, StackType) = default;

 private:
  static constexpr StackType from_bits(std::uint64_t bits) {
    StackType type;
    type.bits_ = bits;
    return type;
  }
  static constexpr std::uint64_t bottom_kind = 0x40;
  static constexpr std::uint64_t bottom_heap = 0x40;
  [[nodiscard]] constexpr std::uint64_t kind_bits() const { return bits_ & 0xFF; }

  std::uint64_t bits_ = 0;
};

[[nodiscard]] std::string to_string(StackType type);

}  // namespace fermata::validation
