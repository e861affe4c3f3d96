// The vector instructions: what each instruction on v128 computes, by the type of its lanes.
//
// Owns the semantics of document/core/exec/numerics for vectors. One function template per sort of
// instruction; interp/isa/ops.def says which instruction is which with which lanes. Written in the
// compiler's vector types, so that one source becomes vector instructions on every machine; where
// x86-64 has an instruction that no compiler finds, it is named. Lanes are numbers: lane 0 is the
// lowest eight to sixty-four bits of the vector, whatever the host's byte order. Knows nothing of
// slots, frames or dispatch. Nothing here calls a function once optimized.
//
// Specification: "Execution / Numerics / Vectors".
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "interp/exec/numeric.hpp"

namespace fermata::vector {

namespace detail {
template <class T>
struct Vector {
  using Type [[gnu::vector_size(16)]] = T;
};
}  // namespace detail
template <class T>
using Lanes = typename detail::Vector<T>::Type;

using I8x16 = Lanes<std::int8_t>;
using U8x16 = Lanes<std::uint8_t>;
using I16x8 = Lanes<std::int16_t>;
using U16x8 = Lanes<std::uint16_t>;
using I32x4 = Lanes<std::int32_t>;
using U32x4 = Lanes<std::uint32_t>;
using I64x2 = Lanes<std::int64_t>;
using U64x2 = Lanes<std::uint64_t>;
using F32x4 = Lanes<float>;
using F64x2 = Lanes<double>;

namespace detail {

/// The type of a vector's lanes.
template <class V>
using Lane = std::remove_cvref_t<decltype(std::declval<V&>()[0])>;
template <class V>
inline constexpr int lane_count = 16 / sizeof(Lane<V>);

/// The unsigned integer, and the signed one, of so many bytes.
template <std::size_t Bytes>
using Unsigned = std::conditional_t<
    Bytes == 1, std::uint8_t,
    std::conditional_t<Bytes == 2, std::uint16_t,
                       std::conditional_t<Bytes == 4, std::uint32_t, std::uint64_t>>>;
template <std::size_t Bytes>
using Signed = std::make_signed_t<Unsigned<Bytes>>;

/// The vector whose lanes are the bits of V's.
template <class V>
using UnsignedOf = Lanes<Unsigned<sizeof(Lane<V>)>>;
template <class V>
using SignedOf = Lanes<Signed<sizeof(Lane<V>)>>;
/// Lanes twice as wide, and half.
template <class V>
using Wider = Lanes<std::conditional_t<std::is_signed_v<Lane<V>>, Signed<2 * sizeof(Lane<V>)>,
                                       Unsigned<2 * sizeof(Lane<V>)>>>;

template <class To, class From>
[[gnu::always_inline]] inline To cast(From v) noexcept {
  return std::bit_cast<To>(v);
}

/// All bits of a lane where a comparison holds.
template <class V>
using Mask = SignedOf<V>;

template <class V>
[[gnu::always_inline]] inline V choose(Mask<V> mask, V yes, V no) noexcept {
  using Bits = UnsignedOf<V>;
  const auto m = cast<Bits>(mask);
  return cast<V>((cast<Bits>(yes) & m) | (cast<Bits>(no) & ~m));
}

template <class V>
inline constexpr int sign_shift = 8 * sizeof(Lane<V>) - 1;

}  // namespace detail

// --- bits ----------------------------------------------------------------------------------------

[[gnu::always_inline]] inline U64x2 bit_not(U64x2 a) noexcept { return ~a; }
[[gnu::always_inline]] inline U64x2 bit_and(U64x2 a, U64x2 b) noexcept { return a & b; }
[[gnu::always_inline]] inline U64x2 bit_andnot(U64x2 a, U64x2 b) noexcept { return a & ~b; }
[[gnu::always_inline]] inline U64x2 bit_or(U64x2 a, U64x2 b) noexcept { return a | b; }
[[gnu::always_inline]] inline U64x2 bit_xor(U64x2 a, U64x2 b) noexcept { return a ^ b; }
[[gnu::always_inline]] inline U64x2 bitselect(U64x2 a, U64x2 b, U64x2 mask) noexcept {
  return (a & mask) | (b & ~mask);
}
[[gnu::always_inline]] inline bool any_true(U64x2 a) noexcept { return (a[0] | a[1]) != 0; }

/// Bit i is the sign of lane i.
template <class V>
[[gnu::always_inline]] inline std::uint32_t bitmask(V a) noexcept {
#ifdef __SSE2__
  if constexpr (sizeof(detail::Lane<V>) == 1)
    return static_cast<std::uint32_t>(_mm_movemask_epi8(detail::cast<__m128i>(a)));
  if constexpr (sizeof(detail::Lane<V>) == 4)
    return static_cast<std::uint32_t>(_mm_movemask_ps(detail::cast<__m128>(a)));
  if constexpr (sizeof(detail::Lane<V>) == 8)
    return static_cast<std::uint32_t>(_mm_movemask_pd(detail::cast<__m128d>(a)));
  if constexpr (sizeof(detail::Lane<V>) == 2) {
    const auto lanes = detail::cast<__m128i>(a);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(lanes, lanes))) & 0xFF;
  }
