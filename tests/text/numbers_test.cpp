// Number literals, against the C library and by hand at the edges.
#include "lib/text/lex/numbers.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace fermata::text {
namespace {

double f64_of(const std::string& s) {
  const auto bits = parse_f64(s);
  REQUIRE(bits.has_value());
  return std::bit_cast<double>(*bits);
}

float f32_of(const std::string& s) {
  const auto bits = parse_f32(s);
  REQUIRE(bits.has_value());
  return std::bit_cast<float>(*bits);
}

/// A small generator, the same on every machine.
class Numbers {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }
  std::string digits(std::size_t count, std::string_view alphabet) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += alphabet[below(alphabet.size())];
    return out;
  }

 private:
  std::uint64_t state_ = 0x9E3779B97F4A7C15u;
};

TEST_CASE("The form of a literal says what kind of number it is") {
  for (const char* s : {"0", "10", "0_0", "1_000", "0x0", "0xFf", "0xa_b"}) {
    CHECK(number_kind(s) == TokenKind::nat);
  }
  for (const char* s : {"+0", "-10", "-0x1_F"}) CHECK(number_kind(s) == TokenKind::integer);
  for (const char* s : {"1.", "1.5", "1e1", "1.e-1", "-1.5E+10", "0x1.", "0x1p1", "-0xA.Bp-3",
                        "inf", "+inf", "nan", "-nan:0x1", "nan:0xf_f"}) {
    CHECK(number_kind(s) == TokenKind::floating);
  }
  for (const char* s :
       {"",    "+",    "_1",    "1_",   "1__0",  "0x",     "0xg",  "1a",    ".5",    "1.e",
        "1e+", "0x1p", "0x1.p", "nan:", "nan:1", "nan:0x", "0x1e", "+0x_1", "1.5.5", "--1"}) {
    INFO(s);
    if (std::string(s) == "0x1e") {
      CHECK(number_kind(s) == TokenKind::nat);  // e is a digit there
    } else {
      CHECK_FALSE(number_kind(s).has_value());
    }
  }
}

TEST_CASE("An unsigned integer fits its width or is refused") {
  CHECK(parse_nat("255", 8) == 255u);
  CHECK_FALSE(parse_nat("256", 8).has_value());
  CHECK(parse_nat("4_294_967_295", 32) == 0xFFFFFFFFu);
  CHECK_FALSE(parse_nat("4294967296", 32).has_value());
  CHECK(parse_nat("0xFFFF_FFFF_FFFF_FFFF", 64) == 0xFFFFFFFFFFFFFFFFu);
  CHECK_FALSE(parse_nat("18446744073709551616", 64).has_value());
  CHECK_FALSE(parse_nat("0x1_0000_0000_0000_0000", 64).has_value());
  CHECK(parse_nat("000000000000000000000000000000001", 32) == 1u);
}

TEST_CASE("An integer constant is a bit pattern, signed or unsigned") {
  CHECK(parse_int("-1", 32) == 0xFFFFFFFFu);
  CHECK(parse_int("+1", 32) == 1u);
  CHECK(parse_int("-0x80000000", 32) == 0x80000000u);
  CHECK_FALSE(parse_int("-0x80000001", 32).has_value());
  CHECK(parse_int("4294967295", 32) == 0xFFFFFFFFu);
  CHECK_FALSE(parse_int("4294967296", 32).has_value());
  CHECK(parse_int("-9223372036854775808", 64) == 0x8000000000000000u);
  CHECK_FALSE(parse_int("-9223372036854775809", 64).has_value());
  CHECK(parse_int("-128", 8) == 0x80u);
  CHECK_FALSE(parse_int("-129", 8).has_value());
}

