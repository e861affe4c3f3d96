// The loop over a body's instructions, and the rules of control instructions: blocks, branches,
// calls, exceptions.
//
// They are in one file because control instructions are most of what the loop does not leave to
// PlainRun: the commonest are inlined into it. Specification: "Validation / Instructions / Control
// Instructions".
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/validate/function_validator.hpp"
#include "lib/validate/op_rules.hpp"

namespace fermata::validation {
namespace {

constexpr StackType exnref_non_null = ValType::ref({HeapKind::exn}, false);

}  // namespace

bool FunctionValidator::control(const Instruction& in) {
  switch (in.op) {
    case WasmOp::unreachable:
      return stack_.set_unreachable(), true;
    case WasmOp::try_table:
      return enter(in);
    case WasmOp::else_:
      return else_();
    case WasmOp::catch_:
    case WasmOp::catch_all:
      return catch_(in);
    case WasmOp::delegate:
      return delegate(in);
    case WasmOp::rethrow:
      return rethrow(in);
    case WasmOp::br_table:
      return branch_table(in);
    case WasmOp::br_on_null:
    case WasmOp::br_on_non_null:
      return branch_on_null(in);
    case WasmOp::br_on_cast:
    case WasmOp::br_on_cast_fail:
      return branch_on_cast(in);
    case WasmOp::return_:
      if (!stack_.pop_types(results_)) return false;
      return stack_.set_unreachable(), true;
    case WasmOp::call_ref:
    case WasmOp::call_indirect:
      return call(in);
    case WasmOp::return_call:
    case WasmOp::return_call_ref:
    case WasmOp::return_call_indirect:
      return return_call(in);
    default:
      return throw_(in);
  }
}

// --- blocks --------------------------------------------------------------------------------------

// Specification: "Block Types".
inline bool FunctionValidator::block_signature(const BlockType& block, BlockSignature& out) {
  switch (block.kind) {
    case BlockType::Kind::empty:
      out = BlockSignature(Signature{});
      return true;
    case BlockType::Kind::value:
      out = BlockSignature(StackType(block.value));
      return block.value.is_num() || check(context_.check_value_type(block.value, {}));
    case BlockType::Kind::type:
      break;
  }
  Signature signature;
  if (!require(Feature::multi_value, "a block with a function type")) return false;
  if (!function_signature(block.type.value, signature)) return false;
  out = BlockSignature(signature);
  return true;
}

bool FunctionValidator::open(WasmOp op, const BlockSignature& type) {
  const bool valid = stack_.push_control(op, type, locals_.init_height());
  plain_run_.push_label(!stack_.frame(0).label_types().empty());
  return valid;
}

[[gnu::always_inline]] inline bool FunctionValidator::enter(const Instruction& in) {
  BlockSignature type;
  if (!block_signature(in.block, type)) return false;
  if (in.op == WasmOp::if_ && !stack_.pop(i32)) return false;
  if (!stack_.pop_types(type.params())) return false;
  if (in.op == WasmOp::try_table) return enter_try_table(in, type);
  return open(in.op, type);
}

bool FunctionValidator::else_() {
  ControlFrame frame;
  if (!end_part(WasmOp::else_, frame)) return false;
  return stack_.push_control(WasmOp::else_, frame.type, frame.init_height);
}

/// Ends the part of the innermost block that comes before an else or catch; `frame` was its.
bool FunctionValidator::end_part(WasmOp op, ControlFrame& frame) {
  if (!may_end_part(op, stack_.frame(0).op)) return misplaced(op);
  if (!stack_.pop_control(frame)) return false;
  locals_.reset_to(frame.init_height);
  return true;
}

/// Why `may_end_part` says no.
bool FunctionValidator::misplaced(WasmOp op) {
  const WasmOp part = stack_.frame(0).op;
  std::string where = "outside of a try";
  if (op == WasmOp::else_) {
    where = "outside of an if";
  } else if (part == WasmOp::catch_ || part == WasmOp::catch_all) {
    where = fmt::format("after a {} of the same try", info(part).text);
  }
  return fail(malformed(fmt::format("END opcode expected: found {} {}", info(op).text, where), {}));
}

inline bool FunctionValidator::end() {
  const ControlFrame& frame = stack_.frame(0);
  locals_.reset_to(frame.init_height);
  plain_run_.pop_label();
  if (frame.op == WasmOp::catch_ || frame.op == WasmOp::catch_all) --caught_;
  const bool lacks_else = frame.op == WasmOp::if_ && !frame.type.is_empty();
  if (!lacks_else) [[likely]]
    return stack_.end_control();
  const BlockSignature type = frame.type;
  return stack_.end_control() && check_missing_else(type);
}

/// Without `else` the parameters are the results.
bool FunctionValidator::check_missing_else(const BlockSignature& type) {
  const auto params = type.params();
  const auto results = type.results();
  return all_match(params, results) ||
         fail(fmt::format("type mismatch: expected an else, because the if takes {} and gives {}",
                          params.size(), results.size()));
}

// --- branches ------------------------------------------------------------------------------------

inline bool FunctionValidator::check_label(std::uint32_t label) {
  return label < stack_.depth() || unknown("label", label, stack_.depth());
}

inline bool FunctionValidator::branch(const Instruction& in) {
  if (!check_label(in.index)) return false;
  const auto types = stack_.frame(in.index).label_types();
  if (in.op == WasmOp::br_if) return stack_.pop(i32) && stack_.pass_through(types);
  if (!stack_.pop_types(types)) return false;
  return stack_.set_unreachable(), true;
}

bool FunctionValidator::branch_table(const Instruction& in) {
  if (!stack_.pop(i32)) return false;
  bool valid = true;
  std::optional<std::span<const StackType>> last;
  matching_labels_.clear();
  in.labels.each([&](LabelIdx label) {
    valid = valid && check_label(label.value);
    if (!valid) return;
    const auto types = stack_.frame(label.value).label_types();
    if (last && types.size() != last->size()) {
      valid = fail(
          fmt::format("type mismatch: expected labels of one arity in br_table, found {} and {}",
                      last->size(), types.size()));
      return;
    }
    // Labels in a row often have the same types.
    if (!last || types.data() != last->data()) valid = label_matches(types);
    last = types;
  });
  if (!valid) return false;
  return stack_.set_unreachable(), true;
}

/// Whether the operands match a label's types. A br_table can name two labels of a thousand types
/// in turn, a byte each time, so it remembers which lists the operands were found to match.
bool FunctionValidator::label_matches(std::span<const StackType> types) {
  if (types.size() < long_list) return stack_.check_top(types);
  if (matching_labels_.contains(types.data())) return true;
  if (!stack_.check_top(types)) return false;
  matching_labels_.insert(types.data());
  return true;
}

bool FunctionValidator::branch_on_null(const Instruction& in) {
  StackType ref;
  if (!check_label(in.index) || !stack_.pop_ref(ref)) return false;
  auto types = stack_.frame(in.index).label_types();
  if (in.op == WasmOp::br_on_null) {
    if (!stack_.pass_through(types)) return false;
    stack_.push(ref.with_nullable(false));
    return true;
  }
  if (types.empty() || !types.back().is_ref()) {
    return fail("type mismatch: expected a label whose last type is a reference in br_on_non_null");
  }
  if (!expect_matches(ref.with_nullable(false), types.back())) return false;
  return stack_.pass_through(types.first(types.size() - 1));
}

bool FunctionValidator::branch_on_cast(const Instruction& in) {
  const ValType from = ValType::ref(in.cast.from, in.cast.from_nullable);
  const ValType to = ValType::ref(in.cast.to, in.cast.to_nullable);
  if (!check_label(in.index) || !check(context_.check_value_type(from, {})) ||
      !check(context_.check_value_type(to, {})) || !expect_matches(to, from)) {
    return false;
  }
  // What is left when the cast fails: null goes with the target if that takes it.
  const ValType rest = ValType::ref(from.heap, from.nullable && !to.nullable);
  const bool on_success = in.op == WasmOp::br_on_cast;
  const auto types = stack_.frame(in.index).label_types();
  if (types.empty()) {
    return fail("type mismatch: expected a label with a reference, found one without values");
  }
  if (!expect_matches(on_success ? to : rest, types.back())) return false;
  if (!stack_.pop(from) || !stack_.pass_through(types.first(types.size() - 1))) return false;
  stack_.push(on_success ? rest : to);
  return true;
}

// --- calls ---------------------------------------------------------------------------------------

bool FunctionValidator::function_signature(std::uint32_t type, Signature& out) {
  const auto func = context_.func_type({type}, {});
  if (!func) return fail(func.error());
  out = context_.types.signature({type});
  return true;
}

bool FunctionValidator::indirect_callee(const Instruction& in, Signature& out) {
  const TableType* table = nullptr;
  if (in.index2 != 0 && !require(Feature::reference_types, "a table index other than 0"))
    return false;
  if (!find_table(in.index2, table) || !expect_matches(table->element, funcref) ||
      !function_signature(in.index, out)) {
    return false;
  }
  return stack_.pop(address_type(table->address));
}

inline bool FunctionValidator::known_callee(std::uint32_t function, Signature& out) {
  const auto& funcs = context_.module.func_types;
  if (function >= funcs.size()) [[unlikely]]
    return unknown("function", function, funcs.size());
  out = context_.types.signature(funcs[function]);
  return true;
}

inline bool FunctionValidator::call_function(std::uint32_t function) {
  Signature signature;
  return known_callee(function, signature) && stack_.pop_types(signature.params) &&
         stack_.push_types(signature.results);
}

/// The signature of any other call's target; pops what the call needs besides arguments.
bool FunctionValidator::callee(const Instruction& in, Signature& out) {
  switch (in.op) {
    case WasmOp::return_call:
      return known_callee(in.index, out);
    case WasmOp::call_indirect:
    case WasmOp::return_call_indirect:
      return indirect_callee(in, out);
    default:
      return require(Feature::function_references, info(in.op).text) &&
             function_signature(in.index, out) &&
             stack_.pop(ValType::ref(HeapType::concrete({in.index}), true));
  }
}

bool FunctionValidator::call(const Instruction& in) {
  Signature signature;
  return callee(in, signature) && stack_.pop_types(signature.params) &&
         stack_.push_types(signature.results);
}

bool FunctionValidator::return_call(const Instruction& in) {
  Signature signature;
  if (!callee(in, signature) || !stack_.pop_types(signature.params)) return false;
  if (!all_match(signature.results, results_)) {
    return fail(fmt::format("type mismatch: expected the results of the calling function in {}",
                            info(in.op).text));
  }
  // The results of a host function take room before they are returned.
  if (!stack_.push_types(signature.results)) return false;
  return stack_.set_unreachable(), true;
}

// --- exceptions (specification: "Exception Instructions") ----------------------------------------

bool FunctionValidator::tag_values(std::uint32_t tag, std::span<const StackType>& out) {
  const auto& tags = context_.module.tags;
  if (tag >= tags.size()) return unknown("tag", tag, tags.size());
  out = context_.types.signature(tags[tag]).params;
  return true;
}

bool FunctionValidator::throw_(const Instruction& in) {
  if (in.op == WasmOp::throw_ref) {
    if (!stack_.pop(ValType::ref({HeapKind::exn}, true))) return false;
  } else {
    std::span<const StackType> values;
    if (!tag_values(in.index, values) || !stack_.pop_types(values)) return false;
  }
  return stack_.set_unreachable(), true;
}

// Before 3.0 the handlers were parts of the block. Specification: the proposal's "legacy" folder.
bool FunctionValidator::catch_(const Instruction& in) {
  std::span<const StackType> values;
  if (in.op == WasmOp::catch_ && !tag_values(in.index, values)) return false;
  ControlFrame frame;
  if (!end_part(in.op, frame)) return false;
  if (frame.op == WasmOp::try_) most_caught_ = std::max(most_caught_, ++caught_);
  return stack_.push_control(in.op, frame.type, frame.init_height, values);
}

/// The label is one outside of the try, which may be the function's own.
bool FunctionValidator::delegate(const Instruction& in) {
  if (!may_end_part(in.op, stack_.frame(0).op)) return misplaced(in.op);
  const std::uint32_t outside = stack_.depth() - 1;
  if (in.index >= outside) return unknown("label", in.index, outside);
  return end();
}

bool FunctionValidator::rethrow(const Instruction& in) {
  if (!check_label(in.index)) return false;
  const WasmOp part = stack_.frame(in.index).op;
  if (part != WasmOp::catch_ && part != WasmOp::catch_all) {
    return fail(fmt::format(
        "invalid rethrow label: expected one of a catch or catch_all around the rethrow, found {}",
        in.index));
  }
  return stack_.set_unreachable(), true;
}

bool FunctionValidator::enter_try_table(const Instruction& in, const BlockSignature& type) {
  bool valid = true;
  in.catches.each([&](const CatchClause& clause) { valid = valid && check_catch(clause); });
  return valid && open(in.op, type);
}

bool FunctionValidator::check_catch(const CatchClause& clause) {
  using enum CatchClause::Kind;
  const bool has_tag = clause.kind == catch_ || clause.kind == catch_ref;
  const bool has_ref = clause.kind == catch_ref || clause.kind == catch_all_ref;
  std::span<const StackType> values;
  if (has_tag && !tag_values(clause.tag.value, values)) return false;
  if (!check_label(clause.label.value)) return false;
  const auto label = stack_.frame(clause.label.value).label_types();
  const std::size_t given = values.size() + (has_ref ? 1 : 0);
  if (given != label.size()) {
    return fail(
        fmt::format("type mismatch: expected a label with {} values in a catch clause, found {}",
                    given, label.size()));
  }
  if (!all_match(values, label.first(values.size()))) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!expect_matches(values[i], label[i])) return false;
    }
  }
  stack_.note_label_values(clause.label.value);
  return !has_ref || expect_matches(exnref_non_null, label.back());
}

