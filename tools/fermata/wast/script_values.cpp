// See script_values.hpp.
#include "tools/fermata/wast/script_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace fermata::tool::wast {
namespace {

using namespace text;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

constexpr ValType anyref = ValType::ref({HeapKind::any}, true);

// --- NaNs
// -----------------------------------------------------------------------------------------

struct FloatFormat {
  std::uint64_t exponent;   // all its bits
  std::uint64_t quiet;      // the top bit of the payload
  std::uint64_t magnitude;  // everything but the sign
};
constexpr FloatFormat single{0x7f80'0000, 0x40'0000, 0x7fff'ffff};
constexpr FloatFormat double_{0x7ff0'0000'0000'0000, 0x8'0000'0000'0000, 0x7fff'ffff'ffff'ffff};

// Specification: "Syntax / Values / Floating-Point": canonical and arithmetic NaNs.
bool is_nan(std::uint64_t bits, NanPattern pattern, const FloatFormat& format) {
  const std::uint64_t quiet_nan = format.exponent | format.quiet;
  if (pattern == NanPattern::canonical) return (bits & format.magnitude) == quiet_nan;
  return (bits & quiet_nan) == quiet_nan;
}

bool float_matches(std::uint64_t bits, std::uint64_t wanted, NanPattern nan,
                   const FloatFormat& format) {
  return nan == NanPattern::none ? bits == wanted : is_nan(bits, nan, format);
}

// --- lanes
// ----------------------------------------------------------------------------------------

struct Shape {
  std::string_view name;
  std::size_t lane_bytes;
  const FloatFormat* format;  // null for integers
};
constexpr std::array<Shape, 6> shapes = {{{"i8x16", 1, nullptr},
                                          {"i16x8", 2, nullptr},
                                          {"i32x4", 4, nullptr},
                                          {"i64x2", 8, nullptr},
                                          {"f32x4", 4, &single},
                                          {"f64x2", 8, &double_}}};
const Shape& shape_of(LaneShape shape) { return shapes[static_cast<std::size_t>(shape)]; }

std::uint64_t lane(const V128& bytes, std::size_t index, std::size_t lane_bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = lane_bytes; i-- > 0;) bits = bits << 8 | bytes[index * lane_bytes + i];
  return bits;
}

bool vector_matches(const VecPattern& pattern, const V128& value) {
  const Shape& shape = shape_of(pattern.value.shape);
  if (shape.format == nullptr) return value == pattern.value.bytes;
  for (std::size_t i = 0; i < 16 / shape.lane_bytes; ++i) {
    if (!float_matches(lane(value, i, shape.lane_bytes),
                       lane(pattern.value.bytes, i, shape.lane_bytes), pattern.nans[i],
                       *shape.format)) {
      return false;
    }
  }
  return true;
}

// --- references
// -----------------------------------------------------------------------------------

bool is_of(HeapKind type, const Value& value) {
  if (!value.type().is_ref() || value.is_null()) return false;
  const HeapKind kind = value.type().heap.kind;
  switch (type) {
    case HeapKind::any:
      return true;  // `(ref)`
    case HeapKind::func:
      return kind == HeapKind::func || kind == HeapKind::concrete;
    case HeapKind::eq:
      return kind == HeapKind::i31 || kind == HeapKind::struct_ || kind == HeapKind::array;
    default:
      return kind == type;
  }
}

}  // namespace

// --- arguments
// ------------------------------------------------------------------------------------

Value to_value(const Literal& literal) {
  return std::visit(
      Overloaded{
          [](const NumLiteral& n) { return Value::from_bits({n.kind}, n.bits); },
          [](const VecLiteral& v) { return Value::v128(v.bytes); },
          [](const NullLiteral& n) { return Value::null(ValType::ref(n.type, true)); },
          [](const ExternLiteral& e) { return Value::externref({e.value}); },
          [](const HostLiteral& h) {
            const Value external = Value::externref({h.value});
            return Value::from_bits(anyref, external.lo(), external.hi());
          },
      },
      literal);
}

std::vector<Value> to_values(std::span<const Literal> literals) {
  std::vector<Value> values;
  for (const Literal& literal : literals) values.push_back(to_value(literal));
  return values;
}

// --- results
// --------------------------------------------------------------------------------------

bool matches(const Pattern& pattern, const Value& value) {
  return std::visit(Overloaded{
                        [&](const NumPattern& p) {
                          if (value.type() != ValType{p.value.kind}) return false;
                          return float_matches(value.lo(), p.value.bits, p.nan,
                                               p.value.kind == ValKind::f32 ? single : double_);
                        },
                        [&](const VecPattern& p) {
                          return value.type() == v128 && vector_matches(p, value.as_v128());
                        },
                        [&](const NullPattern&) { return value.is_null(); },
                        [&](const RefTypePattern& p) { return is_of(p.type, value); },
                        [&](const ExternLiteral& p) {
                          return value.type().is_ref() && value.type().heap == externref.heap &&
                                 value.as_externref() == ExternRef{p.value};
                        },
                        [&](const HostLiteral& p) {
                          return value.type().is_ref() && value.lo() == to_value(p).lo();
                        },
                        [&](const EitherPattern& p) {
                          return std::ranges::any_of(p.alternatives, [&](const Pattern& one) {
                            return matches(one, value);
                          });
                        },
                    },
                    pattern);
}

bool matches(std::span<const Pattern> patterns, std::span<const Value> values) {
  return std::ranges::equal(
      patterns, values, [](const Pattern& pattern, const Value& v) { return matches(pattern, v); });
}

// --- words
// ----------------------------------------------------------------------------------------

namespace {

std::string_view nan_words(NanPattern nan) {
  return nan == NanPattern::canonical ? "nan:canonical" : "nan:arithmetic";
}

std::string vector_words(const VecPattern& pattern) {
  const Shape& shape = shape_of(pattern.value.shape);
  std::string words = fmt::format("v128 {}", shape.name);
  for (std::size_t i = 0; i < 16 / shape.lane_bytes; ++i) {
    if (shape.format != nullptr && pattern.nans[i] != NanPattern::none) {
      words += fmt::format(" {}", nan_words(pattern.nans[i]));
    } else {
      words += fmt::format(" {:#x}", lane(pattern.value.bytes, i, shape.lane_bytes));
    }
  }
  return words;
}

/// As many as a reader wants to see.
template <class Items>
std::string list(const Items& items) {
  constexpr std::size_t longest = 2000;
  std::string words;
  for (const auto& item : items) {
    if (!words.empty()) words += ", ";
    if (words.size() > longest) {
      words += "...";
      break;
    }
    words += to_string(item);
  }
  return fmt::format("[{}]", words);
}

}  // namespace

std::string to_string(const Pattern& pattern) {
  return std::visit(
      Overloaded{
          [](const NumPattern& p) {
            if (p.nan == NanPattern::none) return fermata::to_string(to_value(p.value));
            return fmt::format("{} {}", fermata::to_string(ValType{p.value.kind}),
                               nan_words(p.nan));
          },
          [](const VecPattern& p) { return vector_words(p); },
          [](const NullPattern& p) {
            if (!p.type) return std::string("ref.null");
            return fmt::format("ref.null {}", fermata::to_string(*p.type));
          },
          [](const RefTypePattern& p) {
            return fmt::format("ref.{}", fermata::to_string(HeapType{p.type}));
          },
          [](const ExternLiteral& p) { return fmt::format("ref.extern {}", p.value); },
          [](const HostLiteral& p) { return fmt::format("ref.host {}", p.value); },
          [](const EitherPattern& p) { return fmt::format("either {}", list(p.alternatives)); },
      },
      pattern);
}

std::string to_string(std::span<const Pattern> patterns) { return list(patterns); }

std::string to_string(std::span<const Value> values) { return list(values); }

}  // namespace fermata::tool::wast
