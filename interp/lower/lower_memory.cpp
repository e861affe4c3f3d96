// Lowering of loads, stores and the memory instructions.
#include <cassert>

#include "interp/lower/forms.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

void Lowerer::lower_memory(const Instruction& in) {
  switch (in.op) {
    case WasmOp::memory_size: {
      push_result(i32);
      return emitter_.emit_result(Acc::integer, make_word(Op::memory_size, operands_.top().slot));
    }
    case WasmOp::memory_grow: {
      const Operand pages = operands_.pop();
      const std::uint32_t from = settled_slot(pages);
      push_result(i32);
      return emitter_.emit_result(Acc::integer, make_word(Op::memory_grow, pages.slot, from));
    }
    case WasmOp::memory_fill:
      return three_operands(Op::memory_fill, std::nullopt);
    case WasmOp::memory_copy:
      return three_operands(Op::memory_copy, std::nullopt);
    case WasmOp::memory_init:
      return three_operands(Op::memory_init, in.index);
    case WasmOp::data_drop:
      emitter_.emit(make_wide(Op::data_drop, 0, in.index));
      return;
    default:
      return forms(in.op).family == Family::load ? load(in) : store(in);
  }
}

void Lowerer::three_operands(Op op, std::optional<Word> second) {
  const Operand last = operands_.pop();
  const Operand middle = operands_.pop();
  const Operand first = operands_.pop();
  const std::uint32_t a = settled_slot(first);
  const std::uint32_t b = settled_slot(middle);
  const std::uint32_t c = settled_slot(last);
  if (second) {
    emitter_.emit(make_word(op, a, b, c), *second);
  } else {
    emitter_.emit(make_word(op, a, b, c));
  }
}

/// An address that the last instruction computed as a sum becomes part of the access.
std::optional<Lowerer::Address> Lowerer::fused_address(const Operand& operand) {
  if (!cache_.mode().fusion || operand.kind != Operand::Kind::slot) return std::nullopt;
  const auto last = emitter_.last_writing(operand.slot);
  if (!last) return std::nullopt;
  using Kind = Address::Kind;
  const std::uint32_t b = field_b(last->word);
  const auto shift = static_cast<std::uint32_t>(last->second);
  switch (op_of(last->word)) {
    case Op::i32_add_ss:
      emitter_.drop_last();
      return Address{.kind = Kind::indexed, .base = b, .index = field_c(last->word)};
    case Op::i32_add_as:
      emitter_.drop_last();
      return Address{.kind = Kind::indexed_acc, .base = b, .index = emitter_.held(Acc::integer)};
    case Op::i32_add_shl_ss:
      emitter_.drop_last();
      return Address{
          .kind = Kind::indexed, .base = b, .index = field_c(last->word), .shift = shift};
    case Op::i32_add_shl_sa:
      emitter_.drop_last();
      return Address{.kind = Kind::indexed_acc,
                     .base = b,
                     .index = emitter_.held(Acc::integer),
                     .shift = shift};
    default:
      return std::nullopt;
  }
}

Lowerer::Address Lowerer::address(const Operand& operand) {
  if (immediate(operand)) return {.kind = Address::Kind::constant, .constant = operand.bits};
  if (in_acc(operand)) return {.kind = Address::Kind::acc, .base = slot_of(operand)};
  return {.kind = Address::Kind::slot, .base = settled_slot(operand)};
}

void Lowerer::load(const Instruction& in) {
  const Operand operand = operands_.pop();
  const std::uint64_t offset = in.memarg.offset;
  const Forms& f = forms(in.op);
  const auto fused = fused_address(operand);
  const Address at = fused ? *fused : address(operand);
  const char letter = info(in.op).signature.back();
  const ValType type = letter == 'l' ? i64 : letter == 'f' ? f32 : letter == 'd' ? f64 : i32;
  push_result(type);
  const std::uint32_t to = operand.slot;
  const auto acc = acc_of(type);
  const auto low = static_cast<std::uint32_t>(offset);
  switch (at.kind) {
    case Address::Kind::constant:
      return emitter_.emit_result(acc, make_word(f.k, to), at.constant + offset);
    case Address::Kind::acc:
      return emitter_.emit_result(acc, make_word(f.a, to), offset);
    case Address::Kind::slot:
      return emitter_.emit_result(acc, make_word(f.s, to, at.base), offset);
    case Address::Kind::indexed:
      return emitter_.emit_result(acc, make_word(f.x, to, at.base, at.index),
                                  make_halves(low, at.shift));
    case Address::Kind::indexed_acc:
      return emitter_.emit_result(acc, make_word(f.ax, to, at.base), make_halves(low, at.shift));
  }
}

namespace {

/// The 32 bits from which store_si makes the constant again; nothing when they do not suffice.
std::optional<std::uint32_t> store_immediate_bits(ValType type, std::uint64_t bits) {
  const auto low = static_cast<std::uint32_t>(bits);
  const auto high = static_cast<std::uint32_t>(bits >> 32);
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::f32:
      return low;
    case ValKind::i64:
      if (static_cast<std::int64_t>(bits) == static_cast<std::int32_t>(low)) return low;
      return std::nullopt;
    case ValKind::f64:
      if (low == 0) return high;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

void Lowerer::store(const Instruction& in) {
  const Operand value = operands_.pop();
  const Operand operand = operands_.pop();
  const std::uint64_t offset = in.memarg.offset;
  const auto low = static_cast<std::uint32_t>(offset);
  const Forms& f = forms(in.op);

  if (immediate(value) && operand.kind != Operand::Kind::constant) {
    if (const auto bits = store_immediate_bits(value.type, value.bits)) {
      emitter_.emit(make_word(f.si, slot_of(operand)), make_halves(low, *bits));
      return;
    }
  }
  std::optional<Address> fused;
  if (value.kind == Operand::Kind::local) fused = fused_address(operand);
  const std::uint32_t value_slot = settled_slot(value);
  const bool value_in_acc = in_acc(value);
  Address at = fused ? *fused : address(operand);
  if (at.kind == Address::Kind::acc && value_in_acc) at.kind = Address::Kind::slot;
  switch (at.kind) {
    case Address::Kind::constant:
      if (value_in_acc) emitter_.emit(make_word(f.ka), at.constant + offset);
      else emitter_.emit(make_word(f.ks, 0, value_slot), at.constant + offset);
      return;
    case Address::Kind::acc:
      emitter_.emit(make_word(f.as, 0, value_slot), offset);
      return;
    case Address::Kind::slot:
      if (value_in_acc) emitter_.emit(make_word(f.sa, at.base), offset);
      else emitter_.emit(make_word(f.ss, at.base, value_slot), offset);
      return;
    case Address::Kind::indexed:
    case Address::Kind::indexed_acc:  // what the accumulator holds lies in its slot as well
      if (value_in_acc) {
        emitter_.emit(make_word(f.xa, at.base, at.index), make_halves(low, at.shift));
      } else {
        emitter_.emit(make_word(f.xs, at.base, at.index, value_slot),
                      make_halves(low, at.shift));
      }
      return;
  }
}

}  // namespace fermata
