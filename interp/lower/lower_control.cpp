// Lowering of blocks, branches, calls and returns.
//
// A label's results have fixed slots: those right above the operands below the block. A branch
// moves its operands there, unless they lie there already.
#include <cassert>
#include <map>
#include <utility>

#include "interp/lower/forms.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

namespace {

/// In constant time: a br_if may return a thousand results from a thousand places.
bool is_one_slot(std::span<const ValType> types) {
  return types.size() == 1 && types.front().slots() == 1;
}

std::uint32_t default_depth(const LabelTable& labels) {
  std::uint32_t depth = 0;
  labels.each([&](LabelIdx last) { depth = last.value; });
  return depth;
}

}  // namespace

void Lowerer::unreachable(const Instruction&) {
  emitter_.emit(make_word(Op::unreachable));
  set_unreachable();
}

// --- labels ------------------------------------------------------------------------------------

std::span<const ValType> Lowerer::params(const Label& label) const {
  if (is_function(label) || label.type.kind != BlockType::Kind::type) return {};
  return func_type_at(label.type.type.value).params;
}

std::span<const ValType> Lowerer::results(const Label& label) const {
  if (is_function(label)) return type_->results;
  switch (label.type.kind) {
    case BlockType::Kind::empty:
      return {};
    case BlockType::Kind::value:
      return {&label.type.value, 1};
    case BlockType::Kind::type:
      return func_type_at(label.type.type.value).results;
  }
  return {};
}

std::span<const ValType> Lowerer::branch_types(const Label& label) const {
  return label.op == WasmOp::loop ? params(label) : results(label);
}

/// Opens a block. What is in a local goes to its own slot first: the block may change the local on
/// one of the ways that meet behind it.
void Lowerer::push_label(const Instruction& in) {
  Label label{};
  label.op = in.op;
  label.type = in.block;
  const auto parameters = static_cast<std::uint32_t>(params(label).size());
  label.height = operands_.size() - parameters;
  settle_from(label.height);
  settle_locals();
  label.slot = parameters == 0 ? operands_.next_slot() : operands_[label.height].slot;
  label.region_around = open_region();
  labels_.push_back(label);
}

void Lowerer::begin_block(const Instruction& in) { push_label(in); }

/// Branches bring operands of the loop's types, which those that come first may be subtypes of.
void Lowerer::begin_loop(const Instruction& in) {
  push_label(in);
  reset_to(labels_.back(), params(labels_.back()));
  emitter_.label();
  labels_.back().start = last_pause_ = emitter_.here();
  loops_.push_back({last_pause_, offset_});
  safe_point(Query::Kind::safe_point);
  fuel_.begin_site(Op::charge_or_pause);
}

void Lowerer::begin_if(const Instruction& in) {
  const Operand operand = operands_.pop();
  // The condition is taken before anything is moved, so that a comparison can join the branch; a
  // move in between would be emitted behind the comparison and part the two.
  push_label(in);
  const Condition c = condition(operand);
  emitter_.add_patch(labels_.back().else_branch, emit_condition(c, false));
  labels_.back().if_point = fuel_.here();
  end_fuel_block();
}

/// The stack as it is at the label's begin or end: `types` on top of what was below the block.
void Lowerer::reset_to(const Label& label, std::span<const ValType> types) {
  if (operands_.ends_with(label.height, types)) return;
  operands_.shrink(label.height);
  operands_.push_slots(types);
}

void Lowerer::begin_else(const Instruction&) {
  Label& label = labels_.back();
  if (!unreachable_) emit_branch_to(label);
  emitter_.label();
  emitter_.patch(label.else_branch, emitter_.here());
  fuel_.begin_site(Op::charge, label.if_point);
  label.op = WasmOp::else_;
  reset_to(label, params(label));
  unreachable_ = false;
}

void Lowerer::end_block(const Instruction&) {
  if (labels_.size() == 1) return end_function();
  Label& label = labels_.back();
  const bool targeted = label.branches != no_patches || label.else_branch != no_patches ||
                        label.clauses != HandlerTable::none || label.join != FuelSites::none;
  const bool falls_through = !unreachable_;
  if (falls_through && targeted) settle_from(label.height);
  end_handlers(label);
  if (targeted) {
    land_branches(label, falls_through);
    reset_to(label, results(label));
  } else if (falls_through) {
    end_fuel_block();
  }
  unreachable_ = !falls_through && !targeted;
  if (unreachable_) reset_to(label, {});
  labels_.pop_back();
}