#endif
  std::uint32_t bits = 0;
  for (int i = 0; i < detail::lane_count<V>; ++i) bits |= (a[i] < 0 ? 1u : 0u) << i;
  return bits;
}

template <class V>
[[gnu::always_inline]] inline bool all_true(V a) noexcept {
  return !any_true(detail::cast<U64x2>(a == V{}));
}

// --- integers ------------------------------------------------------------------------------------

// Without a sign, since they wrap.
template <class V>
[[gnu::always_inline]] inline V add(V a, V b) noexcept {
  return a + b;
}
template <class V>
[[gnu::always_inline]] inline V sub(V a, V b) noexcept {
  return a - b;
}
template <class V>
[[gnu::always_inline]] inline V mul(V a, V b) noexcept {
  return a * b;
}
template <class V>
[[gnu::always_inline]] inline V neg(V a) noexcept {
  return V{} - a;
}
template <class V>
[[gnu::always_inline]] inline V abs(V a) noexcept {
  const auto negative = detail::cast<V>(detail::cast<detail::SignedOf<V>>(a) < 0);
  return (a ^ negative) - negative;
}

template <class V>
[[gnu::always_inline]] inline detail::Mask<V> eq(V a, V b) noexcept {
  return detail::cast<detail::Mask<V>>(a == b);
}
template <class V>
[[gnu::always_inline]] inline detail::Mask<V> ne(V a, V b) noexcept {
  return detail::cast<detail::Mask<V>>(a != b);
}
template <class V>
[[gnu::always_inline]] inline detail::Mask<V> lt(V a, V b) noexcept {
  return detail::cast<detail::Mask<V>>(a < b);
}
template <class V>
[[gnu::always_inline]] inline detail::Mask<V> gt(V a, V b) noexcept {
  return detail::cast<detail::Mask<V>>(a > b);
}
template <class V>
[[gnu::always_inline]] inline detail::Mask<V> le(V a, V b) noexcept {
  return detail::cast<detail::Mask<V>>(a <= b);
}
template <class V>
[[gnu::always_inline]] inline detail::Mask<V> ge(V a, V b) noexcept {
  return detail::cast<detail::Mask<V>>(a >= b);
}
template <class V>
[[gnu::always_inline]] inline V min(V a, V b) noexcept {
  return a < b ? a : b;
}
template <class V>
[[gnu::always_inline]] inline V max(V a, V b) noexcept {
  return a > b ? a : b;
}

