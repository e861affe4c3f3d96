// Reading and writing values on the command line. See value_text.hpp.
#include "tools/fermata/value_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>

#include "lib/module/quoted.hpp"
#include "lib/text/lex/numbers.hpp"

namespace fermata::tool {
namespace {

std::optional<Value> parse_number(std::string_view text, ValKind kind) {
  if (!text::number_kind(text)) return std::nullopt;
  switch (kind) {
    case ValKind::i32:
      return text::parse_int(text, 32).transform(
          [](std::uint64_t bits) { return Value::u32(static_cast<std::uint32_t>(bits)); });
    case ValKind::i64:
      return text::parse_int(text, 64).transform(Value::u64);
    case ValKind::f32:
      return text::parse_f32(text).transform(Value::f32_bits);
    case ValKind::f64:
      return text::parse_f64(text).transform(Value::f64_bits);
    default:
      return std::nullopt;
  }
}

std::optional<Value> parse_reference(std::string_view text, ValType type) {
  if (text == "null" && type.nullable) return Value::null(type);
  if (type != externref || text::number_kind(text) != text::TokenKind::nat) return std::nullopt;
  return text::parse_nat(text, 62).transform(
      [](std::uint64_t number) { return Value::externref(ExternRef{number}); });
}

/// The shortest decimal form; a NaN's payload is shown unless it is the canonical one.
template <class Float, class Bits>
std::string float_text(Float number, Bits bits, unsigned fraction_bits) {
  if (!std::isnan(number)) return fmt::format("{}", number);
  const Bits payload = bits & ((Bits{1} << fraction_bits) - 1);
  const auto* sign = std::signbit(number) ? "-" : "";
  if (payload == Bits{1} << (fraction_bits - 1)) return fmt::format("{}nan", sign);
  return fmt::format("{}nan:{:#x}", sign, payload);
}

std::string reference_text(const Value& value) {
  if (value.is_null()) return "null";
  const auto host = value.as_externref();
  if (value.type() == externref && host) return fmt::format("{}", host->value);
  return to_string(value.type());
}

}  // namespace

std::expected<Value, std::string> parse_value(std::string_view text, ValType type) {
  const auto value = type.is_ref() ? parse_reference(text, type) : parse_number(text, type.kind);
  if (value) return *value;
  return std::unexpected(
      fmt::format("'{}' is not a value of type {}", shortened(text), to_string(type)));
}

std::string value_text(const Value& value) {
  switch (value.type().kind) {
    case ValKind::i32:
      return fmt::format("{}", value.as_i32());
    case ValKind::i64:
      return fmt::format("{}", value.as_i64());
    case ValKind::f32:
      return float_text(value.as_f32(), static_cast<std::uint32_t>(value.lo()), 23);
    case ValKind::f64:
      return float_text(value.as_f64(), value.lo(), 52);
    case ValKind::v128:
      return fmt::format("0x{:016x}{:016x}", value.hi(), value.lo());
    case ValKind::ref:
      return reference_text(value);
  }
  return {};
}

}  // namespace fermata::tool