/// All that go to the label's end arrive here. Branches charge for what follows; what is caught
/// does not, so that nobody does then.
void Lowerer::land_branches(Label& label, bool falls_through) {
  const bool may_catch = label.clauses != HandlerTable::none;
  if (falls_through && !may_catch) end_fuel_block();
  if (!falls_through) fuel_.begin_site_of_branches();
  emitter_.label();
  land_clauses(label);
  if (fuel_.metered()) {
    fuel_.land(join_of(label), !may_catch);
    if (label.else_branch != no_patches) {
      fuel_.add_stub(std::exchange(label.else_branch, no_patches), label.if_point, label.join);
    }
  }
  emitter_.patch(label.branches, emitter_.here());
  emitter_.patch(label.else_branch, emitter_.here());
  if (may_catch) fuel_.begin_site(Op::charge);
}

void Lowerer::end_function() {
  if (!unreachable_) emit_return();
  return_caught();
  labels_.pop_back();
}

// --- branches ----------------------------------------------------------------------------------

/// Whether the operands that a branch takes along lie elsewhere than the label wants them.
bool Lowerer::displaced(const Label& label) const {
  const auto arity = static_cast<std::uint32_t>(branch_types(label).size());
  return arity != 0 && operands_[operands_.size() - arity].slot != label.slot;
}

/// Precondition: the operands lie in their own slots.
void Lowerer::emit_moves(const Label& label) {
  const auto types = branch_types(label);
  const auto from = operands_[operands_.size() - static_cast<std::uint32_t>(types.size())].slot;
  const std::uint32_t count = operands_.next_slot() - from;
  if (count == 1) {
    emitter_.emit_move(label.slot, make_word(Op::copy, label.slot, from));
  } else {
    emitter_.emit(make_word(Op::move_n, label.slot, from, count));
    emitter_.forget_accumulators();
  }
}

void Lowerer::link(Label& label, std::uint32_t at) {
  if (label.op == WasmOp::loop)
    emitter_.set_offset(at, label.start);
  else
    emitter_.add_patch(label.branches, at);
}

/// A conditional branch. One that goes back leaves nothing charged ahead: the loop is likelier to
/// go on than what follows.
void Lowerer::link_condition(Label& label, std::uint32_t at) {
  if (!fuel_.metered() || label.op == WasmOp::loop) {
    link(label, at);
    if (label.op == WasmOp::loop) fuel_.begin_site(Op::charge);
    return;
  }
  PatchList branch = no_patches;
  emitter_.add_patch(branch, at);
  fuel_.add_stub(branch, fuel_.here(), join_of(label));
  end_fuel_block();
}

void Lowerer::emit_jump(Label& label, bool conditional) {
  const bool charges = conditional || label.op != WasmOp::loop || fuel_.charges_at_end();
  if (!fuel_.metered() || !charges) {
    return link(label, emitter_.emit(make_wide(Op::br, 0, 0)));
  }
  const std::uint32_t at = emitter_.emit(make_wide(Op::charge_br, 0, 0), 0);
  link(label, at);
  fuel_.charge_on_branch(at, join_of(label));
}

/// Moves and jump, or a return; for the label of the function's body.
void Lowerer::emit_branch_to(Label& label) {
  if (is_function(label)) return emit_return();
  const auto arity = static_cast<std::uint32_t>(branch_types(label).size());
  if (arity == 1) {
    emit_into(label.slot, operands_.top());
  } else if (arity > 1) {
    settle_from(operands_.size() - arity);
    if (displaced(label)) emit_moves(label);
  }
  emit_jump(label, false);
}

void Lowerer::branch(const Instruction& in) {
  Label& target = label(in.index);
  if (!is_function(target)) fuel_.charge_at_end();
  emit_branch_to(target);
  set_unreachable();
}

void Lowerer::branch_if(const Instruction& in) {
  const Operand operand = operands_.pop();
  Label& target = label(in.index);
  settle_for(target);
  branch_when(target, condition(operand));
}

