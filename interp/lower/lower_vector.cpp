// Lowering of vector instructions: each vector has two slots.
#include <array>

#include "fermata/value.hpp"
#include "interp/lower/forms.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

/// An instruction whose result is of this type.
void Lowerer::emit_value(ValType type, Word word) {
  if (type.slots() == 2) return emitter_.emit_vector_result({word});
  emitter_.emit_result(acc_of(type), word);
}
void Lowerer::emit_value(ValType type, Word word, Word second) {
  if (type.slots() == 2) return emitter_.emit_vector_result({word, second});
  emitter_.emit_result(acc_of(type), word, second);
}

void Lowerer::vector_constant(const Instruction& in) {
  push_result(v128);
  const Value value = Value::v128(in.v128);
  emitter_.emit_vector({make_word(Op::const_v, operands_.top().slot), value.lo(), value.hi()});
}

/// One to three operands, vectors or numbers.
void Lowerer::vector_operation(const Instruction& in) {
  const std::size_t count = info(in.op).signature.find(':');
  std::array<Operand, 3> operands;
  std::array<std::uint32_t, 3> from{};
  for (std::size_t i = count; i-- > 0;) {
    operands[i] = operands_.pop();
    from[i] = settled_slot(operands[i]);
  }
  const std::uint32_t to = operands[0].slot;
  const ValType type = result_type(in.op);
  push_result(type);
  const Forms& f = forms(in.op);
  if (count == 3) return emit_value(type, make_word(f.s, to, from[0], from[1]), from[2]);
  const Op left = count == 1 ? f.a : f.as;
  if (left != Op::absent && in_acc(operands[0])) {
    return emit_value(type, make_word(left, to, from[1]));
  }
  if (count == 2 && left != Op::absent && in_acc(operands[1])) {
    const Op right = f.sa != Op::absent ? f.sa : forms(f.swapped).as;
    return emit_value(type, make_word(right, to, from[0]));
  }
  emit_value(type, make_word(f.s, to, from[0], from[1]));
}

void Lowerer::vector_shift(const Instruction& in) {
  const Operand count = operands_.pop();
  const Operand operand = operands_.pop();
  const std::uint32_t from = settled_slot(operand);
  const Forms& f = forms(in.op);
  if (immediate(count)) {
    push_result(v128);
    const auto bits = static_cast<std::uint32_t>(count.bits & 63);  // lanes have 64 at most
    const Op op = in_acc(operand) ? f.ai : f.si;
    return emitter_.emit_vector_result({make_word(op, operand.slot, from, bits)});
  }
  const std::uint32_t by = settled_slot(count);
  push_result(v128);
  emitter_.emit_vector_result({make_word(f.ss, operand.slot, from, by)});
}

void Lowerer::vector_extract(const Instruction& in) {
  const Operand operand = operands_.pop();
  const ValType type = result_type(in.op);
  const std::uint32_t from = settled_slot(operand);
  push_result(type);
  emit_value(type, make_word(forms(in.op).s, operand.slot, from, in.lane));
}

void Lowerer::vector_replace(const Instruction& in) {
  const Operand lane = operands_.pop();
  const Operand operand = operands_.pop();
  const std::uint32_t from = settled_slot(operand);
  const std::uint32_t value = settled_slot(lane);
  push_result(v128);
  emitter_.emit_vector_result({make_word(forms(in.op).s, operand.slot, from, value), in.lane});
}

void Lowerer::vector_shuffle(const Instruction& in) {
  const Operand second = operands_.pop();
  const Operand first = operands_.pop();
  const std::uint32_t a = settled_slot(first);
  const std::uint32_t b = settled_slot(second);
  push_result(v128);
  const Value lanes = Value::v128(in.v128);
  emitter_.emit_vector_result(
      {make_word(Op::i8x16_shuffle, first.slot, a, b), lanes.lo(), lanes.hi()});
}

// --- memory --------------------------------------------------------------------------------------

/// A load that makes a vector of fewer bytes.
void Lowerer::vector_load(const Instruction& in) {
  const Operand operand = operands_.pop();
  const Forms& f = forms(in.op);
  const std::uint32_t to = operand.slot;
  if (!is_common(in.memarg)) {
    const std::uint32_t from = settled_slot(operand);
    push_result(v128);
    const std::uint32_t memory = in.memarg.memory.value;
    return emitter_.emit_vector_result({make_word(f.n, to, from, memory), offset_of(in.memarg)});
  }
  const std::uint64_t offset = in.memarg.offset;
  if (cache_.mode().fusion && operand.kind == Operand::Kind::sum) {
    const Address at = address(operand);
    push_result(v128);
    const Word both = make_halves(static_cast<std::uint32_t>(offset), at.extra);
    return emitter_.emit_vector_result({make_word(f.i, to, at.base), both});
  }
  const std::uint32_t from = settled_slot(operand);
  push_result(v128);
  const Word word = in_acc(operand) ? make_word(f.a, to) : make_word(f.s, to, from);
  emitter_.emit_vector_result({word, offset});
}

void Lowerer::vector_load_lane(const Instruction& in) {
  const Operand operand = operands_.pop();
  const Operand address = operands_.pop();
  const std::uint32_t from = settled_slot(address);
  const std::uint32_t into = settled_slot(operand);
  push_result(v128);
  emitter_.emit_vector_result({make_word(forms(in.op).s, address.slot, from, into),
                               offset_of(in.memarg), make_halves(in.lane, in.memarg.memory.value)});
}

void Lowerer::vector_store_lane(const Instruction& in) {
  const Operand operand = operands_.pop();
  const Operand address = operands_.pop();
  const std::uint32_t to = settled_slot(address);
  const std::uint32_t from = settled_slot(operand);
  emitter_.emit(make_word(forms(in.op).s, to, from), offset_of(in.memarg),
                make_halves(in.lane, in.memarg.memory.value));
}

}  // namespace fermata
