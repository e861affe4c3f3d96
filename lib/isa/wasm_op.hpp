// WasmOp: the instructions of WebAssembly, from the one table in wasm_ops.def.
//
// Owns names, encodings, immediate kinds, simple signatures and proposals of all instructions of
// WebAssembly 3.0 with threads, legacy exceptions and wide arithmetic, and which of them open,
// divide and close blocks. Knows nothing of execution; the register code's Op is another table.
// Specification: "Binary Format / Instructions", "Appendix / Index of Instructions".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "fermata/features.hpp"
#include "fermata/types.hpp"

namespace fermata {

/// Every instruction, by its text name with `_` for `.`, and a trailing `_` where C++ has a
/// keyword.
enum class WasmOp : std::uint16_t {
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature) id,
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
};

/// How many rows the table has.
inline constexpr std::size_t wasm_op_count = 0
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature) +1
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
    ;

/// What follows the opcode (Instruction's members that are set).
enum class Immediate : std::uint8_t {
  none,
  // One index each, `label` the first of them, `elem` the last:
  label,  // br, br_if, br_on_null, br_on_non_null, rethrow, delegate
  func,   // call, ref.func, return_call
  type,   // call_ref, struct.new, array.new ...
  local,
  global,
  table,
  tag,            // throw, catch
  data,           // data.drop
  elem,           // elem.drop
  block_type,     // block, loop, if, try
  label_table,    // br_table
  call_indirect,  // type, table
  memarg,
  memory,         // memory.size, memory.grow, memory.fill
  memory_memory,  // memory.copy: destination, source
  table_table,    // table.copy: destination, source
  data_memory,    // memory.init
  elem_table,     // table.init
  i32_const,
  i64_const,
  f32_const,
  f64_const,
  v128_const,
  value_types,  // select with a type
  heap_type,    // ref.null
  ref_test,     // heap type; nullable is part of the opcode
  type_field,   // struct.get ...
  type_data,    // array.new_data
  type_elem,    // array.new_elem
  type_type,    // array.copy
  type_count,   // array.new_fixed
  br_on_cast,   // flags, label, two heap types
  try_table,    // block type and catch clauses
  lane,         // one lane index
  memarg_lane,  // v128.load8_lane ...
  shuffle,      // 16 lane indices
  fence,        // atomic.fence: one reserved byte
};

[[nodiscard]] constexpr bool is_index(Immediate immediate) noexcept {
  return immediate >= Immediate::label && immediate <= Immediate::elem;
}

struct WasmOpInfo {
  std::string_view text;  ///< the text format's name
  std::uint8_t prefix;    ///< 0, or 0xFB, 0xFC, 0xFD, 0xFE
  std::uint32_t code;     ///< the opcode byte, or the number after the prefix
  Immediate immediate;
  /// Operands and results of an instruction whose type is fixed, like "ii:i": i i32, l i64, f f32,
  /// d f64, v v128, bottom of the stack first. For loads and stores of i32-addressed memories, `a`
  /// is the memory's address type. Empty where the type depends on more than the opcode.
  std::string_view signature;
  /// The proposal that brought it; nothing for the MVP.
  std::optional<Feature> feature;
  /// For memory accesses: log2 of the access's width in bytes, the natural alignment.
  std::uint8_t natural_align;
};

/// How many lanes the shape of an instruction with a lane has: that of its access, else the number
/// after the x of its name.
[[nodiscard]] constexpr std::uint32_t lane_count(const WasmOpInfo& op) noexcept {
  if (op.immediate == Immediate::memarg_lane) return 16u >> op.natural_align;
  const std::string_view count = op.text.substr(op.text.find('x') + 1);
  return count.starts_with("16") ? 16 : static_cast<std::uint32_t>(count[0] - '0');
}

/// What a letter of a signature stands for; `a` for i32, which it is until the memory is known.
[[nodiscard]] constexpr ValKind kind_of(char letter) noexcept {
  switch (letter) {
    case 'l':
      return ValKind::i64;
    case 'f':
      return ValKind::f32;
    case 'd':
      return ValKind::f64;
    case 'v':
      return ValKind::v128;
    default:
      return ValKind::i32;
  }
}

