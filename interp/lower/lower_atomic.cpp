// Lowering of the atomic instructions (the threads proposal).
#include <cassert>

#include "interp/isa/atomic.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {
namespace {

constexpr std::uint32_t widths =
    7;  // each operation has: i32, i64, i32's 8 and 16, i64's 8, 16, 32

AtomicOp operation_of(WasmOp op) {
  const std::uint32_t operation = (info(op).code - info(WasmOp::i32_atomic_load).code) / widths;
  assert(operation <= static_cast<std::uint32_t>(AtomicOp::cmpxchg));
  return static_cast<AtomicOp>(operation);
}

AtomicAccess access_of(const Instruction& in, AtomicOp op) {
  return {op, info(in.op).natural_align, 0, in.memarg.memory.value};
}

}  // namespace

void Lowerer::atomic_access(const Instruction& in) {
  AtomicAccess access = access_of(in, operation_of(in.op));
  std::uint32_t value = 0;
  if (access.op == AtomicOp::cmpxchg) access.last_slot = settled_slot(operands_.pop());
  if (access.op != AtomicOp::load) value = settled_slot(operands_.pop());
  const Operand address = operands_.pop();
  const std::uint32_t from = settled_slot(address);
  const Word word = make_word(Op::atomic, address.slot, from, value);
  if (access.op == AtomicOp::store) {
    emitter_.emit(word, in.memarg.offset, access.word());
    return;
  }
  emitter_.emit_result(Acc::integer, word, in.memarg.offset);
  emitter_.append(access.word());
  push_result(result_type(in.op));
}

void Lowerer::atomic_notify(const Instruction& in) {
  const std::uint32_t count = settled_slot(operands_.pop());
  const Operand address = operands_.pop();
  const std::uint32_t from = settled_slot(address);
  emitter_.emit_result(Acc::integer, make_word(Op::atomic_notify, address.slot, from, count),
                       in.memarg.offset);
  emitter_.append(access_of(in, AtomicOp::load).word());
  push_result(i32);
}

/// A place where the thread pauses, as behind a call: the operands left are what there is then, and
/// the accumulators are lost.
void Lowerer::atomic_wait(const Instruction& in) {
  AtomicAccess access = access_of(in, AtomicOp::load);
  access.last_slot = settled_slot(operands_.pop());
  const std::uint32_t expected = settled_slot(operands_.pop());
  const Operand address = operands_.pop();
  const std::uint32_t from = settled_slot(address);
  emitter_.forget_accumulators();
  emitter_.emit_result(Acc::integer, make_word(Op::atomic_wait, address.slot, from, expected),
                       in.memarg.offset);
  emitter_.append(access.word());
  safe_point(Query::Kind::returning);
  fuel_.note_pause();
  push_result(i32);
}

}  // namespace fermata
