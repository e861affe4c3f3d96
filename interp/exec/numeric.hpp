// The numeric instructions: what each scalar instruction of WebAssembly 2.0 computes.
//
// Owns the semantics of document/core/exec/numerics, one function per instruction, named as the
// instruction. A signature states the powers: a plain result cannot fail, a `Trapping` result may.
// Integers are unsigned, signedness belongs to the operation; comparisons give bool. Knows nothing
// of slots, frames or dispatch. Nothing here calls a function once optimized, so that a handler
// stays a leaf; no result depends on libm or on the optimization level.
#pragma once

#include <bit>
#include <cfloat>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fermata/error.hpp"

namespace fermata::numeric {

using I32 = std::uint32_t;
using I64 = std::uint64_t;
using F32 = float;
using F64 = double;

// Excess precision or relaxed floating point would make wrong results, silently.
static_assert(std::numeric_limits<F32>::is_iec559 && std::numeric_limits<F64>::is_iec559);
static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16, "arithmetic must not be done in x87");

/// The result of an instruction that may trap; `value` counts only when `trap` is `Trap::none`.
template <class T>
struct [[nodiscard]] Trapping {
  T value;
  Trap trap;

  // Implicit, so that a semantic function returns either its value or its trap.
  constexpr Trapping(T result) noexcept : value(result), trap(Trap::none) {}
  constexpr Trapping(Trap reason) noexcept : value{}, trap(reason) {}

  friend constexpr bool operator==(const Trapping&, const Trapping&) = default;
};