// Saturating. The machine has them for lanes of 8 and 16 bits, and so has WebAssembly.
template <class V>
[[gnu::always_inline]] inline V add_sat(V a, V b) noexcept {
  using L = detail::Lane<V>;
#ifdef __SSE2__
  const auto x = detail::cast<__m128i>(a), y = detail::cast<__m128i>(b);
  if constexpr (std::is_same_v<L, std::int8_t>) return detail::cast<V>(_mm_adds_epi8(x, y));
  if constexpr (std::is_same_v<L, std::uint8_t>) return detail::cast<V>(_mm_adds_epu8(x, y));
  if constexpr (std::is_same_v<L, std::int16_t>) return detail::cast<V>(_mm_adds_epi16(x, y));
  if constexpr (std::is_same_v<L, std::uint16_t>) return detail::cast<V>(_mm_adds_epu16(x, y));
#endif
  using Bits = detail::UnsignedOf<V>;
  const auto p = detail::cast<Bits>(a), q = detail::cast<Bits>(b);
  const Bits sum = p + q;
  if constexpr (std::is_unsigned_v<L>) {
    return sum | detail::cast<V>(sum < p);
  } else {
    const auto overflow = detail::cast<V>(~(p ^ q) & (p ^ sum)) < 0;
    const V limit = (a >> detail::sign_shift<V>)^std::numeric_limits<L>::max();
    return detail::choose<V>(detail::cast<detail::Mask<V>>(overflow), limit, detail::cast<V>(sum));
  }
}
template <class V>
[[gnu::always_inline]] inline V sub_sat(V a, V b) noexcept {
  using L = detail::Lane<V>;
#ifdef __SSE2__
  const auto x = detail::cast<__m128i>(a), y = detail::cast<__m128i>(b);
  if constexpr (std::is_same_v<L, std::int8_t>) return detail::cast<V>(_mm_subs_epi8(x, y));
  if constexpr (std::is_same_v<L, std::uint8_t>) return detail::cast<V>(_mm_subs_epu8(x, y));
  if constexpr (std::is_same_v<L, std::int16_t>) return detail::cast<V>(_mm_subs_epi16(x, y));
  if constexpr (std::is_same_v<L, std::uint16_t>) return detail::cast<V>(_mm_subs_epu16(x, y));
#endif
  using Bits = detail::UnsignedOf<V>;
  const auto p = detail::cast<Bits>(a), q = detail::cast<Bits>(b);
  const Bits difference = p - q;
  if constexpr (std::is_unsigned_v<L>) {
    return difference & detail::cast<V>(p >= q);
  } else {
    const auto overflow = detail::cast<V>((p ^ q) & (p ^ difference)) < 0;
    const V limit = (a >> detail::sign_shift<V>)^std::numeric_limits<L>::max();
    return detail::choose<V>(detail::cast<detail::Mask<V>>(overflow), limit,
                             detail::cast<V>(difference));
  }
}

/// (a + b + 1) / 2, in one bit more than a lane has.
template <class V>
[[gnu::always_inline]] inline V avgr(V a, V b) noexcept {
#ifdef __SSE2__
  const auto x = detail::cast<__m128i>(a), y = detail::cast<__m128i>(b);
  if constexpr (sizeof(detail::Lane<V>) == 1) return detail::cast<V>(_mm_avg_epu8(x, y));
  if constexpr (sizeof(detail::Lane<V>) == 2) return detail::cast<V>(_mm_avg_epu16(x, y));
#endif
  return (a | b) - ((a ^ b) >> 1);
}

// Shifts. No machine shifts bytes, so those are done in lanes of 16 bits, and what comes over from
// the neighbour is taken away; which of the two bytes is the lower one does not matter.
template <class V>
[[gnu::always_inline]] inline V shl(V a, std::uint32_t count) noexcept {
  if constexpr (sizeof(detail::Lane<V>) == 1) {
    const std::uint32_t n = count & 7;
    const auto kept = static_cast<std::uint16_t>((0xFFu << n & 0xFF) * 0x0101);
    return detail::cast<V>((detail::cast<U16x8>(a) << static_cast<std::uint16_t>(n)) & kept);
  } else {
    return a << static_cast<detail::Lane<V>>(count & detail::sign_shift<V>);
  }
}
/// By the sign of V's lanes.
template <class V>
[[gnu::always_inline]] inline V shr(V a, std::uint32_t count) noexcept {
  using L = detail::Lane<V>;
  if constexpr (sizeof(L) > 1) {
    return a >> static_cast<L>(count & detail::sign_shift<V>);
  } else if constexpr (std::is_unsigned_v<L>) {
    const std::uint32_t n = count & 7;
    const auto kept = static_cast<std::uint16_t>((0xFFu >> n) * 0x0101);
    return detail::cast<V>((detail::cast<U16x8>(a) >> static_cast<std::uint16_t>(n)) & kept);
  } else {
    const auto n = static_cast<std::int16_t>(count & 7);
    const auto pairs = detail::cast<U16x8>(a);
    const auto upper = detail::cast<U16x8>(detail::cast<I16x8>(pairs) >> n);
    const auto lower = detail::cast<U16x8>(detail::cast<I16x8>(pairs << 8) >> n);
    return detail::cast<V>((upper & 0xFF00) | (lower >> 8));
  }
}

