// Lowering of loads, stores and the memory instructions.
#include <algorithm>
#include <cassert>

#include "fermata/limits.hpp"
#include "interp/isa/bulk.hpp"
#include "interp/lower/forms.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

void Lowerer::memory_size(const Instruction& in) {
  const MemoryType& memory = module_.memories[in.index];
  push_result(type_of(memory.address));
  const std::uint32_t to = operands_.top().slot;
  const bool is_common = in.index == 0 && !memory.has_custom_page_size();
  emitter_.emit_result(Acc::integer, is_common ? make_word(Op::memory_size, to)
                                               : make_wide(Op::memory_size_n, to, in.index));
}

void Lowerer::memory_grow(const Instruction& in) {
  const Operand pages = operands_.pop();
  const std::uint32_t from = settled_slot(pages);
  push_result(type_of(module_.memories[in.index].address));
  emitter_.emit_result(Acc::integer, make_word(Op::memory_grow, pages.slot, from, in.index));
}

void Lowerer::memory_fill(const Instruction& in) { bulk_in_pieces(Op::memory_fill, in.index); }

void Lowerer::memory_copy(const Instruction& in) {
  bulk_in_pieces(Op::memory_copy, make_halves(in.index, in.index2));
}

/// What takes more than one piece may pause in between, in metered code: the operands then say what
/// is left to be done. Whoever saves it there may go on with it in any other code.
void Lowerer::bulk_in_pieces(Op op, Word second) {
  const Operand& count = operands_.top();
  const bool in_one_piece = count.kind == Operand::Kind::constant && count.bits <= bulk_piece_bytes;
  if (!in_one_piece) {
    settle_from(operands_.size() - 3);
    safe_point(Query::Kind::safe_point);
    fuel_.note_pause();
  }
  three_operands(op, second);
}

void Lowerer::memory_init(const Instruction& in) {
  three_operands(Op::memory_init, make_halves(in.index2, in.index));
}

void Lowerer::data_drop(const Instruction& in) {
  emitter_.emit(make_wide(Op::data_drop, 0, in.index));
}

/// `wide_indices`: which of them are 64-bit indices or lengths of a table.
void Lowerer::three_operands(Op op, Word second, std::array<bool, 3> wide_indices) {
  const Operand last = operands_.pop();
  const Operand middle = operands_.pop();
  const Operand first = operands_.pop();
  const std::uint32_t a = index_slot(first, wide_indices[0]);
  const std::uint32_t b = index_slot(middle, wide_indices[1]);
  const std::uint32_t c = index_slot(last, wide_indices[2]);
  emitter_.emit(make_word(op, a, b, c), second);
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
    case Op::i32_add_si:
      emitter_.drop_last();
      return Address{.kind = Kind::sum, .base = b, .extra = shift};
    case Op::i32_add_ai:
      emitter_.drop_last();
      return Address{.kind = Kind::sum, .base = emitter_.held(Acc::integer), .extra = shift};
    case Op::i32_add_ss:
      emitter_.drop_last();
      return Address{.kind = Kind::indexed, .base = b, .index = field_c(last->word)};
    case Op::i32_add_as:
      emitter_.drop_last();
      return Address{.kind = Kind::indexed_acc, .base = b, .index = emitter_.held(Acc::integer)};
    case Op::i32_add_shl_ss:
      emitter_.drop_last();
      return Address{
          .kind = Kind::indexed, .base = b, .index = field_c(last->word), .extra = shift};
    case Op::i32_add_shl_sa:
      emitter_.drop_last();
      return Address{.kind = Kind::indexed_acc,
                     .base = b,
                     .index = emitter_.held(Acc::integer),
                     .extra = shift};
    default:
      return std::nullopt;
  }
}

/// Of a popped operand.
Lowerer::Address Lowerer::address(Operand operand) {
  if (immediate(operand)) return {.kind = Address::Kind::constant, .constant = operand.bits};
  if (operand.kind == Operand::Kind::sum) {
    return {.kind = Address::Kind::sum,
            .base = layout_.local_slot(operand.local),
            .extra = static_cast<std::uint32_t>(operand.bits)};
  }
  if (in_acc(operand)) return {.kind = Address::Kind::acc, .base = slot_of(operand)};
  return {.kind = Address::Kind::slot, .base = settled_slot(operand)};
}

/// Whether an access has the forms of memory 0 with 32-bit addresses, which are most.
bool Lowerer::is_common(const MemArg& access) const {
  const std::uint32_t memory = access.memory.value;
  return memory == 0 && module_.memories[memory].address == AddressType::i32;
}

static_assert(limits::memories <= 1u << 16, "a memory's index is a field of a word");

/// From a memory with 64-bit addresses, or another than number 0.
void Lowerer::load_elsewhere(const Instruction& in) {
  Operand address = operands_.pop();
  compute_sum(address);
  const Forms& f = forms(in.op);
  const std::uint32_t memory = in.memarg.memory.value;
  const ValType type = result_type(in.op);
  const bool from_acc = memory == 0 && in_acc(address);
  const std::uint32_t from = from_acc ? 0 : settled_slot(address);
  push_result(type);
  const Op op = from_acc ? f.wa : memory == 0 ? f.w : f.n;
  emit_value(type, make_word(op, address.slot, from, memory), offset_of(in.memarg));
}