namespace detail {

template <class F>
using BitsOf = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;

template <class F>
inline constexpr BitsOf<F> sign_bit = BitsOf<F>{1} << (sizeof(F) * 8 - 1);

template <class F>
inline constexpr BitsOf<F> quiet_bit = BitsOf<F>{1} << (std::numeric_limits<F>::digits - 2);

/// What an operation makes of numbers that have no number for a result. WebAssembly leaves the sign
/// open, and machines differ in it; it is x86's on all of them, so that a snapshot says the same
/// wherever it goes on.
template <class F>
inline constexpr F made_nan = std::bit_cast<F>(
    sign_bit<F> | quiet_bit<F> | std::bit_cast<BitsOf<F>>(std::numeric_limits<F>::infinity()));

/// From this magnitude on every value is an integer: 2^23 for f32, 2^52 for f64.
template <class F>
inline constexpr F all_integers =
    static_cast<F>(BitsOf<F>{1} << (std::numeric_limits<F>::digits - 1));

template <class F>
[[gnu::always_inline]] constexpr BitsOf<F> bits(F x) noexcept {
  return std::bit_cast<BitsOf<F>>(x);
}

template <class F>
[[gnu::always_inline]] constexpr F abs(F x) noexcept {
  return std::bit_cast<F>(bits(x) & ~sign_bit<F>);
}

template <class F>
[[gnu::always_inline]] constexpr F neg(F x) noexcept {
  return std::bit_cast<F>(bits(x) ^ sign_bit<F>);
}

template <class F>
[[gnu::always_inline]] constexpr F copysign(F x, F sign) noexcept {
  return std::bit_cast<F>((bits(x) & ~sign_bit<F>) | (bits(sign) & sign_bit<F>));
}

// Not x + 0 or x * 1: a compiler may take either for x and keep a signalling NaN.
template <class F>
[[gnu::always_inline]] constexpr F quiet(F x) noexcept {
  return x == x ? x : std::bit_cast<F>(bits(x) | quiet_bit<F>);
}

/// The result of an operation, with the NaN that x86's instructions give. Of two NaNs the first
/// one's payload must come out whatever code was made, though a compiler may exchange the operands
/// of additions and multiplications, or a result would depend on how the interpreter was built and
/// how the instruction was fused.
template <class F>
[[gnu::always_inline]] constexpr F in_order(F a, F b, F result) noexcept {
  if (result != result) [[unlikely]] {
    if (a != a) return quiet(a);
    if (b != b) return quiet(b);
    return made_nan<F>;
  }
  return result;
}

// On x86-64 the machine's instructions do just that, as long as the operands stay in order.
template <class F>
[[gnu::always_inline]] constexpr F add(F a, F b) noexcept {
#ifdef __SSE2__
  if !consteval {
    if constexpr (sizeof(F) == 4)
      asm("addss %1, %0" : "+x"(a) : "x"(b));
    else
      asm("addsd %1, %0" : "+x"(a) : "x"(b));
    return a;
  }
#endif
  return in_order(a, b, a + b);
}
template <class F>
[[gnu::always_inline]] constexpr F mul(F a, F b) noexcept {
#ifdef __SSE2__
  if !consteval {
    if constexpr (sizeof(F) == 4)
      asm("mulss %1, %0" : "+x"(a) : "x"(b));
    else
      asm("mulsd %1, %0" : "+x"(a) : "x"(b));
    return a;
  }
#endif
  return in_order(a, b, a * b);
}

// No compiler exchanges the operands of these two.
template <class F>
[[gnu::always_inline]] constexpr F sub(F a, F b) noexcept {
#ifdef __SSE2__
  return a - b;
#else
  return in_order(a, b, a - b);
#endif
}
template <class F>
[[gnu::always_inline]] constexpr F div(F a, F b) noexcept {
#ifdef __SSE2__
  return a / b;
#else
  return in_order(a, b, a / b);
#endif
}

/// Equal numbers may still be zeros of different sign; the sum of a NaN and anything is a quiet
/// NaN.
template <class F>
[[gnu::always_inline]] inline F min(F a, F b) noexcept {
  // One comparison and one jump: a < b or a > b, neither equal nor unordered.
  if (__builtin_islessgreater(a, b)) [[likely]]
    return a < b ? a : b;
  return a == b ? std::bit_cast<F>(bits(a) | bits(b)) : add(a, b);
}

template <class F>
[[gnu::always_inline]] inline F max(F a, F b) noexcept {
  if (__builtin_islessgreater(a, b)) [[likely]]
    return a > b ? a : b;
  return a == b ? std::bit_cast<F>(bits(a) & bits(b)) : add(a, b);
}

/// Whether x is finite and may have a fraction; otherwise rounding is the identity but for NaN.
template <class F>
[[gnu::always_inline]] constexpr bool may_have_fraction(F x) noexcept {
  return abs(x) < all_integers<F>;
}

/// The result with the sign of x. Precondition: the result has it already or is a zero.
template <class F>
[[gnu::always_inline]] constexpr F with_sign_of(F x, F result) noexcept {
  return std::bit_cast<F>(bits(result) | (bits(x) & sign_bit<F>));
}

/// Rounds to nearest, ties to even, by pushing the fraction out of the significand; the zero that
/// a small negative number gives is positive. Precondition: may_have_fraction(x).
template <class F>
[[gnu::always_inline]] constexpr F push_fraction_out(F x) noexcept {
  const F pusher = with_sign_of(x, all_integers<F>);
  return (x + pusher) - pusher;
}

/// 1 or 0, by a mask: a jump here would be a coin toss, it depends on the fraction.
template <class F>
[[gnu::always_inline]] constexpr F one_if(bool condition) noexcept {
  return std::bit_cast<F>(-BitsOf<F>{condition} & bits(F{1}));
}

template <class F>
[[gnu::always_inline]] constexpr F nearest(F x) noexcept {
  if (!may_have_fraction(x)) [[unlikely]]
    return quiet(x);
  return with_sign_of(x, push_fraction_out(x));
}

template <class F>
[[gnu::always_inline]] constexpr F ceil(F x) noexcept {
  if (!may_have_fraction(x)) [[unlikely]]
    return quiet(x);
  const F rounded = push_fraction_out(x);
  return with_sign_of(x, rounded + one_if<F>(rounded < x));
}

template <class F>
[[gnu::always_inline]] constexpr F floor(F x) noexcept {
  if (!may_have_fraction(x)) [[unlikely]]
    return quiet(x);
  const F rounded = push_fraction_out(x);
  return with_sign_of(x, rounded - one_if<F>(rounded > x));
}

template <class F>
[[gnu::always_inline]] constexpr F trunc(F x) noexcept {
  if (!may_have_fraction(x)) [[unlikely]]
    return quiet(x);
  const F magnitude = abs(x);
  const F rounded = (magnitude + all_integers<F>)-all_integers<F>;
  return with_sign_of(x, rounded - one_if<F>(rounded > magnitude));
}

// With -fno-math-errno, which the build sets for the interpreter, this is one instruction; without
// it, a call that sets errno follows for negative numbers.
template <class F>
[[gnu::always_inline]] inline F sqrt(F x) noexcept {
  F root;
  if constexpr (sizeof(F) == 4) {
    root = __builtin_sqrtf(x);
  } else {
    root = __builtin_sqrt(x);
  }
#ifdef __SSE2__
  return root;
#else
  return in_order(x, x, root);
#endif
}

// Counts of 2, 4, 8 bits side by side, then their sum in the top byte. Written out,
// because std::popcount is a library call where the machine may lack the instruction; compilers
// know the pattern and use the instruction where it may not.
template <class T>
[[gnu::always_inline]] constexpr T popcnt(T x) noexcept {
  constexpr T ones = std::numeric_limits<T>::max();
  x = x - ((x >> 1) & (ones / 3));
  x = (x & (ones / 5)) + ((x >> 2) & (ones / 5));
  x = (x + (x >> 4)) & (ones / 17);
  return (x * (ones / 255)) >> (sizeof(T) * 8 - 8);
}

template <class T>
[[gnu::always_inline]] constexpr T shift_count(T count) noexcept {
  return count & (sizeof(T) * 8 - 1);
}

template <class T>
[[gnu::always_inline]] constexpr T shr_s(T a, T count) noexcept {
  return static_cast<T>(static_cast<std::make_signed_t<T>>(a) >> shift_count(count));
}

template <class T>
[[gnu::always_inline]] constexpr std::make_signed_t<T> as_signed(T x) noexcept {
  return static_cast<std::make_signed_t<T>>(x);
}

template <class T>
[[gnu::always_inline]] constexpr Trapping<T> div_s(T a, T b) noexcept {
  if (b == 0) [[unlikely]]
    return Trap::integer_divide_by_zero;
  constexpr T smallest = T{1} << (sizeof(T) * 8 - 1);
  if (a == smallest && b == static_cast<T>(-1)) [[unlikely]]
    return Trap::integer_overflow;
  return static_cast<T>(as_signed(a) / as_signed(b));
}

template <class T>
[[gnu::always_inline]] constexpr Trapping<T> div_u(T a, T b) noexcept {
  if (b == 0) [[unlikely]]
    return Trap::integer_divide_by_zero;
  return static_cast<T>(a / b);
}

template <class T>
[[gnu::always_inline]] constexpr Trapping<T> rem_s(T a, T b) noexcept {
  if (b == 0) [[unlikely]]
    return Trap::integer_divide_by_zero;
  // The quotient of the smallest number and -1 does not exist, but the remainder does.
  if (b == static_cast<T>(-1)) [[unlikely]]
    return T{0};
  return static_cast<T>(as_signed(a) % as_signed(b));
}

template <class T>
[[gnu::always_inline]] constexpr Trapping<T> rem_u(T a, T b) noexcept {
  if (b == 0) [[unlikely]]
    return Trap::integer_divide_by_zero;
  return static_cast<T>(a % b);
}

/// 2 to the number of value bits of T: the first float past its range.
template <std::integral T, class F>
inline constexpr F range_end = static_cast<F>(T{1} << (std::numeric_limits<T>::digits - 1)) * F{2};

/// Whether trunc(x) is a T. False for NaN.
template <std::integral T, class F>
[[gnu::always_inline]] constexpr bool fits(F x) noexcept {
  constexpr F end = range_end<T, F>;
  if constexpr (std::is_unsigned_v<T>) return x > F{-1} && x < end;
  // Below the least T by less than one, where F has a fraction there.
  if constexpr (std::numeric_limits<F>::digits > std::numeric_limits<T>::digits + 1) {
    return x > -end - F{1} && x < end;
  } else {
    return x >= -end && x < end;
  }
}

template <std::integral T, class F>
[[gnu::always_inline]] constexpr Trapping<std::make_unsigned_t<T>> trunc_to(F x) noexcept {
  if (fits<T>(x)) [[likely]]
    return static_cast<std::make_unsigned_t<T>>(static_cast<T>(x));
  return x == x ? Trap::integer_overflow : Trap::invalid_conversion_to_integer;
}

template <std::integral T, class F>
[[gnu::always_inline]] constexpr std::make_unsigned_t<T> trunc_sat_to(F x) noexcept {
  using Result = std::make_unsigned_t<T>;
  if (fits<T>(x)) [[likely]]
    return static_cast<Result>(static_cast<T>(x));
  if (x < F{0}) return static_cast<Result>(std::numeric_limits<T>::min());
  return x > F{0} ? static_cast<Result>(std::numeric_limits<T>::max()) : Result{0};
}

/// The low bits of x as a number of type Narrow, sign extended.
template <std::signed_integral Narrow, class T>
[[gnu::always_inline]] constexpr T extend(T x) noexcept {
  return static_cast<T>(static_cast<std::make_signed_t<T>>(static_cast<Narrow>(x)));
}

}  // namespace detail

