// Statements: what changes locals, globals, memory and tables, and what leaves operands lying.
#include "tests/support/random_body.hpp"

namespace fermata::test {

void RandomBody::statements(std::uint32_t count, int depth) {
  for (; count > 0 && !is_spent(); --count) statement(depth);
}

void RandomBody::statement(int depth) {
  if (is_spent()) return;
  const int inner = depth - 1;
  if (depth <= 0) return set_some(inner);
  const std::uint32_t kind = choices_.below(44);
  if (kind >= 16 && kind < 30) return control_statement(kind, inner);
  switch (kind) {
    case 0:
    case 1:
    case 2:
      return set_some(inner);
    case 3:
      return set_global(inner);
    case 4:
    case 5:
      return plan_.has_memory() ? store_value(inner) : set_some(inner);
    case 6:
      return plan_.has_memory() ? update_memory(inner) : set_global(inner);
    case 7:
    case 8:
    case 9:
      return free_operands() < 10 ? value(plan_.any_type(), inner) : consume();
    case 10:
    case 11:
      return consume();
    case 12:
    case 13:
      return bump_pointer();
    case 14:
      return swap_locals();
    case 15:
      return stack_frame();
    case 30:
      return plan_.has_memory() ? copy_memory() : bump_pointer();
    case 31:
      return plan_.has_memory() ? memory_statement(inner) : table_statement(inner);
    case 32:
      return table_statement(inner);
    case 33:
    case 34:
      return throw_statement(inner);
    case 35:
    case 36:
    case 37:
      return some_try(plan_.any_types(2), inner);
    case 42:
    case 43:
      return plan_.has_memory() ? atomic_statement(inner) : table_statement(inner);
    default:
      return object_statement(inner);
  }
}

/// Those of the kinds from 16 to 29.
void RandomBody::control_statement(std::uint32_t kind, int depth) {
  switch (kind) {
    case 16:
    case 17:
      return if_statement(depth);
    case 18:
      return block_statement(depth);
    case 19:
    case 20:
      return loop_statement(depth);
    case 21:
      return counting_loop(depth);
    case 22:
      return switch_statement(depth);
    case 23:
    case 24:
      return branch_statement(depth);
    case 25:
      return null_branch_statement(depth);
    case 26:
    case 27:
      return call_function(choices_.below(plan_.imported), depth);
    case 28:
      return call_function(choices_.below(static_cast<std::uint32_t>(plan_.functions.size())),
                           depth);
    default:
      return choices_.chance(50) ? call_table(depth) : call_reference(depth);
  }
}

// --- locals and globals ------------------------------------------------------------------------

/// Sets a local to what lies on the stack, or to a new value; mostly an i32's.
void RandomBody::set_some(int depth) {
  const bool here = free_operands() > 0 && choices_.chance(50);
  const ValType type = here ? stack_.back() : choices_.chance(40) ? i32 : plan_.any_type();
  const auto local = local_of(type);
  if (!local) return bump_pointer();
  if (!here) value(type, depth);
  apply(local_set(*local), {type}, {});
}

void RandomBody::set_global(int depth) {
  const auto count = static_cast<std::uint32_t>(plan_.globals.size());
  const std::uint32_t global = 1 + choices_.below(count - 1);
  const GlobalType type = plan_.globals[global];
  if (!type.mutable_) return set_some(depth);
  operands({type.value}, depth);
  apply(global_set(global), {type.value}, {});
}

/// (local.set $p (i32.add (local.get $p) (i32.const n))), or kept small by a mask.
void RandomBody::bump_pointer() {
  const std::uint32_t local = pointer();
  apply(local_get(local), {}, {i32});
  i32_constant(static_cast<std::int32_t>(1 + choices_.below(16)));
  apply_op(WasmOp::i32_add, {i32, i32}, {i32});
  if (choices_.chance(50)) {
    i32_constant(0x3F8);
    apply_op(WasmOp::i32_and, {i32, i32}, {i32});
    i32_constant(8);
    apply_op(WasmOp::i32_or, {i32, i32}, {i32});
  }
  apply(local_set(local), {i32}, {});
}

/// (local.get $a) (local.get $b) (local.set $a) (local.set $b)
void RandomBody::swap_locals() {
  const ValType type = plan_.any_type();
  const auto a = local_of(type);
  const auto b = local_of(type);
  if (!a || !b) return consume();
  apply(local_get(*a), {}, {type});
  apply(local_get(*b), {}, {type});
  apply(local_set(*a), {type}, {});
  apply(local_set(*b), {type}, {});
}

/// What compilers do with their stack pointer: a global, lowered and kept in a local.
void RandomBody::stack_frame() {
  for (std::uint32_t i = 1; i < plan_.globals.size(); ++i) {
    const GlobalType type = plan_.globals[i];
    const auto local = local_of(i32);
    if (type.value != i32 || !type.mutable_ || !local) continue;
    apply(global_get(i), {}, {i32});
    i32_constant(16);
    apply_op(WasmOp::i32_sub, {i32, i32}, {i32});
    apply(local_tee(*local), {i32}, {i32});
    return apply(global_set(i), {i32}, {});
  }
}

/// Uses up an operand or two that were left lying.
void RandomBody::consume() {
  if (free_operands() == 0) return;
  const ValType top = stack_.back();
  if (!top.is_num() || choices_.chance(20)) return apply(drop(), {top}, {});
  for (int attempt = 0; attempt < 20; ++attempt) {
    const NumericOp& chosen = choices_.pick(numeric_ops(choices_.chance(50) ? top : i32));
    if (chosen.may_trap || !on_top(chosen.params)) continue;
    return apply_op(chosen.op, chosen.params, {chosen.result});
  }
}

// --- memory ------------------------------------------------------------------------------------

void RandomBody::store_value(int depth) {
  if (choices_.chance(20)) return store_vector(depth);
  const AccessOp& chosen = choices_.pick(stores());
  const auto local = local_of(chosen.value);
  const bool just_set = local && choices_.chance(30);  // so that an accumulator holds the local
  if (just_set) {
    value(chosen.value, depth);
    apply(local_set(*local), {chosen.value}, {});
  }
  const std::uint32_t memory = plan_.any_memory();
  address_in(memory, depth);
  if (just_set) {
    apply(local_get(*local), {}, {chosen.value});
  } else {
    value(chosen.value, choices_.chance(40) ? 0 : depth);
  }
  apply(memory_access(chosen.op, access_offset(memory), {}, memory),
        {address_type(memory), chosen.value}, {});
}

/// (i32.store offset=n (local.get $p) (op (i32.load offset=n (local.get $p)) value))
void RandomBody::update_memory(int depth) {
  const std::uint32_t local = pointer();
  const std::uint32_t offset = choices_.below(40);
  const bool wide = choices_.chance(30);
  const ValType type = wide ? i64 : i32;
  const std::uint32_t memory = plan_.any_memory();
  const ValType at = address_type(memory);
  for (int i = 0; i < 2; ++i) {
    apply(local_get(local), {}, {i32});
    as_address(memory);
  }
  apply(memory_access(wide ? WasmOp::i64_load : WasmOp::i32_load, offset, {}, memory), {at},
        {type});
  value(type, depth - 1);
  combine(type);
  apply(memory_access(wide ? WasmOp::i64_store : WasmOp::i32_store, offset, {}, memory), {at, type},
        {});
}

/// A pointer as an address of the memory.
void RandomBody::pointer_in(std::uint32_t memory) {
  apply(local_get(pointer()), {}, {i32});
  if (choices_.chance(20)) {
    i32_constant(static_cast<std::int32_t>(choices_.below(20)));
    apply_op(WasmOp::i32_add, {i32, i32}, {i32});
  }
  as_address(memory);
}

/// (i32.store8 offset=n (local.get $p) (i32.load8_u offset=m (local.get $q))), a few times.
void RandomBody::copy_memory() {
  struct Way {
    WasmOp load, store;
    ValType type;
  };
  static constexpr std::array ways{Way{WasmOp::i32_load8_u, WasmOp::i32_store8, i32},
                                   Way{WasmOp::i32_load, WasmOp::i32_store, i32},
                                   Way{WasmOp::i64_load, WasmOp::i64_store, i64},
                                   Way{WasmOp::f64_load, WasmOp::f64_store, f64}};
  const Way way = choices_.pick(ways);
  for (std::uint32_t i = 1 + choices_.below(3); i > 0; --i) {
    const std::uint32_t to = plan_.any_memory(), from = plan_.any_memory();
    pointer_in(to);
    pointer_in(from);
    apply(memory_access(way.load, choices_.below(20), {}, from), {address_type(from)}, {way.type});
    apply(memory_access(way.store, choices_.below(20), {}, to), {address_type(to), way.type}, {});
  }
}

/// A number below a power of two.
void RandomBody::bounded(std::uint32_t limit) {
  if (choices_.chance(50)) return i32_constant(static_cast<std::int32_t>(choices_.below(limit)));
  value(i32, 1);
  i32_constant(static_cast<std::int32_t>(limit - 1));
  apply_op(WasmOp::i32_and, {i32, i32}, {i32});
}

void RandomBody::memory_statement(int depth) {
  const bool wild = choices_.chance(plan_.trap_percent);
  const std::uint32_t memory = plan_.any_memory(), other = plan_.any_memory();
  const ValType at = address_type(memory), from = address_type(other);
  const auto number = [&](std::uint32_t limit, ValType type) {
    if (wild) return value(type, depth);
    bounded(limit);
    if (type == i64) apply_op(WasmOp::i64_extend_i32_u, {i32}, {i64});
  };
  const auto segments = static_cast<std::uint32_t>(plan_.data_sizes.size());
  switch (choices_.below(6)) {
    case 0:
      i32_constant(static_cast<std::int32_t>(choices_.below(3)));
      as_address(memory);
      return apply_op(WasmOp::memory_grow, {at}, {at}, {memory});
    case 1:
    case 2:
      number(1024, at), number(256, i32), number(128, at);
      return apply_op(WasmOp::memory_fill, {at, i32, at}, {}, {memory});
    case 3:
    case 4: {
      const ValType length = at == i64 && from == i64 ? i64 : i32;
      number(1024, at), number(1024, from), number(256, length);
      return apply_op(WasmOp::memory_copy, {at, from, length}, {}, {memory, other});
    }
    default:
      break;
  }
  if (segments == 0) return bump_pointer();
  const std::uint32_t segment = choices_.below(segments);
  if (choices_.chance(20)) return apply_op(WasmOp::data_drop, {}, {}, {segment});
  number(1024, at);
  // After a drop only nothing can be taken; so mostly that.
  const std::uint32_t size = choices_.chance(50) ? plan_.data_sizes[segment] : 0;
  i32_constant(0);
  i32_constant(static_cast<std::int32_t>(size));
  apply_op(WasmOp::memory_init, {at, i32, i32}, {}, {segment, memory});
}

// --- tables ------------------------------------------------------------------------------------

/// Table 0 is left alone, for the sake of calls, unless a trap is wanted.
void RandomBody::table_statement(int depth) {
  const auto count = static_cast<std::uint32_t>(plan_.tables.size());
  const bool wild = choices_.chance(plan_.trap_percent);
  const std::uint32_t table = wild ? choices_.below(count) : 1 + choices_.below(count - 1);
  const ValType type = plan_.tables[table];
  switch (choices_.below(6)) {
    case 0:
      value(type, depth);
      i32_constant(static_cast<std::int32_t>(choices_.below(3)));
      return apply_op(WasmOp::table_grow, {type, i32}, {i32}, {table});
    case 1:
      bounded(2), value(type, depth), bounded(2);
      return apply_op(WasmOp::table_fill, {i32, type, i32}, {}, {table});
    case 2:
      bounded(2), bounded(2), bounded(2);
      return apply_op(WasmOp::table_copy, {i32, i32, i32}, {}, {table, table});
    case 3: {
      const auto part = plan_.any_part({.type = type}, 2);
      if (!part) break;
      if (choices_.chance(20)) return apply_op(WasmOp::elem_drop, {}, {}, {part->segment});
      bounded(2), segment_part(*part, depth);
      return apply_op(WasmOp::table_init, {i32, i32, i32}, {}, {part->segment, table});
    }
    default:
      break;
  }
  bounded(4), value(type, depth);
  apply_op(WasmOp::table_set, {i32, type}, {}, {table});
}

}  // namespace fermata::test
