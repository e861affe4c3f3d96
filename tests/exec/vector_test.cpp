// The vector instructions, lane by lane, against plain arithmetic on numbers wider than the lanes
// and against the scalar instructions.
#include "interp/exec/vector.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "interp/exec/numeric.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/choices.hpp"

namespace fermata::test {
namespace {

using namespace vector;

template <class V>
using LaneOf = vector::detail::Lane<V>;
template <class V>
constexpr int count_of = vector::detail::lane_count<V>;

/// A lane that is often one of those that matter.
template <class T>
T any_lane(Choices& choices) {
  if constexpr (std::floating_point<T>) {
    using Bits = numeric::detail::BitsOf<T>;
    static constexpr std::array<T, 14> special{T{0},
                                               T{-0.0},
                                               T{1},
                                               T{-1},
                                               T{0.5},
                                               T{-0.5},
                                               T{2.5},
                                               T{3.5},
                                               T{-1.75},
                                               T{1e10},
                                               T{-3e9},
                                               std::numeric_limits<T>::infinity(),
                                               -std::numeric_limits<T>::infinity(),
                                               std::numeric_limits<T>::denorm_min()};
    const std::uint32_t kind = choices.below(20);
    if (kind < special.size()) return special[kind];
    const auto nan = static_cast<Bits>(0x7FF4'0000'7FA0'0001);
    if (kind < 17) return std::bit_cast<T>(static_cast<Bits>(nan + kind));
    return std::bit_cast<T>(static_cast<Bits>(choices.bits()));
  } else {
    static constexpr std::array special{T{0},
                                        T{1},
                                        static_cast<T>(-1),
                                        std::numeric_limits<T>::min(),
                                        std::numeric_limits<T>::max(),
                                        T{0x40}};
    return choices.chance(50) ? choices.pick(special) : static_cast<T>(choices.bits());
  }
}

template <class V>
V any_vector(Choices& choices) {
  V v{};
  for (int i = 0; i < count_of<V>; ++i) v[i] = any_lane<LaneOf<V>>(choices);
  return v;
}

template <class V>
bool same_bits(V a, V b) {
  using vector::detail::cast;
  return all_true(cast<U64x2>(cast<U64x2>(a) == cast<U64x2>(b)));
}

/// Checks f(a, b) on many vectors against `lane`, which gets both vectors and a lane's number.
template <class V, class F, class Lane>
void check(const char* what, F f, Lane lane) {
  Choices choices = Choices::from_seed(7);
  for (int round = 0; round < 300; ++round) {
    const V a = any_vector<V>(choices), b = any_vector<V>(choices);
    const auto got = f(a, b);
    auto want = got;
    for (int i = 0; i < count_of<decltype(want)>; ++i) {
      want[i] = static_cast<LaneOf<decltype(want)>>(lane(a, b, i));
    }
    INFO(what << ", round " << round);
    REQUIRE(same_bits(got, want));
  }
}

template <class V>
std::int64_t wide(V v, int i) {
  return static_cast<std::int64_t>(v[i]);
}

template <class V>
auto clamped(std::int64_t x) {
  using T = LaneOf<V>;
  return static_cast<T>(
      std::clamp<std::int64_t>(x, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

template <class V>
void check_wrapping() {
  check<V>("add", add<V>, [](V a, V b, int i) { return std::uint64_t{a[i]} + b[i]; });
  check<V>("sub", sub<V>, [](V a, V b, int i) { return std::uint64_t{a[i]} - b[i]; });
  check<V>("mul", mul<V>, [](V a, V b, int i) { return std::uint64_t{a[i]} * b[i]; });
  check<V>(
      "neg", [](V a, V) { return neg(a); }, [](V a, V, int i) { return 0 - std::uint64_t{a[i]}; });
  check<V>(
      "abs", [](V a, V) { return abs(a); },
      [](V a, V, int i) {
        using S = std::make_signed_t<LaneOf<V>>;
        return static_cast<S>(a[i]) < 0 ? 0 - std::uint64_t{a[i]} : std::uint64_t{a[i]};
      });
}

template <class V>
void check_order() {
  const auto all = [](bool holds) { return holds ? -1 : 0; };
  check<V>("eq", eq<V>, [all](V a, V b, int i) { return all(a[i] == b[i]); });
  check<V>("ne", ne<V>, [all](V a, V b, int i) { return all(a[i] != b[i]); });
  check<V>("lt", lt<V>, [all](V a, V b, int i) { return all(a[i] < b[i]); });
  check<V>("gt", gt<V>, [all](V a, V b, int i) { return all(a[i] > b[i]); });
  check<V>("le", le<V>, [all](V a, V b, int i) { return all(a[i] <= b[i]); });
  check<V>("ge", ge<V>, [all](V a, V b, int i) { return all(a[i] >= b[i]); });
}

template <class V>
void check_shifts() {
  using T = LaneOf<V>;
  for (std::uint32_t n = 0; n < 140; n += 3) {
    const auto by = n % (8 * sizeof(T));
    check<V>(
        "shl", [n](V a, V) { return shl(a, n); },
        [by](V a, V, int i) { return static_cast<std::uint64_t>(a[i]) << by; });
    check<V>(
        "shr", [n](V a, V) { return shr(a, n); },
        [by](V a, V, int i) { return static_cast<T>(a[i] >> by); });
  }
}

/// Of lanes narrower than 64 bits.
template <class V>
void check_narrow_lanes() {
  check<V>("min", min<V>, [](V a, V b, int i) { return std::min(wide(a, i), wide(b, i)); });
  check<V>("max", max<V>, [](V a, V b, int i) { return std::max(wide(a, i), wide(b, i)); });
  // Of numbers without a sign: two lanes of 32 bits without a sign have a product beyond an int64.
  const auto product = [](V a, V b, int i) {
    return static_cast<std::uint64_t>(wide(a, i)) * static_cast<std::uint64_t>(wide(b, i));
  };
  constexpr int half = count_of<V> / 2;
  check<V>("extmul_low", extmul_low<V>, product);
  check<V>("extmul_high", extmul_high<V>,
           [product](V a, V b, int i) { return product(a, b, i + half); });
  check<V>(
      "extend_low", [](V a, V) { return extend_low(a); }, [](V a, V, int i) { return wide(a, i); });
  check<V>(
      "extend_high", [](V a, V) { return extend_high(a); },
      [](V a, V, int i) { return wide(a, i + half); });
  check<V>(
      "extadd_pairwise", [](V a, V) { return extadd_pairwise(a); },
      [](V a, V, int i) { return wide(a, 2 * i) + wide(a, 2 * i + 1); });
}

template <class V>
void check_saturating() {
  check<V>("add_sat", add_sat<V>,
           [](V a, V b, int i) { return clamped<V>(wide(a, i) + wide(b, i)); });
  check<V>("sub_sat", sub_sat<V>,
           [](V a, V b, int i) { return clamped<V>(wide(a, i) - wide(b, i)); });
}

template <class To, class From>
void check_narrowing() {
  constexpr int half = count_of<From>;
  check<From>("narrow", narrow<To, From>, [](From a, From b, int i) {
    return clamped<To>(i < half ? wide(a, i) : wide(b, i - half));
  });
}

template <class V, class F, class Scalar>
void check_each(const char* what, F f, Scalar scalar) {
  check<V>(what, f, [scalar](V a, V b, int i) { return scalar(a[i], b[i]); });
}
template <class V, class F, class Scalar>
void check_each_one(const char* what, F f, Scalar scalar) {
  check<V>(what, [f](V a, V) { return f(a); }, [scalar](V a, V, int i) { return scalar(a[i]); });
}

}  // namespace

TEST_CASE("vectors of integers wrap lane by lane") {
  check_wrapping<U8x16>(), check_wrapping<U16x8>(), check_wrapping<U32x4>();
  check_wrapping<U64x2>();
  check_each_one<U8x16>("popcnt", popcnt, [](std::uint8_t x) { return std::popcount(x); });
}

TEST_CASE("vectors are compared lane by lane, by the sign of the lanes") {
  check_order<I8x16>(), check_order<I16x8>(), check_order<I32x4>(), check_order<I64x2>();
  check_order<U8x16>(), check_order<U16x8>(), check_order<U32x4>();
  check_order<F32x4>(), check_order<F64x2>();
}

TEST_CASE("vectors are shifted by a count modulo the width of a lane") {
  check_shifts<I8x16>(), check_shifts<I16x8>(), check_shifts<I32x4>(), check_shifts<I64x2>();
  check_shifts<U8x16>(), check_shifts<U16x8>(), check_shifts<U32x4>(), check_shifts<U64x2>();
}

TEST_CASE("lanes are widened, narrowed and saturated by their sign") {
  check_narrow_lanes<I8x16>(), check_narrow_lanes<I16x8>(), check_narrow_lanes<I32x4>();
  check_narrow_lanes<U8x16>(), check_narrow_lanes<U16x8>(), check_narrow_lanes<U32x4>();
  check_saturating<I8x16>(), check_saturating<I16x8>();
  check_saturating<U8x16>(), check_saturating<U16x8>();
  check_narrowing<I8x16, I16x8>(), check_narrowing<U8x16, I16x8>();
  check_narrowing<I16x8, I32x4>(), check_narrowing<U16x8, I32x4>();
  const auto mean = [](std::uint32_t a, std::uint32_t b) { return (a + b + 1) / 2; };
  check_each<U8x16>("avgr", avgr<U8x16>, mean);
  check_each<U16x8>("avgr", avgr<U16x8>, mean);
}

TEST_CASE("products of 16-bit lanes are summed in pairs, or rounded") {
  check<I16x8>("dot", dot, [](I16x8 a, I16x8 b, int i) {
    return wide(a, 2 * i) * wide(b, 2 * i) + wide(a, 2 * i + 1) * wide(b, 2 * i + 1);
  });
  check<I16x8>("q15mulr_sat", q15mulr_sat, [](I16x8 a, I16x8 b, int i) {
    return clamped<I16x8>((wide(a, i) * wide(b, i) + 0x4000) >> 15);
  });
  check<I8x16>("dot_i8", dot_i8, [](I8x16 a, I8x16 b, int i) {
    return wide(a, 2 * i) * wide(b, 2 * i) + wide(a, 2 * i + 1) * wide(b, 2 * i + 1);
  });
}

TEST_CASE("vectors of floats are computed as scalars are, down to the payload of a NaN") {
  using namespace numeric;
  check_each<F32x4>("add", fadd<F32x4>, f32_add), check_each<F64x2>("add", fadd<F64x2>, f64_add);
  check_each<F32x4>("sub", fsub<F32x4>, f32_sub), check_each<F64x2>("sub", fsub<F64x2>, f64_sub);
  check_each<F32x4>("mul", fmul<F32x4>, f32_mul), check_each<F64x2>("mul", fmul<F64x2>, f64_mul);
  check_each<F32x4>("div", fdiv<F32x4>, f32_div), check_each<F64x2>("div", fdiv<F64x2>, f64_div);
  check_each<F32x4>("min", fmin<F32x4>, f32_min), check_each<F64x2>("min", fmin<F64x2>, f64_min);
  check_each<F32x4>("max", fmax<F32x4>, f32_max), check_each<F64x2>("max", fmax<F64x2>, f64_max);
  check_each_one<F32x4>("sqrt", fsqrt<F32x4>, f32_sqrt);
  check_each_one<F64x2>("sqrt", fsqrt<F64x2>, f64_sqrt);
  check_each_one<F32x4>("ceil", ceil<F32x4>, f32_ceil);
  check_each_one<F64x2>("ceil", ceil<F64x2>, f64_ceil);
  check_each_one<F32x4>("floor", floor<F32x4>, f32_floor);
  check_each_one<F64x2>("floor", floor<F64x2>, f64_floor);
  check_each_one<F32x4>("trunc", trunc<F32x4>, f32_trunc);
  check_each_one<F64x2>("trunc", trunc<F64x2>, f64_trunc);
  check_each_one<F32x4>("nearest", nearest<F32x4>, f32_nearest);
  check_each_one<F64x2>("nearest", nearest<F64x2>, f64_nearest);
}

// Bits, not numbers: a function that returns a float in x87, as on i386, makes a NaN quiet.
TEST_CASE("a vector's floats change their sign, or are chosen, bit by bit") {
  using vector::detail::cast;
  check<F32x4>(
      "abs", [](F32x4 a, F32x4) { return cast<U32x4>(fabs(a)); },
      [](F32x4 a, F32x4, int i) { return cast<U32x4>(a)[i] & 0x7FFF'FFFF; });
  check<F64x2>(
      "neg", [](F64x2 a, F64x2) { return cast<U64x2>(fneg(a)); },
      [](F64x2 a, F64x2, int i) { return cast<U64x2>(a)[i] ^ std::uint64_t{1} << 63; });
  check<F32x4>(
      "pmin", [](F32x4 a, F32x4 b) { return cast<U32x4>(pmin(a, b)); },
      [](F32x4 a, F32x4 b, int i) { return cast<U32x4>(b[i] < a[i] ? b : a)[i]; });
  check<F64x2>(
      "pmax", [](F64x2 a, F64x2 b) { return cast<U64x2>(pmax(a, b)); },
      [](F64x2 a, F64x2 b, int i) { return cast<U64x2>(a[i] < b[i] ? b : a)[i]; });
}

TEST_CASE("lanes are converted as scalars are") {
  using namespace numeric;
  check_each_one<I32x4>("convert_s", convert_s, [](std::int32_t x) {
    return f32_convert_i32_s(static_cast<std::uint32_t>(x));
  });
  check_each_one<U32x4>("convert_u", convert_u, f32_convert_i32_u);
  check_each_one<F32x4>("trunc_sat_s", trunc_sat<std::int32_t>, i32_trunc_sat_f32_s);
  check_each_one<F32x4>("trunc_sat_u", trunc_sat<std::uint32_t>, i32_trunc_sat_f32_u);
  const auto lower = [](auto scalar) {
    return [scalar](F64x2 a, F64x2, int i) { return i < 2 ? scalar(a[i]) : 0; };
  };
  check<F64x2>(
      "trunc_sat_zero", [](F64x2 a, F64x2) { return trunc_sat_zero<std::int32_t>(a); },
      lower(i32_trunc_sat_f64_s));
  check<F64x2>("demote_zero", [](F64x2 a, F64x2) { return demote_zero(a); }, lower(f32_demote_f64));
  check<F32x4>(
      "promote_low", [](F32x4 a, F32x4) { return promote_low(a); },
      [](F32x4 a, F32x4, int i) { return f64_promote_f32(a[i]); });
}

TEST_CASE("a multiplication and an addition of vectors are rounded one after the other") {
  const F64x2 a{1 + 0x1p-30, 3}, minus{-(1 + 0x1p-29), 1};
  CHECK(same_bits(madd(a, a, minus), F64x2{0, 10}));
  CHECK(same_bits(nmadd(a, a, fneg(minus)), F64x2{0, -10}));
}

TEST_CASE("lanes are picked, spread, replaced and asked") {
  check<U8x16>("swizzle", swizzle, [](U8x16 a, U8x16 b, int i) { return b[i] < 16 ? a[b[i]] : 0; });
  check<U8x16>(
      "shuffle", [](U8x16 a, U8x16 b) { return shuffle(a, b, (a ^ b) & 31); },
      [](U8x16 a, U8x16 b, int i) {
        const int lane = (a[i] ^ b[i]) & 31;
        return lane < 16 ? a[lane] : b[lane - 16];
      });
  check<U8x16>("swizzle anywhere", vector::detail::swizzle_anywhere,
               [](U8x16 a, U8x16 b, int i) { return b[i] < 16 ? a[b[i]] : 0; });
  check<U8x16>(
      "shuffle anywhere",
      [](U8x16 a, U8x16 b) { return vector::detail::shuffle_anywhere(a, b, (a ^ b) & 31); },
      [](U8x16 a, U8x16 b, int i) {
        const int lane = (a[i] ^ b[i]) & 31;
        return lane < 16 ? a[lane] : b[lane - 16];
      });
  CHECK(same_bits(splat<F32x4>(-0.0F), F32x4{-0.0F, -0.0F, -0.0F, -0.0F}));
  CHECK(same_bits(with_lane(U16x8{1, 2, 3, 4, 5, 6, 7, 8}, 6, 90), U16x8{1, 2, 3, 4, 5, 6, 90, 8}));
  CHECK(bitmask(I16x8{-1, 0, 1, -32768, 0, 0, 0, -5}) == 0b1000'1001);
  CHECK(bitmask(I8x16{0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -128}) == 0x8002);
  CHECK(bitmask(I32x4{-1, 5, -9, 0}) == 0b0101);
  CHECK(bitmask(I64x2{5, -9}) == 0b10);
  CHECK(all_true(U16x8{1, 2, 3, 4, 5, 6, 7, 0x100}));
  CHECK_FALSE(all_true(U16x8{1, 2, 3, 0, 5, 6, 7, 8}));
  CHECK(any_true(U64x2{0, std::uint64_t{1} << 63}));
  CHECK_FALSE(any_true(U64x2{}));
}

}  // namespace fermata::test
