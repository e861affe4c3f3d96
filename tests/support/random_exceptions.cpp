// Exceptions: what throws them and what catches them, as WebAssembly 3.0 has it and as it was
// before.
#include <algorithm>

#include "tests/support/random_body.hpp"

namespace fermata::test {

namespace {

using Kind = CatchClause::Kind;

/// Of the type that the opening of a block has.
Code as_try_table(const Code& block, const std::vector<CatchClause>& clauses) {
  const Bytes type(block.bytes.begin() + 1, block.bytes.end());
  Bytes code = concat({op(WasmOp::try_table).bytes, type, leb_u(clauses.size())});
  for (const CatchClause& clause : clauses) {
    code.push_back(static_cast<std::uint8_t>(clause.kind));
    if (clause.has_tag()) code = concat({code, leb_u(clause.tag.value)});
    code = concat({code, leb_u(clause.label.value)});
  }
  return {code};
}

bool is_exception(ValType type) { return type.is_ref() && type.heap.kind == HeapKind::exn; }

}  // namespace

// --- throwing ------------------------------------------------------------------------------------

/// One that is often caught by what is open here.
std::uint32_t RandomBody::any_tag() {
  std::vector<std::uint32_t> caught;
  for (const Control& control : controls_) {
    caught.insert(caught.end(), control.tags.begin(), control.tags.end());
  }
  if (!caught.empty() && choices_.chance(80)) return choices_.pick(caught);
  return choices_.below(static_cast<std::uint32_t>(plan_.tags.size()));
}

void RandomBody::throw_tag(std::uint32_t tag, int depth) {
  operands(plan_.tags[tag], depth);
  emit(op(WasmOp::throw_, {tag}));
  dead_code(depth);
}

/// Whether this function catches the tag, or without one everything.
bool RandomBody::is_caught(std::optional<std::uint32_t> tag) const {
  return std::ranges::any_of(controls_, [&](const Control& control) {
    return tag ? std::ranges::count(control.tags, *tag) != 0
               : control.tags.size() >= plan_.tags.size();
  });
}

/// Of a part of a try that has caught something.
std::optional<std::uint32_t> RandomBody::any_rethrown() {
  std::vector<std::uint32_t> labels;
  const auto count = static_cast<std::uint32_t>(controls_.size());
  for (std::uint32_t label = 0; label < count; ++label) {
    if (controls_[count - 1 - label].has_caught) labels.push_back(label);
  }
  if (labels.empty() || choices_.chance(40)) return std::nullopt;
  return choices_.pick(labels);
}

/// Something new, what a try has caught, or what a local keeps; under a condition, which rarely
/// holds for what is not caught here, for runs to go on.
void RandomBody::throw_statement(int depth) {
  const auto rethrown = any_rethrown();
  const bool is_kept = !rethrown && choices_.chance(25);
  const std::uint32_t tag = any_tag();
  if (rethrown || is_kept ? is_caught({}) : is_caught(tag)) {
    condition(depth);
  } else {
    value(i32, depth);
    i32_constant(15);
    apply_op(WasmOp::i32_and, {i32, i32}, {i32});
    i32_constant(static_cast<std::int32_t>(choices_.below(16)));
    apply_op(WasmOp::i32_eq, {i32, i32}, {i32});
  }
  pop(1);
  emit(opening(WasmOp::if_, {}, {}));
  open_control({}, {});
  if (rethrown) {
    emit(op(WasmOp::rethrow, {*rethrown + 1}));
    dead_code(depth);
  } else {
    is_kept ? throw_kept(depth) : throw_tag(tag, depth);
  }
  close_control({});
}

/// Inside of an `if`, which null leaves.
void RandomBody::throw_kept(int depth) {
  value(exnref, depth);
  if (!choices_.chance(plan_.trap_percent)) apply_op(WasmOp::br_on_null, {exnref}, {exnref}, {0});
  emit(op(WasmOp::throw_ref));
  dead_code(depth);
}

/// (block (result exnref) (try_table (catch_all_ref 0) (throw ...)) ...)
void RandomBody::new_exception(int depth) {
  const std::uint32_t tag = choices_.below(static_cast<std::uint32_t>(plan_.tags.size()));
  emit(opening(WasmOp::block, {}, {exnref}));
  open_control({exnref}, {});
  const CatchClause clause{.kind = Kind::catch_all_ref, .tag = {}, .label = {0}};
  emit(as_try_table(opening(WasmOp::block, {}, {}), {clause}));
  open_control({}, {});
  controls_.back().tags = plan_.all_tags();
  throw_tag(tag, depth);
  close_control({});
  leaf(exnref);
  close_control({exnref});
}

// --- catching ------------------------------------------------------------------------------------

/// To the innermost label.
CatchClause RandomBody::any_clause() {
  static constexpr std::array kinds{Kind::catch_,    Kind::catch_,        Kind::catch_ref,
                                    Kind::catch_ref, Kind::catch_all_ref, Kind::catch_all};
  const std::uint32_t tag = choices_.below(static_cast<std::uint32_t>(plan_.tags.size()));
  CatchClause clause{.kind = choices_.pick(kinds), .tag = {tag}, .label = {0}};
  if (!clause.has_tag()) clause.tag = {};
  return clause;
}

/// One that takes these along to the label, if there is one.
std::optional<CatchClause> RandomBody::clause_for(ResultType types, std::uint32_t label) {
  std::vector<CatchClause> fitting;
  const auto add_tags = [&](Kind kind) {
    for (const std::uint32_t tag : plan_.all_tags()) {
      if (plan_.tags[tag] == types) fitting.push_back({kind, {tag}, {label}});
    }
  };
  add_tags(Kind::catch_);
  const bool has_ref = !types.empty() && is_exception(types.back());
  if (has_ref) {
    types.pop_back();
    add_tags(Kind::catch_ref);
  }
  if (types.empty()) {
    const Kind of_all = has_ref ? Kind::catch_all_ref : Kind::catch_all;
    fitting.insert(fitting.end(), 2, {of_all, {}, {label}});
  }
  if (fitting.empty()) return std::nullopt;
  return choices_.pick(fitting);
}

/// To labels that take along what a clause gives: blocks, loops, the function's own.
void RandomBody::add_clauses(std::vector<CatchClause>& clauses, std::uint32_t most) {
  const auto count = static_cast<std::uint32_t>(controls_.size());
  const std::uint32_t start = choices_.chance(50) ? 0 : choices_.below(count);
  for (std::uint32_t i = 0; i < count && clauses.size() < most; ++i) {
    const std::uint32_t label = (start + i) % count;
    if (!controls_[count - 1 - label].open) continue;
    const auto clause = clause_for(label_types(label), label);
    if (!clause || !choices_.chance(70)) continue;
    clauses.insert(choices_.chance(50) ? clauses.begin() : clauses.end(), *clause);
  }
}

/// What the body of a try is there for: something in it often throws.
void RandomBody::inside_try(const ResultType& results, int depth) {
  if (choices_.chance(60)) {
    statements(choices_.below(2), depth);
    throw_statement(depth);
  } else if (choices_.chance(60)) {
    const auto count = static_cast<std::uint32_t>(plan_.functions.size());
    call_function(choices_.below(count), depth);
  }
  if (choices_.chance(10)) some_try(plan_.any_types(2), depth - 1);
  if (!controls_.back().dead && choices_.chance(6)) {
    tail_call(depth);
    dead_code(depth);
  }
  inside(4, results, depth);
}

/// (block $out (block $caught (try_table (catch ... $caught) ...) (br $out)) what was caught ...),
/// or a try_table alone, which gives what it catches to labels around it.
void RandomBody::try_table(const ResultType& results, int depth) {
  const bool lands = choices_.chance(70);
  ResultType caught;
  std::vector<CatchClause> clauses;
  if (lands) {
    emit(opening(WasmOp::block, {}, results));
    open_control(results, {});
    clauses.push_back(any_clause());
    if (clauses[0].has_tag()) caught = plan_.tags[clauses[0].tag.value];
    const bool is_strict = clauses[0].has_ref() && choices_.chance(30);
    if (clauses[0].has_ref()) caught.push_back(reference_to({HeapKind::exn}, !is_strict));
    emit(opening(WasmOp::block, {}, caught));
    open_control(caught, {}, !is_strict);
    if (choices_.chance(30)) value(plan_.any_type(), depth);
  }
  add_clauses(clauses, 1 + choices_.below(3));
  const ResultType params = take_params();
  emit(as_try_table(opening(WasmOp::block, params, results), clauses));
  open_control(results, params);
  for (const CatchClause& clause : clauses) {
    const auto tags = clause.has_tag() ? std::vector{clause.tag.value} : plan_.all_tags();
    controls_.back().tags.insert(controls_.back().tags.end(), tags.begin(), tags.end());
  }
  inside_try(results, depth);
  close_control(results);
  if (!lands) return;
  apply(br(1), results, {});
  close_control(caught);
  keep_exception();
  inside(3, results, depth);
  close_control(results);
}

/// The reference to what was caught, if it lies there, mostly goes to a local.
void RandomBody::keep_exception() {
  if (free_operands() == 0 || !is_exception(stack_.back())) return;
  stack_.back() = exnref;
  const auto local = local_of(exnref);
  if (local && choices_.chance(80)) apply(local_set(*local), {exnref}, {});
}

/// The label that a try delegates to: often another try.
std::uint32_t RandomBody::any_delegate() {
  const auto outside = static_cast<std::uint32_t>(controls_.size() - 1);
  const std::uint32_t start = choices_.below(outside);
  if (choices_.chance(40)) return start;
  for (std::uint32_t label = start; label < outside; ++label) {
    if (!controls_[outside - 1 - label].tags.empty()) return label;
  }
  return start;
}

/// As it was before 3.0: the parts that catch belong to the block.
void RandomBody::legacy_try(const ResultType& results, int depth) {
  const ResultType params = take_params();
  const bool delegates = choices_.chance(25);
  const bool has_all = !delegates && choices_.chance(40);
  std::vector<std::uint32_t> tags(delegates ? 0 : choices_.below(3));
  for (std::uint32_t& tag : tags) {
    tag = choices_.below(static_cast<std::uint32_t>(plan_.tags.size()));
  }
  emit(opening(WasmOp::try_, params, results));
  open_control(results, params);
  controls_.back().tags = has_all ? plan_.all_tags() : tags;
  inside_try(results, depth);
  if (delegates) {
    emit(op(WasmOp::delegate, {any_delegate()}));
    return leave_control(results);
  }
  controls_.back().tags.clear();
  controls_.back().has_caught = true;
  for (const std::uint32_t tag : tags) {
    catch_part(op(WasmOp::catch_, {tag}), plan_.tags[tag], results, depth);
  }
  if (has_all) catch_part(op(WasmOp::catch_all), {}, results, depth);
  close_control(results);
}

void RandomBody::catch_part(Code code, const ResultType& caught, const ResultType& results,
                            int depth) {
  emit(std::move(code));
  stack_.resize(controls_.back().height);
  controls_.back().dead = false;
  push(caught);
  if (choices_.chance(40)) throw_statement(depth);
  inside(4, results, depth);
}

void RandomBody::some_try(const ResultType& results, int depth) {
  plan_.for_any_engine || choices_.chance(60) ? try_table(results, depth)
                                              : legacy_try(results, depth);
}

}  // namespace fermata::test
