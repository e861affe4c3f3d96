// See numbers.hpp. Decimal floats go through std::from_chars, which rounds exactly; hexadecimal
// ones are rounded here, because they need one shift and one comparison only.
#include "lib/text/lex/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <string>

namespace fermata::text {
namespace {

constexpr int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

// --- form
// -----------------------------------------------------------------------------------------

/// Skips `digit (_? digit)*`; false when there is none.
bool skip_digits(std::string_view& s, int base) {
  const auto is_digit = [&](std::size_t i) { return i < s.size() && digit_value(s[i]) < base; };
  if (!is_digit(0)) return false;
  std::size_t i = 1;
  while (is_digit(i) || (i < s.size() && s[i] == '_' && is_digit(i + 1))) ++i;
  s.remove_prefix(i);
  return true;
}

bool skip_char(std::string_view& s, char lower) {
  if (s.empty() || (s[0] | 0x20) != lower) return false;
  s.remove_prefix(1);
  return true;
}

bool skip_sign(std::string_view& s) {
  if (s.empty() || (s[0] != '+' && s[0] != '-')) return false;
  s.remove_prefix(1);
  return true;
}

bool skip_prefix(std::string_view& s, std::string_view prefix) {
  if (!s.starts_with(prefix)) return false;
  s.remove_prefix(prefix.size());
  return true;
}

/// What follows `nan`: nothing, or `:0x` and a payload.
bool is_nan_rest(std::string_view s) {
  return s.empty() || (skip_prefix(s, ":0x") && skip_digits(s, 16) && s.empty());
}

}  // namespace

std::optional<TokenKind> number_kind(std::string_view s) noexcept {
  const bool has_sign = skip_sign(s);
  if (s == "inf" || (s.starts_with("nan") && is_nan_rest(s.substr(3)))) return TokenKind::floating;
  const bool is_hex = skip_prefix(s, "0x");
  const int base = is_hex ? 16 : 10;
  if (!skip_digits(s, base)) return std::nullopt;
  if (s.empty()) return has_sign ? TokenKind::integer : TokenKind::nat;
  if (s[0] == '.') {
    s.remove_prefix(1);
    (void)skip_digits(s, base);  // digits after the point are optional
  }
  if (skip_char(s, is_hex ? 'p' : 'e')) {
    (void)skip_sign(s);
    if (!skip_digits(s, 10)) return std::nullopt;
  }
  return s.empty() ? std::optional{TokenKind::floating} : std::nullopt;
}

// --- integers
// -------------------------------------------------------------------------------------

std::optional<std::uint64_t> parse_nat(std::string_view s, unsigned bits) {
  const std::uint64_t max = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  const std::uint64_t base = skip_prefix(s, "0x") ? 16 : 10;
  std::uint64_t value = 0;
  for (const char c : s) {
    if (c == '_') continue;
    const auto digit = static_cast<std::uint64_t>(digit_value(c));
    if (digit >= base || value > (max - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

std::optional<std::uint64_t> parse_int(std::string_view s, unsigned bits) {
  const bool negative = s.starts_with('-');
  (void)skip_sign(s);
  const std::optional<std::uint64_t> magnitude = parse_nat(s, bits);
  if (!magnitude || !negative) return magnitude;
  if (*magnitude > std::uint64_t{1} << (bits - 1)) return std::nullopt;
  const std::uint64_t mask = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
  return (0 - *magnitude) & mask;
}

// --- floats
// ---------------------------------------------------------------------------------------

namespace {

template <class Float>
struct Format;
template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int precision = 24;  // with the implicit bit
  static constexpr int min_exponent = -126;
  static constexpr int max_exponent = 127;
};
template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int precision = 53;
  static constexpr int min_exponent = -1022;
  static constexpr int max_exponent = 1023;
};

template <class Float>
constexpr std::uint64_t infinity_bits =
    std::bit_cast<typename Format<Float>::Bits>(std::numeric_limits<Float>::infinity());

/// `mantissa` × 2^`exponent`, and a little more when `sticky`.
struct HexFloat {
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  bool sticky = false;
};

/// A decimal exponent with an optional sign; saturates far outside the range of any float.
std::int64_t parse_exponent(std::string_view s) {
  constexpr std::int64_t limit = std::int64_t{1} << 50;
  const bool negative = s.starts_with('-');
  (void)skip_sign(s);
  std::int64_t value = 0;
  for (const char c : s) {
    if (c != '_' && value < limit) value = value * 10 + digit_value(c);
  }
  return negative ? -value : value;
}

HexFloat read_hex(std::string_view s) {
  HexFloat f;
  bool in_fraction = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    if (c == '_') continue;
    if (c == '.') {
      in_fraction = true;
    } else if (c == 'p' || c == 'P') {
      f.exponent += parse_exponent(s.substr(i + 1));
      break;
    } else if (f.mantissa >> 60 == 0) {
      f.mantissa = f.mantissa << 4 | static_cast<std::uint64_t>(digit_value(c));
      if (in_fraction) f.exponent -= 4;
    } else {
      f.sticky = f.sticky || c != '0';
      if (!in_fraction) f.exponent += 4;
    }
  }
  return f;
}

/// The bits of the nearest float, without sign; possibly those of infinity.
template <class Float>
std::uint64_t round_hex(HexFloat f) {
  using F = Format<Float>;
  if (f.mantissa == 0) return 0;
  const int shift = std::countl_zero(f.mantissa);
  const std::uint64_t mantissa = f.mantissa << shift;
  const std::int64_t exponent = f.exponent + 63 - shift;  // of the leading bit
  if (exponent > F::max_exponent) return infinity_bits<Float>;
  const std::int64_t below_normal = std::max<std::int64_t>(F::min_exponent - exponent, 0);
  if (below_normal > F::precision) return 0;  // less than half of the smallest subnormal
  const int kept = F::precision - static_cast<int>(below_normal);
  const std::uint64_t quotient = kept == 0 ? 0 : mantissa >> (64 - kept);
  const std::uint64_t rest = mantissa << kept;  // what is cut off, from the top bit down
  const std::uint64_t half = std::uint64_t{1} << 63;
  const bool up = rest > half || (rest == half && (f.sticky || (quotient & 1) != 0));
  // The quotient's leading bit, and a carry out of it, count into the exponent.
  const auto biased = static_cast<std::uint64_t>(below_normal > 0 ? 0 : exponent - F::min_exponent);
  return (biased << (F::precision - 1)) + quotient + (up ? 1 : 0);
}

/// The position of the first nonzero digit of a decimal literal, as a power of ten; enough to tell
/// an overflow from an underflow.
std::int64_t decimal_magnitude(std::string_view s) {
  const std::size_t e = std::min(s.find('e'), s.find('E'));
  const std::string_view digits = s.substr(0, e);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.find_first_not_of("0.");
  if (first == std::string_view::npos) return std::numeric_limits<std::int64_t>::min();
  const std::int64_t exponent = e == std::string_view::npos ? 0 : parse_exponent(s.substr(e + 1));
  return exponent + static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
}

template <class Float>
std::uint64_t round_decimal(std::string_view s) {
  std::string plain;
  if (s.find('_') != std::string_view::npos) {
    std::ranges::copy_if(s, std::back_inserter(plain), [](char c) { return c != '_'; });
    s = plain;
  }
  Float value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error == std::errc::result_out_of_range) {
    return decimal_magnitude(s) > 0 ? infinity_bits<Float> : 0;
  }
  return std::bit_cast<typename Format<Float>::Bits>(value);
}

/// The bits of a NaN without sign; nothing when its payload does not fit.
template <class Float>
std::optional<std::uint64_t> nan_bits(std::string_view rest) {
  constexpr int payload_bits = Format<Float>::precision - 1;
  if (rest.empty()) return infinity_bits<Float> | std::uint64_t{1} << (payload_bits - 1);
  const std::optional<std::uint64_t> payload = parse_nat(rest.substr(1), payload_bits);
  if (!payload || *payload == 0) return std::nullopt;
  return infinity_bits<Float> | *payload;
}

template <class Float>
std::optional<std::uint64_t> magnitude_bits(std::string_view s) {
  if (s == "inf") return infinity_bits<Float>;
  if (s.starts_with("nan")) return nan_bits<Float>(s.substr(3));
  const std::uint64_t bits =
      skip_prefix(s, "0x") ? round_hex<Float>(read_hex(s)) : round_decimal<Float>(s);
  return bits == infinity_bits<Float> ? std::nullopt : std::optional{bits};
}

template <class Float>
std::optional<typename Format<Float>::Bits> parse_float(std::string_view s) {
  using Bits = typename Format<Float>::Bits;
  const bool negative = s.starts_with('-');
  (void)skip_sign(s);
  const std::optional<std::uint64_t> bits = magnitude_bits<Float>(s);
  if (!bits) return std::nullopt;
  const Bits sign = Bits{1} << (sizeof(Bits) * 8 - 1);
  return static_cast<Bits>(*bits) | (negative ? sign : 0);
}

template <class Float>
std::string print_float(typename Format<Float>::Bits bits) {
  using F = Format<Float>;
  constexpr int fraction_bits = F::precision - 1;
  constexpr int hex_digits = (fraction_bits + 3) / 4;
  const bool negative = bits >> (sizeof(bits) * 8 - 1) != 0;
  const std::string sign = negative ? "-" : "";
  const std::uint64_t magnitude = bits & (std::numeric_limits<decltype(bits)>::max() >> 1);
  const std::uint64_t fraction = magnitude & ((std::uint64_t{1} << fraction_bits) - 1);
  if (magnitude == infinity_bits<Float>) return sign + "inf";
  if (magnitude > infinity_bits<Float>) return fmt::format("{}nan:0x{:x}", sign, fraction);
  if (magnitude == 0) return sign + "0x0p+0";
  const auto biased = static_cast<int>(magnitude >> fraction_bits);
  const int exponent = biased == 0 ? F::min_exponent : biased - 1 + F::min_exponent;
  const std::uint64_t digits = fraction << (hex_digits * 4 - fraction_bits);
  return fmt::format("{}0x{}.{:0{}x}p{:+}", sign, biased == 0 ? 0 : 1, digits, hex_digits,
                     exponent);
}

}  // namespace

std::optional<std::uint32_t> parse_f32(std::string_view s) { return parse_float<float>(s); }
std::optional<std::uint64_t> parse_f64(std::string_view s) { return parse_float<double>(s); }

std::string print_f32(std::uint32_t bits) { return print_float<float>(bits); }
std::string print_f64(std::uint64_t bits) { return print_float<double>(bits); }

}  // namespace fermata::text
