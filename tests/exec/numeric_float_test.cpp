// The floating-point instructions against tables of expected bits and against definitions by other
// means: f32 arithmetic in doubles, rounding by masking bits.
//
// Owns the expectations of document/core/exec/numerics, "Floating-Point Operations", NaNs included.

#include <cmath>
#include <string>

#include "tests/exec/numeric_support.hpp"

namespace fermata::test {
namespace {

namespace n = fermata::numeric;

template <class F>
using Unary = F (*)(F) noexcept;
template <class F>
using Binary = F (*)(F, F) noexcept;
template <class F>
using Relation = bool (*)(F, F) noexcept;

template <class F>
struct Instructions;

template <>
struct Instructions<float> {
  static constexpr Unary<float> ceil = n::f32_ceil, floor = n::f32_floor, trunc = n::f32_trunc,
                                nearest = n::f32_nearest, sqrt = n::f32_sqrt, abs = n::f32_abs,
                                neg = n::f32_neg;
  static constexpr Binary<float> add = n::f32_add, sub = n::f32_sub, mul = n::f32_mul,
                                 div = n::f32_div, min = n::f32_min, max = n::f32_max,
                                 copysign = n::f32_copysign;
  static constexpr Relation<float> eq = n::f32_eq, ne = n::f32_ne, lt = n::f32_lt, gt = n::f32_gt,
                                   le = n::f32_le, ge = n::f32_ge;
};

template <>
struct Instructions<double> {
  static constexpr Unary<double> ceil = n::f64_ceil, floor = n::f64_floor, trunc = n::f64_trunc,
                                 nearest = n::f64_nearest, sqrt = n::f64_sqrt, abs = n::f64_abs,
                                 neg = n::f64_neg;
  static constexpr Binary<double> add = n::f64_add, sub = n::f64_sub, mul = n::f64_mul,
                                  div = n::f64_div, min = n::f64_min, max = n::f64_max,
                                  copysign = n::f64_copysign;
  static constexpr Relation<double> eq = n::f64_eq, ne = n::f64_ne, lt = n::f64_lt, gt = n::f64_gt,
                                    le = n::f64_le, ge = n::f64_ge;
};

/// Compares bits for every pair of edges and for random ones; stops at the first difference.
template <class F, class Op, class Reference>
void check_against(Op op, Reference reference) {
  const auto check = [&](F a, F b) {
    if (same_or_canonical(op(opaque(a), opaque(b)), reference(a, b))) return true;
    CAPTURE(bits_of(a), bits_of(b));
    CHECK(bits_of(op(opaque(a), opaque(b))) == bits_of(reference(a, b)));
    return false;
  };
  for (const F a : edge_floats<F>()) {
    for (const F b : edge_floats<F>()) {
      if (!check(a, b)) return;
    }
  }
  Random random;
  for (int i = 0; i < 100000; ++i) {
    if (!check(random.floating<F>(), random.floating<F>())) return;
  }
}

template <class F>
auto unary(Unary<F> op) {
  return [op](F a, F) { return op(a); };
}

template <class F>
F quieted(F x) {
  return from_bits<F>(bits_of(x) | quiet<F>);
}

enum class Rounding { down, up, to_zero, to_nearest_even };

/// How far to go from the integer part of a magnitude: one up or nowhere.
template <class F>
bool rounds_up(Rounding rounding, bool negative, bool odd, Bits<F> fraction, Bits<F> half) {
  if (fraction == 0) return false;
  switch (rounding) {
    case Rounding::down:
      return negative;
    case Rounding::up:
      return !negative;
    case Rounding::to_zero:
      return false;
    case Rounding::to_nearest_even:
      return fraction > half || (fraction == half && odd);
  }
  return false;
}

/// Rounds to an integer by taking the fraction's bits away; the carry of the bit pattern is right.
template <class F>
F slow_round(F x, Rounding rounding) {
  constexpr int mantissa = std::numeric_limits<F>::digits - 1;
  constexpr int bias = std::numeric_limits<F>::max_exponent - 1;
  if (x != x) return quieted(x);
  const bool negative = (bits_of(x) & sign<F>) != 0;
  const Bits<F> magnitude = bits_of(x) & ~sign<F>;
  const int exponent = static_cast<int>(magnitude >> mantissa) - bias;
  if (exponent >= mantissa) return x;
  if (exponent < 0) {
    const Bits<F> half = bits_of(F{0.5});
    const bool up = rounds_up<F>(rounding, negative, false, magnitude, half);
    return from_bits<F>((up ? bits_of(F{1}) : 0) | (bits_of(x) & sign<F>));
  }
  const Bits<F> unit = Bits<F>{1} << (mantissa - exponent);
  const Bits<F> whole = magnitude & ~(unit - 1);
  // With exponent 0 the unit's bit is the hidden one's neighbour: 1 is odd, and its bit is not
  // stored.
  const bool odd = exponent == 0 || (magnitude & unit) != 0;
  const bool up = rounds_up<F>(rounding, negative, odd, magnitude & (unit - 1), unit / 2);
  return from_bits<F>((up ? whole + unit : whole) | (bits_of(x) & sign<F>));
}

template <class F>
F slow_min(F a, F b) {
  if (a != a || b != b) return std::numeric_limits<F>::quiet_NaN();
  if (a == b) return (bits_of(a) & sign<F>) != 0 ? a : b;
  return a < b ? a : b;
}

template <class F>
F slow_max(F a, F b) {
  if (a != a || b != b) return std::numeric_limits<F>::quiet_NaN();
  if (a == b) return (bits_of(a) & sign<F>) != 0 ? b : a;
  return a < b ? b : a;
}

/// Gives zero for operands that are NaN: for references that cannot say which NaN comes out.
template <class F>
auto numbers_only(auto op) {
  return [op](F a, F b) { return a != a || b != b ? F{0} : op(a, b); };
}

template <class F>
void check_nan_results(const char* name, F result, F a, F b) {
  CAPTURE(name, bits_of(a), bits_of(b), bits_of(result));
  const bool any_other_nan = (a != a && !is_canonical(a)) || (b != b && !is_canonical(b));
  if (any_other_nan) CHECK(is_arithmetic(result));
  if (!any_other_nan) CHECK(is_canonical(result));
}

}  // namespace

TEMPLATE_TEST_CASE("an arithmetic instruction gives a quiet NaN for a NaN", "[numeric]", float,
                   double) {
  using F = TestType;
  using I = Instructions<F>;
  const std::pair<const char*, Binary<F>> binaries[] = {{"add", I::add}, {"sub", I::sub},
                                                        {"mul", I::mul}, {"div", I::div},
                                                        {"min", I::min}, {"max", I::max}};
  const std::pair<const char*, Unary<F>> unaries[] = {{"ceil", I::ceil},
                                                      {"floor", I::floor},
                                                      {"trunc", I::trunc},
                                                      {"nearest", I::nearest},
                                                      {"sqrt", I::sqrt}};
  for (const F a : edge_floats<F>()) {
    for (const F b : edge_floats<F>()) {
      if (a == a && b == b) continue;
      for (const auto& [name, op] : binaries)
        check_nan_results(name, op(opaque(a), opaque(b)), a, b);
    }
    if (a == a) continue;
    for (const auto& [name, op] : unaries) check_nan_results(name, op(opaque(a)), a, a);
  }
}

TEMPLATE_TEST_CASE("of two NaNs the first one's payload comes out", "[numeric]", float, double) {
  using F = TestType;
  using I = Instructions<F>;
  const Bits<F> one = payload_nan<F>;
  const Bits<F> other = payload_nan<F> ^ Bits<F>{2};
  const Bits<F> quieted = signalling_nan<F> | quiet<F>;
  for (const auto op : {I::add, I::sub, I::mul, I::div, I::min, I::max}) {
    CHECK(bits_of(op(from_bits<F>(one), from_bits<F>(other))) == one);
    CHECK(bits_of(op(from_bits<F>(other), from_bits<F>(one))) == other);
    CHECK(bits_of(op(from_bits<F>(one), from_bits<F>(signalling_nan<F>))) == one);
    CHECK(bits_of(op(from_bits<F>(signalling_nan<F>), from_bits<F>(one))) == quieted);
  }
}

TEMPLATE_TEST_CASE("an arithmetic instruction makes a negative canonical NaN of numbers",
                   "[numeric]", float, double) {
  using F = TestType;
  using I = Instructions<F>;
  const F inf = opaque(std::numeric_limits<F>::infinity());
  const F zero = opaque(F{0});
  const Bits<F> made = canonical_nan<F> | sign<F>;  // the same on every machine
  CHECK(bits_of(I::add(inf, -inf)) == made);
  CHECK(bits_of(I::sub(inf, inf)) == made);
  CHECK(bits_of(I::mul(zero, inf)) == made);
  CHECK(bits_of(I::div(zero, zero)) == made);
  CHECK(bits_of(I::div(inf, inf)) == made);
  CHECK(bits_of(I::min(inf, I::div(zero, zero))) == made);
  CHECK(bits_of(I::sqrt(opaque(F{-1}))) == made);
  CHECK(bits_of(I::sqrt(-inf)) == made);
}

TEMPLATE_TEST_CASE("abs, neg and copysign change the sign and nothing else", "[numeric]", float,
                   double) {
  using F = TestType;
  using I = Instructions<F>;
  for (const F a : edge_floats<F>()) {
    CAPTURE(bits_of(a));
    CHECK(bits_of(I::abs(opaque(a))) == (bits_of(a) & ~sign<F>));
    CHECK(bits_of(I::neg(opaque(a))) == (bits_of(a) ^ sign<F>));
    for (const F b : edge_floats<F>()) {
      const Bits<F> expected = (bits_of(a) & ~sign<F>) | (bits_of(b) & sign<F>);
      if (bits_of(I::copysign(opaque(a), opaque(b))) != expected) FAIL(bits_of(b));
    }
  }
}

TEMPLATE_TEST_CASE("min and max order the zeros and keep NaN", "[numeric]", float, double) {
  using F = TestType;
  using I = Instructions<F>;
  CHECK(bits_of(I::min(opaque(F{0}), opaque(-F{0}))) == sign<F>);
  CHECK(bits_of(I::min(opaque(-F{0}), opaque(F{0}))) == sign<F>);
  CHECK(bits_of(I::max(opaque(F{0}), opaque(-F{0}))) == 0);
  CHECK(bits_of(I::max(opaque(-F{0}), opaque(F{0}))) == 0);
  CHECK(bits_of(I::max(opaque(-F{0}), opaque(-F{0}))) == sign<F>);
  CHECK(I::min(opaque(F{1}), -opaque(std::numeric_limits<F>::infinity())) ==
        -std::numeric_limits<F>::infinity());
  check_against<F>(numbers_only<F>(I::min), numbers_only<F>(slow_min<F>));
  check_against<F>(numbers_only<F>(I::max), numbers_only<F>(slow_max<F>));
}

TEST_CASE("nearest takes ties to even and keeps the sign of zero", "[numeric]") {
  const std::pair<float, float> table[] = {{0.5f, 0.0f},
                                           {-0.5f, -0.0f},
                                           {1.5f, 2.0f},
                                           {2.5f, 2.0f},
                                           {-2.5f, -2.0f},
                                           {3.5f, 4.0f},
                                           {0.49999997f, 0.f},
                                           {0.50000006f, 1.f},
                                           {-0.0f, -0.0f},
                                           {8388607.5f, 8388608.f},
                                           {8388606.5f, 8388606.f},
                                           {8388609.f, 8388609.f},
                                           {16777216.f, 16777216.f},
                                           {1e30f, 1e30f}};
  for (const auto& [x, expected] : table) {
    CAPTURE(x);
    CHECK(bits_of(n::f32_nearest(opaque(x))) == bits_of(expected));
  }
  CHECK(n::f64_nearest(opaque(4503599627370495.5)) == 4503599627370496.0);
  CHECK(n::f64_nearest(opaque(4503599627370494.5)) == 4503599627370494.0);
}

TEST_CASE("ceil, floor and trunc keep the sign of zero", "[numeric]") {
  CHECK(bits_of(n::f32_ceil(opaque(-0.7f))) == bits_of(-0.0f));
  CHECK(bits_of(n::f32_trunc(opaque(-0.7f))) == bits_of(-0.0f));
  CHECK(bits_of(n::f32_floor(opaque(-0.0f))) == bits_of(-0.0f));
  CHECK(bits_of(n::f32_floor(opaque(0.7f))) == bits_of(0.0f));
  CHECK(n::f32_floor(opaque(-0.7f)) == -1.0f);
  CHECK(n::f64_ceil(opaque(0x1p-1074)) == 1.0);
  CHECK(n::f64_floor(opaque(-0x1p-1074)) == -1.0);
  CHECK(n::f64_trunc(opaque(4503599627370495.5)) == 4503599627370495.0);
}

TEMPLATE_TEST_CASE("rounding is taking the fraction's bits away", "[numeric]", float, double) {
  using F = TestType;
  using I = Instructions<F>;
  const auto reference = [](Rounding rounding) {
    return [rounding](F x, F) { return slow_round(x, rounding); };
  };
  check_against<F>(unary<F>(I::ceil), reference(Rounding::up));
  check_against<F>(unary<F>(I::floor), reference(Rounding::down));
  check_against<F>(unary<F>(I::trunc), reference(Rounding::to_zero));
  check_against<F>(unary<F>(I::nearest), reference(Rounding::to_nearest_even));
}

// A double has more than twice the digits of a float and two: rounding twice is rounding once.
TEST_CASE("f32 arithmetic is f64 arithmetic rounded", "[numeric]") {
  const auto check = [](auto op, auto in_double) {
    const auto reference = [in_double](float a, float b) {
      return static_cast<float>(in_double(opaque(double{a}), opaque(double{b})));
    };
    check_against<float>(numbers_only<float>(op), numbers_only<float>(reference));
  };
  check(n::f32_add, [](double a, double b) { return a + b; });
  check(n::f32_sub, [](double a, double b) { return a - b; });
  check(n::f32_mul, [](double a, double b) { return a * b; });
  check(n::f32_div, [](double a, double b) { return a / b; });
  check(unary<float>(n::f32_sqrt), [](double a, double) { return std::sqrt(a); });
}

TEST_CASE("f64 arithmetic rounds to nearest, ties to even, with subnormals", "[numeric]") {
  struct Case {
    Binary<double> op;
    double a, b, expected;
  };
  const Case table[] = {{n::f64_add, 1.0, 0x1p-53, 1.0},
                        {n::f64_add, 1.0, 0x1.8p-53, 0x1.0000000000001p0},
                        {n::f64_add, 0x1.0000000000001p0, 0x1p-53, 0x1.0000000000002p0},
                        {n::f64_add, 0.1, 0.2, 0.30000000000000004},
                        {n::f64_add, -0.0, 0.0, 0.0},
                        {n::f64_add, -0.0, -0.0, -0.0},
                        {n::f64_add, 0x1.fffffffffffffp1023, 0x1p970, HUGE_VAL},
                        {n::f64_add, 0x1.fffffffffffffp1023, 0x1p969, 0x1.fffffffffffffp1023},
                        {n::f64_sub, 0.0, 0.0, 0.0},
                        {n::f64_sub, -0.0, 0.0, -0.0},
                        {n::f64_sub, 0x1p-1022, 0x1p-1074, 0x0.fffffffffffffp-1022},
                        {n::f64_mul, 0x1p-1074, 0.5, 0.0},
                        {n::f64_mul, 0x1p-1074, -0x1.8p-1, -0x1p-1074},
                        {n::f64_mul, 0x1.0000000000001p0, 0x1.0000000000001p0, 0x1.0000000000002p0},
                        {n::f64_mul, 1e200, 1e200, HUGE_VAL},
                        {n::f64_div, 1.0, 3.0, 0x1.5555555555555p-2},
                        {n::f64_div, 1.0, -0.0, -HUGE_VAL},
                        {n::f64_div, 0x1p-1074, 2.0, 0.0},
                        {n::f64_div, 0x1.8p-1073, 2.0, 0x1p-1073}};
  for (const auto& [op, a, b, expected] : table) {
    CAPTURE(a, b, expected);
    CHECK(bits_of(op(opaque(a), opaque(b))) == bits_of(expected));
  }
  CHECK(n::f64_sqrt(opaque(2.0)) == 0x1.6a09e667f3bcdp0);
  CHECK(n::f64_sqrt(opaque(0x1p-1074)) == 0x1p-537);
  CHECK(bits_of(n::f64_sqrt(opaque(-0.0))) == sign<double>);
}

TEMPLATE_TEST_CASE("comparisons are false for NaN but for ne", "[numeric]", float, double) {
  using F = TestType;
  using I = Instructions<F>;
  const F one = opaque(F{1});
  for (const Bits<F> bits : {canonical_nan<F>, signalling_nan<F>, payload_nan<F> | sign<F>}) {
    const F nan = from_bits<F>(bits);
    for (const Relation<F> op : {I::eq, I::lt, I::gt, I::le, I::ge}) {
      CHECK_FALSE(op(nan, one));
      CHECK_FALSE(op(one, nan));
      CHECK_FALSE(op(nan, nan));
    }
    CHECK(I::ne(nan, nan));
    CHECK(I::ne(nan, one));
  }
}

// Magnitudes are ordered as their bits, signs turned over.
TEMPLATE_TEST_CASE("comparisons of numbers order the bits", "[numeric]", float, double) {
  using F = TestType;
  using I = Instructions<F>;
  using Signed = std::make_signed_t<Bits<F>>;
  const auto key = [](F x) {
    const Signed magnitude = static_cast<Signed>(bits_of(x) & ~sign<F>);
    return (bits_of(x) & sign<F>) != 0 ? -magnitude : magnitude;
  };
  const auto check = [&](F a, F b) {
    if (a != a || b != b) return;
    const bool right = I::lt(a, b) == (key(a) < key(b)) && I::gt(a, b) == (key(a) > key(b)) &&
                       I::le(a, b) == (key(a) <= key(b)) && I::ge(a, b) == (key(a) >= key(b)) &&
                       I::eq(a, b) == (key(a) == key(b)) && I::ne(a, b) == (key(a) != key(b));
    if (right) return;
    CAPTURE(bits_of(a), bits_of(b));
    CHECK(right);
  };
  for (const F a : edge_floats<F>()) {
    for (const F b : edge_floats<F>()) check(opaque(a), opaque(b));
  }
  Random random;
  for (int i = 0; i < 100000; ++i)
    check(opaque(random.floating<F>()), opaque(random.floating<F>()));
}

}  // namespace fermata::test
