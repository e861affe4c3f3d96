// Results held against the patterns of scripts: what a NaN pattern takes, lane by lane.
#include "tools/fermata/wast/script_values.hpp"

#include <array>

#include "tests/support/catch.hpp"

namespace fermata::tool::wast {
namespace {

using namespace text;

NumPattern f32_nan(NanPattern nan) { return {{ValKind::f32, 0}, nan}; }
NumPattern f64_nan(NanPattern nan) { return {{ValKind::f64, 0}, nan}; }

/// Lanes in little-endian order, whatever the host's is.
template <class Lane, std::size_t N>
V128 bytes_of(const std::array<Lane, N>& lanes) {
  V128 bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(lanes[i / sizeof(Lane)] >> 8 * (i % sizeof(Lane)));
  }
  return bytes;
}

VecPattern floats(std::array<std::uint32_t, 4> lanes, std::array<NanPattern, 4> nans) {
  return {{LaneShape::f32x4, bytes_of(lanes)}, nans};
}

Value vector(std::array<std::uint32_t, 4> lanes) { return Value::v128(bytes_of(lanes)); }

constexpr auto exactly = NanPattern::none;
constexpr auto canonical = NanPattern::canonical;
constexpr auto arithmetic = NanPattern::arithmetic;

TEST_CASE("nan:canonical is the quiet NaN without a payload, of either sign") {
  CHECK(matches(f32_nan(canonical), Value::f32_bits(0x7fc00000)));
  CHECK(matches(f32_nan(canonical), Value::f32_bits(0xffc00000)));
  CHECK_FALSE(matches(f32_nan(canonical), Value::f32_bits(0x7fc00001)));
  CHECK_FALSE(matches(f32_nan(canonical), Value::f32_bits(0x7f800000)));
  CHECK_FALSE(matches(f32_nan(canonical), Value::f32_bits(0x7fa00000)));
  CHECK(matches(f64_nan(canonical), Value::f64_bits(0xfff8000000000000)));
  CHECK_FALSE(matches(f64_nan(canonical), Value::f64_bits(0x7ff8000000000001)));
  CHECK_FALSE(matches(f64_nan(canonical), Value::f64(0)));
}

TEST_CASE("nan:arithmetic is any quiet NaN") {
  CHECK(matches(f32_nan(arithmetic), Value::f32_bits(0xffc00001)));
  CHECK(matches(f32_nan(arithmetic), Value::f32_bits(0x7fc00000)));
  CHECK_FALSE(matches(f32_nan(arithmetic), Value::f32_bits(0x7fbfffff)));
  CHECK_FALSE(matches(f32_nan(arithmetic), Value::f32_bits(0x7f800000)));
  CHECK(matches(f64_nan(arithmetic), Value::f64_bits(0x7fffffffffffffff)));
  CHECK_FALSE(matches(f64_nan(arithmetic), Value::f64_bits(0x7ff7ffffffffffff)));
}

TEST_CASE("a number has the pattern's type and bits") {
  CHECK(matches(NumPattern{{ValKind::i32, 7}}, Value::i32(7)));
  CHECK_FALSE(matches(NumPattern{{ValKind::i32, 7}}, Value::i64(7)));
  CHECK_FALSE(matches(NumPattern{{ValKind::f32, 0}}, Value::f32(-0.0f)));
  CHECK_FALSE(matches(f32_nan(canonical), Value::i32(0x7fc00000)));
  CHECK_FALSE(matches(f64_nan(canonical), Value::f32_bits(0x7fc00000)));
}

TEST_CASE("each lane of a vector has a pattern of its own") {
  const auto pattern = floats({1, 0, 0, 4}, {exactly, canonical, arithmetic, exactly});
  CHECK(matches(pattern, vector({1, 0xffc00000, 0x7fc00009, 4})));
  CHECK_FALSE(matches(pattern, vector({1, 0x7fc00009, 0x7fc00009, 4})));
  CHECK_FALSE(matches(pattern, vector({1, 0x7fc00000, 0x7f800001, 4})));
  CHECK_FALSE(matches(pattern, vector({0, 0x7fc00000, 0x7fc00000, 4})));
  CHECK_FALSE(matches(pattern, vector({1, 0x7fc00000, 0x7fc00000, 5})));
  CHECK_FALSE(matches(pattern, Value::i32(1)));
}

TEST_CASE("a vector of doubles has two lanes, one of integers none that count") {
  VecPattern doubles{{LaneShape::f64x2, {}}, {canonical, exactly}};
  const std::array<std::uint64_t, 2> nan_and_zero = {0x7ff8000000000000, 0};
  CHECK(matches(doubles, Value::v128(bytes_of(nan_and_zero))));
  const std::array<std::uint64_t, 2> zero_and_nan = {0, 0x7ff8000000000000};
  CHECK_FALSE(matches(doubles, Value::v128(bytes_of(zero_and_nan))));
  const VecPattern bytes{{LaneShape::i8x16, bytes_of(nan_and_zero)}, {}};
  CHECK(matches(bytes, Value::v128(bytes_of(nan_and_zero))));
  CHECK_FALSE(matches(bytes, Value::v128(bytes_of(zero_and_nan))));
}

TEST_CASE("a reference is held against its type, its number, or null") {
  CHECK(matches(NullPattern{}, Value::null(funcref)));
  CHECK(matches(NullPattern{HeapType{HeapKind::extern_}}, Value::null(externref)));
  CHECK_FALSE(matches(NullPattern{}, Value::externref({0})));
  CHECK_FALSE(matches(NullPattern{}, Value::i32(0)));
  CHECK(matches(ExternLiteral{3}, Value::externref({3})));
  CHECK_FALSE(matches(ExternLiteral{3}, Value::externref({4})));
  CHECK_FALSE(matches(ExternLiteral{0}, Value::null(externref)));
  CHECK(matches(RefTypePattern{HeapKind::extern_}, Value::externref({3})));
  CHECK_FALSE(matches(RefTypePattern{HeapKind::func}, Value::externref({3})));
  CHECK_FALSE(matches(RefTypePattern{HeapKind::func}, Value::null(funcref)));
}

TEST_CASE("either takes any of its alternatives") {
  const EitherPattern either{{NumPattern{{ValKind::i32, 1}}, f32_nan(canonical)}};
  CHECK(matches(either, Value::i32(1)));
  CHECK(matches(either, Value::f32_bits(0x7fc00000)));
  CHECK_FALSE(matches(either, Value::i32(2)));
  CHECK_FALSE(matches(EitherPattern{}, Value::i32(2)));
}

TEST_CASE("results match in number and order") {
  const std::array<Pattern, 2> patterns = {NumPattern{{ValKind::i32, 1}}, f64_nan(arithmetic)};
  const std::array<Value, 2> right = {Value::i32(1), Value::f64_bits(0x7ff8000000000000)};
  const std::array<Value, 2> swapped = {right[1], right[0]};
  CHECK(matches(patterns, right));
  CHECK_FALSE(matches(patterns, swapped));
  CHECK_FALSE(matches(patterns, std::span(right).first(1)));
  CHECK_FALSE(matches(std::span(patterns).first(1), right));
}

TEST_CASE("patterns are shown as scripts write them") {
  const std::array<Pattern, 6> patterns = {
      NumPattern{{ValKind::i32, 7}},
      f32_nan(canonical),
      floats({1, 0, 0, 4}, {exactly, canonical, arithmetic, exactly}),
      NullPattern{},
      RefTypePattern{HeapKind::func},
      EitherPattern{{ExternLiteral{1}}}};
  CHECK(to_string(std::span<const Pattern>(patterns)) ==
        "[i32 7, f32 nan:canonical, v128 f32x4 0x1 nan:canonical nan:arithmetic 0x4, ref.null, "
        "ref.func, either [ref.extern 1]]");
  CHECK(to_string(std::span<const Pattern>()) == "[]");
}

}  // namespace
}  // namespace fermata::tool::wast
