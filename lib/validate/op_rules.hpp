// OpRule: what the validator needs to know of an instruction at once, in a few bytes.
//
// Expanded from wasm_ops.def when this is compiled: the signature's letters as kinds, the proposal
// as a bit, and which family of rules judges the instruction. Knows nothing of the rules
// themselves.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/isa/wasm_op.hpp"
#include "lib/validate/context.hpp"
#include "lib/validate/operand_stack.hpp"

namespace fermata::validation {

/// Which part of the function validator judges an instruction.
enum class RuleFamily : std::uint8_t {
  fixed,  // its type is in the table and there is nothing else to check
  block,  // with a block type
  end,
  branch,   // br, br_if
  call,     // of a known function
  control,  // the others of the control instructions
  parametric,
  local,
  global,
  table,
  memory,
  reference,
  aggregate,
  vector,
  wide,  // two results
};

struct alignas(16) OpRule {
  RuleFamily family = RuleFamily::fixed;
  FixedType
      type;  // the first operand of a memory access is an address, i32 until the memory is known
  std::uint32_t feature_bits = 0;  // of which any will do
  std::uint8_t opcode = 0;         // the last byte of it
};

namespace op_rules_detail {

/// Of an instruction without an immediate.
constexpr RuleFamily family_of_plain(WasmOp op, std::string_view signature) {
  if (signature.ends_with(":ll")) return RuleFamily::wide;
  if (!signature.empty()) return RuleFamily::fixed;
  switch (op) {
    case WasmOp::end:
      return RuleFamily::end;
    case WasmOp::drop:
    case WasmOp::select:
      return RuleFamily::parametric;
    case WasmOp::ref_is_null:
    case WasmOp::ref_as_non_null:
    case WasmOp::ref_eq:
    case WasmOp::any_convert_extern:
    case WasmOp::extern_convert_any:
    case WasmOp::ref_i31:
    case WasmOp::i31_get_s:
    case WasmOp::i31_get_u:
      return RuleFamily::reference;
    case WasmOp::array_len:
      return RuleFamily::aggregate;
    default:
      return RuleFamily::control;
  }
}

constexpr RuleFamily family_of(WasmOp op, Immediate immediate, std::string_view signature) {
  using enum Immediate;
  switch (immediate) {
    case local:
      return RuleFamily::local;
    case global:
      return RuleFamily::global;
    case table:
    case table_table:
    case elem_table:
    case elem:
      return RuleFamily::table;
    case memarg:
    case memarg_lane:
    case memory:
    case memory_memory:
    case data_memory:
    case data:
      return RuleFamily::memory;
    case lane:
    case shuffle:
      return RuleFamily::vector;
    case heap_type:
    case ref_test:
      return RuleFamily::reference;
    case value_types:
      return RuleFamily::parametric;
    case type_field:
    case type_data:
    case type_elem:
    case type_type:
    case type_count:
      return RuleFamily::aggregate;
    case type:
      return op == WasmOp::call_ref || op == WasmOp::return_call_ref ? RuleFamily::control
                                                                     : RuleFamily::aggregate;
    case func:
      if (op == WasmOp::ref_func) return RuleFamily::reference;
      return op == WasmOp::call ? RuleFamily::call : RuleFamily::control;
    case block_type:
      return RuleFamily::block;
    case label:
      return op == WasmOp::br || op == WasmOp::br_if ? RuleFamily::branch : RuleFamily::control;
    case none:
      return family_of_plain(op, signature);
    case i32_const:
    case i64_const:
    case f32_const:
    case f64_const:
    case v128_const:
    case fence:
      return RuleFamily::fixed;
    default:
      return RuleFamily::control;
  }
}

constexpr OpRule make_rule(WasmOp op, std::uint32_t code, Immediate immediate,
                           std::string_view signature, std::optional<Feature> feature) {
  OpRule rule;
  rule.opcode = static_cast<std::uint8_t>(code);
  rule.family = family_of(op, immediate, signature);
  rule.feature_bits = op == WasmOp::throw_ ? tag_features : feature_bit(feature);
  if (signature.empty() || rule.family == RuleFamily::wide) return rule;
  const std::size_t colon = signature.find(':');
  rule.type.operand_count = static_cast<std::uint8_t>(colon);
  for (std::size_t i = 0; i < colon; ++i) rule.type.operands.at(i) = kind_of(signature[i]);
  rule.type.has_result = colon + 1 < signature.size();
  if (rule.type.has_result) rule.type.result = kind_of(signature[colon + 1]);
  rule.type.has_vector = signature.find('v') != std::string_view::npos;
  return rule;
}

namespace columns {
using enum Feature;
inline constexpr std::nullopt_t mvp = std::nullopt;
}  // namespace columns

}  // namespace op_rules_detail

/// By WasmOp.
inline constexpr auto op_rules = [] {
  using op_rules_detail::make_rule;
  namespace columns = op_rules_detail::columns;
  return std::array{
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature) \
  make_rule(WasmOp::id, code, Immediate::immediate, signature, columns::feature),
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
  };
}();

}  // namespace fermata::validation