TEST_CASE("A hexadecimal tie just below the normal numbers rounds up to 2^-1022") {
  CHECK(parse_f64("0x1.fffffffffffffp-1023") == 0x0010'0000'0000'0000u);
  CHECK(parse_f64("-0x1.fffffffffffffp-1023") == 0x8010'0000'0000'0000u);
  CHECK(parse_f32("0x1.fffffep-127") == 0x0080'0000u);
}

TEST_CASE("A hexadecimal float rounds to nearest, ties to even") {
  CHECK(parse_f64("0x1.00000000000008p0") == parse_f64("1"));
  CHECK(parse_f64("0x1.00000000000018p0") == 0x3FF0'0000'0000'0002u);
  CHECK(parse_f64("0x1.000000000000080000000000000000000001p0") == 0x3FF0'0000'0000'0001u);
  CHECK(parse_f32("0x1.000001p0") == parse_f32("1"));
  CHECK(parse_f32("0x1.000003p0") == 0x3F80'0002u);
  CHECK(parse_f32("0x1.0000010000000000000001p0") == 0x3F80'0001u);
}

TEST_CASE("The smallest subnormal is the nearest to everything above its half") {
  CHECK(parse_f64("0x1p-1074") == 1u);
  CHECK(parse_f64("0x1p-1075") == 0u);  // a tie, to even
  CHECK(parse_f64("0x1.0000000000000000001p-1075") == 1u);
  CHECK(parse_f64("0x1p-1076") == 0u);
  CHECK(parse_f64("0x0.0000000000000000000001p-999999999999999999999") == 0u);
  CHECK(parse_f32("0x1p-149") == 1u);
  CHECK(parse_f32("0x1p-150") == 0u);
  CHECK(parse_f32("0x1.8p-150") == 1u);
  CHECK(parse_f64("4.9e-324") == 1u);
  CHECK(parse_f64("2.4e-324") == 0u);
  CHECK(parse_f64("1e-999999999999999999999") == 0u);
}

TEST_CASE("A float that rounds to infinity is refused, one that rounds to the largest is not") {
  CHECK(parse_f64("0x1.fffffffffffff7ffffp1023") == 0x7FEF'FFFF'FFFF'FFFFu);
  CHECK_FALSE(parse_f64("0x1.fffffffffffff8p1023").has_value());
  CHECK_FALSE(parse_f64("0x1p1024").has_value());
  CHECK_FALSE(parse_f64("1e309").has_value());
  CHECK_FALSE(parse_f64("1e999999999999999999999").has_value());
  CHECK(parse_f64("1.7976931348623158e308") == 0x7FEF'FFFF'FFFF'FFFFu);
  CHECK(parse_f32("0x1.fffffefffffffp127") == 0x7F7F'FFFFu);
  CHECK_FALSE(parse_f32("0x1.ffffffp127").has_value());
  CHECK(parse_f32("340282356779733661637539395458142568447.9999") == 0x7F7F'FFFFu);
  CHECK_FALSE(parse_f32("340282356779733661637539395458142568448").has_value());
}

TEST_CASE("An f32 is rounded once, not through f64") {
  // Just above a tie of f32, by less than f64 can hold.
  CHECK(parse_f32("1.00000005960464477540") == 0x3F80'0001u);
  CHECK(parse_f32("0x1.00000100000000000000001p0") == 0x3F80'0001u);
}

TEST_CASE("A zero has a sign, however many digits it is written with") {
  CHECK(parse_f64("-0") == 0x8000'0000'0000'0000u);
  CHECK(parse_f64("-0x0.000p+10") == 0x8000'0000'0000'0000u);
  CHECK(parse_f64("0.000e99999999999999999999") == 0u);
  CHECK(parse_f32("-0.0") == 0x8000'0000u);
}

TEST_CASE("A NaN has a payload of its width that is not zero") {
  CHECK(parse_f32("nan") == 0x7FC0'0000u);
  CHECK(parse_f32("-nan") == 0xFFC0'0000u);
  CHECK(parse_f32("nan:0x1") == 0x7F80'0001u);
  CHECK(parse_f32("nan:0x7f_ffff") == 0x7FFF'FFFFu);
  CHECK_FALSE(parse_f32("nan:0x80_0000").has_value());
  CHECK_FALSE(parse_f32("nan:0x0").has_value());
  CHECK(parse_f64("nan") == 0x7FF8'0000'0000'0000u);
  CHECK(parse_f64("-nan:0xf_ffff_ffff_ffff") == 0xFFFF'FFFF'FFFF'FFFFu);
  CHECK_FALSE(parse_f64("nan:0x10_0000_0000_0000").has_value());
  CHECK(parse_f64("inf") == 0x7FF0'0000'0000'0000u);
  CHECK(parse_f32("-inf") == 0xFF80'0000u);
}

TEST_CASE("Underscores change nothing") {
  CHECK(parse_f64("1_0.2_5e1_0") == parse_f64("10.25e10"));
  CHECK(parse_f64("0xa_b.c_dp1_0") == parse_f64("0xab.cdp10"));
}

TEST_CASE("Decimal floats agree with the C library") {
  Numbers numbers;
  for (int i = 0; i < 20000; ++i) {
    const std::string s = numbers.digits(1 + numbers.below(25), "0123456789") + "." +
                          numbers.digits(numbers.below(25), "0123456789") + "e" +
                          std::to_string(static_cast<int>(numbers.next() % 700) - 360);
    INFO(s);
    const double expected = std::strtod(s.c_str(), nullptr);
    if (std::isinf(expected)) {
      CHECK_FALSE(parse_f64(s).has_value());
    } else {
      CHECK(f64_of(s) == expected);
    }
    const float expected32 = std::strtof(s.c_str(), nullptr);
    if (std::isinf(expected32)) {
      CHECK_FALSE(parse_f32(s).has_value());
    } else {
      CHECK(f32_of(s) == expected32);
    }
  }
}

TEST_CASE("Hexadecimal floats agree with the C library") {
  Numbers numbers;
  for (int i = 0; i < 20000; ++i) {
    const std::string s = "0x" + numbers.digits(1 + numbers.below(20), "0123456789abcdef") + "." +
                          numbers.digits(numbers.below(20), "0000008fabcdef") + "p" +
                          std::to_string(static_cast<int>(numbers.next() % 2400) - 1250);
    INFO(s);
    const double expected = std::strtod(s.c_str(), nullptr);
    if (std::isinf(expected)) {
      CHECK_FALSE(parse_f64(s).has_value());
    } else {
      CHECK(f64_of(s) == expected);
    }
    const float expected32 = std::strtof(s.c_str(), nullptr);
    if (std::isinf(expected32)) {
      CHECK_FALSE(parse_f32(s).has_value());
    } else {
      CHECK(f32_of(s) == expected32);
    }
  }
}

TEST_CASE("Every float prints as a literal of the same bits") {
  Numbers numbers;
  std::vector<std::uint64_t> all{0,
                                 1,
                                 0x8000'0000'0000'0000u,
                                 0x000F'FFFF'FFFF'FFFFu,
                                 0x0010'0000'0000'0000u,
                                 0x7FEF'FFFF'FFFF'FFFFu,
                                 0x7FF0'0000'0000'0000u,
                                 0x7FF0'0000'0000'0001u,
                                 0xFFF8'0000'0000'0000u};
  for (int i = 0; i < 5000; ++i) all.push_back(numbers.next());
  for (const std::uint64_t bits : all) {
    INFO(print_f64(bits));
    CHECK(parse_f64(print_f64(bits)) == bits);
    const auto low = static_cast<std::uint32_t>(bits >> 32);
    INFO(print_f32(low));
    CHECK(parse_f32(print_f32(low)) == low);
  }
}

}  // namespace
}  // namespace fermata::text