[[gnu::always_inline]] inline U8x16 popcnt(U8x16 a) noexcept {
  auto x = detail::cast<U16x8>(a);
  x = x - ((x >> 1) & 0x5555);
  x = (x & 0x3333) + ((x >> 2) & 0x3333);
  return detail::cast<U8x16>((x + (x >> 4)) & 0x0F0F);
}

// --- between widths ------------------------------------------------------------------------------

namespace detail {

/// Lanes a[0], b[0], a[1], b[1] ... of the lower halves, or the same of the upper ones.
template <class V>
[[gnu::always_inline]] inline V interleave_low(V a, V b) noexcept {
  if constexpr (sizeof(Lane<V>) == 1)
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  else if constexpr (sizeof(Lane<V>) == 2)
    return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  else
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
}
template <class V>
[[gnu::always_inline]] inline V interleave_high(V a, V b) noexcept {
  if constexpr (sizeof(Lane<V>) == 1)
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
                                   31);
  else if constexpr (sizeof(Lane<V>) == 2)
    return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  else
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
}

inline constexpr bool is_little = std::endian::native == std::endian::little;

/// The bits above a lane once it is twice as wide.
template <class V>
[[gnu::always_inline]] inline V extension(V a) noexcept {
  if constexpr (std::is_signed_v<Lane<V>>)
    return cast<V>(a < V{});
  else
    return V{};
}

/// The lower half of each lane of the two, one after the other.
template <class To, class From>
[[gnu::always_inline]] inline To lower_parts(From a, From b) noexcept {
  const To x = cast<To>(a), y = cast<To>(b);
  constexpr int o = is_little ? 0 : 1;
  if constexpr (sizeof(Lane<To>) == 1)
    return __builtin_shufflevector(x, y, o, o + 2, o + 4, o + 6, o + 8, o + 10, o + 12, o + 14,
                                   o + 16, o + 18, o + 20, o + 22, o + 24, o + 26, o + 28, o + 30);
  else
    return __builtin_shufflevector(x, y, o, o + 2, o + 4, o + 6, o + 8, o + 10, o + 12, o + 14);
}

}  // namespace detail

/// The lower half's lanes, twice as wide.
template <class V>
[[gnu::always_inline]] inline detail::Wider<V> extend_low(V a) noexcept {
  const V above = detail::extension(a);
  return detail::cast<detail::Wider<V>>(detail::is_little ? detail::interleave_low(a, above)
                                                          : detail::interleave_low(above, a));
}
template <class V>
[[gnu::always_inline]] inline detail::Wider<V> extend_high(V a) noexcept {
  const V above = detail::extension(a);
  return detail::cast<detail::Wider<V>>(detail::is_little ? detail::interleave_high(a, above)
                                                          : detail::interleave_high(above, a));
}
template <class V>
[[gnu::always_inline]] inline detail::Wider<V> extmul_low(V a, V b) noexcept {
  return extend_low(a) * extend_low(b);
}
template <class V>
[[gnu::always_inline]] inline detail::Wider<V> extmul_high(V a, V b) noexcept {
  return extend_high(a) * extend_high(b);
}

namespace detail {

// Of the two lanes that make one of twice the width, each, extended. Which comes first does not
// matter to what is done with them.
template <class V>
[[gnu::always_inline]] inline Wider<V> upper_of_pairs(V a) noexcept {
  return cast<Wider<V>>(a) >> 8 * static_cast<int>(sizeof(Lane<V>));
}
template <class V>
[[gnu::always_inline]] inline Wider<V> lower_of_pairs(V a) noexcept {
  constexpr int half = 8 * sizeof(Lane<V>);
  return cast<Wider<V>>(cast<UnsignedOf<Wider<V>>>(a) << half) >> half;
}

}  // namespace detail

template <class V>
[[gnu::always_inline]] inline detail::Wider<V> extadd_pairwise(V a) noexcept {
  return detail::lower_of_pairs(a) + detail::upper_of_pairs(a);
}

/// The sum of two products of 16-bit lanes, which wraps when all four are the least number.
[[gnu::always_inline]] inline U32x4 dot(I16x8 a, I16x8 b) noexcept {
#ifdef __SSE2__
  return detail::cast<U32x4>(_mm_madd_epi16(detail::cast<__m128i>(a), detail::cast<__m128i>(b)));
#else
  const I32x4 lower = detail::lower_of_pairs(a) * detail::lower_of_pairs(b);
  const I32x4 upper = detail::upper_of_pairs(a) * detail::upper_of_pairs(b);
  return detail::cast<U32x4>(lower) + detail::cast<U32x4>(upper);
#endif
}

