// Lowering of numeric instructions: choosing the form by where the operands are.
#include <array>
#include <cassert>
#include <utility>

#include "interp/lower/forms.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

/// Changes of type that leave the slot's bits alone: an i32 is the low half of its slot, whatever
/// the high half holds. So these cost nothing.
void Lowerer::reinterpret(const Instruction& in) {
  const ValType type = result_type(in.op);
  const Operand operand = operands_.pop();
  switch (operand.kind) {
    case Operand::Kind::slot:
      operands_.push_slot(type);
      break;
    case Operand::Kind::local:
      operands_.push_local(type, operand.local);
      break;
    case Operand::Kind::sum:
      emit_into(operand.slot, operand);
      operands_.push_slot(type);
      break;
    case Operand::Kind::constant:
      operands_.push_constant(type, type == i32 ? operand.bits & UINT32_MAX : operand.bits);
      break;
  }
}

void Lowerer::unary(const Instruction& in) {
  emit_unary(result_type(in.op), forms(in.op).s, forms(in.op).a);
}

void Lowerer::emit_unary(ValType type, Op from_slot, Op from_acc) {
  Operand operand = operands_.pop();
  compute_sum(operand);
  push_result(type);
  const std::uint32_t to = operand.slot;
  if (in_acc(operand)) {
    emitter_.emit_result(acc_of(type), make_word(from_acc, to));
  } else {
    const std::uint32_t from = settled_slot(operand);
    emitter_.emit_result(acc_of(type), make_word(from_slot, to, from));
  }
}

namespace {

/// Whether an instruction computes NaNs whose bits are not determined. Specification: "Numerics",
/// "NaN Propagation".
bool makes_nan(WasmOp op) {
  switch (op) {
#define FERMATA_MAKES_NAN(type) \
  case WasmOp::type##_ceil:     \
  case WasmOp::type##_floor:    \
  case WasmOp::type##_trunc:    \
  case WasmOp::type##_nearest:  \
  case WasmOp::type##_sqrt:     \
  case WasmOp::type##_add:      \
  case WasmOp::type##_sub:      \
  case WasmOp::type##_mul:      \
  case WasmOp::type##_div:      \
  case WasmOp::type##_min:      \
  case WasmOp::type##_max:
    FERMATA_MAKES_NAN(f32)
    FERMATA_MAKES_NAN(f64)
    FERMATA_MAKES_NAN(f32x4)
    FERMATA_MAKES_NAN(f64x2)
#undef FERMATA_MAKES_NAN
    case WasmOp::f32_demote_f64:
    case WasmOp::f64_promote_f32:
    case WasmOp::f32x4_demote_f64x2_zero:
    case WasmOp::f64x2_promote_low_f32x4:
    case WasmOp::f32x4_relaxed_madd:
    case WasmOp::f32x4_relaxed_nmadd:
    case WasmOp::f32x4_relaxed_min:
    case WasmOp::f32x4_relaxed_max:
    case WasmOp::f64x2_relaxed_madd:
    case WasmOp::f64x2_relaxed_nmadd:
    case WasmOp::f64x2_relaxed_min:
    case WasmOp::f64x2_relaxed_max:
      return true;
    default:
      return false;
  }
}

bool has_wide_lanes(WasmOp op) { return info(op).text.starts_with("f64x2"); }

}  // namespace

/// What an instruction has just computed.
void Lowerer::canonicalize(WasmOp op) {
  if (!makes_nan(op)) return;
  const ValType type = result_type(op);
  if (type == f32) return emit_unary(f32, Op::f32_canonical_s, Op::f32_canonical_a);
  if (type == f64) return emit_unary(f64, Op::f64_canonical_s, Op::f64_canonical_a);
  const Operand operand = operands_.pop();
  const std::uint32_t from = settled_slot(operand);
  push_result(v128);
  const Op canonical = has_wide_lanes(op) ? Op::f64x2_canonical : Op::f32x4_canonical;
  emit_value(v128, make_word(canonical, operand.slot, from));
}

