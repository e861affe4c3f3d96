// Control: blocks, loops, branches and calls of a random function.
#include <algorithm>

#include "tests/support/random_body.hpp"

namespace fermata::test {

// --- blocks ------------------------------------------------------------------------------------

/// The opening instruction, with a type index where the short forms do not suffice, and sometimes
/// where they do.
Code RandomBody::opening(WasmOp which, const ResultType& params, const ResultType& results) {
  const bool is_short = params.empty() && results.size() <= 1 && !choices_.chance(20);
  const auto made = [&](auto&& make) {
    if (!is_short) return make(plan_.module.type(params, results));
    return results.empty() ? make() : make(results[0]);
  };
  if (which == WasmOp::block) return made([](auto... type) { return block(type...); });
  if (which == WasmOp::loop) return made([](auto... type) { return loop(type...); });
  if (which == WasmOp::try_) return made([](auto... type) { return try_(type...); });
  return made([](auto... type) { return if_(type...); });
}

/// Some of the free operands, to be a block's parameters.
ResultType RandomBody::take_params() {
  const std::size_t there = std::min<std::size_t>(free_operands(), 3);
  const std::size_t count = choices_.below(static_cast<std::uint32_t>(there + 1));
  return {stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end()};
}

/// The parameters lie on the stack.
void RandomBody::open_control(const ResultType& label, const ResultType& params, bool open) {
  const std::size_t height = stack_.size() - params.size();
  controls_.push_back({.label = label, .height = height, .open = open, .outer_floor = floor_});
  floor_ = height;
}

void RandomBody::close_control(const ResultType& results) {
  emit(end());
  leave_control(results);
}

/// Behind what ended it.
void RandomBody::leave_control(const ResultType& results) {
  floor_ = controls_.back().outer_floor;
  stack_.resize(controls_.back().height);
  controls_.pop_back();
  push(results);
}

void RandomBody::inside(std::uint32_t most, const ResultType& results, int depth) {
  statements(choices_.below(most + 1), depth);
  if (controls_.size() > 1 && choices_.chance(8)) leave(depth);
  const Control& control = controls_.back();
  if (control.dead && stack_.size() == control.height && choices_.chance(50)) return;
  leave_exactly(control.height, results);
}

void RandomBody::block_statement(int depth) {
  const ResultType results = choices_.chance(25) ? plan_.any_caught() : plan_.any_types(3);
  const ResultType params = take_params();
  emit(opening(WasmOp::block, params, results));
  open_control(results, params);
  inside(6, results, depth);
  close_control(results);
}

void RandomBody::if_statement(int depth) {
  choices_.chance(30) ? operands({i32}, depth) : condition(depth);
  pop(1);
  const ResultType params = take_params();
  // Without else what goes in must come out.
  const bool has_else = choices_.chance(60);
  const ResultType results = has_else ? plan_.any_types(2) : params;
  emit(opening(WasmOp::if_, params, results));
  open_control(results, params);
  inside(5, results, depth);
  if (has_else) {
    emit(else_());
    stack_.resize(controls_.back().height);
    push(params);
    controls_.back().dead = false;
    inside(5, results, depth);
  }
  close_control(results);
}

/// A loop that anything in it may branch back to, or throw back to.
void RandomBody::loop_statement(int depth) {
  const bool catches = choices_.chance(20);
  const ResultType params = catches ? plan_.any_caught() : take_params();
  if (catches) operands(params, depth);
  const ResultType results = plan_.any_types(2);
  emit(opening(WasmOp::loop, params, results));
  open_control(params, params);
  spend_fuel();
  if (catches && choices_.chance(70)) try_table(plan_.any_types(2), depth);
  statements(choices_.below(8), depth);
  if (!controls_.back().dead && choices_.chance(70)) {
    leave_exactly(controls_.back().height, params);
    condition(depth);
    apply(br_if(0), {i32}, {});
  }
  inside(2, results, depth);
  close_control(results);
}

/// loop ... (br_if 0 (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const
/// n)))
void RandomBody::counting_loop(int depth) {
  if (counting_ == 2) return loop_statement(depth);
  ++counting_;
  const std::uint32_t local = add_local(i32);
  fixed_[local] = true;
  const bool down = choices_.chance(50);
  const auto rounds = static_cast<std::int32_t>(1 + choices_.below(4));
  i32_constant(down ? rounds : 0);
  apply(local_set(local), {i32}, {});
  emit(loop());
  open_control({}, {}, false);
  statements(choices_.below(6), depth);
  leave_exactly(controls_.back().height, {});
  apply(local_get(local), {}, {i32});
  i32_constant(down ? -1 : 1);
  apply_op(WasmOp::i32_add, {i32, i32}, {i32});
  apply(local_tee(local), {i32}, {i32});
  if (!down) {
    i32_constant(rounds);
    apply_op(choices_.chance(50) ? WasmOp::i32_lt_s : WasmOp::i32_ne, {i32, i32}, {i32});
  }
  apply(br_if(0), {i32}, {});
  close_control({});
  --counting_;
}

/// Nested blocks, a br_table in the innermost, a case behind each.
void RandomBody::switch_statement(int depth) {
  const std::uint32_t cases = 1 + choices_.below(4);
  const ResultType carried_types = choices_.chance(30) ? plan_.any_types(2) : ResultType{};
  for (std::uint32_t i = 0; i < cases; ++i) {
    emit(opening(WasmOp::block, {}, carried_types));
    open_control(carried_types, {});
  }
  for (const ValType type : carried_types) value(type, depth);
  table_branch(depth);
  for (std::uint32_t i = 0; i < cases; ++i) {
    close_control(carried_types);
    statements(choices_.below(3), depth);
    if (i + 1 < cases) leave_exactly(controls_.back().height, carried_types);
  }
}

// --- branches ----------------------------------------------------------------------------------

std::uint32_t RandomBody::any_label() {
  const auto count = static_cast<std::uint32_t>(controls_.size());
  for (int attempt = 0; attempt < 4; ++attempt) {
    const std::uint32_t depth = choices_.below(count);
    if (controls_[count - 1 - depth].open) return depth;
  }
  return count - 1;  // the body
}

const ResultType& RandomBody::label_types(std::uint32_t depth) const {
  return controls_[controls_.size() - 1 - depth].label;
}

void RandomBody::branch_statement(int depth) {
  const std::uint32_t label = any_label();
  const ResultType types = label_types(label);
  operands(types, depth);
  condition(depth);
  apply(br_if(label), {i32}, {});
}

/// The reference stays on the stack where the branch is not taken.
void RandomBody::null_branch_statement(int depth) {
  const std::uint32_t label = any_label();
  const ResultType types = label_types(label);
  operands(types, depth);
  const ValType type = plan_.any_reference();
  value(type, depth);
  apply_op(WasmOp::br_on_null, {type}, {type}, {label});
}

/// Ends the reachable part of a block.
void RandomBody::leave(int depth) {
  if (controls_.back().dead) return;
  const std::uint32_t label = any_label();
  switch (choices_.below(9)) {
    case 0:
      operands(type_.results, depth);
      emit(return_());
      break;
    case 8:
      tail_call(depth);
      break;
    case 1:
      if (choices_.chance(plan_.trap_percent)) {
        emit(unreachable());
        break;
      }
      [[fallthrough]];
    case 2:
    case 3: {
      const ResultType types = label_types(label);
      operands(types, depth);
      return table_branch(depth);
    }
    default: {
      const ResultType types = label_types(label);
      operands(types, depth);
      emit(br(label));
      break;
    }
  }
  dead_code(depth);
}

/// By what lies on the stack: to labels that take along the same as one that fits.
void RandomBody::table_branch(int depth) {
  const auto count = static_cast<std::uint32_t>(controls_.size());
  std::vector<std::uint32_t> fitting;
  const std::uint32_t start = choices_.below(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t label = (start + i) % count;
    const ResultType& types = label_types(label);
    if (!controls_[count - 1 - label].open || !on_top(types)) continue;
    if (fitting.empty() || label_types(fitting[0]) == types) fitting.push_back(label);
  }
  if (fitting.empty()) {
    emit(unreachable());
    return dead_code(depth);
  }
  value(i32, depth);
  if (choices_.chance(70)) {
    i32_constant(7);
    apply_op(WasmOp::i32_and, {i32, i32}, {i32});
  }
  Bytes labels;
  const std::uint32_t entries = choices_.below(6);
  for (std::uint32_t i = 0; i <= entries; ++i) {
    for (const std::uint8_t byte : leb_u(choices_.pick(fitting))) labels.push_back(byte);
  }
  emit(Code{concat({op(WasmOp::br_table).bytes, leb_u(entries), labels})});
  dead_code(depth);
}

/// Behind a branch: nothing, or instructions that find any operands they want.
void RandomBody::dead_code(int depth) {
  controls_.back().dead = true;
  stack_.resize(controls_.back().height);
  for (std::uint32_t i = choices_.below(3); i > 0; --i) {
    const NumericOp& chosen = choices_.pick(numeric_ops(choices_.chance(50) ? i32 : f64));
    apply_op(chosen.op, chosen.params, {chosen.result});
    drop_to(controls_.back().height);
  }
  if (choices_.chance(30)) statements(choices_.below(3), depth);
  drop_to(controls_.back().height);
}

/// (if (i32.eqz (global.get $fuel)) (then (return ...)))
/// (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
void RandomBody::spend_fuel() {
  emit(global_get(RandomPlan::fuel));
  emit(op(WasmOp::i32_eqz));
  emit(if_());
  for (const ValType type : type_.results) emit(plan_.constant(type));
  emit(return_());
  emit(end());
  emit(global_get(RandomPlan::fuel));
  emit(i32_const(1));
  emit(op(WasmOp::i32_sub));
  emit(global_set(RandomPlan::fuel));
}

// --- calls -------------------------------------------------------------------------------------

void RandomBody::call_function(std::uint32_t function, int depth) {
  const FuncType type = plan_.functions[function];
  operands(type.params, depth);
  apply(call(function), type.params, type.results);
}

void RandomBody::call_table(int depth) {
  const bool by_value = choices_.chance(50);
  const auto count = static_cast<std::uint32_t>(plan_.functions.size());
  const std::uint32_t function = by_value ? plan_.imported : choices_.below(count);
  const FuncType type = plan_.functions[function];
  operands(type.params, depth);
  if (choices_.chance(plan_.trap_percent)) {
    value(i32, depth);
  } else if (by_value) {
    bounded(RandomPlan::same_typed);
    i32_constant(static_cast<std::int32_t>(plan_.first_same));
    apply_op(WasmOp::i32_add, {i32, i32}, {i32});
  } else {
    i32_constant(static_cast<std::int32_t>(function));
  }
  ResultType params = type.params;
  params.push_back(i32);
  apply(call_indirect(plan_.type_of(function)), params, type.results);
}

/// A function with the results of this one takes its place, called by its name or its table
/// element.
void RandomBody::tail_call(int depth) {
  const auto count = static_cast<std::uint32_t>(plan_.functions.size());
  std::uint32_t function = choices_.below(count);
  while (plan_.functions[function].results != type_.results) function = (function + 1) % count;
  operands(plan_.functions[function].params, depth);
  switch (choices_.below(3)) {
    case 0:
      return emit(return_call(function));
    case 1:
      i32_constant(static_cast<std::int32_t>(function));
      return emit(return_call_indirect(plan_.type_of(function)));
    default:
      function_reference(function);
      return emit(return_call_ref(plan_.type_of(function)));
  }
}

/// A reference to the function, or null where a trap may be; what comes next takes it.
void RandomBody::function_reference(std::uint32_t function) {
  const bool is_null = choices_.chance(plan_.trap_percent);
  const TypeIdx type = plan_.type_of(function);
  emit(is_null ? ref_null(HeapType::concrete(type)) : ref_func(FuncIdx{function}));
  if (choices_.chance(30)) emit(op(WasmOp::ref_as_non_null));
}

void RandomBody::call_reference(int depth) {
  const auto function = choices_.below(static_cast<std::uint32_t>(plan_.functions.size()));
  const FuncType type = plan_.functions[function];
  operands(type.params, depth);
  function_reference(function);
  apply(call_ref(plan_.type_of(function)), type.params, type.results);
}

}  // namespace fermata::test
