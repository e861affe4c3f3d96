// The tables behind wasm_op.hpp, all three expanded from wasm_ops.def when this is compiled.
//
// Owns the lookup by encoding (dense arrays, on the hot path of decoding) and by text (a sorted
// array). Must not know what any instruction does.
#include "lib/isa/wasm_op.hpp"

#include <algorithm>
#include <utility>

namespace fermata {
namespace {

/// What the `feature` column names: a proposal, or `mvp` for none.
namespace columns {
using enum Feature;
constexpr std::nullopt_t mvp = std::nullopt;
}  // namespace columns

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number that `text` starts with, and 0 when it starts with something else.
constexpr unsigned leading_number(std::string_view text) {
  unsigned n = 0;
  for (std::size_t i = 0; i < text.size() && is_digit(text[i]); ++i) {
    n = n * 10 + static_cast<unsigned>(text[i] - '0');
  }
  return n;
}

/// The bits that a memory access moves, read off its name: the number after the verb (`load8_s`,
/// `rmw16`, `wait32`), twice-named vectors as a product (`load8x8`), else the width of its type.
constexpr unsigned access_bits(std::string_view text) {
  constexpr std::array<std::string_view, 4> verbs{"load", "store", "rmw", "wait"};
  for (const std::string_view verb : verbs) {
    const std::size_t at = text.find(verb);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = text.substr(at + verb.size());
    const unsigned bits = leading_number(rest);
    if (bits == 0) return leading_number(text.substr(1));
    const std::size_t by = rest.find('x');
    const bool is_vector = by != std::string_view::npos && is_digit(rest[by - 1]);
    return is_vector ? bits * leading_number(rest.substr(by + 1)) : bits;
  }
  return 32;  // memory.atomic.notify
}

constexpr std::uint8_t natural_align(std::string_view text, Immediate immediate) {
  if (immediate != Immediate::memarg && immediate != Immediate::memarg_lane) return 0;
  std::uint8_t log2 = 0;
  while ((8u << log2) < access_bits(text)) ++log2;
  return log2;
}

constexpr detail::Encodings make_encodings() {
  detail::Encodings all{};
  const auto add = [&all](WasmOp op, std::uint8_t prefix, std::uint32_t code, Immediate immediate) {
    const detail::Encoded entry{op, immediate, true};
    switch (prefix) {
      case 0xFB:
        all.fb[code] = entry;
        break;
      case 0xFC:
        all.fc[code] = entry;
        break;
      case 0xFD:
        all.fd[code] = entry;
        break;
      case 0xFE:
        all.fe[code] = entry;
        break;
      default:
        all.plain[code] = entry;
        break;
    }
  };
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature) \
  add(WasmOp::id, prefix, code, Immediate::immediate);
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
  return all;
}

}  // namespace

namespace detail {

constinit const std::array<WasmOpInfo, wasm_op_count> wasm_op_infos{{
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature) \
  {text,                                                                       \
   prefix,                                                                     \
   code,                                                                       \
   Immediate::immediate,                                                       \
   signature,                                                                  \
   columns::feature,                                                           \
   natural_align(text, Immediate::immediate)},
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
}};

constinit const Encodings encodings = make_encodings();

}  // namespace detail

namespace {

std::string_view text_of(WasmOp op) { return info(op).text; }

/// All instructions by text; those that share a text stay in the table's order.
std::array<WasmOp, wasm_op_count> sorted_by_text() {
  std::array<WasmOp, wasm_op_count> ops{};
  for (std::size_t i = 0; i < ops.size(); ++i) ops[i] = static_cast<WasmOp>(i);
  std::ranges::sort(ops, {}, [](WasmOp op) { return std::pair{text_of(op), op}; });
  return ops;
}

}  // namespace

std::optional<WasmOp> find_wasm_op(std::string_view text) noexcept {
  static const std::array<WasmOp, wasm_op_count> by_text = sorted_by_text();
  const auto found = std::ranges::lower_bound(by_text, text, {}, text_of);
  if (found == by_text.end() || text_of(*found) != text) return std::nullopt;
  return *found;
}

}  // namespace fermata