/// Before a conditional branch, so that both ways find the operands there. A single result of one
/// slot is returned from anywhere.
void Lowerer::settle_for(const Label& target) {
  const auto types = branch_types(target);
  if (is_function(target) && is_one_slot(types)) return;
  settle_from(operands_.size() - static_cast<std::uint32_t>(types.size()));
}

void Lowerer::branch_when(Label& target, const Condition& condition) {
  if (!is_function(target) && !displaced(target)) {
    return link_condition(target, emit_condition(condition, true));
  }
  PatchList around = no_patches;
  emitter_.add_patch(around, emit_condition(condition, false));
  const auto held = emitter_.save_accumulators();
  if (is_function(target)) {
    fuel_.give_back();
    emit_return();
  } else {
    emit_moves(target);
    emit_jump(target, true);
  }
  emitter_.label(held);
  emitter_.patch(around, emitter_.here());
  end_fuel_block();
}

/// A reference is null when its slot is 0.
Lowerer::Condition Lowerer::is_null(const Operand& reference) {
  return {Op::br_i64_eq_si, Op::br_i64_ne_si, settled_slot(reference), true, 0};
}

/// What was popped, as something of another type; a constant has been settled.
void Lowerer::push_again(const Operand& operand, ValType type) {
  if (operand.kind == Operand::Kind::local) return operands_.push_local(type, operand.local);
  operands_.push_slot(type);
}

/// The reference stays where the branch is not taken.
void Lowerer::br_on_null(const Instruction& in) {
  const Operand reference = operands_.pop();
  Label& target = label(in.index);
  settle_for(target);
  branch_when(target, is_null(reference));
  push_again(reference, ValType::ref(reference.type.heap, false));
}

/// The reference goes along where the branch is taken: it is the last of what the label takes.
void Lowerer::br_on_non_null(const Instruction& in) {
  Label& target = label(in.index);
  settle_for(target);
  Condition non_null = is_null(operands_.top());
  std::swap(non_null.when_true, non_null.when_false);
  branch_when(target, non_null);
  static_cast<void>(operands_.pop());
}

void Lowerer::branch_table(const Instruction& in) {
  const Operand index = operands_.pop();
  const auto arity =
      static_cast<std::uint32_t>(branch_types(label(default_depth(in.labels))).size());
  settle_from(operands_.size() - arity);
  const bool from_acc = in_acc(index);
  const std::uint32_t from = from_acc ? 0 : settled_slot(index);
  const Op op = from_acc ? Op::br_table_a : Op::br_table_s;
  const std::uint32_t origin = emitter_.emit(make_wide(op, from, in.labels.count));
  for (std::uint64_t i = 0; i <= in.labels.count; ++i) emitter_.append(0);

  // A target whose operands must move first, or that returns, gets a stub behind the table.
  std::map<std::uint32_t, PatchList> stubs;
  std::map<std::uint32_t, PatchList> charged;
  std::uint32_t entry = origin + 1;
  in.labels.each([&](LabelIdx depth) {
    Label& target = label(depth.value);
    if (is_function(target) || displaced(target)) {
      emitter_.add_table_patch(stubs.try_emplace(depth.value, no_patches).first->second, entry,
                               origin);
    } else if (target.op == WasmOp::loop) {
      PatchList once = no_patches;
      emitter_.add_table_patch(once, entry, origin);
      emitter_.patch(once, target.start);
    } else if (fuel_.metered()) {
      emitter_.add_table_patch(charged.try_emplace(depth.value, no_patches).first->second, entry,
                               origin);
    } else {
      emitter_.add_table_patch(target.branches, entry, origin);
    }
    ++entry;
  });
  for (const auto& [depth, patches] : charged) {
    Label& target = label(depth);
    fuel_.add_stub(patches, fuel_.here(), join_of(target));
  }
  for (auto& [depth, patches] : stubs) {
    emitter_.label();
    emitter_.patch(patches, emitter_.here());
    emit_branch_to(label(depth));
  }
  set_unreachable();
}

// --- conditions --------------------------------------------------------------------------------

