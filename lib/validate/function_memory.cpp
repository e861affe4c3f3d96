// The rules of instructions on memories and data segments, and of vector instructions with a lane.
//
// Specification: "Validation / Instructions / Memory Instructions", "Vector Instructions".
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "lib/validate/function_validator.hpp"
#include "lib/validate/op_rules.hpp"

namespace fermata::validation {
namespace {

bool is_atomic(const WasmOpInfo& op) { return op.feature == Feature::threads; }

}  // namespace

bool FunctionValidator::memory_address(std::uint32_t memory, AddressType& out) {
  const auto& memories = context_.module.memories;
  if (memory >= memories.size()) return unknown("memory", memory, memories.size());
  out = memories[memory].address;
  return true;
}

bool FunctionValidator::memory(const OpRule& rule, const Instruction& in) {
  switch (in.op) {
    case WasmOp::memory_copy:
      return memory_copy(in);
    case WasmOp::memory_init:
      return memory_init(in);
    case WasmOp::data_drop:
      return check_data(in.index);
    default:
      break;
  }
  if (in.op != WasmOp::memory_size && in.op != WasmOp::memory_grow &&
      in.op != WasmOp::memory_fill) {
    return access(rule, in);
  }
  AddressType address{};
  if (!memory_address(in.index, address)) return false;
  const StackType type = address_type(address);
  if (in.op == WasmOp::memory_fill) return stack_.pop(type) && stack_.pop(i32) && stack_.pop(type);
  if (in.op == WasmOp::memory_grow && !stack_.pop(type)) return false;
  stack_.push(type);
  return true;
}

// Specification: "memarg" and the loads and stores that take one.
bool FunctionValidator::access(const OpRule& rule, const Instruction& in) {
  const WasmOpInfo& op = info(in.op);
  AddressType address{};
  if (!memory_address(in.memarg.memory.value, address)) return false;
  if (in.memarg.align_log2 > op.natural_align) {
    return fail(fmt::format(
        "alignment must not be larger than natural: expected at most 2^{}, found 2^{} in {}",
        op.natural_align, in.memarg.align_log2, op.text));
  }
  if (is_atomic(op) && in.memarg.align_log2 != op.natural_align) {
    return fail(fmt::format("atomic alignment must be natural: expected {}, found {} in {}",
                            1u << op.natural_align, 1u << in.memarg.align_log2, op.text));
  }
  if (address == AddressType::i32 && in.memarg.offset > std::numeric_limits<std::uint32_t>::max()) {
    return fail(fmt::format("offset out of range: expected 32 bits, found {} in {}",
                            in.memarg.offset, op.text));
  }
  if (op.immediate == Immediate::memarg_lane && in.lane >= lane_count(op)) {
    return fail(fmt::format("invalid lane index: expected below {}, found {} in {}", lane_count(op),
                            in.lane, op.text));
  }
  if (address == AddressType::i32) return stack_.apply(rule.type);
  FixedType type = rule.type;
  type.operands[0] = ValKind::i64;
  return stack_.apply(type);
}

bool FunctionValidator::memory_copy(const Instruction& in) {
  AddressType to{};
  AddressType from{};
  if (!memory_address(in.index, to) || !memory_address(in.index2, from)) return false;
  return stack_.pop(address_type(std::min(to, from))) && stack_.pop(address_type(from)) &&
         stack_.pop(address_type(to));
}

bool FunctionValidator::check_data(std::uint32_t segment) {
  const auto& data = context_.module.data;
  if (!data.data_count) {
    return fail(malformed("data count section required: the code names a data segment", {}));
  }
  return segment < data.datas.size() || unknown("data segment", segment, data.datas.size());
}

bool FunctionValidator::memory_init(const Instruction& in) {
  AddressType address{};
  if (!memory_address(in.index2, address) || !check_data(in.index)) return false;
  return stack_.pop(i32) && stack_.pop(i32) && stack_.pop(address_type(address));
}

bool FunctionValidator::vector(const OpRule& rule, const Instruction& in) {
  const WasmOpInfo& op = info(in.op);
  const bool valid = in.op == WasmOp::i8x16_shuffle
                         ? std::ranges::all_of(in.v128, [](std::uint8_t lane) { return lane < 32; })
                         : in.lane < lane_count(op);
  if (!valid) return fail(fmt::format("invalid lane index in {}", op.text));
  return stack_.apply(rule.type);
}

}  // namespace fermata::validation
