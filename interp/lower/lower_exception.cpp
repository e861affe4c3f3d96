// Lowering of exceptions: what is caught becomes a table, and no code.
//
// A catch clause is a branch that nobody sees: its values are written to where the label wants
// them. Before 3.0 the handlers are parts of the block: there what was caught is kept in a slot of
// the frame, for rethrow.
#include <cassert>

#include "interp/lower/lowerer.hpp"

namespace fermata {

// --- regions -------------------------------------------------------------------------------------

std::uint32_t Lowerer::open_region() const {
  return open_regions_.empty() ? HandlerTable::none : open_regions_.back();
}

/// From here on the code lies in the innermost open region. Nothing that follows joins with what is
/// before, so that all code of a region stands between its two changes.
void Lowerer::note_region() {
  emitter_.label(emitter_.save_accumulators());
  handlers_.changes.push_back({emitter_.here(), open_region()});
}

void Lowerer::begin_region() {
  HandlerTable::Region& region = handlers_.regions.emplace_back();
  region.outer = open_region();
  open_regions_.push_back(static_cast<std::uint32_t>(handlers_.regions.size() - 1));
  note_region();
}

void Lowerer::end_region() {
  open_regions_.pop_back();
  note_region();
}

/// Behind the region's other clauses.
HandlerTable::Clause& Lowerer::add_clause(std::uint32_t to) {
  HandlerTable::Region& region = handlers_.regions[to];
  const auto added = static_cast<std::uint32_t>(handlers_.clauses.size());
  if (region.clauses++ == 0) {
    region.first_clause = added;
  } else {
    handlers_.clauses[region.last_clause].next = added;
  }
  region.last_clause = added;
  return handlers_.clauses.emplace_back();
}

std::span<const ValType> Lowerer::tag_values(std::uint32_t tag) const {
  return func_type_at(module_.tags[tag].value).params;
}

// --- try_table -----------------------------------------------------------------------------------

void Lowerer::begin_try_table(const Instruction& in) {
  push_label(in);
  begin_region();
  labels_.back().region = open_region();
  in.catches.each([&](const CatchClause& clause) { catch_for_label(clause); });
}

/// Labels of catch clauses count from outside of the block.
void Lowerer::catch_for_label(const CatchClause& clause) {
  Label& target = label(clause.label.value + 1);
  HandlerTable::Clause& added = add_clause(open_region());
  added.has_tag = clause.has_tag();
  added.has_ref = clause.has_ref();
  added.tag = clause.tag;
  added.slot = target.slot;
  added.ref_slot = target.slot + (added.has_tag ? slots_of(tag_values(clause.tag.value)) : 0);
  if (target.op == WasmOp::loop) {
    added.target = target.start;
  } else {
    added.next_of_label = target.clauses;
    target.clauses = static_cast<std::uint32_t>(handlers_.clauses.size() - 1);
  }
}

/// The label's clauses go on here.
void Lowerer::land_clauses(const Label& label) {
  std::uint32_t i = label.clauses;
  while (i != HandlerTable::none) {
    handlers_.clauses[i].target = emitter_.here();
    i = handlers_.clauses[i].next_of_label;
  }
}

/// What a clause catches for the function's own label is returned, by code behind its end.
void Lowerer::return_caught() {
  const Label& function = labels_.front();
  if (function.clauses == HandlerTable::none) return;
  emitter_.label();
  land_clauses(function);
  operands_.shrink(0);
  operands_.push_slots(type_->results);
  emit_return();
}

// --- before 3.0: try, catch, catch_all, delegate, rethrow ----------------------------------------

void Lowerer::begin_try(const Instruction& in) {
  push_label(in);
  begin_region();
  labels_.back().region = open_region();
}

/// The next part of the innermost block, which is a try: what its region catches goes on here, with
/// the exception in a slot of the frame.
void Lowerer::begin_catch(const Instruction& in) {
  Label& label = labels_.back();
  if (!unreachable_) emit_branch_to(label);
  if (label.op == WasmOp::try_) {
    end_region();
    label.caught = layout_.sizes.caught + caught_++;
  }
  emitter_.label();
  const bool has_tag = in.op == WasmOp::catch_;
  HandlerTable::Clause& clause = add_clause(label.region);
  clause.has_tag = has_tag;
  clause.has_ref = true;
  clause.tag = {has_tag ? in.index : 0};
  clause.target = emitter_.here();
  fuel_.begin_site(Op::charge);
  clause.slot = label.slot;
  clause.ref_slot = label.caught;
  label.op = WasmOp::catch_;
  reset_to(label, has_tag ? tag_values(in.index) : std::span<const ValType>{});
  unreachable_ = false;
}

/// Ends a try without a catch: who surrounds the label is asked next.
void Lowerer::delegate(const Instruction& in) {
  const std::uint32_t region = labels_.back().region;
  const Label& target = label(in.index + 1);
  const std::uint32_t outer = is_function(target) ? HandlerTable::none : region_inside(target);
  handlers_.regions[region].outer = outer;
  end_block(in);
}

/// The innermost region that surrounds what stands inside of the label's block, as it is now.
std::uint32_t Lowerer::region_inside(const Label& label) const {
  const bool is_covered = label.op == WasmOp::try_ || label.op == WasmOp::try_table;
  return is_covered ? label.region : label.region_around;
}

void Lowerer::rethrow(const Instruction& in) {
  emitter_.emit(make_word(Op::throw_ref, label(in.index).caught));
  set_unreachable();
}

/// What ends with the innermost label's block.
void Lowerer::end_handlers(const Label& label) {
  if (label.op == WasmOp::try_table || label.op == WasmOp::try_) end_region();
  if (label.op == WasmOp::catch_) --caught_;
}

// --- throwing ------------------------------------------------------------------------------------

void Lowerer::throw_(const Instruction& in) {
  const auto left = operands_.size() - static_cast<std::uint32_t>(tag_values(in.index).size());
  settle_from(left);
  const std::uint32_t first = left == operands_.size() ? 0 : operands_[left].slot;
  emitter_.emit(make_wide(Op::throw_, first, in.index));
  operands_.shrink(left);  // not before: they are roots while the exception is made
  set_unreachable();
}

void Lowerer::throw_ref(const Instruction&) {
  const Operand exception = operands_.pop();
  emitter_.emit(make_word(Op::throw_ref, settled_slot(exception)));
  set_unreachable();
}

}  // namespace fermata
