// The pass itself, and what all families need of operands.
#include "interp/lower/lowerer.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

#include "interp/lower/fuel_cost.hpp"

namespace fermata {

namespace {
constexpr std::uint32_t no_pause = UINT32_MAX;
}

std::optional<Acc> acc_of(ValType type) {
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::i64:
      return Acc::integer;
    case ValKind::f32:
      return Acc::f32;
    case ValKind::f64:
      return Acc::f64;
    case ValKind::v128:
      return Acc::v128;
    default:
      return std::nullopt;
  }
}

// --- the pass ----------------------------------------------------------------------------------

const std::vector<Word>& Lowerer::lower(FuncIdx function) {
  queries_ = {};
  origins_ = nullptr;
  run(function);
  if (cache_.mode().fusion) emitter_.pair_successors();
  return emitter_.code();
}

std::unique_ptr<const HandlerTable> Lowerer::take_handlers() {
  if (handlers_.regions.empty()) return nullptr;
  auto taken = std::make_unique<HandlerTable>(std::exchange(handlers_, {}));
  taken->regions.shrink_to_fit();
  taken->clauses.shrink_to_fit();
  taken->changes.shrink_to_fit();
  return taken;
}

std::vector<Answer> Lowerer::explain(FuncIdx function, std::span<const Query> queries,
                                     Detail detail) {
  assert(std::ranges::is_sorted(queries, std::less_equal<>{}));
  queries_ = queries;
  answers_.assign(queries.size(), {});
  fuel_points_.assign(queries.size(), {});
  detail_ = detail;
  origins_ = nullptr;
  run(function);
  queries_ = {};
  for (std::size_t i = 0; i < answers_.size(); ++i) {
    answers_[i].overcharge = fuel_.ahead(fuel_points_[i]);
  }
  return std::move(answers_);
}

std::vector<Standing> Lowerer::locate(FuncIdx function, std::span<const Stand> stands) {
  assert(std::ranges::is_sorted(stands, std::less_equal<>{}));
  std::vector<Origin> origins;
  stands_ = stands;
  standings_.assign(stands.size(), {});
  detail_ = Detail::operands;
  queries_ = {};
  origins_ = &origins;
  run(function);
  origins_ = nullptr;
  stands_ = {};
  find_origins(origins, stands);
  return std::move(standings_);
}

/// The words of those instructions that only have to be named.
void Lowerer::find_origins(std::span<const Origin> origins, std::span<const Stand> stands) {
  for (const Origin& origin : origins) {
    const auto stand = std::ranges::lower_bound(stands, Stand{Query::Kind::at, origin.offset});
    if (stand == stands.end() || *stand != Stand{Query::Kind::at, origin.offset}) continue;
    Standing& standing = standings_[static_cast<std::size_t>(stand - stands.begin())];
    if (!standing.word) standing = {origin.word, {origin.offset, {}, 0, 0}};
  }
}

std::vector<Origin> Lowerer::origins(FuncIdx function) {
  std::vector<Origin> found;
  queries_ = {};
  origins_ = &found;
  run(function);
  origins_ = nullptr;
  if (cache_.mode().fusion) emitter_.pair_successors();
  return found;
}

std::vector<Origin> Lowerer::loops(FuncIdx function) {
  queries_ = {};
  origins_ = nullptr;
  run(function);
  return loops_;
}

RootMap Lowerer::roots(FuncIdx function) {
  queries_ = {};
  origins_ = nullptr;
  operands_.clear(0, 0);
  RootRecorder recorder(emitter_, module_);
  operands_.watch(&recorder);
  run(function);
  operands_.clear(0, 0);
  operands_.watch(nullptr);
  return recorder.finish(function);
}

