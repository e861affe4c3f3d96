// The conversions against tables of the exact bounds and against definitions in integers alone.
//
// Owns the expectations of document/core/exec/numerics, "Conversions".

#include <cmath>
#include <optional>

#include "tests/exec/numeric_support.hpp"

namespace fermata::test {
namespace {

namespace n = fermata::numeric;

template <class T, class F>
using Trunc = n::Trapping<T> (*)(F) noexcept;
template <class T, class F>
using Conversion = T (*)(F) noexcept;

/// The integer part of a double as a sign and a magnitude that is exact below 2^65.
struct Integer {
  bool negative = false;
  bool huge = false;  ///< 2^64 or more
  std::uint64_t magnitude = 0;
};

Integer integer_part(double x) {
  const std::uint64_t bits = bits_of(x);
  const int exponent = static_cast<int>((bits >> 52) & 0x7ff) - 1023;
  const std::uint64_t significand = (bits & 0xfffffffffffff) | 0x10000000000000;
  Integer result{.negative = (bits >> 63) != 0};
  if (exponent < 0) return result;
  result.huge = exponent >= 64;
  if (result.huge) return result;
  result.magnitude =
      exponent >= 52 ? significand << (exponent - 52) : significand >> (52 - exponent);
  return result;
}

/// The integer part as a T; nothing when it is none.
template <class T>
std::optional<T> as_integer(double x) {
  const Integer part = integer_part(x);
  if (part.huge) return std::nullopt;
  const std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  const std::uint64_t least = std::is_signed_v<T> ? most + 1 : 0;
  if (part.magnitude > (part.negative ? least : most)) return std::nullopt;
  return static_cast<T>(part.negative ? -part.magnitude : part.magnitude);
}

template <class T, class F>
void check_trunc(Trunc<std::make_unsigned_t<T>, F> trunc,
                 Conversion<std::make_unsigned_t<T>, F> trunc_sat) {
  using Result = std::make_unsigned_t<T>;
  const auto check = [&](F x) {
    CAPTURE(bits_of(x));
    const auto got = trunc(opaque(x));
    const auto saturated = trunc_sat(opaque(x));
    if (x != x) {
      REQUIRE(got.trap == Trap::invalid_conversion_to_integer);
      REQUIRE(saturated == 0);
    } else if (const auto expected = as_integer<T>(double{x})) {
      REQUIRE(got.trap == Trap::none);
      REQUIRE(got.value == static_cast<Result>(*expected));
      REQUIRE(saturated == static_cast<Result>(*expected));
    } else {
      REQUIRE(got.trap == Trap::integer_overflow);
      const T limit = x < F{0} ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
      REQUIRE(saturated == static_cast<Result>(limit));
    }
  };
  for (const F x : edge_floats<F>()) check(x);
  // Both sides of both ends of the range, in steps of the last bit and of a half.
  const double end = std::ldexp(1.0, std::numeric_limits<T>::digits);
  for (const double base : {end, -end, -1.0, 0.0}) {
    for (const double step : {-1.5, -1.0, -0.5, -0.0, 0.5, 1.0, 1.5})
      check(static_cast<F>(base + step));
    check(std::nextafter(static_cast<F>(base), F{0}));
    check(std::nextafter(static_cast<F>(base), static_cast<F>(2 * base)));
  }
  Random random;
  for (int i = 0; i < 5000; ++i) {
    check(random.floating<F>());
    check(std::ldexp(random.floating<F>(), 32));
  }
}

/// An integer rounded to a float's digits, ties to even, all in integers.
template <class F>
F slow_convert(bool negative, std::uint64_t magnitude) {
  constexpr int mantissa = std::numeric_limits<F>::digits - 1;
  constexpr int bias = std::numeric_limits<F>::max_exponent - 1;
  if (magnitude == 0) return F{0};
  int top = 63;
  while ((magnitude >> top) == 0) --top;
  Bits<F> significand = 0;
  if (top <= mantissa) {
    significand = static_cast<Bits<F>>(magnitude) << (mantissa - top);
  } else {
    const int dropped = top - mantissa;
    const std::uint64_t rest = magnitude & ((std::uint64_t{1} << dropped) - 1);
    const std::uint64_t half = std::uint64_t{1} << (dropped - 1);
    significand = static_cast<Bits<F>>(magnitude >> dropped);
    if (rest > half || (rest == half && (significand & 1) != 0)) ++significand;
  }
  // The hidden bit is added to the exponent, and so is a carry out of the significand.
  const Bits<F> bits = (static_cast<Bits<F>>(top + bias - 1) << mantissa) + significand;
  return from_bits<F>(bits | (negative ? sign<F> : 0));
}

template <class T, class F>
void check_convert(Conversion<F, std::make_unsigned_t<T>> convert) {
  using Argument = std::make_unsigned_t<T>;
  const auto check = [&](Argument x) {
    CAPTURE(x);
    const bool negative = std::is_signed_v<T> && static_cast<std::make_signed_t<T>>(x) < 0;
    const Argument magnitude = negative ? static_cast<Argument>(-x) : x;
    REQUIRE(bits_of(convert(opaque(x))) == bits_of(slow_convert<F>(negative, magnitude)));
  };
  for (const Argument x : edge_integers<Argument>()) check(x);
  for (int power = 20; power < static_cast<int>(sizeof(T)) * 8; ++power) {
    for (int step = -3; step <= 3; ++step) {
      const Argument step_bits = static_cast<Argument>(static_cast<Argument>(step) << (power - 20));
      check(static_cast<Argument>((Argument{1} << power) + step_bits));
      check(static_cast<Argument>((Argument{1} << power) + static_cast<Argument>(step)));
    }
  }
  Random random;
  for (int i = 0; i < 5000; ++i) check(random.integer<Argument>());
}

/// Whether no float lies nearer to x than `result`, and of two as near it is the even one.
bool is_nearest_float(double x, float result) {
  const auto as_exact = [](float f) {
    return std::isinf(f) ? std::copysign(0x1p128, double{f}) : double{f};
  };
  const float next_up = std::nextafter(result, std::numeric_limits<float>::infinity());
  const float next_down = std::nextafter(result, -std::numeric_limits<float>::infinity());
  const double here = as_exact(result);
  // Exact: the middle of two floats has one bit more than they. Past infinity there is no float.
  const bool top = std::isinf(result) && result > 0;
  const bool bottom = std::isinf(result) && result < 0;
  const double above = top ? HUGE_VAL : here / 2 + as_exact(next_up) / 2;
  const double below = bottom ? -HUGE_VAL : here / 2 + as_exact(next_down) / 2;
  if (x == above || x == below) return (bits_of(result) & 1) == 0 || std::isinf(x);
  return below < x && x < above;
}

}  // namespace

TEST_CASE("trunc traps exactly outside the range", "[numeric]") {
  CHECK(n::i32_trunc_f32_s(opaque(2147483520.0f)).value == 2147483520u);
  CHECK(n::i32_trunc_f32_s(opaque(2147483648.0f)).trap == Trap::integer_overflow);
  CHECK(n::i32_trunc_f32_s(opaque(-2147483648.0f)).value == 0x80000000u);
  CHECK(n::i32_trunc_f32_s(opaque(-2147483904.0f)).trap == Trap::integer_overflow);
  CHECK(n::i32_trunc_f64_s(opaque(-2147483648.9)).value == 0x80000000u);
  CHECK(n::i32_trunc_f64_s(opaque(-2147483649.0)).trap == Trap::integer_overflow);
  CHECK(n::i32_trunc_f64_s(opaque(2147483647.9)).value == 0x7fffffffu);
  CHECK(n::i32_trunc_f64_u(opaque(-0.9)).value == 0u);
  CHECK(n::i32_trunc_f64_u(opaque(-1.0)).trap == Trap::integer_overflow);
  CHECK(n::i32_trunc_f64_u(opaque(4294967295.9)).value == 0xffffffffu);
  CHECK(n::i64_trunc_f64_s(opaque(-0x1p63)).value == 0x8000000000000000u);
  CHECK(n::i64_trunc_f64_u(opaque(0x1.fffffffffffffp63)).value == 0xfffffffffffff800u);
  CHECK(n::i64_trunc_f64_u(opaque(0x1p64)).trap == Trap::integer_overflow);
  CHECK(n::i64_trunc_f32_u(f32(canonical_nan<float>)).trap == Trap::invalid_conversion_to_integer);
  CHECK(n::i64_trunc_f32_u(f32(infinity<float>)).trap == Trap::integer_overflow);
}

TEST_CASE("saturating trunc clamps and takes NaN for zero", "[numeric]") {
  CHECK(n::i32_trunc_sat_f32_s(f32(infinity<float>)) == 0x7fffffffu);
  CHECK(n::i32_trunc_sat_f32_s(f32(infinity<float> | sign<float>)) == 0x80000000u);
  CHECK(n::i32_trunc_sat_f32_u(opaque(-1.0f)) == 0u);
  CHECK(n::i64_trunc_sat_f64_u(opaque(0x1p64)) == 0xffffffffffffffffu);
  CHECK(n::i64_trunc_sat_f64_s(opaque(-0x1p64)) == 0x8000000000000000u);
  CHECK(n::i64_trunc_sat_f64_s(f64(signalling_nan<double>)) == 0u);
}

TEST_CASE("trunc and saturating trunc agree with integer arithmetic", "[numeric]") {
  check_trunc<std::int32_t, float>(n::i32_trunc_f32_s, n::i32_trunc_sat_f32_s);
  check_trunc<std::uint32_t, float>(n::i32_trunc_f32_u, n::i32_trunc_sat_f32_u);
  check_trunc<std::int32_t, double>(n::i32_trunc_f64_s, n::i32_trunc_sat_f64_s);
  check_trunc<std::uint32_t, double>(n::i32_trunc_f64_u, n::i32_trunc_sat_f64_u);
  check_trunc<std::int64_t, float>(n::i64_trunc_f32_s, n::i64_trunc_sat_f32_s);
  check_trunc<std::uint64_t, float>(n::i64_trunc_f32_u, n::i64_trunc_sat_f32_u);
  check_trunc<std::int64_t, double>(n::i64_trunc_f64_s, n::i64_trunc_sat_f64_s);
  check_trunc<std::uint64_t, double>(n::i64_trunc_f64_u, n::i64_trunc_sat_f64_u);
}

TEST_CASE("an integer becomes the nearest float, ties to even", "[numeric]") {
  CHECK(n::f32_convert_i32_s(opaque(16777217u)) == 16777216.0f);
  CHECK(n::f32_convert_i32_s(opaque(16777219u)) == 16777220.0f);
  CHECK(n::f32_convert_i32_u(opaque(0xffffffffu)) == 4294967296.0f);
  CHECK(n::f32_convert_i64_u(opaque(n::I64{0x8000008000000001})) == 0x1.000002p63f);
  CHECK(n::f64_convert_i64_u(opaque(n::I64{0xfffffffffffffbff})) == 0x1.fffffffffffffp63);
  check_convert<std::int32_t, float>(n::f32_convert_i32_s);
  check_convert<std::uint32_t, float>(n::f32_convert_i32_u);
  check_convert<std::int64_t, float>(n::f32_convert_i64_s);
  check_convert<std::uint64_t, float>(n::f32_convert_i64_u);
  check_convert<std::int32_t, double>(n::f64_convert_i32_s);
  check_convert<std::uint32_t, double>(n::f64_convert_i32_u);
  check_convert<std::int64_t, double>(n::f64_convert_i64_s);
  check_convert<std::uint64_t, double>(n::f64_convert_i64_u);
}

TEST_CASE("demotion gives the nearest float, subnormal and infinite ones too", "[numeric]") {
  CHECK(n::f32_demote_f64(opaque(0x1.fffffefffffffp127)) == 0x1.fffffep127f);
  CHECK(std::isinf(n::f32_demote_f64(opaque(0x1.ffffffp127))));
  CHECK(n::f32_demote_f64(opaque(0x1p-149)) == 0x1p-149f);
  CHECK(bits_of(n::f32_demote_f64(opaque(-0x1p-150))) == sign<float>);
  CHECK(n::f32_demote_f64(opaque(0x1.8p-149)) == 0x1p-148f);
  Random random;
  for (int i = 0; i < 50000; ++i) {
    double x = random.floating<double>();
    if ((i & 1) != 0) x = std::ldexp(x, static_cast<int>(random.next() % 300) - 160);
    if (x != x) continue;
    const float result = n::f32_demote_f64(opaque(x));
    CAPTURE(x, result);
    if (!is_nearest_float(x, result)) FAIL("not the nearest");
  }
}

TEST_CASE("promotion is exact", "[numeric]") {
  CHECK(n::f64_promote_f32(opaque(0x1p-149f)) == 0x1p-149);
  CHECK(n::f64_promote_f32(opaque(0x1.fffffep127f)) == 0x1.fffffep127);
  CHECK(bits_of(n::f64_promote_f32(opaque(-0.0f))) == sign<double>);
}

TEST_CASE("promotion and demotion give a quiet NaN for a NaN", "[numeric]") {
  CHECK(is_canonical(n::f64_promote_f32(f32(canonical_nan<float>))));
  CHECK(is_canonical(n::f32_demote_f64(f64(canonical_nan<double> | sign<double>))));
  CHECK(is_arithmetic(n::f64_promote_f32(f32(signalling_nan<float>))));
  CHECK(is_arithmetic(n::f32_demote_f64(f64(signalling_nan<double>))));
  CHECK(is_arithmetic(n::f32_demote_f64(f64(payload_nan<double>))));
}

TEST_CASE("reinterpretation keeps every bit of a NaN", "[numeric]") {
  for (const std::uint32_t bits :
       {0u, 0x80000000u, signalling_nan<float>, payload_nan<float>, 0xffffffffu}) {
    CHECK(n::i32_reinterpret_f32(n::f32_reinterpret_i32(opaque(bits))) == bits);
  }
  for (const std::uint64_t bits :
       {signalling_nan<double>, payload_nan<double>, ~std::uint64_t{0}}) {
    CHECK(n::i64_reinterpret_f64(n::f64_reinterpret_i64(opaque(bits))) == bits);
  }
}

TEST_CASE("integers are wrapped and extended", "[numeric]") {
  CHECK(n::i32_wrap_i64(opaque(n::I64{0xffffffff80000001})) == 0x80000001u);
  CHECK(n::i64_extend_i32_s(opaque(0x80000000u)) == 0xffffffff80000000u);
  CHECK(n::i64_extend_i32_u(opaque(0x80000000u)) == 0x80000000u);
}

}  // namespace fermata::test
