// Values in words.
#include "fermata/value.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace fermata {
namespace {

/// A float in the text format: NaNs with sign and payload, everything else in the fewest digits
/// that read back as the same value.
template <class Float, class Bits>
std::string float_text(Float value, Bits bits) {
  const char* const sign = std::signbit(value) ? "-" : "";
  if (std::isnan(value)) {
    constexpr Bits payload_mask = (Bits{1} << (std::numeric_limits<Float>::digits - 1)) - 1;
    return fmt::format("{}nan:0x{:x}", sign, static_cast<Bits>(bits & payload_mask));
  }
  if (std::isinf(value)) return fmt::format("{}inf", sign);
  return fmt::format("{}", value);
}

std::string v128_text(const V128& bytes) {
  std::string text = "i8x16";
  for (const std::uint8_t byte : bytes) text += fmt::format(" 0x{:02x}", byte);
  return text;
}

std::string ref_text(const Value& value) {
  const HeapType heap = value.type().heap;
  if (value.is_null()) return fmt::format("ref.null {}", to_string(heap));
  const auto host = value.as_externref();
  if (heap.kind == HeapKind::extern_ && host) return fmt::format("ref.extern {}", host->value);
  return fmt::format("ref.{}", to_string(heap));
}

}  // namespace

std::string to_string(const Value& value) {
  switch (value.type().kind) {
    case ValKind::i32:
      return fmt::format("i32 {}", value.as_i32());
    case ValKind::i64:
      return fmt::format("i64 {}", value.as_i64());
    case ValKind::f32:
      return fmt::format("f32 {}", float_text(value.as_f32(), value.as_u32()));
    case ValKind::f64:
      return fmt::format("f64 {}", float_text(value.as_f64(), value.as_u64()));
    case ValKind::v128:
      return fmt::format("v128 {}", v128_text(value.as_v128()));
    case ValKind::ref:
      return ref_text(value);
  }
  return "";
}

}  // namespace fermata
