// Values: expressions that leave one operand of a type.
#include "tests/support/random_body.hpp"

namespace fermata::test {

void RandomBody::value(ValType type, int depth) {
  const Raised raised(floor_, stack_.size());
  if (depth <= 0 || is_spent()) return leaf(type);
  switch (choices_.below(20)) {
    case 0:
    case 1:
    case 2:
      return leaf(type);
    case 3:
      return select_value(type, depth - 1);
    case 4:
      return teed(type, depth - 1);
    case 5:
      return pending(type, depth - 1);
    case 6:
      return choices_.chance(40) ? some_try({type}, depth - 1) : block_value(type, depth - 1);
    case 7:
      return if_value(type, depth - 1);
    case 8:
      return called_value(type, depth - 1);
    case 9:
      return carried(type, depth - 1);
    case 10:
      return state_value(type);
    case 11: {
      const std::size_t height = stack_.size();
      statement(depth - 1);
      drop_to(height);
      return leaf(type);
    }
    default:
      if (type == v128) return choices_.chance(10) ? of_object(type, depth - 1) : vector(depth - 1);
      return type.is_num() ? number(type, depth - 1) : reference(type, depth - 1);
  }
}

void RandomBody::leaf(ValType type) {
  const auto local = local_of(type);
  if (type == i32 && choices_.chance(15)) return apply(local_get(pointer()), {}, {i32});
  if (local && choices_.chance(70)) return apply(local_get(*local), {}, {type});
  if (type == funcref && choices_.chance(50)) {
    const auto count = static_cast<std::uint32_t>(plan_.functions.size());
    return apply(ref_func(FuncIdx{choices_.below(count)}), {}, {funcref});
  }
  constant(type);
}

void RandomBody::number(ValType type, int depth) {
  const std::uint32_t kind = choices_.below(10);
  if (kind >= 8 && plan_.has_memory()) {
    const bool is_integer = type == i32 || type == i64;
    const bool is_atomic = is_integer && choices_.chance(30);
    return is_atomic ? atomic_value(type, depth) : load_value(type, depth);
  }
  if (kind >= 6) return chain(type);
  if (choices_.chance(8)) return of_vector(type, depth);
  if (choices_.chance(15)) return of_object(type, depth);
  if (type == i64 && !plan_.for_any_engine && choices_.chance(8)) return wide(depth);
  if (type == i32) {
    if (kind == 0) return sum(depth);
    if (kind == 1) return shifted_sum(depth);
    if (kind == 2) return condition(depth);
  }
  numeric(type, depth);
}

/// Two halves, made one.
void RandomBody::wide(int depth) {
  static constexpr std::array ops{WasmOp::i64_add128, WasmOp::i64_sub128, WasmOp::i64_mul_wide_s,
                                  WasmOp::i64_mul_wide_u};
  const WasmOp chosen = choices_.pick(ops);
  const ResultType params(info(chosen).signature.find(':'), i64);
  operands(params, depth);
  apply_op(chosen, params, {i64, i64});
  choices_.chance(30) ? apply(drop(), {i64}, {}) : combine(i64);
}

void RandomBody::numeric(ValType type, int depth) {
  const NumericOp& chosen = choices_.pick(numeric_ops(type));
  if (chosen.may_trap && !choices_.chance(plan_.trap_percent)) return guarded(chosen, depth);
  operands(chosen.params, depth);
  apply_op(chosen.op, chosen.params, {type});
}

/// One instruction after another with the last one's result, as hashes and polynomials have them.
void RandomBody::chain(ValType type) {
  static constexpr std::array ops_i32{WasmOp::i32_xor, WasmOp::i32_add,   WasmOp::i32_or,
                                      WasmOp::i32_shl, WasmOp::i32_shr_u, WasmOp::i32_rotl,
                                      WasmOp::i32_mul, WasmOp::i32_and,   WasmOp::i32_sub};
  static constexpr std::array ops_i64{WasmOp::i64_xor, WasmOp::i64_add,   WasmOp::i64_or,
                                      WasmOp::i64_shl, WasmOp::i64_shr_u, WasmOp::i64_rotl,
                                      WasmOp::i64_mul, WasmOp::i64_and,   WasmOp::i64_sub};
  static constexpr std::array ops_f32{WasmOp::f32_add, WasmOp::f32_mul, WasmOp::f32_sub};
  static constexpr std::array ops_f64{WasmOp::f64_mul, WasmOp::f64_add, WasmOp::f64_sub,
                                      WasmOp::f64_div};
  const auto any = [&] {
    if (type == i32) return choices_.pick(ops_i32);
    if (type == i64) return choices_.pick(ops_i64);
    return type == f32 ? choices_.pick(ops_f32) : choices_.pick(ops_f64);
  };
  const auto link = [&] { choices_.chance(30) ? load_or_leaf(type) : leaf(type); };
  link();
  for (std::uint32_t i = 1 + choices_.below(5); i > 0; --i) {
    link();
    if (choices_.chance(30)) {
      link();
      apply_op(any(), {type, type}, {type});
    }
    apply_op(any(), {type, type}, {type});
  }
}

void RandomBody::load_or_leaf(ValType type) {
  if (!plan_.has_memory()) return leaf(type);
  const std::uint32_t memory = plan_.any_memory();
  const std::uint32_t local = pointer();
  const WasmOp op = type == i32   ? WasmOp::i32_load
                    : type == i64 ? WasmOp::i64_load
                    : type == f32 ? WasmOp::f32_load
                                  : WasmOp::f64_load;
  apply(local_get(local), {}, {i32});
  as_address(memory);
  apply(memory_access(op, 8 * choices_.below(8), {}, memory), {address_type(memory)}, {type});
}

/// With a last operand that does not make it trap, or a first one for conversions.
void RandomBody::guarded(const NumericOp& chosen, int depth) {
  const ValType last = chosen.params.back();
  if (chosen.params.size() == 2) value(chosen.params.front(), depth);
  const auto small = static_cast<std::int32_t>(1 + choices_.below(100));
  if (last == i32) apply(i32_const(small), {}, {i32});
  if (last == i64) apply(i64_const(small), {}, {i64});
  if (last == f32) apply(f32_const(static_cast<float>(small) / 4), {}, {f32});
  if (last == f64) apply(f64_const(small / 8.0), {}, {f64});
  apply_op(chosen.op, chosen.params, {chosen.result});
}

/// (block (result TYPE) (br_on_non_null 0 (nullable value)) (another value))
void RandomBody::non_null_or_null(ValType type, int depth) {
  emit(opening(WasmOp::block, {}, {type}));
  open_control({type}, {}, false);
  value(reference_to(type.heap), depth);
  apply_op(WasmOp::br_on_non_null, {type}, {}, {0});
  value(type, depth);
  close_control({type});
}

void RandomBody::reference(ValType type, int depth) {
  if (choices_.chance(20)) return non_null_or_null(type, depth - 1);
  for (std::uint32_t table = 0; table < plan_.tables.size(); ++table) {
    if (plan_.tables[table] != type || !choices_.chance(50)) continue;
    if (choices_.chance(plan_.trap_percent)) {
      value(i32, depth);
    } else {
      bounded(4);
    }
    return apply_op(WasmOp::table_get, {i32}, {type}, {table});
  }
  if (is_object(type) && choices_.chance(80)) return object_reference(type, depth);
  if (type == exnref && choices_.chance(60)) return new_exception(depth);
  if (type == funcref && choices_.chance(15)) return cast_function(depth);
  if (type == externref && choices_.chance(30)) {
    value(anyref, depth);
    return apply_op(WasmOp::extern_convert_any, {anyref}, {externref});
  }
  choices_.chance(20) ? of_object(type, depth) : select_value(type, depth);
}

/// Something that asks: what branches, selects and ifs are fused with.
void RandomBody::condition(int depth) {
  const Raised raised(floor_, stack_.size());
  static constexpr std::array compares{
      WasmOp::i32_eq,   WasmOp::i32_ne,   WasmOp::i32_lt_s, WasmOp::i32_lt_u, WasmOp::i32_gt_s,
      WasmOp::i32_gt_u, WasmOp::i32_le_s, WasmOp::i32_le_u, WasmOp::i32_ge_s, WasmOp::i32_ge_u};
  switch (choices_.below(8)) {
    case 0:
      return value(i32, depth);
    case 1:
      condition(depth - 1);
      return apply_op(WasmOp::i32_eqz, {i32}, {i32});
    case 2:
      value(i32, depth);
      return apply_op(WasmOp::i32_eqz, {i32}, {i32});
    case 3:
      operands({i32, i32}, depth);
      return apply_op(WasmOp::i32_and, {i32, i32}, {i32});
    case 4: {
      const ValType type = plan_.any_reference();
      value(type, depth);
      return apply_op(WasmOp::ref_is_null, {type}, {i32});
    }
    case 5:
      return numeric(i32, depth);
    default:
      operands({i32, i32}, depth);
      return apply_op(choices_.pick(compares), {i32, i32}, {i32});
  }
}

/// A local and constants, added and subtracted.
void RandomBody::sum(int depth) {
  const auto local = local_of(i32);
  if (local && choices_.chance(70)) {
    apply(local_get(*local), {}, {i32});
  } else {
    value(i32, depth);
  }
  for (std::uint32_t i = 1 + choices_.below(3); i > 0; --i) {
    constant(i32);
    apply_op(choices_.chance(30) ? WasmOp::i32_sub : WasmOp::i32_add, {i32, i32}, {i32});
  }
}

/// base + (index << k), either way round.
void RandomBody::shifted_sum(int depth) {
  const bool first = choices_.chance(30);
  if (!first) value(i32, depth - 1);
  value(i32, depth - 1);
  i32_constant(static_cast<std::int32_t>(choices_.below(40)));
  apply_op(WasmOp::i32_shl, {i32, i32}, {i32});
  if (first) value(i32, depth - 1);
  apply_op(WasmOp::i32_add, {i32, i32}, {i32});
}

// --- memory ------------------------------------------------------------------------------------

/// The type of the memory's addresses.
ValType RandomBody::address_type(std::uint32_t memory) const {
  return plan_.memories[memory] == AddressType::i64 ? i64 : i32;
}

/// The operand, a number of 32 bits, as an address of the memory or a length in it.
void RandomBody::as_address(std::uint32_t memory) {
  if (address_type(memory) == i64) apply_op(WasmOp::i64_extend_i32_u, {i32}, {i64});
}

void RandomBody::address_in(std::uint32_t memory, int depth) {
  if (address_type(memory) == i32) return address(depth);
  if (choices_.chance(plan_.trap_percent)) return value(i64, depth);
  if (choices_.chance(30)) {
    value(i64, depth);
    apply(i64_const(0xFFF), {}, {i64});
    return apply_op(WasmOp::i64_and, {i64, i64}, {i64});
  }
  address(depth);
  as_address(memory);
}

/// An address of 32 bits that mostly lies in the memory, in all the shapes that compilers give it.
void RandomBody::address(int depth) {
  if (choices_.chance(plan_.trap_percent)) return value(i32, depth);
  const auto small = static_cast<std::int32_t>(choices_.below(300));
  switch (choices_.below(8)) {
    case 0:
      return i32_constant(choices_.chance(20) ? 65536 - small : small);
    case 1:
    case 2:
      return apply(local_get(pointer()), {}, {i32});
    case 3:
      apply(local_get(pointer()), {}, {i32});
      i32_constant(choices_.chance(20) ? -(small & 15) : small);
      return apply_op(WasmOp::i32_add, {i32, i32}, {i32});
    case 4:
    case 5:
      apply(local_get(pointer()), {}, {i32});
      if (choices_.chance(50)) {
        i32_constant(small);
        apply_op(WasmOp::i32_add, {i32, i32}, {i32});
      }
      apply(local_get(pointer()), {}, {i32});
      if (choices_.chance(70)) {
        i32_constant(static_cast<std::int32_t>(choices_.below(5)));
        apply_op(WasmOp::i32_shl, {i32, i32}, {i32});
      }
      return apply_op(WasmOp::i32_add, {i32, i32}, {i32});
    case 6: {
      const std::uint32_t local = pointer();
      apply(local_get(local), {}, {i32});
      i32_constant(static_cast<std::int32_t>(4 * choices_.below(4)));
      apply_op(WasmOp::i32_add, {i32, i32}, {i32});
      return apply(local_tee(local), {i32}, {i32});
    }
    default:
      if (choices_.chance(8)) return load_or_leaf(i32);  // what lies there is often small
      value(i32, depth);
      i32_constant(0xFFF);
      return apply_op(WasmOp::i32_and, {i32, i32}, {i32});
  }
}

std::uint64_t RandomBody::access_offset(std::uint32_t memory) {
  if (choices_.chance(plan_.trap_percent)) {
    const std::uint64_t offset = std::uint64_t{0} - choices_.below(70000);
    return address_type(memory) == i64 && choices_.chance(50) ? offset : offset & UINT32_MAX;
  }
  return choices_.chance(3) ? 61000 : choices_.below(80);
}

void RandomBody::load_value(ValType type, int depth) {
  AccessOp chosen = choices_.pick(loads());
  while (chosen.value != type) {
    for (const AccessOp& candidate : loads()) {
      if (candidate.value == type) chosen = candidate;
      if (candidate.value == type && choices_.chance(30)) break;
    }
  }
  const std::uint32_t memory = plan_.any_memory();
  address_in(memory, depth);
  // Arguments of one call would choose in whatever order the compiler likes.
  const auto alignment = choices_.chance(30) ? std::optional{0u} : std::nullopt;
  const std::uint64_t offset = access_offset(memory);
  apply(memory_access(chosen.op, offset, alignment, memory), {address_type(memory)}, {type});
}

// --- choices between values --------------------------------------------------------------------

void RandomBody::select_value(ValType type, int depth) {
  value(type, depth);
  value(type, depth);
  condition(depth);
  const bool typed = type.is_ref() || choices_.chance(30);
  apply(typed ? select_t({type}) : op(WasmOp::select), {type, type, i32}, {type});
}

void RandomBody::teed(ValType type, int depth) {
  value(type, depth);
  const auto local = local_of(type);
  if (local) apply(local_tee(*local), {type}, {type});
}

/// References to a local under a change of it: get, get, change, and use of all.
void RandomBody::pending(ValType type, int depth) {
  const auto local = local_of(type);
  if (!local) return leaf(type);
  const std::size_t height = stack_.size();
  for (std::uint32_t i = 1 + choices_.below(3); i > 0; --i) {
    apply(local_get(*local), {}, {type});
    if (type == i32 && choices_.chance(40)) {
      i32_constant(static_cast<std::int32_t>(choices_.below(100)));
      apply_op(WasmOp::i32_add, {i32, i32}, {i32});
    }
  }
  value(type, depth);
  if (choices_.chance(50)) {
    apply(local_set(*local), {type}, {});
  } else {
    apply(local_tee(*local), {type}, {type});
  }
  while (stack_.size() > height + 1) combine(type);
}

/// Makes one of two operands.
void RandomBody::combine(ValType type) {
  if (type == v128) return apply_op(WasmOp::v128_xor, {v128, v128}, {v128});
  for (int attempt = 0; attempt < 12 && type.is_num(); ++attempt) {
    const NumericOp& chosen = choices_.pick(numeric_ops(type));
    if (chosen.may_trap || chosen.params != ResultType{type, type}) continue;
    return apply_op(chosen.op, chosen.params, {type});
  }
  apply(drop(), {type}, {});
}

void RandomBody::block_value(ValType type, int depth) {
  const ResultType params = take_params();
  emit(opening(WasmOp::block, params, {type}));
  open_control({type}, params);
  inside(4, {type}, depth);
  close_control({type});
}

void RandomBody::if_value(ValType type, int depth) {
  condition(depth);
  pop(1);
  emit(opening(WasmOp::if_, {}, {type}));
  open_control({type}, {});
  inside(3, {type}, depth);
  stack_.resize(controls_.back().height);
  controls_.back().dead = false;
  emit(else_());
  inside(3, {type}, depth);
  close_control({type});
}

/// A branch that is not taken leaves what it would have taken along.
void RandomBody::carried(ValType type, int depth) {
  for (std::uint32_t label = 0; label < controls_.size(); ++label) {
    const Control& control = controls_[controls_.size() - 1 - label];
    if (!control.open || control.label != ResultType{type}) continue;
    value(type, depth);
    condition(depth);
    return apply(br_if(label), {i32}, {});
  }
  leaf(type);
}

void RandomBody::called_value(ValType type, int depth) {
  const auto count = static_cast<std::uint32_t>(plan_.functions.size());
  for (int attempt = 0; attempt < 6; ++attempt) {
    const std::uint32_t function = choices_.below(count);
    if (plan_.functions[function].results != ResultType{type}) continue;
    return call_function(function, depth);
  }
  leaf(type);
}

/// A global, or what the state of the memory and the tables is.
void RandomBody::state_value(ValType type) {
  if (plan_.has_memory() && choices_.chance(20)) {
    const std::uint32_t memory = plan_.any_memory();
    if (address_type(memory) == type) return apply_op(WasmOp::memory_size, {}, {type}, {memory});
  }
  if (type == i32 && choices_.chance(20)) {
    const auto count = static_cast<std::uint32_t>(plan_.tables.size());
    return apply_op(WasmOp::table_size, {}, {i32}, {choices_.below(count)});
  }
  for (std::uint32_t i = 1; i < plan_.globals.size(); ++i) {
    if (plan_.globals[i].value == type && choices_.chance(60)) {
      return apply(global_get(i), {}, {type});
    }
  }
  leaf(type);
}

}  // namespace fermata::test