/// A comparison that was just made for this branch alone joins it, through any i32.eqz.
std::optional<Lowerer::Condition> Lowerer::fused_condition(const Operand& operand) {
  if (!cache_.mode().fusion || operand.kind != Operand::Kind::slot) return std::nullopt;
  const auto last = emitter_.last_writing(operand.slot);
  if (!last) return std::nullopt;
  const Op op = op_of(last->word);
  const std::uint32_t b = field_b(last->word);
  if (op == Op::i32_eqz_s || op == Op::i32_eqz_a) return negated_condition(operand, op, b);
  if (op == Op::i64_eqz_s || op == Op::i64_eqz_a) {
    emitter_.drop_last();
    if (op == Op::i64_eqz_s) return Condition{Op::br_i64_eq_si, Op::br_i64_ne_si, b, true, 0};
    return Condition{Op::br_i64_eq_ai, Op::br_i64_ne_ai, 0, true, 0};
  }
  const BranchForms branches = branch_forms(op);
  if (branches.when_true == Op::absent) return std::nullopt;
  emitter_.drop_last();
  switch (fermata::layout(op)) {
    case Layout::dss:
      return Condition{branches.when_true, branches.when_false, b, true, field_c(last->word)};
    case Layout::das:
      return Condition{branches.when_true, branches.when_false, b, false, 0};
    case Layout::dsi:
      return Condition{branches.when_true, branches.when_false, b, true, last->second};
    default:
      assert(fermata::layout(op) == Layout::dai);
      return Condition{branches.when_true, branches.when_false, 0, true, last->second};
  }
}

/// For the i32.eqz that made the operand, from slot `from` or the accumulator.
Lowerer::Condition Lowerer::negated_condition(const Operand& operand, Op eqz, std::uint32_t from) {
  emitter_.drop_last();
  const bool in_accumulator = eqz == Op::i32_eqz_a;
  // What eqz took from the operand's own slot is nobody else's.
  if ((in_accumulator ? emitter_.held(Acc::integer) : from) == operand.slot) {
    if (auto inner = fused_condition(operand)) {
      std::swap(inner->when_true, inner->when_false);
      return *inner;
    }
  }
  if (in_accumulator) return {Op::br_unless_a, Op::br_if_a};
  return {Op::br_unless_s, Op::br_if_s, from};
}

Lowerer::Condition Lowerer::condition(Operand operand) {
  compute_sum(operand);
  if (const auto fused = fused_condition(operand)) return *fused;
  if (in_acc(operand)) return {Op::br_if_a, Op::br_unless_a};
  return {Op::br_if_s, Op::br_unless_s, settled_slot(operand)};
}

/// Emits the branch, without its target; taken when the condition is `sense`. Returns its index.
std::uint32_t Lowerer::emit_condition(const Condition& condition, bool sense) {
  const Op op = sense ? condition.when_true : condition.when_false;
  const Word word = make_wide(op, condition.field_a, 0);
  return condition.has_second ? emitter_.emit(word, condition.second) : emitter_.emit(word);
}

// --- returns and calls -------------------------------------------------------------------------

void Lowerer::emit_return_one(const Operand& operand) {
  const std::uint32_t header = layout_.sizes.header;
  const auto acc = acc_of(operand.type);
  const bool is_float = acc == Acc::f32 || acc == Acc::f64;
  if (immediate(operand) && !is_float) {
    emitter_.emit(make_word(Op::return_i, 0, header), operand.bits);
  } else if (in_acc(operand)) {
    constexpr Op ops[] = {Op::return_a, Op::return_af, Op::return_ad};
    emitter_.emit(make_word(ops[static_cast<std::size_t>(*acc)], 0, header));
  } else {
    const Op op = acc == Acc::f32 ? Op::return_sf : acc == Acc::f64 ? Op::return_sd : Op::return_s;
    const std::uint32_t from = settled_slot(operand);
    emitter_.emit(make_word(op, from, header));
  }
}

void Lowerer::return_from(const Instruction&) {
  emit_return();
  set_unreachable();
}

void Lowerer::emit_return() {
  const auto count = static_cast<std::uint32_t>(type_->results.size());
  if (count == 0) {
    emitter_.emit(make_word(Op::return_0, 0, layout_.sizes.header));
  } else if (is_one_slot(type_->results)) {
    emit_return_one(operands_.top());
  } else {
    settle_from(operands_.size() - count);
    const std::uint32_t from = operands_[operands_.size() - count].slot;
    const std::uint32_t slots = operands_.next_slot() - from;
    emitter_.emit(make_word(Op::return_n, from, layout_.sizes.header, slots));
  }
}