namespace {

/// Whether the operands may change places. Of a float sum or product they may unless both could be
/// NaN: then the result's payload tells which was first.
bool swaps(WasmOp op, const Operand& left) {
  switch (op) {
    case WasmOp::f32_add:
    case WasmOp::f32_mul:
      return left.kind == Operand::Kind::constant && (left.bits & 0x7FFF'FFFF) <= 0x7F80'0000;
    case WasmOp::f64_add:
    case WasmOp::f64_mul:
      return left.kind == Operand::Kind::constant &&
             (left.bits & 0x7FFF'FFFF'FFFF'FFFF) <= 0x7FF0'0000'0000'0000;
    default:
      return forms(op).family != Family::binary;
  }
}

WasmOp swapped(WasmOp op) { return forms(op).family == Family::binary ? op : forms(op).swapped; }

}  // namespace

/// A local plus a constant waits until somebody needs it: an address takes it as it is.
bool Lowerer::deferred_sum(const Operand& left, const Operand& right) {
  if (!immediate(right) || !left.in_local()) return false;
  const std::uint64_t already = left.kind == Operand::Kind::sum ? left.bits : 0;
  operands_.push_sum(left.local, static_cast<std::uint32_t>(already + right.bits));
  return true;
}

void Lowerer::binary(const Instruction& in) {
  WasmOp op = in.op;
  Operand right = operands_.pop();
  Operand left = operands_.pop();
  const bool subtracts = op == WasmOp::i32_sub || op == WasmOp::i64_sub;
  if (subtracts && immediate(right)) {  // one instruction for both, and one fusion
    const bool narrow = op == WasmOp::i32_sub;
    right.bits = narrow ? static_cast<std::uint32_t>(0 - right.bits) : 0 - right.bits;
    op = narrow ? WasmOp::i32_add : WasmOp::i64_add;
  }
  if (op == WasmOp::i32_add && (deferred_sum(left, right) || deferred_sum(right, left))) return;
  compute_sum(left);
  compute_sum(right);
  const std::uint32_t to = left.slot;
  const ValType type = result_type(op);
  push_result(type);
  if (op == WasmOp::i32_add && (add_shifted(left, right) || add_shifted(right, left))) return;

  // Where the two may change places, a constant goes right and the accumulator left.
  const bool better = immediate(left) || (in_acc(right) && !in_acc(left) && !immediate(right));
  if (better && swaps(op, left)) {
    op = swapped(op);
    std::swap(left, right);
  }
  const Forms& f = forms(op);
  const auto acc = acc_of(type);
  if (immediate(right) && f.si != Op::absent && left.kind != Operand::Kind::constant) {
    if (in_acc(left)) return emitter_.emit_result(acc, make_word(f.ai, to), right.bits);
    return emitter_.emit_result(acc, make_word(f.si, to, slot_of(left)), right.bits);
  }
  if (immediate(left) && f.is != Op::absent && right.kind != Operand::Kind::constant) {
    if (in_acc(right)) return emitter_.emit_result(acc, make_word(f.ia, to), left.bits);
    return emitter_.emit_result(acc, make_word(f.is, to, slot_of(right)), left.bits);
  }
  const std::uint32_t left_slot = settled_slot(left);
  const std::uint32_t right_slot = settled_slot(right);
  if (in_acc(left)) return emitter_.emit_result(acc, make_word(f.as, to, right_slot));
  if (in_acc(right) && f.sa != Op::absent) {
    return emitter_.emit_result(acc, make_word(f.sa, to, left_slot));
  }
  emitter_.emit_result(acc, make_word(f.ss, to, left_slot, right_slot));
}

/// base + (index << k), when `shifted` was just made by a shift to the left.
bool Lowerer::add_shifted(const Operand& base, const Operand& shifted) {
  if (!cache_.mode().fusion || base.kind == Operand::Kind::constant ||
      base.kind == Operand::Kind::sum || shifted.kind != Operand::Kind::slot) {
    return false;
  }
  const auto last = emitter_.last_writing(shifted.slot);
  if (!last) return false;
  const std::uint32_t to = operands_.top().slot;
  const Word shift = last->second & 31;
  if (op_of(last->word) == Op::i32_shl_si) {
    emitter_.drop_last();
    emitter_.emit_result(
        Acc::integer, make_word(Op::i32_add_shl_ss, to, slot_of(base), field_b(last->word)), shift);
    return true;
  }
  if (op_of(last->word) == Op::i32_shl_ai) {
    emitter_.drop_last();
    emitter_.emit_result(Acc::integer, make_word(Op::i32_add_shl_sa, to, slot_of(base)), shift);
    return true;
  }
  return false;
}

/// Both results are written as a move is: no later instruction may take the first one elsewhere.
void Lowerer::wide_arithmetic(const Instruction& in) {
  const auto count = static_cast<std::uint32_t>(info(in.op).signature.find(':'));
  std::array<std::uint32_t, 4> from{};
  for (std::uint32_t i = count; i-- > 0;) from[i] = settled_slot(operands_.pop());
  const std::uint32_t to = operands_.next_slot();
  operands_.push_slots(std::array{i64, i64});
  switch (in.op) {
    case WasmOp::i64_mul_wide_s:
      return emitter_.emit_move2(to, make_word(Op::i64_mul_wide_s, to, from[0], from[1]));
    case WasmOp::i64_mul_wide_u:
      return emitter_.emit_move2(to, make_word(Op::i64_mul_wide_u, to, from[0], from[1]));
    default:
      break;
  }
  const Op op = in.op == WasmOp::i64_add128 ? Op::i64_add128 : Op::i64_sub128;
  emitter_.emit_move2(to, make_word(op, to, from[0], from[1]), make_halves(from[2], from[3]));
}

}  // namespace fermata