void Lowerer::run(FuncIdx function) {
  type_ = &module_.func_type(function);
  layout_.assign(module_, function);
  emitter_.clear();
  operands_.clear(layout_.sizes.first_operand, layout_.local_count());
  labels_.clear();
  labels_.emplace_back().slot = layout_.sizes.first_operand;
  unreachable_ = false;
  last_pause_ = no_pause;
  loops_.clear();
  handlers_ = {};
  open_regions_.clear();
  caught_ = 0;
  fuel_.begin_function(cache_.mode().metered);
  open_answers_.clear();

  const ByteRange body = module_.definition(function).body;
  offset_ = body.begin;
  safe_point(Query::Kind::safe_point);
  InstructionReader reader(module_.data.bytes, body, module_.features);
  Instruction in;
  while (!labels_.empty()) {
    [[maybe_unused]] const bool well_formed = reader.next(in);
    assert(well_formed);
    offset_ = in.offset;
    emitter_.mark();
    if (fuel_.metered()) charge_for(in.op);
    if (unreachable_) {
      skip_unreachable(in);
    } else {
      if (cache_.mode().debug) settle_for_debugger();
      apply_rule(in);
      if (cache_.mode().canonical_nan && !unreachable_) canonicalize(in.op);
    }
    note_origin();
    if (fuel_.metered() && ends_fuel_block(in.op)) open_answers_.clear();
  }
  fuel_.finish();
}

// --- fuel --------------------------------------------------------------------------------------

/// Before the function's first instruction, and before an instruction that is executed.
void Lowerer::charge_for(WasmOp op) {
  if (emitter_.here() == 0) {
    fuel_.begin_site(Op::charge_or_pause);
    last_pause_ = emitter_.here();
  }
  if (unreachable_) return;
  fuel_.count(fuel_cost(op));
  charged_ = fuel_.here();
  for (const std::size_t answer : open_answers_) fuel_points_[answer] = charged_;
}

/// Where a block ends that goes on in the next.
void Lowerer::end_fuel_block() {
  if (fuel_.must_close()) fuel_.begin_site(Op::charge);
}

/// The label as a branch that charges fuel sees it: a loop charges for itself.
FuelSites::Join Lowerer::join_of(Label& label) {
  if (label.op == WasmOp::loop) return FuelSites::none;
  if (label.join == FuelSites::none) label.join = fuel_.new_join();
  return label.join;
}

void Lowerer::settle_for_debugger() {
  settle_from(operands_.settled());
  operands_.set_settled();
  // What comes after a loop's begin without any code is still at the loop.
  if (emitter_.here() != last_pause_) safe_point(Query::Kind::safe_point);
}

void Lowerer::skip_unreachable(const Instruction& in) {
  if (opens_block(in.op)) {
    ++skipped_blocks_;
  } else if (divides_block(in.op)) {
    if (skipped_blocks_ == 0) apply_rule(in);
  } else if (closes_block(in.op)) {
    if (skipped_blocks_ == 0) return apply_rule(in);
    --skipped_blocks_;
  }
}

void Lowerer::set_unreachable() {
  unreachable_ = true;
  skipped_blocks_ = 0;
}

void Lowerer::note_origin() {
  const std::uint32_t first = emitter_.marked();
  if (first == emitter_.here()) return;
  if (origins_ != nullptr) {
    while (!origins_->empty() && origins_->back().word >= first) origins_->pop_back();
    origins_->push_back({first, offset_});
  }
  auto query = std::ranges::lower_bound(queries_, Query{Query::Kind::at, first});
  for (; query != queries_.end() && *query < Query{Query::Kind::at, emitter_.here()}; ++query) {
    const auto answer = static_cast<std::size_t>(query - queries_.begin());
    answers_[answer] = Answer{offset_, {}, 0, 0};
    fuel_points_[answer] = charged_;
    open_answers_.push_back(answer);
  }
}

void Lowerer::safe_point(Query::Kind kind) {
  note_standing(kind);
  const Query here{kind, emitter_.here()};
  const auto query = std::ranges::lower_bound(queries_, here);
  if (query == queries_.end() || *query != here) return;
  answers_[static_cast<std::size_t>(query - queries_.begin())] = answer_here();
}

Answer Lowerer::answer_here() const {
  Answer answer{offset_, {}, caught_, 0};
  if (detail_ == Detail::offsets) return answer;
  answer.operands.reserve(operands_.size());
  for (std::uint32_t i = 0; i < operands_.size(); ++i) answer.operands.push_back(operands_[i]);
  return answer;
}

void Lowerer::note_standing(Query::Kind kind) {
  const Stand here{kind, offset_};
  const auto stand = std::ranges::lower_bound(stands_, here);
  if (stand == stands_.end() || *stand != here) return;
  standings_[static_cast<std::size_t>(stand - stands_.begin())] = {emitter_.here(), answer_here()};
}