/// Lanes of half the width, saturated by the sign of To's.
template <class To, class From>
[[gnu::always_inline]] inline To narrow(From a, From b) noexcept {
  using L = detail::Lane<To>;
#ifdef __SSE2__
  const auto x = detail::cast<__m128i>(a), y = detail::cast<__m128i>(b);
  if constexpr (std::is_same_v<L, std::int8_t>) return detail::cast<To>(_mm_packs_epi16(x, y));
  if constexpr (std::is_same_v<L, std::uint8_t>) return detail::cast<To>(_mm_packus_epi16(x, y));
  if constexpr (std::is_same_v<L, std::int16_t>) return detail::cast<To>(_mm_packs_epi32(x, y));
#endif
  const From least = From{} + std::numeric_limits<L>::min();
  const From most = From{} + std::numeric_limits<L>::max();
  return detail::lower_parts<To>(min(max(a, least), most), min(max(b, least), most));
}

/// Products of numbers between -1 and 1, rounded.
[[gnu::always_inline]] inline I16x8 q15mulr_sat(I16x8 a, I16x8 b) noexcept {
  const auto rounded = [](I32x4 product) { return (product + 0x4000) >> 15; };
  return narrow<I16x8>(rounded(extmul_low(a, b)), rounded(extmul_high(a, b)));
}

// --- lanes ---------------------------------------------------------------------------------------

namespace detail {

/// Lane lanes[i] of a. Precondition: there is one. What a machine without such an instruction does:
/// single bytes are read, and the result is put together in two registers.
[[gnu::always_inline]] inline U8x16 pick(U8x16 a, U8x16 lanes) noexcept {
  const auto from = cast<std::array<std::uint8_t, 16>>(a);
  const auto at = cast<std::array<std::uint8_t, 16>>(lanes);
  std::array<std::uint64_t, 2> halves{};
  for (std::size_t i = 0; i < 16; ++i) {
    const std::size_t shift = is_little ? 8 * (i % 8) : 56 - 8 * (i % 8);
    halves[i / 8] |= std::uint64_t{from[at[i]]} << shift;
  }
  return cast<U8x16>(U64x2{halves[0], halves[1]});
}

#ifdef __SSE2__
/// Whether the processor has `pshufb`, which not every x86-64 has: one look at a byte in memory.
[[gnu::always_inline]] inline bool has_byte_shuffle() noexcept {
#ifdef __SSSE3__
  return true;
#else
  return __builtin_cpu_supports("ssse3") != 0;
#endif
}
/// Lane lanes[i] & 15 of a, 0 where lanes[i] has its highest bit. Precondition: has_byte_shuffle().
/// Named, since this file is compiled for processors without it.
[[gnu::always_inline]] inline U8x16 byte_shuffle(U8x16 a, U8x16 lanes) noexcept {
  asm("pshufb %1, %0" : "+x"(a) : "x"(lanes));
  return a;
}
#endif

/// As swizzle and shuffle, in what every machine has.
[[gnu::always_inline]] inline U8x16 swizzle_anywhere(U8x16 a, U8x16 b) noexcept {
  return pick(a, b & 15) & cast<U8x16>(b < 16);
}
[[gnu::always_inline]] inline U8x16 shuffle_anywhere(U8x16 a, U8x16 b, U8x16 lanes) noexcept {
  const U8x16 of_a = pick(a, lanes & 15), of_b = pick(b, lanes & 15);
  return choose<U8x16>(cast<I8x16>(lanes < 16), of_a, of_b);
}

}  // namespace detail

/// Whether swizzle and shuffle are short here: not where bytes could be shuffled by an instruction,
/// and the processor does not have it.
[[gnu::always_inline]] inline bool shuffles_shortly() noexcept {
#ifdef __SSE2__
  return detail::has_byte_shuffle();
#else
  return true;
#endif
}

/// Lane b[i] of a, 0 where there is none.
[[gnu::always_inline]] inline U8x16 swizzle(U8x16 a, U8x16 b) noexcept {
#ifdef __SSE2__
  // What is above 15 gets its highest bit.
  if (detail::has_byte_shuffle()) [[likely]]
    return detail::byte_shuffle(a, add_sat(b, U8x16{} + 0x70));
#endif
  return detail::swizzle_anywhere(a, b);
}

