// Parsing one instruction other than a block: its immediates, and its encoding.
//
// Specification: "Text Format / Instructions", "Binary Format / Instructions".
#pragma once

#include "lib/text/context.hpp"

namespace fermata::text {

/// Parses the immediates of an instruction, whose name was just taken, and appends the encoded
/// instruction to `out`. Precondition: no block, no `else`, no `end`.
void parse_instruction(Context& c, WasmOp op, Bytes& out);

/// A label's index, by number or name.
[[nodiscard]] std::uint32_t parse_label(Context& c);

/// The 16 bytes of `v128.const`'s shape and lanes.
[[nodiscard]] std::array<std::uint8_t, 16> parse_vector(Context& c);

/// The constant after `i32.const` and the like, as its bits. `op` is that instruction.
[[nodiscard]] std::uint64_t parse_constant(Context& c, WasmOp op);

}  // namespace fermata::text