// --- operands ----------------------------------------------------------------------------------

std::uint32_t Lowerer::slot_of(const Operand& operand) const {
  assert(operand.kind == Operand::Kind::slot || operand.kind == Operand::Kind::local);
  return operand.kind == Operand::Kind::local ? layout_.local_slot(operand.local) : operand.slot;
}

bool Lowerer::in_acc(const Operand& operand) const {
  const bool in_slot = operand.kind == Operand::Kind::slot || operand.kind == Operand::Kind::local;
  if (!cache_.mode().fusion || !in_slot) return false;
  const auto acc = acc_of(operand.type);
  return acc && emitter_.held(*acc) == slot_of(operand);
}

bool Lowerer::immediate(const Operand& operand) const {
  return cache_.mode().fusion && operand.kind == Operand::Kind::constant;
}

void Lowerer::emit_constant(std::uint32_t slot, std::uint64_t bits) {
  if (bits <= UINT32_MAX) {
    emitter_.emit_move(slot, make_wide(Op::const32, slot, static_cast<std::uint32_t>(bits)));
  } else {
    emitter_.emit_move(slot, make_word(Op::const64, slot), bits);
  }
}

void Lowerer::emit_copy(std::uint32_t to, std::uint32_t from, ValType type) {
  if (type.slots() == 2) {
    emitter_.emit_move2(to, make_word(Op::copy_v, to, from));
  } else {
    emitter_.emit_move(to, make_word(Op::copy, to, from));
  }
}

void Lowerer::emit_into(std::uint32_t slot, const Operand& operand) {
  if (operand.kind == Operand::Kind::constant) return emit_constant(slot, operand.bits);
  if (operand.kind == Operand::Kind::sum) {
    const std::uint32_t base = layout_.local_slot(operand.local);
    if (emitter_.held(Acc::integer) == base) {
      return emitter_.emit_result(Acc::integer, make_word(Op::i32_add_ai, slot), operand.bits);
    }
    return emitter_.emit_result(Acc::integer, make_word(Op::i32_add_si, slot, base), operand.bits);
  }
  const std::uint32_t from = slot_of(operand);
  if (from != slot) emit_copy(slot, from, operand.type);
}

std::uint32_t Lowerer::settled_slot(const Operand& operand) {
  if (operand.kind == Operand::Kind::slot || operand.kind == Operand::Kind::local) {
    return slot_of(operand);
  }
  emit_into(operand.slot, operand);
  return operand.slot;
}

void Lowerer::compute_sum(Operand& operand) {
  if (operand.kind != Operand::Kind::sum) return;
  emit_into(operand.slot, operand);
  operand.kind = Operand::Kind::slot;
}

void Lowerer::settle_from(std::uint32_t first) {
  const auto one_slot_local = [&](std::uint32_t i) {
    return i < operands_.size() && operands_[i].kind == Operand::Kind::local &&
           operands_[i].type.slots() == 1;
  };
  for (std::uint32_t i = operands_.unstored_from(first); i < operands_.size(); ++i) {
    const Operand& operand = operands_[i];
    if (cache_.mode().fusion && one_slot_local(i) && one_slot_local(i + 1)) {
      const std::uint32_t second = slot_of(operands_[++i]);
      emitter_.emit_move2(operand.slot,
                          make_word(Op::copy2, operand.slot, slot_of(operand), second));
    } else if (operand.kind != Operand::Kind::slot) {
      emit_into(operand.slot, operand);
    }
  }
  operands_.settle_from(first, true);
}

void Lowerer::settle_locals() {
  for (std::uint32_t i = operands_.settled(); i < operands_.size(); ++i) {
    if (operands_[i].in_local()) emit_into(operands_[i].slot, operands_[i]);
  }
  operands_.settle_from(operands_.settled(), false);
  operands_.set_settled();
}

void Lowerer::preserve(std::uint32_t local) {
  for (auto i = operands_.topmost_in(local); i != OperandStack::none;
       i = operands_.topmost_in(local)) {
    emit_into(operands_[i].slot, operands_[i]);
    operands_.settle_topmost(local);
  }
}

}  // namespace fermata