/// Lane lanes[i] of the 32 of a and b. Precondition: there is one.
[[gnu::always_inline]] inline U8x16 shuffle(U8x16 a, U8x16 b, U8x16 lanes) noexcept {
#ifdef __SSE2__
  if (detail::has_byte_shuffle()) [[likely]] {
    return detail::byte_shuffle(a, lanes + 0x70) | detail::byte_shuffle(b, (lanes ^ 16) + 0x70);
  }
#endif
  return detail::shuffle_anywhere(a, b, lanes);
}

template <class V>
[[gnu::always_inline]] inline V splat(detail::Lane<V> x) noexcept {
  V lanes{};
  for (int i = 0; i < detail::lane_count<V>; ++i) lanes[i] = x;
  return lanes;
}
/// Of lanes narrower than an i32, which hold its lower bits.
template <class V>
[[gnu::always_inline]] inline V splat_low(std::uint32_t x) noexcept {
  return splat<V>(static_cast<detail::Lane<V>>(x));
}

/// The vector with x in that lane. By a comparison of all lanes' numbers: what is written alone to
/// memory could not be read as a vector for a while.
template <class V>
[[gnu::always_inline]] inline V with_lane(V a, std::uint32_t lane, detail::Lane<V> x) noexcept {
  using Bits = detail::UnsignedOf<V>;
  Bits numbers{};
  for (int i = 0; i < detail::lane_count<V>; ++i) numbers[i] = static_cast<detail::Lane<Bits>>(i);
  const auto here = numbers == splat<Bits>(static_cast<detail::Lane<Bits>>(lane));
  return detail::choose<V>(detail::cast<detail::Mask<V>>(here), splat<V>(x), a);
}

// --- from memory ---------------------------------------------------------------------------------

/// The bits as lanes of V, extended to twice their width.
template <class V>
[[gnu::always_inline]] inline detail::Wider<V> load_extend(std::uint64_t bits) noexcept {
  using L = detail::Unsigned<sizeof(detail::Lane<V>)>;
  if constexpr (detail::is_little) {
    return extend_low(detail::cast<V>(U64x2{bits, 0}));
  } else {
    V lanes{};
    for (int i = 0; i < detail::lane_count<V> / 2; ++i) {
      lanes[i] = static_cast<detail::Lane<V>>(static_cast<L>(bits >> 8 * sizeof(L) * i));
    }
    return extend_low(lanes);
  }
}
/// The bits of the lowest lane, of so many bits; the rest is 0.
template <class T>
[[gnu::always_inline]] inline Lanes<T> load_zero(T bits) noexcept {
  return Lanes<T>{bits};
}

// --- floats --------------------------------------------------------------------------------------

namespace detail {

template <class V>
[[gnu::always_inline]] inline V quiet(V a) noexcept {
  constexpr auto bit = numeric::detail::quiet_bit<Lane<V>>;
  using Bits = UnsignedOf<V>;
  return cast<V>(cast<Bits>(a) | (cast<Bits>(a != a) & bit));
}
template <class V>
[[gnu::always_inline]] inline V with_sign_of(V sign, V a) noexcept {
  using Bits = UnsignedOf<V>;
  return cast<V>(cast<Bits>(a) | (cast<Bits>(sign) & numeric::detail::sign_bit<Lane<V>>));
}
template <class V>
[[gnu::always_inline]] inline V magnitude(V a) noexcept {
  using Bits = UnsignedOf<V>;
  return cast<V>(cast<Bits>(a) & ~numeric::detail::sign_bit<Lane<V>>);
}

/// As numeric::detail::in_order, lane by lane.
template <class V>
[[gnu::always_inline]] inline V in_order(V a, V b, V result) noexcept {
  using Bits = UnsignedOf<V>;
  const V made = cast<V>(Bits{} + numeric::detail::bits(numeric::detail::made_nan<Lane<V>>));
  const V of_numbers = choose<V>(cast<Mask<V>>(result != result), made, result);
  const V of_b = choose<V>(cast<Mask<V>>(b != b), quiet(b), of_numbers);
  return choose<V>(cast<Mask<V>>(a != a), quiet(a), of_b);
}

}  // namespace detail

