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
      case WasmOp::i64_const:
      case WasmOp::f32_const:
      case WasmOp::f64_const:
      case WasmOp::v128_const:
        number(in);
        break;
      case WasmOp::ref_null:
        stack_.push_back({});
        break;
      case WasmOp::ref_func:
        stack_.push_back({address_bits(instance_.func(FuncIdx{in.index}))});
        break;
      case WasmOp::ref_i31:
        stack_.back().lo = make_i31(static_cast<std::uint32_t>(stack_.back().lo));
        break;
      case WasmOp::any_convert_extern:
      case WasmOp::extern_convert_any:
        break;  // the same bits
      case WasmOp::global_get:
        global_get(GlobalIdx{in.index});
        break;
      case WasmOp::struct_new:
      case WasmOp::struct_new_default:
        structure(in);
        break;
      case WasmOp::array_new:
      case WasmOp::array_new_default:
        array(in);
        break;
      case WasmOp::array_new_fixed:
        array_fixed(in);
        break;
      default:
        arithmetic(in.op);
    }
  }
  assert(stack_.size() == 1);
  return stack_.back();
}

void ConstEvaluator::number(const Instruction& in) {
  switch (in.op) {
    case WasmOp::i32_const:
      return stack_.push_back({static_cast<std::uint32_t>(in.i32)});
    case WasmOp::i64_const:
      return stack_.push_back({static_cast<std::uint64_t>(in.i64)});
    case WasmOp::f32_const:
      return stack_.push_back({in.f32_bits});
    case WasmOp::f64_const:
      return stack_.push_back({in.f64_bits});
    default: {
      const Value vector = Value::v128(in.v128);
      stack_.push_back({vector.lo(), vector.hi()});
    }
  }
}

void ConstEvaluator::arithmetic(WasmOp op) {
  switch (op) {
    case WasmOp::i32_add:
      return binary<std::uint32_t>(std::plus{});
    case WasmOp::i32_sub:
      return binary<std::uint32_t>(std::minus{});
    case WasmOp::i32_mul:
      return binary<std::uint32_t>(std::multiplies{});
    case WasmOp::i64_add:
      return binary<std::uint64_t>(std::plus{});
    case WasmOp::i64_sub:
      return binary<std::uint64_t>(std::minus{});
    case WasmOp::i64_mul:
      return binary<std::uint64_t>(std::multiplies{});
    default:
      assert(false && "the validator lets no other instruction through");
  }
}

// --- objects -------------------------------------------------------------------------------------

ConstValue ConstEvaluator::pop() {
  const ConstValue value = stack_.back();
  stack_.pop_back();
  return value;
}

const ObjectType& ConstEvaluator::type_of(const Instruction& in) const {
  return ObjectTypes::of(*instance_.module)[TypeIdx{in.index}];
}

Object* ConstEvaluator::make(const ObjectType& type, std::uint32_t length) {
  Object* const made = instance_.heap->make(type, length);
  if (made == nullptr) failure_ = instance_.heap->failure();
  return made;
}

void ConstEvaluator::push(const Object* made) { stack_.push_back({address_bits(made)}); }

void ConstEvaluator::structure(const Instruction& in) {
  const ObjectType& type = type_of(in);
  const std::vector<ObjectField>& fields = type.fields;
  Object* const made = make(type);
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    const ConstValue value = in.op == WasmOp::struct_new ? pop() : ConstValue{};
    if (made != nullptr) {
      store_value(made->at(field->offset), field->storage, value.slots().data());
    }
  }
  push(made);
}

void ConstEvaluator::array(const Instruction& in) {
  const auto length = static_cast<std::uint32_t>(pop().lo);
  const ConstValue value = in.op == WasmOp::array_new ? pop() : ConstValue{};
  Object* const made = make(type_of(in), length);
  if (made != nullptr) fill_elements(*made, 0, length, value.slots().data());
  push(made);
}

void ConstEvaluator::array_fixed(const Instruction& in) {
  const std::uint32_t length = in.index2;
  Object* const made = make(type_of(in), length);
  for (std::uint32_t i = length; i > 0; --i) {
    const ConstValue value = pop();
    if (made != nullptr) fill_elements(*made, i - 1, 1, value.slots().data());
  }
  push(made);
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