// --- the loop ------------------------------------------------------------------------------------

[[gnu::always_inline]] inline bool FunctionValidator::step(const Instruction& in) {
  const OpRule& rule = op_rules[static_cast<std::size_t>(in.op)];
  if ((rule.feature_bits & allowed_) == 0 && !admit(in)) [[unlikely]]
    return false;
  switch (rule.family) {
    case RuleFamily::fixed:
      return stack_.apply(rule.type);
    case RuleFamily::local:
      return local(in);
    case RuleFamily::global:
      return global(in);
    case RuleFamily::memory:
      return memory(rule, in);
    case RuleFamily::block:
      return enter(in);
    case RuleFamily::end:
      return end();
    case RuleFamily::branch:
      return branch(in);
    case RuleFamily::call:
      return call_function(in.index);
    case RuleFamily::control:
      return control(in);
    case RuleFamily::parametric:
      return parametric(in);
    case RuleFamily::table:
      return table(in);
    case RuleFamily::reference:
      return reference(in);
    case RuleFamily::aggregate:
      return aggregate(in);
    case RuleFamily::vector:
      return vector(rule, in);
    case RuleFamily::wide:
      return wide_arithmetic(in);
  }
  return false;
}

Result<void> FunctionValidator::run(ByteRange code) {
  failure_.reset();
  InstructionReader reader(context_.module.data.bytes, code, context_.module.features);
  Instruction in;
  const auto all = std::span(context_.module.data.bytes);
  const bool in_runs = plain_runs_ && !constant_;
  while (stack_.is_open()) {
    const std::size_t at = reader.offset();
    if (in_runs && at < code.end && plain_run_.knows(all[at])) {
      reader.skip(plain_run_.judge(all.subspan(at), code.end - at, stack_));
    }
    if (reader.at_end()) {
      return std::unexpected(
          malformed("END opcode expected: the code ends inside a block", code.end));
    }
    if (!reader.next(in)) return std::unexpected(reader.error());
    if (!step(in)) return std::unexpected(failure(in));
  }
  if (!reader.at_end()) {
    return std::unexpected(
        malformed("END opcode expected: instructions follow the last end", reader.offset()));
  }
  return {};
}

}  // namespace fermata::validation