/// Of two NaNs the first one's payload comes out, as of scalars.
template <class V>
[[gnu::always_inline]] inline V fadd(V a, V b) noexcept {
#ifdef __SSE2__
  if constexpr (sizeof(detail::Lane<V>) == 4)
    asm("addps %1, %0" : "+x"(a) : "x"(b));
  else
    asm("addpd %1, %0" : "+x"(a) : "x"(b));
  return a;
#else
  return detail::in_order(a, b, a + b);
#endif
}
template <class V>
[[gnu::always_inline]] inline V fmul(V a, V b) noexcept {
#ifdef __SSE2__
  if constexpr (sizeof(detail::Lane<V>) == 4)
    asm("mulps %1, %0" : "+x"(a) : "x"(b));
  else
    asm("mulpd %1, %0" : "+x"(a) : "x"(b));
  return a;
#else
  return detail::in_order(a, b, a * b);
#endif
}
template <class V>
[[gnu::always_inline]] inline V fsub(V a, V b) noexcept {
#ifdef __SSE2__
  return a - b;
#else
  return detail::in_order(a, b, a - b);
#endif
}
template <class V>
[[gnu::always_inline]] inline V fdiv(V a, V b) noexcept {
#ifdef __SSE2__
  return a / b;
#else
  return detail::in_order(a, b, a / b);
#endif
}
template <class V>
[[gnu::always_inline]] inline V fneg(V a) noexcept {
  using Bits = detail::UnsignedOf<V>;
  return detail::cast<V>(detail::cast<Bits>(a) ^ numeric::detail::sign_bit<detail::Lane<V>>);
}
/// Every NaN as the canonical one with a positive sign.
template <class V>
[[gnu::always_inline]] inline V canonical(V a) noexcept {
  for (int i = 0; i < detail::lane_count<V>; ++i) {
    if constexpr (sizeof(detail::Lane<V>) == 4) {
      a[i] = numeric::f32_canonical(a[i]);
    } else {
      a[i] = numeric::f64_canonical(a[i]);
    }
  }
  return a;
}
template <class V>
[[gnu::always_inline]] inline V fabs(V a) noexcept {
  return detail::magnitude(a);
}
template <class V>
[[gnu::always_inline]] inline V fsqrt(V a) noexcept {
#ifdef __SSE2__
  if constexpr (sizeof(detail::Lane<V>) == 4)
    return detail::cast<V>(_mm_sqrt_ps(detail::cast<__m128>(a)));
  else
    return detail::cast<V>(_mm_sqrt_pd(detail::cast<__m128d>(a)));
#else
  for (int i = 0; i < detail::lane_count<V>; ++i) a[i] = numeric::detail::sqrt(a[i]);
  return a;
#endif
}

/// Equal numbers may still be zeros of different sign; the sum of a NaN and anything is a quiet
/// NaN.
template <class V>
[[gnu::always_inline]] inline V fmin(V a, V b) noexcept {
  using Bits = detail::UnsignedOf<V>;
  const V both = detail::cast<V>(detail::cast<Bits>(a) | detail::cast<Bits>(b));
  const V other = detail::choose<V>(eq(a, b), both, fadd(a, b));
  return detail::choose<V>(lt(a, b), a, detail::choose<V>(gt(a, b), b, other));
}
template <class V>
[[gnu::always_inline]] inline V fmax(V a, V b) noexcept {
  using Bits = detail::UnsignedOf<V>;
  const V both = detail::cast<V>(detail::cast<Bits>(a) & detail::cast<Bits>(b));
  const V other = detail::choose<V>(eq(a, b), both, fadd(a, b));
  return detail::choose<V>(gt(a, b), a, detail::choose<V>(lt(a, b), b, other));
}
template <class V>
[[gnu::always_inline]] inline V pmin(V a, V b) noexcept {
  return detail::choose<V>(lt(b, a), b, a);
}
template <class V>
[[gnu::always_inline]] inline V pmax(V a, V b) noexcept {
  return detail::choose<V>(lt(a, b), b, a);
}