/// The same.
void Lowerer::store_elsewhere(const Instruction& in) {
  Operand value = operands_.pop();
  Operand address = operands_.pop();
  compute_sum(value);
  compute_sum(address);
  const Forms& f = forms(in.op);
  const std::uint32_t memory = in.memarg.memory.value;
  const bool from_acc = memory == 0 && in_acc(value);
  const std::uint32_t from = from_acc ? 0 : settled_slot(value);
  const std::uint32_t to = settled_slot(address);
  const Op op = from_acc ? f.wsa : memory == 0 ? f.ws : f.ns;
  emitter_.emit(make_word(op, to, from, memory), offset_of(in.memarg));
}

void Lowerer::load(const Instruction& in) {
  if (!is_common(in.memarg)) return load_elsewhere(in);
  const Operand operand = operands_.pop();
  const std::uint64_t offset = in.memarg.offset;
  const Forms& f = forms(in.op);
  const auto fused = fused_address(operand);
  const Address at = fused ? *fused : address(operand);
  const ValType type = result_type(in.op);
  push_result(type);
  const std::uint32_t to = operand.slot;
  const Word both = make_halves(static_cast<std::uint32_t>(offset), at.extra);
  switch (at.kind) {
    case Address::Kind::constant:
      return emit_value(type, make_word(f.k, to), at.constant + offset);
    case Address::Kind::acc:
      return emit_value(type, make_word(f.a, to), offset);
    case Address::Kind::slot:
      return emit_value(type, make_word(f.s, to, at.base), offset);
    case Address::Kind::sum:
      return emit_value(type, make_word(f.i, to, at.base), both);
    case Address::Kind::indexed:
      return emit_value(type, make_word(f.x, to, at.base, at.index), both);
    case Address::Kind::indexed_acc:
      return emit_value(type, make_word(f.ax, to, at.base), both);
  }
}

namespace {

/// The 32 bits from which a store makes the constant again; nothing when they do not suffice.
std::optional<std::uint32_t> short_constant(ValType type, std::uint64_t bits) {
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

bool fits_16(std::uint32_t bits) {
  return static_cast<std::int32_t>(bits) == static_cast<std::int16_t>(bits);
}

}  // namespace

/// Whether every constant form of a store can take the value.
bool Lowerer::fits_in_store(const Operand& value) const {
  if (!immediate(value)) return false;
  const auto bits = short_constant(value.type, value.bits);
  return bits && fits_16(*bits);
}

void Lowerer::store(const Instruction& in) {
  if (!is_common(in.memarg)) return store_elsewhere(in);
  Operand value = operands_.pop();
  const Operand operand = operands_.pop();
  const Forms& f = forms(in.op);
  compute_sum(value);
  // The address can be the last instruction only when nothing was emitted for the value; and
  // nothing may be emitted for it afterwards, since the value's own slot may be where the address's
  // index lies.
  const bool needs_nothing = value.kind == Operand::Kind::local || fits_in_store(value);
  std::optional<Address> fused;
  if (needs_nothing) fused = fused_address(operand);
  const Address at = fused ? *fused : address(operand);
  if (store_constant(f, at, value, in.memarg.offset)) return;
  store_to(f, at, value, in.memarg.offset);
}

/// The value is part of the instruction.
bool Lowerer::store_constant(const Forms& f, const Address& at, const Operand& value,
                             std::uint64_t offset) {
  if (!immediate(value)) return false;
  const auto bits = short_constant(value.type, value.bits);
  if (!bits) return false;
  const auto low = static_cast<std::uint32_t>(offset);
  switch (at.kind) {
    case Address::Kind::slot:
    case Address::Kind::acc:  // what the accumulator holds lies in its slot as well
      emitter_.emit(make_word(f.si, at.base), make_halves(low, *bits));
      return true;
    case Address::Kind::sum:
      emitter_.emit(make_wide(f.ii, at.base, *bits), make_halves(low, at.extra));
      return true;
    case Address::Kind::indexed:
    case Address::Kind::indexed_acc:
      if (!fits_16(*bits)) return false;
      emitter_.emit(make_word(f.xi, at.base, at.index, *bits & 0xFFFF), make_halves(low, at.extra));
      return true;
    case Address::Kind::constant:
      return false;
  }
  return false;
}

void Lowerer::store_to(const Forms& f, const Address& at, const Operand& value,
                       std::uint64_t offset) {
  const std::uint32_t from = settled_slot(value);
  const bool in_accumulator = in_acc(value);
  const Word both = make_halves(static_cast<std::uint32_t>(offset), at.extra);
  const auto emit = [&](Op with_acc, Op with_slot, Word operands, unsigned value_field,
                        Word second) {
    const Word word =
        in_accumulator ? make_word(with_acc) : make_word(with_slot) | Word{from} << value_field;
    emitter_.emit(word | operands, second);
  };
  const Word base = Word{at.base} << 16;
  const Word base_and_index = base | Word{at.index} << 32;
  switch (at.kind) {
    case Address::Kind::constant:
      return emit(f.ka, f.ks, 0, 32, at.constant + offset);
    case Address::Kind::acc:
      if (!in_accumulator) {
        emitter_.emit(make_word(f.as, 0, from), offset);
        return;
      }
      [[fallthrough]];
    case Address::Kind::slot:
      return emit(f.sa, f.ss, base, 32, offset);
    case Address::Kind::sum:
      return emit(f.ia, f.is, base, 32, both);
    case Address::Kind::indexed:
    case Address::Kind::indexed_acc:
      return emit(f.xa, f.xs, base_and_index, 48, both);
  }
}

}  // namespace fermata