namespace detail {

/// Codes after each prefix that the tables below have room for.
inline constexpr std::size_t codes_0 = 0x100;
inline constexpr std::size_t codes_fb = 0x20;
inline constexpr std::size_t codes_fc = 0x20;
inline constexpr std::size_t codes_fd = 0x120;
inline constexpr std::size_t codes_fe = 0x50;

/// One place in the tables by encoding: the instruction and what follows its opcode.
struct Encoded {
  WasmOp op{};
  Immediate immediate{};
  bool exists = false;
};

struct Encodings {
  std::array<Encoded, codes_0> plain;
  std::array<Encoded, codes_fb> fb;
  std::array<Encoded, codes_fc> fc;
  std::array<Encoded, codes_fd> fd;
  std::array<Encoded, codes_fe> fe;

  /// Precondition: none; an unknown prefix or code gives an entry that does not exist.
  [[nodiscard]] constexpr Encoded find(std::uint8_t prefix, std::uint32_t code) const noexcept {
    switch (prefix) {
      case 0:
        return code < codes_0 ? plain[code] : Encoded{};
      case 0xFB:
        return code < codes_fb ? fb[code] : Encoded{};
      case 0xFC:
        return code < codes_fc ? fc[code] : Encoded{};
      case 0xFD:
        return code < codes_fd ? fd[code] : Encoded{};
      case 0xFE:
        return code < codes_fe ? fe[code] : Encoded{};
      default:
        return {};
    }
  }
};

extern const std::array<WasmOpInfo, wasm_op_count> wasm_op_infos;
extern const Encodings encodings;

}  // namespace detail

[[nodiscard]] inline const WasmOpInfo& info(WasmOp op) noexcept {
  return detail::wasm_op_infos[static_cast<std::size_t>(op)];
}

/// Whether the instruction opens a block, which an `end` closes, or a `delegate` if it is a try.
[[nodiscard]] constexpr bool opens_block(Immediate immediate) noexcept {
  return immediate == Immediate::block_type || immediate == Immediate::try_table;
}
[[nodiscard]] inline bool opens_block(WasmOp op) noexcept {
  return opens_block(info(op).immediate);
}

/// Whether the instruction ends one part of the innermost block and begins the next.
[[nodiscard]] constexpr bool divides_block(WasmOp op) noexcept {
  return op == WasmOp::else_ || op == WasmOp::catch_ || op == WasmOp::catch_all;
}
/// Whether the instruction closes the innermost block.
[[nodiscard]] constexpr bool closes_block(WasmOp op) noexcept {
  return op == WasmOp::end || op == WasmOp::delegate;
}
/// Whether an instruction that divides or closes a block may stand where the part of it that `part`
/// began is the last so far: the nesting of blocks in the binary format's grammar.
[[nodiscard]] constexpr bool may_end_part(WasmOp op, WasmOp part) noexcept {
  switch (op) {
    case WasmOp::else_:
      return part == WasmOp::if_;
    case WasmOp::catch_:
    case WasmOp::catch_all:
      return part == WasmOp::try_ || part == WasmOp::catch_;
    case WasmOp::delegate:
      return part == WasmOp::try_;
    default:
      return op == WasmOp::end;
  }
}

/// The instruction with this encoding; nothing when there is none. O(1).
[[nodiscard]] inline std::optional<WasmOp> find_wasm_op(std::uint8_t prefix,
                                                        std::uint32_t code) noexcept {
  const detail::Encoded found = detail::encodings.find(prefix, code);
  return found.exists ? std::optional{found.op} : std::nullopt;
}

/// The instruction with this name in the text format. Where two instructions share a name
/// (`select`, `ref.test`, `ref.cast`) this is the untyped `select` and the ones that refuse null.
[[nodiscard]] std::optional<WasmOp> find_wasm_op(std::string_view text) noexcept;

}  // namespace fermata
