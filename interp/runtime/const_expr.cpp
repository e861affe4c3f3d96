// ConstEvaluator: a stack machine over the few instructions that constant expressions may have.

#include "interp/runtime/const_expr.hpp"

#include <cassert>
#include <cstring>
#include <functional>

#include "fermata/value.hpp"
#include "interp/runtime/instance_layout.hpp"
#include "lib/binary/instruction_reader.hpp"

namespace fermata {
ConstValue ConstEvaluator::evaluate(const ConstExpr& expression) {
  const ModuleImpl& module = *instance_.module;
  InstructionReader reader(module.data.bytes, expression.code, module.features);
  Instruction in;
  stack_.clear();
  while (reader.next(in) && in.op != WasmOp::end) {
    switch (in.op) {
      case WasmOp::i32_const:
        stack_.push_back({static_cast<std::uint32_t>(in.i32)});
        break;
      case WasmOp::i64_const:
        stack_.push_back({static_cast<std::uint64_t>(in.i64)});
        break;
      case WasmOp::f32_const:
        stack_.push_back({in.f32_bits});
        break;
      case WasmOp::f64_const:
        stack_.push_back({in.f64_bits});
        break;
      case WasmOp::v128_const:
        stack_.push_back({Value::v128(in.v128).lo(), Value::v128(in.v128).hi()});
        break;
      case WasmOp::ref_null:
        stack_.push_back({});
        break;
      case WasmOp::ref_func:
        stack_.push_back({address_bits(instance_.func(FuncIdx{in.index}))});
        break;
      case WasmOp::global_get:
        global_get(GlobalIdx{in.index});
        break;
      case WasmOp::i32_add:
        binary<std::uint32_t>(std::plus{});
        break;
      case WasmOp::i32_sub:
        binary<std::uint32_t>(std::minus{});
        break;
      case WasmOp::i32_mul:
        binary<std::uint32_t>(std::multiplies{});
        break;
      case WasmOp::i64_add:
        binary<std::uint64_t>(std::plus{});
        break;
      case WasmOp::i64_sub:
        binary<std::uint64_t>(std::minus{});
        break;
      case WasmOp::i64_mul:
        binary<std::uint64_t>(std::multiplies{});
        break;
      default:
        assert(false && "the validator lets no other instruction through");
    }
  }
  assert(stack_.size() == 1);
  return stack_.back();
}

// The upper half of a slot that holds an i32 or f32 means nothing.
void ConstEvaluator::global_get(GlobalIdx global) {
  const Slot* const cell = instance_.global(global);
  switch (instance_.module->globals[global.value].value.kind) {
    case ValKind::i32:
    case ValKind::f32:
      stack_.push_back({static_cast<std::uint32_t>(cell[0])});
      break;
    case ValKind::v128:
      stack_.push_back({cell[0], cell[1]});
      break;
    default:
      stack_.push_back({cell[0]});
  }
}

template <class Int, class Op>
void ConstEvaluator::binary(Op op) {
  const auto right = static_cast<Int>(stack_.back().lo);
  stack_.pop_back();
  stack_.back().lo = static_cast<Int>(op(static_cast<Int>(stack_.back().lo), right));
}

}  // namespace fermata
