// Lowering of variables, constants, select, references and tables: mostly bookkeeping.
#include <cassert>

#include "interp/lower/lowerer.hpp"

namespace fermata {

void Lowerer::local_get(const Instruction& in) {
  operands_.push_local(layout_.local_type(in.index), in.index);
}

void Lowerer::local_set(const Instruction& in) { set_local(in.index, false); }

void Lowerer::local_tee(const Instruction& in) { set_local(in.index, true); }

/// The instruction that made the value writes to the local instead, when it is the last one.
void Lowerer::set_local(std::uint32_t local, bool keep) {
  const Operand value = operands_.pop();
  const std::uint32_t to = layout_.local_slot(local);
  const bool same = value.kind == Operand::Kind::local && value.local == local;
  const bool untouched = operands_.topmost_in(local) == OperandStack::none;
  if (cache_.mode().fusion && !cache_.mode().debug && untouched &&
      value.kind == Operand::Kind::slot && emitter_.last_writing(value.slot)) {
    emitter_.retarget_last(to);
    if (keep) operands_.push_local(value.type, local);
    return;
  }
  if (!same) {
    preserve(local);
    emit_into(to, value);
    const bool copied = value.kind == Operand::Kind::slot || value.kind == Operand::Kind::local;
    if (copied) emitter_.alias(slot_of(value), to);
  }
  if (!keep) return;
  if (value.kind == Operand::Kind::constant) return operands_.push_constant(value.type, value.bits);
  operands_.push_local(value.type, local);
}

void Lowerer::constant(const Instruction& in) {
  switch (info(in.op).immediate) {
    case Immediate::i32_const:
      return operands_.push_constant(i32, static_cast<std::uint32_t>(in.i32));
    case Immediate::i64_const:
      return operands_.push_constant(i64, static_cast<std::uint64_t>(in.i64));
    case Immediate::f32_const:
      return operands_.push_constant(f32, in.f32_bits);
    default:
      return operands_.push_constant(f64, in.f64_bits);
  }
}

void Lowerer::drop(const Instruction&) { static_cast<void>(operands_.pop()); }

void Lowerer::select(const Instruction& in) {
  const Operand condition = operands_.pop();
  const Operand second = operands_.pop();
  const Operand first = operands_.pop();
  const std::uint32_t to = first.slot;
  push_result(in.op == WasmOp::select_t ? in.select_type : first.type);
  const std::uint32_t a = settled_slot(first);
  const std::uint32_t b = settled_slot(second);
  const bool is_vector = first.type.slots() == 2;
  const auto emit = [&](std::initializer_list<Word> words) {
    if (is_vector) return emitter_.emit_vector(words);
    words.size() == 1 ? emitter_.emit_result(std::nullopt, words.begin()[0])
                      : emitter_.emit_result(std::nullopt, words.begin()[0], words.begin()[1]);
  };
  if (in_acc(condition)) {  // asked last: settling may use the accumulator
    return emit({make_word(is_vector ? Op::select_v_a : Op::select_a, to, a, b)});
  }
  const std::uint32_t c = settled_slot(condition);
  emit({make_word(is_vector ? Op::select_v_s : Op::select_s, to, a, b), c});
}

void Lowerer::global_get(const Instruction& in) {
  const GlobalIdx global{in.index};
  const ValType type = module_.globals[global.value].value;
  push_result(type);
  const std::uint32_t to = operands_.top().slot;
  const bool is_imported = global.value < module_.imported_globals;
  const std::uint32_t where = is_imported ? global.value : module_.global_slot(global);
  if (type.slots() == 2) {
    const Op op = is_imported ? Op::imported_global_get_v : Op::global_get_v;
    return emitter_.emit_vector({make_wide(op, to, where)});
  }
  const bool integer = acc_of(type) == Acc::integer;
  const auto acc = integer ? std::optional{Acc::integer} : std::nullopt;
  if (!integer) emitter_.forget_accumulators();  // the handler leaves the value's bits there
  emitter_.emit_result(
      acc, make_wide(is_imported ? Op::imported_global_get : Op::global_get, to, where));
}

void Lowerer::global_set(const Instruction& in) {
  const GlobalIdx global{in.index};
  const Operand value = operands_.pop();
  const bool is_vector = value.type.slots() == 2;
  if (global.value < module_.imported_globals) {
    const Op op = is_vector ? Op::imported_global_set_v : Op::imported_global_set;
    emitter_.emit(make_wide(op, settled_slot(value), global.value));
    return;
  }
  const std::uint32_t slot = module_.global_slot(global);
  if (in_acc(value) && acc_of(value.type) == Acc::integer) {
    emitter_.emit(make_wide(Op::global_set_a, 0, slot));
  } else {
    const std::uint32_t from = settled_slot(value);
    emitter_.emit(make_wide(is_vector ? Op::global_set_v : Op::global_set_s, from, slot));
  }
}

// --- references --------------------------------------------------------------------------------

void Lowerer::ref_null(const Instruction& in) {
  operands_.push_constant(ValType::ref(in.heap, true), 0);
}

void Lowerer::ref_func(const Instruction& in) {
  push_result(ValType::ref(HeapType::concrete(module_.func_types[in.index]), false));
  emitter_.emit_result(std::nullopt, make_wide(Op::ref_func, operands_.top().slot, in.index));
}

void Lowerer::ref_as_non_null(const Instruction&) {
  const Operand reference = operands_.pop();
  emitter_.emit(make_word(Op::ref_as_non_null, settled_slot(reference)));
  push_again(reference, ValType::ref(reference.type.heap, false));
}

void Lowerer::ref_is_null(const Instruction&) {
  const Operand operand = operands_.pop();
  const std::uint32_t from = settled_slot(operand);
  push_result(i32);
  emitter_.emit_result(Acc::integer, make_word(Op::ref_is_null_s, operand.slot, from));
}

// --- tables ------------------------------------------------------------------------------------

/// Where a popped index or length of a table is, in 32 bits.
std::uint32_t Lowerer::index_slot(const Operand& operand, bool is_64_bit) {
  const std::uint32_t slot = settled_slot(operand);
  if (!is_64_bit) return slot;
  emitter_.emit_result(Acc::integer, make_word(Op::table_index, operand.slot, slot));
  return operand.slot;
}

void Lowerer::table_get(const Instruction& in) {
  const Operand index = operands_.pop();
  const std::uint32_t from = index_slot(index, is_64_bit(in.index));
  push_result(module_.tables[in.index].element);
  emitter_.emit_result(std::nullopt, make_word(Op::table_get, index.slot, from), in.index);
}

void Lowerer::table_set(const Instruction& in) {
  const Operand value = operands_.pop();
  const Operand index = operands_.pop();
  const std::uint32_t at = index_slot(index, is_64_bit(in.index));
  const std::uint32_t from = settled_slot(value);
  emitter_.emit(make_word(Op::table_set, at, from), in.index);
}

void Lowerer::table_size(const Instruction& in) {
  push_result(type_of(module_.tables[in.index].address));
  emitter_.emit_result(Acc::integer, make_wide(Op::table_size, operands_.top().slot, in.index));
}

void Lowerer::table_grow(const Instruction& in) {
  const Operand count = operands_.pop();
  const Operand value = operands_.pop();
  const std::uint32_t b = settled_slot(value);
  const std::uint32_t c = index_slot(count, is_64_bit(in.index));
  push_result(type_of(module_.tables[in.index].address));
  emitter_.emit_result(Acc::integer, make_word(Op::table_grow, value.slot, b, c), in.index);
}

void Lowerer::table_fill(const Instruction& in) {
  const bool is_64 = is_64_bit(in.index);
  three_operands(Op::table_fill, in.index, {is_64, false, is_64});
}

void Lowerer::table_copy(const Instruction& in) {
  const bool to = is_64_bit(in.index), from = is_64_bit(in.index2);
  three_operands(Op::table_copy, make_halves(in.index, in.index2), {to, from, to && from});
}

void Lowerer::table_init(const Instruction& in) {
  three_operands(Op::table_init, make_halves(in.index2, in.index), {is_64_bit(in.index2)});
}

void Lowerer::elem_drop(const Instruction& in) {
  emitter_.emit(make_wide(Op::elem_drop, 0, in.index));
}

}  // namespace fermata
