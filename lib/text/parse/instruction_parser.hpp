// Parsing one instruction other than a block: its immediates, and its encoding.
//
// Specification: "Text Format / Instructions", "Binary Format / Instructions".
#pragma once

#include "lib/text/parse/context.hpp"

namespace fermata::text {

/// Parses the immediates of an instruction, whose name was just taken, and appends the encoded
/// instruction to `out`. Precondition: no block, no `end`. A `delegate`'s label is looked up like
/// any other: the label of its try must be gone.
void parse_instruction(Context& c, WasmOp op, Bytes& out);

/// A label's index, by number or name.
[[nodiscard]] std::uint32_t parse_label(Context& c);

/// What follows `v128.const`: the shape and the lanes.
struct VectorConstant {
  Keyword shape{};
  std::array<std::uint8_t, 16> bytes{};
  /// By lane: nan_canonical or nan_arithmetic where such a pattern stands, else unknown.
  std::array<Keyword, 4> patterns{};
};
/// `with_patterns` says whether NaN patterns of scripts may stand in the lanes of floats.
[[nodiscard]] VectorConstant parse_vector(Context& c, bool with_patterns);

/// The constant after `i32.const` and the like, as its bits. `op` is that instruction.
[[nodiscard]] std::uint64_t parse_constant(Context& c, WasmOp op);

}  // namespace fermata::text
