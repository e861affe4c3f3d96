// Value: one typed WebAssembly value, as it crosses the embedder's edge.
//
// Owns the embedder's view of numbers, vectors and references. Knows nothing of how a process
// keeps them in its frames. Specification: "Execution / Runtime Structure / Values".
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "fermata/types.hpp"

namespace fermata {

/// A host reference: a number of the embedder's choosing, below 2^62, opaque to the guest.
struct ExternRef {
  std::uint64_t value = 0;
  friend constexpr bool operator==(ExternRef, ExternRef) = default;
};

/// A reference to a function of a process (or a store). Copyable, comparable by identity; valid
/// as long as the process it came from.
struct FuncRef {
  const void* identity = nullptr;
  friend constexpr bool operator==(FuncRef, FuncRef) = default;
};

/// A tag of a process (or a store): what exceptions are thrown and caught with. As FuncRef.
struct TagRef {
  const void* identity = nullptr;
  friend constexpr bool operator==(TagRef, TagRef) = default;
};

using V128 = std::array<std::uint8_t, 16>;  ///< lanes in little-endian order

/// A WebAssembly value with its type. Floats are kept as bits: a NaN's payload survives.
class Value {
 public:
  constexpr Value() = default;  ///< i32 0

  [[nodiscard]] static constexpr Value i32(std::int32_t v) {
    return {fermata::i32, static_cast<std::uint32_t>(v)};
  }
  [[nodiscard]] static constexpr Value u32(std::uint32_t v) { return {fermata::i32, v}; }
  [[nodiscard]] static constexpr Value i64(std::int64_t v) {
    return {fermata::i64, static_cast<std::uint64_t>(v)};
  }
  [[nodiscard]] static constexpr Value u64(std::uint64_t v) { return {fermata::i64, v}; }
  [[nodiscard]] static constexpr Value f32(float v) {
    return {fermata::f32, std::bit_cast<std::uint32_t>(v)};
  }
  [[nodiscard]] static constexpr Value f64(double v) {
    return {fermata::f64, std::bit_cast<std::uint64_t>(v)};
  }
  [[nodiscard]] static constexpr Value f32_bits(std::uint32_t v) { return {fermata::f32, v}; }
  [[nodiscard]] static constexpr Value f64_bits(std::uint64_t v) { return {fermata::f64, v}; }
  [[nodiscard]] static constexpr Value v128(V128 v) {
    const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(v);
    return {fermata::v128, little_endian(halves[0]), little_endian(halves[1])};
  }
  /// The null reference of a reference type.
  [[nodiscard]] static constexpr Value null(ValType type) { return {type, 0}; }
  [[nodiscard]] static constexpr Value externref(ExternRef v) {
    // What does not fit stays in the upper half, so that the value is refused.
    return {fermata::externref, v.value << 2 | 2, v.value >> 62};
  }
  /// An i31 of the lower 31 bits of `v`.
  [[nodiscard]] static constexpr Value i31(std::int32_t v) {
    return {ValType::ref({HeapKind::i31}, false), static_cast<std::uint32_t>(v) << 1 | 1};
  }
  [[nodiscard]] static Value funcref(FuncRef v) {
    return {fermata::funcref, reinterpret_cast<std::uintptr_t>(v.identity)};
  }

  [[nodiscard]] constexpr ValType type() const { return type_; }

  // Each accessor has the precondition that the value is of its type; of any other value it gives
  // bits without a meaning.
  [[nodiscard]] constexpr std::int32_t as_i32() const { return static_cast<std::int32_t>(lo_); }
  [[nodiscard]] constexpr std::uint32_t as_u32() const { return static_cast<std::uint32_t>(lo_); }
  [[nodiscard]] constexpr std::int64_t as_i64() const { return static_cast<std::int64_t>(lo_); }
  [[nodiscard]] constexpr std::uint64_t as_u64() const { return lo_; }
  [[nodiscard]] constexpr float as_f32() const {
    return std::bit_cast<float>(static_cast<std::uint32_t>(lo_));
  }
  [[nodiscard]] constexpr double as_f64() const { return std::bit_cast<double>(lo_); }
  [[nodiscard]] constexpr V128 as_v128() const {
    return std::bit_cast<V128>(
        std::array<std::uint64_t, 2>{little_endian(lo_), little_endian(hi_)});
  }
  [[nodiscard]] constexpr bool is_null() const { return type_.is_ref() && lo_ == 0; }
  // These two ask what a reference refers to, whatever its type: an externref may be to an i31 or
  // an object of the guest (`extern.convert_any`), an anyref to something of the host.
  /// The host reference; nothing for null and for references to anything else.
  [[nodiscard]] constexpr std::optional<ExternRef> as_externref() const {
    return (lo_ & 3) == 2 ? std::optional{ExternRef{lo_ >> 2}} : std::nullopt;
  }
  /// The number of an i31, sign-extended; nothing for null and for references to anything else.
  [[nodiscard]] constexpr std::optional<std::int32_t> as_i31() const {
    return (lo_ & 1) == 1 ? std::optional{as_i32() >> 1} : std::nullopt;
  }
  [[nodiscard]] FuncRef as_funcref() const { return {reinterpret_cast<const void*>(lo_)}; }

  /// The value's bits as a frame keeps them: i32 and f32 zero-extended; of a v128 the first eight
  /// bytes, lowest first, and in `hi` the others.
  [[nodiscard]] constexpr std::uint64_t lo() const { return lo_; }
  [[nodiscard]] constexpr std::uint64_t hi() const { return hi_; }
  [[nodiscard]] static constexpr Value from_bits(ValType type, std::uint64_t lo,
                                                 std::uint64_t hi = 0) {
    return {type, lo, hi};
  }

  /// Same type and same bits (so a NaN equals itself).
  friend constexpr bool operator==(const Value&, const Value&) = default;

 private:
  /// The number whose bytes are these, lowest first; the other way, too.
  [[nodiscard]] static constexpr std::uint64_t little_endian(std::uint64_t v) {
    return std::endian::native == std::endian::big ? std::byteswap(v) : v;
  }
  constexpr Value(ValType type, std::uint64_t lo, std::uint64_t hi = 0)
      : lo_(lo), hi_(hi), type_(type) {}

  std::uint64_t lo_ = 0;
  std::uint64_t hi_ = 0;
  ValType type_ = fermata::i32;
};

/// The type and the value in words: `i32 -7`, `f64 nan:0x8000000000000`, `ref.null func`.
[[nodiscard]] std::string to_string(const Value& value);

}  // namespace fermata
