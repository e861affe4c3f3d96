// Lowering of vector instructions: their operands are in slots, two for each vector.
#include <array>

#include "fermata/value.hpp"
#include "interp/lower/forms.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

/// An instruction whose result is of this type.
void Lowerer::emit_value(ValType type, Word word) {
  if (type.slots() == 2) return emitter_.emit_vector({word});
  emitter_.emit_result(acc_of(type), word);
}
void Lowerer::emit_value(ValType type, Word word, Word second) {
  if (type.slots() == 2) return emitter_.emit_vector({word, second});
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
  std::array<std::uint32_t, 3> from{};
  std::uint32_t to = 0;
  for (std::size_t i = count; i-- > 0;) {
    const Operand operand = operands_.pop();
    to = operand.slot;
    from[i] = settled_slot(operand);
  }
  const ValType type = result_type(in.op);
  push_result(type);
  const Word word = make_word(forms(in.op).s, to, from[0], from[1]);
  count == 3 ? emit_value(type, word, from[2]) : emit_value(type, word);
}

void Lowerer::vector_shift(const Instruction& in) {
  const Operand count = operands_.pop();
  const Operand operand = operands_.pop();
  const std::uint32_t from = settled_slot(operand);
  const Forms& f = forms(in.op);
  if (immediate(count)) {
    push_result(v128);
    const auto bits = static_cast<std::uint32_t>(count.bits & 63);  // lanes have 64 at most
    return emitter_.emit_vector({make_word(f.si, operand.slot, from, bits)});
  }
  const std::uint32_t by = settled_slot(count);
  push_result(v128);
  emitter_.emit_vector({make_word(f.ss, operand.slot, from, by)});
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
  emitter_.emit_vector({make_word(forms(in.op).s, operand.slot, from, value), in.lane});
}

void Lowerer::vector_shuffle(const Instruction& in) {
  const Operand second = operands_.pop();
  const Operand first = operands_.pop();
  const std::uint32_t a = settled_slot(first);
  const std::uint32_t b = settled_slot(second);
  push_result(v128);
  const Value lanes = Value::v128(in.v128);
  emitter_.emit_vector({make_word(Op::i8x16_shuffle, first.slot, a, b), lanes.lo(), lanes.hi()});
}

// --- memory --------------------------------------------------------------------------------------

/// A load that makes a vector of fewer bytes.
void Lowerer::vector_load(const Instruction& in) {
  const Operand address = operands_.pop();
  const Forms& f = forms(in.op);
  const std::uint32_t from = settled_slot(address);
  push_result(v128);
  const std::uint32_t memory = in.memarg.memory.value;
  const Word word = is_common(in.memarg) ? make_word(f.s, address.slot, from)
                                         : make_word(f.n, address.slot, from, memory);
  emitter_.emit_vector({word, offset_of(in.memarg)});
}

void Lowerer::vector_load_lane(const Instruction& in) {
  const Operand operand = operands_.pop();
  const Operand address = operands_.pop();
  const std::uint32_t from = settled_slot(address);
  const std::uint32_t into = settled_slot(operand);
  push_result(v128);
  emitter_.emit_vector({make_word(forms(in.op).s, address.slot, from, into), offset_of(in.memarg),
                        make_halves(in.lane, in.memarg.memory.value)});
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