void Lowerer::call(const Instruction& in) {
  const FuncIdx callee{in.index};
  const FuncType& type = module_.func_type(callee);
  const auto arguments = static_cast<std::uint32_t>(type.params.size());
  settle_from(operands_.size() - arguments);
  operands_.shrink(operands_.size() - arguments);
  if (module_.is_imported(callee)) {
    finish_call(type, Op::call_import, 0, callee.value);
  } else {
    finish_call(type, Op::call, 0, address_bits(&cache_.function(callee)));
  }
}

void Lowerer::call_indirect(const Instruction& in) {
  const FuncType& type = func_type_at(in.index);
  const Operand index = operands_.pop();
  const auto arguments = static_cast<std::uint32_t>(type.params.size());
  settle_from(operands_.size() - arguments);
  const bool is_64 = is_64_bit(in.index2);
  const bool from_acc = !is_64 && in_acc(index);
  const std::uint32_t from = from_acc ? 0 : index_slot(index, is_64);
  operands_.shrink(operands_.size() - arguments);
  const Word what = make_halves(module_.canonical.id({in.index}), in.index2);
  finish_call(type, from_acc ? Op::call_indirect_a : Op::call_indirect_s, from, what);
}

/// The operands are the caller's as they are while the callee runs; then its results go on top. A
/// single result is written to the slot that the call names, and to the accumulator of its type.
void Lowerer::finish_call(const FuncType& type, Op op, std::uint32_t index, Word second) {
  const std::uint32_t frame = operands_.next_slot();
  const Word word = make_word(op, frame, index, frame);
  emitter_.forget_accumulators();
  if (is_one_slot(type.results)) {
    emitter_.emit_result(acc_of(type.results[0]), word, second);
  } else {
    emitter_.emit(word, second);
  }
  safe_point(Query::Kind::returning);
  fuel_.note_pause();
  operands_.push_slots(type.results);
}

void Lowerer::call_ref(const Instruction& in) {
  const FuncType& type = func_type_at(in.index);
  const Operand reference = operands_.pop();
  const auto arguments = static_cast<std::uint32_t>(type.params.size());
  settle_from(operands_.size() - arguments);
  const std::uint32_t from = settled_slot(reference);
  operands_.shrink(operands_.size() - arguments);
  finish_call(type, Op::call_ref, from, 0);
}

void Lowerer::return_call(const Instruction& in) {
  const FuncIdx callee{in.index};
  const FuncType& type = module_.func_type(callee);
  if (module_.is_imported(callee)) {
    finish_tail_call(type, Op::return_call_import, callee.value);
  } else {
    finish_tail_call(type, Op::return_call, address_bits(&cache_.function(callee)));
  }
}

void Lowerer::return_call_indirect(const Instruction& in) {
  settle_from(operands_.size() - 1);
  static_cast<void>(index_slot(operands_.pop(), is_64_bit(in.index2)));
  finish_tail_call(func_type_at(in.index), Op::return_call_indirect,
                   make_halves(module_.canonical.id({in.index}), in.index2));
}

void Lowerer::return_call_ref(const Instruction& in) {
  settle_from(operands_.size() - 1);
  static_cast<void>(operands_.pop());
  finish_tail_call(func_type_at(in.index), Op::return_call_ref, 0);
}

/// What says which function it is, if the instruction does not, lies in the slot behind the
/// arguments. A return follows, which only a function of the host comes back to.
void Lowerer::finish_tail_call(const FuncType& type, Op op, Word second) {
  const auto arguments = static_cast<std::uint32_t>(type.params.size());
  settle_from(operands_.size() - arguments);
  const std::uint32_t end = operands_.next_slot();
  operands_.shrink(operands_.size() - arguments);
  const std::uint32_t from = operands_.next_slot();
  emitter_.forget_accumulators();
  emitter_.emit(make_word(op, end - from, layout_.sizes.header, from), second);
  safe_point(Query::Kind::returning);
  operands_.push_slots(type.results);
  emit_return();
  set_unreachable();
}

}  // namespace fermata