/// A number of 128 bits.
struct Wide {
  I64 low, high;
  friend constexpr bool operator==(Wide, Wide) = default;
};
[[gnu::always_inline]] constexpr Wide i64_add128(Wide a, Wide b) noexcept {
  const I64 low = a.low + b.low;
  return {low, a.high + b.high + (low < a.low ? 1 : 0)};
}
[[gnu::always_inline]] constexpr Wide i64_sub128(Wide a, Wide b) noexcept {
  return {a.low - b.low, a.high - b.high - (a.low < b.low ? 1 : 0)};
}
[[gnu::always_inline]] constexpr Wide i64_mul_wide_u(I64 a, I64 b) noexcept {
#ifdef __SIZEOF_INT128__
  __extension__ using Both = unsigned __int128;
  const Both product = Both{a} * b;
  return {static_cast<I64>(product), static_cast<I64>(product >> 64)};
#else
  const I64 al = static_cast<I32>(a), ah = a >> 32, bl = static_cast<I32>(b), bh = b >> 32;
  const I64 low = al * bl;
  const I64 middle = ah * bl + (low >> 32);  // at most (2^32 - 1)^2 + 2^32 - 1: it fits
  const I64 carried = al * bh + static_cast<I32>(middle);
  return {carried << 32 | static_cast<I32>(low), ah * bh + (middle >> 32) + (carried >> 32)};
#endif
}
[[gnu::always_inline]] constexpr Wide i64_mul_wide_s(I64 a, I64 b) noexcept {
  const Wide product = i64_mul_wide_u(a, b);
  constexpr I64 negative = I64{1} << 63;
  return {product.low,
          product.high - ((a & negative) != 0 ? b : 0) - ((b & negative) != 0 ? a : 0)};
}

