// The integer instructions against tables of expected values and against definitions in which
// every bit is counted by hand.
//
// Owns the expectations of document/core/exec/numerics, "Integer Operations".

#include <algorithm>
#include <string>

#include "tests/exec/numeric_support.hpp"

namespace fermata::test {
namespace {

namespace n = fermata::numeric;

template <class T>
struct Case {
  T a;
  T b;
  T expected;
};

template <class T>
struct TrapCase {
  T a;
  T b;
  n::Trapping<T> expected;
};

template <class T>
using Unary = T (*)(T) noexcept;
template <class T>
using Binary = T (*)(T, T) noexcept;
template <class T>
using Partial = n::Trapping<T> (*)(T, T) noexcept;
template <class T>
using Relation = bool (*)(T, T) noexcept;

template <class T>
void check_table(Binary<T> op, std::initializer_list<Case<T>> table) {
  for (const auto& [a, b, expected] : table) {
    CAPTURE(a, b);
    CHECK(op(opaque(a), opaque(b)) == expected);
  }
}

template <class T>
void check_table(Partial<T> op, std::initializer_list<TrapCase<T>> table) {
  for (const auto& [a, b, expected] : table) {
    CAPTURE(a, b);
    const n::Trapping<T> result = op(opaque(a), opaque(b));
    CHECK(result.trap == expected.trap);
    CHECK(result.value == expected.value);
  }
}

/// Every pair of edges and as many random ones; stops at the first difference.
template <class T, class Op, class Reference>
void check_against(Op op, Reference reference) {
  const auto check = [&](T a, T b) {
    if (op(opaque(a), opaque(b)) == reference(a, b)) return true;
    CAPTURE(a, b);
    CHECK(op(opaque(a), opaque(b)) == reference(a, b));
    return false;
  };
  const auto edges = edge_integers<T>();
  for (const T a : edges) {
    for (const T b : edges) {
      if (!check(a, b)) return;
    }
  }
  Random random;
  for (int i = 0; i < 20000; ++i) {
    if (!check(random.integer<T>(), random.integer<T>())) return;
  }
}

// Straightforward definitions, bit by bit. Bit 0 is the lowest.

template <class T>
constexpr int width = sizeof(T) * 8;

template <class T>
bool bit(T x, int i) {
  return ((x >> i) & 1) != 0;
}

template <class T>
T from_each_bit(auto bit_at) {
  T result = 0;
  for (int i = 0; i < width<T>; ++i) result |= static_cast<T>(T{bit_at(i)} << i);
  return result;
}

template <class T>
T slow_clz(T x) {
  int i = 0;
  while (i < width<T> && !bit(x, width<T> - 1 - i)) ++i;
  return static_cast<T>(i);
}

template <class T>
T slow_ctz(T x) {
  int i = 0;
  while (i < width<T> && !bit(x, i)) ++i;
  return static_cast<T>(i);
}

template <class T>
T slow_popcnt(T x) {
  T count = 0;
  for (int i = 0; i < width<T>; ++i) count += bit(x, i) ? 1 : 0;
  return count;
}

template <class T>
T slow_shift_left(T a, T count) {
  const int k = static_cast<int>(count % width<T>);
  return from_each_bit<T>([&](int i) { return i >= k && bit(a, i - k); });
}

template <class T>
T slow_shift_right(T a, T count, bool fill) {
  const int k = static_cast<int>(count % width<T>);
  return from_each_bit<T>([&](int i) { return i + k < width<T> ? bit(a, i + k) : fill; });
}

template <class T>
T slow_rotate_right(T a, T count) {
  const int k = static_cast<int>(count % width<T>);
  return from_each_bit<T>([&](int i) { return bit(a, (i + k) % width<T>); });
}

/// Long addition: a full adder for each bit.
template <class T>
T slow_add(T a, T b, bool carry) {
  return from_each_bit<T>([&](int i) {
    const int sum = int{bit(a, i)} + int{bit(b, i)} + int{carry};
    carry = sum >= 2;
    return (sum & 1) != 0;
  });
}

template <class T>
T slow_mul(T a, T b) {
  T sum = 0;
  for (int i = 0; i < width<T>; ++i) {
    if (bit(b, i)) sum = slow_add(sum, slow_shift_left(a, static_cast<T>(i)), false);
  }
  return sum;
}

/// The sign in the highest bit turned over: signed order becomes unsigned order.
template <class T>
T biased(T x) {
  return x ^ (T{1} << (width<T> - 1));
}

template <class T>
bool slow_less(T a, T b) {
  for (int i = width<T> - 1; i >= 0; --i) {
    if (bit(a, i) != bit(b, i)) return bit(b, i);
  }
  return false;
}

template <class T>
T slow_negate(T x) {
  return slow_add(static_cast<T>(~x), T{0}, true);
}

/// Long division of the magnitudes.
template <class T>
std::pair<T, T> slow_divide(T a, T b) {
  T quotient = 0;
  T remainder = 0;
  for (int i = width<T> - 1; i >= 0; --i) {
    const bool overflowed = bit(remainder, width<T> - 1);
    remainder = static_cast<T>((remainder << 1) | T{bit(a, i)});
    if (!overflowed && slow_less(remainder, b)) continue;
    remainder = slow_add(remainder, static_cast<T>(~b), true);
    quotient |= T{1} << i;
  }
  return {quotient, remainder};
}

template <class T>
n::Trapping<T> slow_div_u(T a, T b) {
  if (b == 0) return Trap::integer_divide_by_zero;
  return slow_divide(a, b).first;
}

template <class T>
n::Trapping<T> slow_rem_u(T a, T b) {
  if (b == 0) return Trap::integer_divide_by_zero;
  return slow_divide(a, b).second;
}

template <class T>
T magnitude(T x) {
  return bit(x, width<T> - 1) ? slow_negate(x) : x;
}

template <class T>
n::Trapping<T> slow_div_s(T a, T b) {
  if (b == 0) return Trap::integer_divide_by_zero;
  const bool negative = bit(a, width<T> - 1) != bit(b, width<T> - 1);
  const T quotient = slow_divide(magnitude(a), magnitude(b)).first;
  if (!negative && bit(quotient, width<T> - 1)) return Trap::integer_overflow;
  return negative ? slow_negate(quotient) : quotient;
}

template <class T>
n::Trapping<T> slow_rem_s(T a, T b) {
  if (b == 0) return Trap::integer_divide_by_zero;
  const T remainder = slow_divide(magnitude(a), magnitude(b)).second;
  return bit(a, width<T> - 1) ? slow_negate(remainder) : remainder;
}

template <class T>
T slow_extend(T x, int from) {
  return from_each_bit<T>([&](int i) { return bit(x, std::min(i, from - 1)); });
}

/// One instruction of a type, ignoring the second operand.
template <class T>
auto unary(Unary<T> op) {
  return [op](T a, T) { return op(a); };
}

}  // namespace

TEST_CASE("i32.div_s divides toward zero and traps at its two holes", "[numeric]") {
  check_table<n::I32>(n::i32_div_s, {{7, 2, 3u},
                                     {-7u, 2, -3u},
                                     {7, -2u, -3u},
                                     {-7u, -2u, 3u},
                                     {0x80000000, 1, 0x80000000u},
                                     {0x80000000, 2, 0xc0000000u},
                                     {0x80000001, -1u, 0x7fffffffu},
                                     {0, -1u, 0u},
                                     {1, 0, Trap::integer_divide_by_zero},
                                     {0x80000000, 0, Trap::integer_divide_by_zero},
                                     {0x80000000, -1u, Trap::integer_overflow}});
}

TEST_CASE("i64.div_s divides toward zero and traps at its two holes", "[numeric]") {
  constexpr n::I64 smallest = 0x8000000000000000u;
  constexpr n::I64 minus_one = -n::I64{1};
  check_table<n::I64>(n::i64_div_s, {{7, 2, n::I64{3}},
                                     {-n::I64{7}, 2, -n::I64{3}},
                                     {smallest, 1, smallest},
                                     {smallest, 2, n::I64{0xc000000000000000}},
                                     {smallest + 1, minus_one, n::I64{0x7fffffffffffffff}},
                                     {0x80000000, 0xffffffff, n::I64{0}},
                                     {1, 0, Trap::integer_divide_by_zero},
                                     {smallest, minus_one, Trap::integer_overflow}});
}

TEST_CASE("rem_s has the sign of the dividend and does not overflow", "[numeric]") {
  check_table<n::I32>(n::i32_rem_s, {{7, 2, 1u},
                                     {-7u, 2, -1u},
                                     {7, -2u, 1u},
                                     {-7u, -2u, -1u},
                                     {0x80000000, -1u, 0u},
                                     {0x80000000, 2, 0u},
                                     {5, 0, Trap::integer_divide_by_zero}});
  check_table<n::I64>(n::i64_rem_s, {{-n::I64{7}, 2, -n::I64{1}},
                                     {0x8000000000000000u, -n::I64{1}, n::I64{0}},
                                     {5, 0, Trap::integer_divide_by_zero}});
}

TEST_CASE("unsigned division sees no sign", "[numeric]") {
  check_table<n::I32>(
      n::i32_div_u,
      {{-1u, 2, 0x7fffffffu}, {0x80000000, -1u, 0u}, {-1u, 0, Trap::integer_divide_by_zero}});
  check_table<n::I32>(
      n::i32_rem_u,
      {{-1u, 10, 5u}, {0x80000000, -1u, 0x80000000u}, {-1u, 0, Trap::integer_divide_by_zero}});
  check_table<n::I64>(n::i64_div_u, {{-n::I64{1}, 2, n::I64{0x7fffffffffffffff}},
                                     {0, 0, Trap::integer_divide_by_zero}});
  check_table<n::I64>(n::i64_rem_u,
                      {{-n::I64{1}, 10, n::I64{5}}, {1, 0, Trap::integer_divide_by_zero}});
}

TEST_CASE("shift and rotation counts are taken modulo the width", "[numeric]") {
  check_table<n::I32>(n::i32_shl,
                      {{1, 31, 0x80000000}, {1, 32, 1}, {1, 33, 2}, {1, -1u, 0x80000000}});
  check_table<n::I32>(n::i32_shr_s,
                      {{0x80000000, 31, -1u}, {0x80000000, 32, 0x80000000}, {-1u, 4, -1u}});
  check_table<n::I32>(n::i32_shr_u,
                      {{0x80000000, 31, 1}, {0x80000000, 32, 0x80000000}, {-1u, 4, 0xfffffff}});
  check_table<n::I32>(
      n::i32_rotl,
      {{0xabcd9876, 1, 0x579b30ed}, {0xabcd9876, 32, 0xabcd9876}, {1, -1u, 0x80000000}});
  check_table<n::I32>(
      n::i32_rotr, {{0xb0c1d2e3, 0xff05, 0x1d860e97}, {1, 0, 1}, {1, 32, 1}, {1, 1, 0x80000000}});
  check_table<n::I64>(n::i64_shl, {{1, 63, 0x8000000000000000}, {1, 64, 1}, {1, 0x100000000, 1}});
  check_table<n::I64>(n::i64_shr_s, {{0x8000000000000000, 63, ~n::I64{0}}, {2, 65, 1}});
  check_table<n::I64>(n::i64_shr_u, {{0x8000000000000000, 63, 1}, {2, 65, 1}});
  check_table<n::I64>(n::i64_rotl, {{0xabcd987602468ace, 1, 0x579b30ec048d159d}, {1, 64, 1}});
  check_table<n::I64>(n::i64_rotr, {{0xabcd987602468ace, 1, 0x55e6cc3b01234567}, {1, 64, 1}});
}

TEST_CASE("counts of a zero are the width", "[numeric]") {
  CHECK(n::i32_clz(opaque(0u)) == 32);
  CHECK(n::i32_ctz(opaque(0u)) == 32);
  CHECK(n::i32_clz(opaque(1u)) == 31);
  CHECK(n::i32_ctz(opaque(0x80000000u)) == 31);
  CHECK(n::i64_clz(opaque(n::I64{0})) == 64);
  CHECK(n::i64_ctz(opaque(n::I64{0})) == 64);
  CHECK(n::i32_popcnt(opaque(0xffffffffu)) == 32);
  CHECK(n::i64_popcnt(opaque(~n::I64{0})) == 64);
  CHECK(n::i64_popcnt(opaque(n::I64{0xdeadbeef00000001})) == 25);
}

TEST_CASE("comparisons know signed from unsigned", "[numeric]") {
  const n::I32 minus_one = opaque(-1u);
  const n::I32 one = opaque(1u);
  CHECK(n::i32_lt_s(minus_one, one));
  CHECK_FALSE(n::i32_lt_u(minus_one, one));
  CHECK(n::i32_ge_u(minus_one, one));
  CHECK(n::i64_gt_u(opaque(n::I64{0x8000000000000000}), n::I64{1}));
  CHECK(n::i64_lt_s(opaque(n::I64{0x8000000000000000}), n::I64{1}));
}

TEMPLATE_TEST_CASE("integer arithmetic is what long-hand arithmetic gives", "[numeric]", n::I32,
                   n::I64) {
  using T = TestType;
  constexpr bool narrow = sizeof(T) == 4;
  const auto pick = [](auto n32, auto n64) {
    if constexpr (narrow) return n32;
    if constexpr (!narrow) return n64;
  };
  check_against<T>(pick(n::i32_add, n::i64_add), [](T a, T b) { return slow_add(a, b, false); });
  check_against<T>(pick(n::i32_sub, n::i64_sub),
                   [](T a, T b) { return slow_add(a, static_cast<T>(~b), true); });
  check_against<T>(pick(n::i32_mul, n::i64_mul), slow_mul<T>);
  check_against<T>(pick(n::i32_div_s, n::i64_div_s), slow_div_s<T>);
  check_against<T>(pick(n::i32_div_u, n::i64_div_u), slow_div_u<T>);
  check_against<T>(pick(n::i32_rem_s, n::i64_rem_s), slow_rem_s<T>);
  check_against<T>(pick(n::i32_rem_u, n::i64_rem_u), slow_rem_u<T>);
}

TEMPLATE_TEST_CASE("bitwise instructions act on every bit", "[numeric]", n::I32, n::I64) {
  using T = TestType;
  constexpr bool narrow = sizeof(T) == 4;
  const auto pick = [](auto n32, auto n64) {
    if constexpr (narrow) return n32;
    if constexpr (!narrow) return n64;
  };
  const auto each = [](auto f) {
    return
        [f](T a, T b) { return from_each_bit<T>([&](int i) { return f(bit(a, i), bit(b, i)); }); };
  };
  check_against<T>(pick(n::i32_and, n::i64_and), each([](bool a, bool b) { return a && b; }));
  check_against<T>(pick(n::i32_or, n::i64_or), each([](bool a, bool b) { return a || b; }));
  check_against<T>(pick(n::i32_xor, n::i64_xor), each([](bool a, bool b) { return a != b; }));
  check_against<T>(pick(n::i32_shl, n::i64_shl), slow_shift_left<T>);
  check_against<T>(pick(n::i32_shr_u, n::i64_shr_u),
                   [](T a, T b) { return slow_shift_right(a, b, false); });
  check_against<T>(pick(n::i32_shr_s, n::i64_shr_s),
                   [](T a, T b) { return slow_shift_right(a, b, bit(a, width<T> - 1)); });
  check_against<T>(pick(n::i32_rotr, n::i64_rotr), slow_rotate_right<T>);
  check_against<T>(pick(n::i32_rotl, n::i64_rotl),
                   [](T a, T b) { return slow_rotate_right(a, slow_negate(b)); });
  check_against<T>(unary<T>(pick(n::i32_clz, n::i64_clz)), [](T a, T) { return slow_clz(a); });
  check_against<T>(unary<T>(pick(n::i32_ctz, n::i64_ctz)), [](T a, T) { return slow_ctz(a); });
  check_against<T>(unary<T>(pick(n::i32_popcnt, n::i64_popcnt)),
                   [](T a, T) { return slow_popcnt(a); });
}

TEMPLATE_TEST_CASE("comparisons look for the highest bit that differs", "[numeric]", n::I32,
                   n::I64) {
  using T = TestType;
  constexpr bool narrow = sizeof(T) == 4;
  const auto pick = [](Relation<n::I32> n32, Relation<n::I64> n64) -> Relation<T> {
    if constexpr (narrow) return n32;
    if constexpr (!narrow) return n64;
  };
  const auto less_s = [](T a, T b) { return slow_less(biased(a), biased(b)); };
  check_against<T>(pick(n::i32_lt_u, n::i64_lt_u), slow_less<T>);
  check_against<T>(pick(n::i32_gt_u, n::i64_gt_u), [](T a, T b) { return slow_less(b, a); });
  check_against<T>(pick(n::i32_le_u, n::i64_le_u), [](T a, T b) { return !slow_less(b, a); });
  check_against<T>(pick(n::i32_ge_u, n::i64_ge_u), [](T a, T b) { return !slow_less(a, b); });
  check_against<T>(pick(n::i32_lt_s, n::i64_lt_s), less_s);
  check_against<T>(pick(n::i32_gt_s, n::i64_gt_s), [&](T a, T b) { return less_s(b, a); });
  check_against<T>(pick(n::i32_le_s, n::i64_le_s), [&](T a, T b) { return !less_s(b, a); });
  check_against<T>(pick(n::i32_ge_s, n::i64_ge_s), [&](T a, T b) { return !less_s(a, b); });
  const auto same = [](T a, T b) { return !slow_less(a, b) && !slow_less(b, a); };
  check_against<T>(pick(n::i32_eq, n::i64_eq), same);
  check_against<T>(pick(n::i32_ne, n::i64_ne), [&](T a, T b) { return !same(a, b); });
  for (const T a : edge_integers<T>()) {
    if constexpr (narrow) CHECK(n::i32_eqz(opaque(a)) == same(a, 0));
    if constexpr (!narrow) CHECK(n::i64_eqz(opaque(a)) == same(a, 0));
  }
}

TEST_CASE("sign extension copies the highest bit that is kept", "[numeric]") {
  CHECK(n::i32_extend8_s(opaque(0xaaaaaa80u)) == 0xffffff80u);
  CHECK(n::i32_extend8_s(opaque(0xffffff7fu)) == 0x7fu);
  CHECK(n::i32_extend16_s(opaque(0x12348000u)) == 0xffff8000u);
  CHECK(n::i64_extend32_s(opaque(n::I64{0x0123456780000000})) == 0xffffffff80000000u);
  using n::I32;
  using n::I64;
  check_against<I32>(unary<I32>(n::i32_extend8_s), [](I32 a, I32) { return slow_extend(a, 8); });
  check_against<I32>(unary<I32>(n::i32_extend16_s), [](I32 a, I32) { return slow_extend(a, 16); });
  check_against<I64>(unary<I64>(n::i64_extend8_s), [](I64 a, I64) { return slow_extend(a, 8); });
  check_against<I64>(unary<I64>(n::i64_extend16_s), [](I64 a, I64) { return slow_extend(a, 16); });
  check_against<I64>(unary<I64>(n::i64_extend32_s), [](I64 a, I64) { return slow_extend(a, 32); });
}

TEST_CASE("sums and products of 128 bits carry and borrow", "[numeric]") {
  using n::I64;
  using n::Wide;
  constexpr I64 ones = ~I64{0};
  CHECK(n::i64_add128({ones, 1}, {1, 2}) == Wide{0, 4});
  CHECK(n::i64_add128({ones, ones}, {ones, ones}) == Wide{ones - 1, ones});
  CHECK(n::i64_sub128({0, 4}, {1, 2}) == Wide{ones, 1});
  CHECK(n::i64_sub128({5, 0}, {5, 1}) == Wide{0, ones});
  // Products by parts of 16 bits, added where they belong.
  const auto slow_product = [](I64 a, I64 b) {
    Wide sum{0, 0};
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; j < 4; ++j) {
        const I64 part = (a >> 16 * i & 0xFFFF) * (b >> 16 * j & 0xFFFF);
        const int shift = 16 * (i + j);
        const I64 low = shift < 64 ? part << shift : 0;
        const I64 high = shift == 0 ? 0 : shift < 64 ? part >> (64 - shift) : part << (shift - 64);
        sum = n::i64_add128(sum, {low, high});
      }
    }
    return sum;
  };
  for (const I64 a : edge_integers<I64>()) {
    for (const I64 b : edge_integers<I64>()) {
      const Wide product = slow_product(a, b);
      CHECK(n::i64_mul_wide_u(opaque(a), opaque(b)) == product);
      const I64 minus = (a >> 63) * b + (b >> 63) * a;
      CHECK(n::i64_mul_wide_s(opaque(a), opaque(b)) == Wide{product.low, product.high - minus});
    }
  }
}

TEST_CASE("integer instructions can be computed at compile time", "[numeric]") {
  STATIC_REQUIRE(n::i32_popcnt(0xf0f0f0f0u) == 16);
  STATIC_REQUIRE(n::i32_div_s(0x80000000u, -1u).trap == Trap::integer_overflow);
  STATIC_REQUIRE(n::i64_rotl(1, 63) == 0x8000000000000000u);
  SUCCEED("checked by the compiler");
}

}  // namespace fermata::test