namespace detail {

/// The rounded lanes where there may be a fraction; the others, and NaNs made quiet, as they are.
template <class V>
[[gnu::always_inline]] inline V rounded(V a, V result) noexcept {
  const V limit = V{} + numeric::detail::all_integers<Lane<V>>;
  return choose<V>(lt(magnitude(a), limit), with_sign_of(a, result), quiet(a));
}
/// As numeric::detail::push_fraction_out.
template <class V>
[[gnu::always_inline]] inline V push_fraction_out(V a) noexcept {
  const V pusher = with_sign_of(a, V{} + numeric::detail::all_integers<Lane<V>>);
  return (a + pusher) - pusher;
}
/// 1 where the comparison holds, else 0.
template <class V>
[[gnu::always_inline]] inline V one_if(Mask<V> mask) noexcept {
  using Bits = UnsignedOf<V>;
  return cast<V>(cast<Bits>(mask) & numeric::detail::bits(Lane<V>{1}));
}

}  // namespace detail

template <class V>
[[gnu::always_inline]] inline V nearest(V a) noexcept {
  return detail::rounded(a, detail::push_fraction_out(a));
}
template <class V>
[[gnu::always_inline]] inline V ceil(V a) noexcept {
  const V near = detail::push_fraction_out(a);
  return detail::rounded(a, near + detail::one_if<V>(lt(near, a)));
}
template <class V>
[[gnu::always_inline]] inline V floor(V a) noexcept {
  const V near = detail::push_fraction_out(a);
  return detail::rounded(a, near - detail::one_if<V>(gt(near, a)));
}
template <class V>
[[gnu::always_inline]] inline V trunc(V a) noexcept {
  const V positive = detail::magnitude(a);
  const V near = detail::push_fraction_out(positive);
  return detail::rounded(a, near - detail::one_if<V>(gt(near, positive)));
}

// Multiplication and addition round one after the other: relaxed SIMD leaves the choice.
template <class V>
[[gnu::always_inline]] inline V madd(V a, V b, V c) noexcept {
  return fadd(fmul(a, b), c);
}
template <class V>
[[gnu::always_inline]] inline V nmadd(V a, V b, V c) noexcept {
  return fadd(fmul(fneg(a), b), c);
}

// --- conversions ---------------------------------------------------------------------------------

[[gnu::always_inline]] inline F32x4 convert_s(I32x4 a) noexcept {
  return __builtin_convertvector(a, F32x4);
}
[[gnu::always_inline]] inline F32x4 convert_u(U32x4 a) noexcept {
  return __builtin_convertvector(a, F32x4);
}
/// Of the lower two lanes.
template <class V>
[[gnu::always_inline]] inline F64x2 convert_low(V a) noexcept {
  return F64x2{static_cast<double>(a[0]), static_cast<double>(a[1])};
}
[[gnu::always_inline]] inline F64x2 promote_low(F32x4 a) noexcept { return convert_low(a); }
[[gnu::always_inline]] inline F32x4 demote_zero(F64x2 a) noexcept {
  return F32x4{static_cast<float>(a[0]), static_cast<float>(a[1]), 0, 0};
}
/// To lanes of type T.
template <class T>
[[gnu::always_inline]] inline U32x4 trunc_sat(F32x4 a) noexcept {
  using numeric::detail::trunc_sat_to;
  return U32x4{trunc_sat_to<T>(a[0]), trunc_sat_to<T>(a[1]), trunc_sat_to<T>(a[2]),
               trunc_sat_to<T>(a[3])};
}
template <class T>
[[gnu::always_inline]] inline U32x4 trunc_sat_zero(F64x2 a) noexcept {
  using numeric::detail::trunc_sat_to;
  return U32x4{trunc_sat_to<T>(a[0]), trunc_sat_to<T>(a[1]), 0, 0};
}

// --- relaxed dot products ------------------------------------------------------------------------

// Of signed bytes, both, and sums that wrap: relaxed SIMD leaves the choice.
[[gnu::always_inline]] inline I16x8 dot_i8(I8x16 a, I8x16 b) noexcept {
  const I16x8 lower = detail::lower_of_pairs(a) * detail::lower_of_pairs(b);
  const I16x8 upper = detail::upper_of_pairs(a) * detail::upper_of_pairs(b);
  return detail::cast<I16x8>(detail::cast<U16x8>(lower) + detail::cast<U16x8>(upper));
}
[[gnu::always_inline]] inline U32x4 dot_i8_add(I8x16 a, I8x16 b, U32x4 c) noexcept {
  return detail::cast<U32x4>(extadd_pairwise(dot_i8(a, b))) + c;
}

}  // namespace fermata::vector