// i32
[[gnu::always_inline]] constexpr I32 i32_clz(I32 x) noexcept {
  return static_cast<I32>(std::countl_zero(x));
}
[[gnu::always_inline]] constexpr I32 i32_ctz(I32 x) noexcept {
  return static_cast<I32>(std::countr_zero(x));
}
[[gnu::always_inline]] constexpr I32 i32_popcnt(I32 x) noexcept { return detail::popcnt(x); }
[[gnu::always_inline]] constexpr I32 i32_add(I32 a, I32 b) noexcept { return a + b; }
[[gnu::always_inline]] constexpr I32 i32_sub(I32 a, I32 b) noexcept { return a - b; }
[[gnu::always_inline]] constexpr I32 i32_mul(I32 a, I32 b) noexcept { return a * b; }
[[gnu::always_inline]] constexpr Trapping<I32> i32_div_s(I32 a, I32 b) noexcept {
  return detail::div_s(a, b);
}
[[gnu::always_inline]] constexpr Trapping<I32> i32_div_u(I32 a, I32 b) noexcept {
  return detail::div_u(a, b);
}
[[gnu::always_inline]] constexpr Trapping<I32> i32_rem_s(I32 a, I32 b) noexcept {
  return detail::rem_s(a, b);
}
[[gnu::always_inline]] constexpr Trapping<I32> i32_rem_u(I32 a, I32 b) noexcept {
  return detail::rem_u(a, b);
}
[[gnu::always_inline]] constexpr I32 i32_and(I32 a, I32 b) noexcept { return a & b; }
[[gnu::always_inline]] constexpr I32 i32_or(I32 a, I32 b) noexcept { return a | b; }
[[gnu::always_inline]] constexpr I32 i32_xor(I32 a, I32 b) noexcept { return a ^ b; }
[[gnu::always_inline]] constexpr I32 i32_shl(I32 a, I32 count) noexcept {
  return a << detail::shift_count(count);
}
[[gnu::always_inline]] constexpr I32 i32_shr_s(I32 a, I32 count) noexcept {
  return detail::shr_s(a, count);
}
[[gnu::always_inline]] constexpr I32 i32_shr_u(I32 a, I32 count) noexcept {
  return a >> detail::shift_count(count);
}
[[gnu::always_inline]] constexpr I32 i32_rotl(I32 a, I32 count) noexcept {
  return std::rotl(a, static_cast<int>(detail::shift_count(count)));
}
[[gnu::always_inline]] constexpr I32 i32_rotr(I32 a, I32 count) noexcept {
  return std::rotr(a, static_cast<int>(detail::shift_count(count)));
}
[[gnu::always_inline]] constexpr bool i32_eqz(I32 x) noexcept { return x == 0; }
[[gnu::always_inline]] constexpr bool i32_eq(I32 a, I32 b) noexcept { return a == b; }
[[gnu::always_inline]] constexpr bool i32_ne(I32 a, I32 b) noexcept { return a != b; }
[[gnu::always_inline]] constexpr bool i32_lt_s(I32 a, I32 b) noexcept {
  return detail::as_signed(a) < detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i32_lt_u(I32 a, I32 b) noexcept { return a < b; }
[[gnu::always_inline]] constexpr bool i32_gt_s(I32 a, I32 b) noexcept {
  return detail::as_signed(a) > detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i32_gt_u(I32 a, I32 b) noexcept { return a > b; }
[[gnu::always_inline]] constexpr bool i32_le_s(I32 a, I32 b) noexcept {
  return detail::as_signed(a) <= detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i32_le_u(I32 a, I32 b) noexcept { return a <= b; }
[[gnu::always_inline]] constexpr bool i32_ge_s(I32 a, I32 b) noexcept {
  return detail::as_signed(a) >= detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i32_ge_u(I32 a, I32 b) noexcept { return a >= b; }
[[gnu::always_inline]] constexpr I32 i32_extend8_s(I32 x) noexcept {
  return detail::extend<std::int8_t>(x);
}
[[gnu::always_inline]] constexpr I32 i32_extend16_s(I32 x) noexcept {
  return detail::extend<std::int16_t>(x);
}

// i64
[[gnu::always_inline]] constexpr I64 i64_clz(I64 x) noexcept {
  return static_cast<I64>(std::countl_zero(x));
}
[[gnu::always_inline]] constexpr I64 i64_ctz(I64 x) noexcept {
  return static_cast<I64>(std::countr_zero(x));
}
[[gnu::always_inline]] constexpr I64 i64_popcnt(I64 x) noexcept { return detail::popcnt(x); }
[[gnu::always_inline]] constexpr I64 i64_add(I64 a, I64 b) noexcept { return a + b; }
[[gnu::always_inline]] constexpr I64 i64_sub(I64 a, I64 b) noexcept { return a - b; }
[[gnu::always_inline]] constexpr I64 i64_mul(I64 a, I64 b) noexcept { return a * b; }
[[gnu::always_inline]] constexpr Trapping<I64> i64_div_s(I64 a, I64 b) noexcept {
  return detail::div_s(a, b);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_div_u(I64 a, I64 b) noexcept {
  return detail::div_u(a, b);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_rem_s(I64 a, I64 b) noexcept {
  return detail::rem_s(a, b);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_rem_u(I64 a, I64 b) noexcept {
  return detail::rem_u(a, b);
}
[[gnu::always_inline]] constexpr I64 i64_and(I64 a, I64 b) noexcept { return a & b; }
[[gnu::always_inline]] constexpr I64 i64_or(I64 a, I64 b) noexcept { return a | b; }
[[gnu::always_inline]] constexpr I64 i64_xor(I64 a, I64 b) noexcept { return a ^ b; }
[[gnu::always_inline]] constexpr I64 i64_shl(I64 a, I64 count) noexcept {
  return a << detail::shift_count(count);
}
[[gnu::always_inline]] constexpr I64 i64_shr_s(I64 a, I64 count) noexcept {
  return detail::shr_s(a, count);
}
[[gnu::always_inline]] constexpr I64 i64_shr_u(I64 a, I64 count) noexcept {
  return a >> detail::shift_count(count);
}
[[gnu::always_inline]] constexpr I64 i64_rotl(I64 a, I64 count) noexcept {
  return std::rotl(a, static_cast<int>(detail::shift_count(count)));
}
[[gnu::always_inline]] constexpr I64 i64_rotr(I64 a, I64 count) noexcept {
  return std::rotr(a, static_cast<int>(detail::shift_count(count)));
}
[[gnu::always_inline]] constexpr bool i64_eqz(I64 x) noexcept { return x == 0; }
[[gnu::always_inline]] constexpr bool i64_eq(I64 a, I64 b) noexcept { return a == b; }
[[gnu::always_inline]] constexpr bool i64_ne(I64 a, I64 b) noexcept { return a != b; }
[[gnu::always_inline]] constexpr bool i64_lt_s(I64 a, I64 b) noexcept {
  return detail::as_signed(a) < detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i64_lt_u(I64 a, I64 b) noexcept { return a < b; }
[[gnu::always_inline]] constexpr bool i64_gt_s(I64 a, I64 b) noexcept {
  return detail::as_signed(a) > detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i64_gt_u(I64 a, I64 b) noexcept { return a > b; }
[[gnu::always_inline]] constexpr bool i64_le_s(I64 a, I64 b) noexcept {
  return detail::as_signed(a) <= detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i64_le_u(I64 a, I64 b) noexcept { return a <= b; }
[[gnu::always_inline]] constexpr bool i64_ge_s(I64 a, I64 b) noexcept {
  return detail::as_signed(a) >= detail::as_signed(b);
}
[[gnu::always_inline]] constexpr bool i64_ge_u(I64 a, I64 b) noexcept { return a >= b; }
[[gnu::always_inline]] constexpr I64 i64_extend8_s(I64 x) noexcept {
  return detail::extend<std::int8_t>(x);
}
[[gnu::always_inline]] constexpr I64 i64_extend16_s(I64 x) noexcept {
  return detail::extend<std::int16_t>(x);
}
[[gnu::always_inline]] constexpr I64 i64_extend32_s(I64 x) noexcept {
  return detail::extend<std::int32_t>(x);
}

// Every NaN as the canonical one with a positive sign: the deterministic profile of the specification.
[[gnu::always_inline]] constexpr F32 f32_canonical(F32 x) noexcept {
  return x == x ? x : std::bit_cast<F32>(0x7FC0'0000);
}
[[gnu::always_inline]] constexpr F64 f64_canonical(F64 x) noexcept {
  return x == x ? x : std::bit_cast<F64>(0x7FF8'0000'0000'0000);
}

// f32
[[gnu::always_inline]] constexpr F32 f32_abs(F32 x) noexcept { return detail::abs(x); }
[[gnu::always_inline]] constexpr F32 f32_neg(F32 x) noexcept { return detail::neg(x); }
[[gnu::always_inline]] constexpr F32 f32_ceil(F32 x) noexcept { return detail::ceil(x); }
[[gnu::always_inline]] constexpr F32 f32_floor(F32 x) noexcept { return detail::floor(x); }
[[gnu::always_inline]] constexpr F32 f32_trunc(F32 x) noexcept { return detail::trunc(x); }
[[gnu::always_inline]] constexpr F32 f32_nearest(F32 x) noexcept { return detail::nearest(x); }
[[gnu::always_inline]] inline F32 f32_sqrt(F32 x) noexcept { return detail::sqrt(x); }
[[gnu::always_inline]] constexpr F32 f32_add(F32 a, F32 b) noexcept { return detail::add(a, b); }
[[gnu::always_inline]] constexpr F32 f32_sub(F32 a, F32 b) noexcept { return detail::sub(a, b); }
[[gnu::always_inline]] constexpr F32 f32_mul(F32 a, F32 b) noexcept { return detail::mul(a, b); }
[[gnu::always_inline]] constexpr F32 f32_div(F32 a, F32 b) noexcept { return detail::div(a, b); }
[[gnu::always_inline]] inline F32 f32_min(F32 a, F32 b) noexcept { return detail::min(a, b); }
[[gnu::always_inline]] inline F32 f32_max(F32 a, F32 b) noexcept { return detail::max(a, b); }
[[gnu::always_inline]] constexpr F32 f32_copysign(F32 x, F32 sign) noexcept {
  return detail::copysign(x, sign);
}
[[gnu::always_inline]] constexpr bool f32_eq(F32 a, F32 b) noexcept { return a == b; }
[[gnu::always_inline]] constexpr bool f32_ne(F32 a, F32 b) noexcept { return a != b; }
[[gnu::always_inline]] constexpr bool f32_lt(F32 a, F32 b) noexcept { return a < b; }
[[gnu::always_inline]] constexpr bool f32_gt(F32 a, F32 b) noexcept { return a > b; }
[[gnu::always_inline]] constexpr bool f32_le(F32 a, F32 b) noexcept { return a <= b; }
[[gnu::always_inline]] constexpr bool f32_ge(F32 a, F32 b) noexcept { return a >= b; }

// f64
[[gnu::always_inline]] constexpr F64 f64_abs(F64 x) noexcept { return detail::abs(x); }
[[gnu::always_inline]] constexpr F64 f64_neg(F64 x) noexcept { return detail::neg(x); }
[[gnu::always_inline]] constexpr F64 f64_ceil(F64 x) noexcept { return detail::ceil(x); }
[[gnu::always_inline]] constexpr F64 f64_floor(F64 x) noexcept { return detail::floor(x); }
[[gnu::always_inline]] constexpr F64 f64_trunc(F64 x) noexcept { return detail::trunc(x); }
[[gnu::always_inline]] constexpr F64 f64_nearest(F64 x) noexcept { return detail::nearest(x); }
[[gnu::always_inline]] inline F64 f64_sqrt(F64 x) noexcept { return detail::sqrt(x); }
[[gnu::always_inline]] constexpr F64 f64_add(F64 a, F64 b) noexcept { return detail::add(a, b); }
[[gnu::always_inline]] constexpr F64 f64_sub(F64 a, F64 b) noexcept { return detail::sub(a, b); }
[[gnu::always_inline]] constexpr F64 f64_mul(F64 a, F64 b) noexcept { return detail::mul(a, b); }
[[gnu::always_inline]] constexpr F64 f64_div(F64 a, F64 b) noexcept { return detail::div(a, b); }
[[gnu::always_inline]] inline F64 f64_min(F64 a, F64 b) noexcept { return detail::min(a, b); }
[[gnu::always_inline]] inline F64 f64_max(F64 a, F64 b) noexcept { return detail::max(a, b); }
[[gnu::always_inline]] constexpr F64 f64_copysign(F64 x, F64 sign) noexcept {
  return detail::copysign(x, sign);
}
[[gnu::always_inline]] constexpr bool f64_eq(F64 a, F64 b) noexcept { return a == b; }
[[gnu::always_inline]] constexpr bool f64_ne(F64 a, F64 b) noexcept { return a != b; }
[[gnu::always_inline]] constexpr bool f64_lt(F64 a, F64 b) noexcept { return a < b; }
[[gnu::always_inline]] constexpr bool f64_gt(F64 a, F64 b) noexcept { return a > b; }
[[gnu::always_inline]] constexpr bool f64_le(F64 a, F64 b) noexcept { return a <= b; }
[[gnu::always_inline]] constexpr bool f64_ge(F64 a, F64 b) noexcept { return a >= b; }

// Conversions
[[gnu::always_inline]] constexpr I32 i32_wrap_i64(I64 x) noexcept { return static_cast<I32>(x); }
[[gnu::always_inline]] constexpr I64 i64_extend_i32_s(I32 x) noexcept {
  return static_cast<I64>(std::int64_t{detail::as_signed(x)});
}
[[gnu::always_inline]] constexpr I64 i64_extend_i32_u(I32 x) noexcept { return x; }
[[gnu::always_inline]] constexpr Trapping<I32> i32_trunc_f32_s(F32 x) noexcept {
  return detail::trunc_to<std::int32_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I32> i32_trunc_f32_u(F32 x) noexcept {
  return detail::trunc_to<std::uint32_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I32> i32_trunc_f64_s(F64 x) noexcept {
  return detail::trunc_to<std::int32_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I32> i32_trunc_f64_u(F64 x) noexcept {
  return detail::trunc_to<std::uint32_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_trunc_f32_s(F32 x) noexcept {
  return detail::trunc_to<std::int64_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_trunc_f32_u(F32 x) noexcept {
  return detail::trunc_to<std::uint64_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_trunc_f64_s(F64 x) noexcept {
  return detail::trunc_to<std::int64_t>(x);
}
[[gnu::always_inline]] constexpr Trapping<I64> i64_trunc_f64_u(F64 x) noexcept {
  return detail::trunc_to<std::uint64_t>(x);
}
[[gnu::always_inline]] constexpr I32 i32_trunc_sat_f32_s(F32 x) noexcept {
  return detail::trunc_sat_to<std::int32_t>(x);
}
[[gnu::always_inline]] constexpr I32 i32_trunc_sat_f32_u(F32 x) noexcept {
  return detail::trunc_sat_to<std::uint32_t>(x);
}
[[gnu::always_inline]] constexpr I32 i32_trunc_sat_f64_s(F64 x) noexcept {
  return detail::trunc_sat_to<std::int32_t>(x);
}
[[gnu::always_inline]] constexpr I32 i32_trunc_sat_f64_u(F64 x) noexcept {
  return detail::trunc_sat_to<std::uint32_t>(x);
}
[[gnu::always_inline]] constexpr I64 i64_trunc_sat_f32_s(F32 x) noexcept {
  return detail::trunc_sat_to<std::int64_t>(x);
}
[[gnu::always_inline]] constexpr I64 i64_trunc_sat_f32_u(F32 x) noexcept {
  return detail::trunc_sat_to<std::uint64_t>(x);
}
[[gnu::always_inline]] constexpr I64 i64_trunc_sat_f64_s(F64 x) noexcept {
  return detail::trunc_sat_to<std::int64_t>(x);
}
[[gnu::always_inline]] constexpr I64 i64_trunc_sat_f64_u(F64 x) noexcept {
  return detail::trunc_sat_to<std::uint64_t>(x);
}
[[gnu::always_inline]] constexpr F32 f32_convert_i32_s(I32 x) noexcept {
  return static_cast<F32>(detail::as_signed(x));
}
[[gnu::always_inline]] constexpr F32 f32_convert_i32_u(I32 x) noexcept {
  return static_cast<F32>(x);
}
[[gnu::always_inline]] constexpr F32 f32_convert_i64_s(I64 x) noexcept {
  return static_cast<F32>(detail::as_signed(x));
}
[[gnu::always_inline]] constexpr F32 f32_convert_i64_u(I64 x) noexcept {
  return static_cast<F32>(x);
}
[[gnu::always_inline]] constexpr F64 f64_convert_i32_s(I32 x) noexcept {
  return static_cast<F64>(detail::as_signed(x));
}
[[gnu::always_inline]] constexpr F64 f64_convert_i32_u(I32 x) noexcept {
  return static_cast<F64>(x);
}
[[gnu::always_inline]] constexpr F64 f64_convert_i64_s(I64 x) noexcept {
  return static_cast<F64>(detail::as_signed(x));
}
[[gnu::always_inline]] constexpr F64 f64_convert_i64_u(I64 x) noexcept {
  return static_cast<F64>(x);
}
[[gnu::always_inline]] constexpr F32 f32_demote_f64(F64 x) noexcept { return static_cast<F32>(x); }
[[gnu::always_inline]] constexpr F64 f64_promote_f32(F32 x) noexcept { return x; }
[[gnu::always_inline]] constexpr I32 i32_reinterpret_f32(F32 x) noexcept {
  return std::bit_cast<I32>(x);
}
[[gnu::always_inline]] constexpr I64 i64_reinterpret_f64(F64 x) noexcept {
  return std::bit_cast<I64>(x);
}
[[gnu::always_inline]] constexpr F32 f32_reinterpret_i32(I32 x) noexcept {
  return std::bit_cast<F32>(x);
}
[[gnu::always_inline]] constexpr F64 f64_reinterpret_i64(I64 x) noexcept {
  return std::bit_cast<F64>(x);
}

}  // namespace fermata::numeric
