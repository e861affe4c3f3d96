// See expression_parser.hpp.
#include "lib/text/parse/expression_parser.hpp"

#include <fmt/format.h>

#include <utility>

#include "lib/module/quoted.hpp"
#include "lib/text/parse/annotations.hpp"
#include "lib/text/parse/instruction_parser.hpp"
#include "lib/text/parse/type_parser.hpp"

namespace fermata::text {

// --- entries
// --------------------------------------------------------------------------------------

ByteRange ExpressionParser::finish(std::uint32_t begin) {
  if (!frames_.empty()) c_.cursor.unexpected(expected());
  write_op(c_.code(), WasmOp::end);
  return {begin, c_.here()};
}

std::string_view ExpressionParser::expected() const {
  if (frames_.empty()) return "an instruction or `)`";
  switch (frames_.back().kind) {
    case Kind::plain_block:
      return "an instruction or `end`";
    case Kind::plain_if:
      return "an instruction, `else` or `end`";
    case Kind::plain_try:
      return "an instruction, `catch`, `catch_all`, `delegate` or `end`";
    case Kind::plain_catch:
      return "an instruction, `catch`, `catch_all` or `end`";
    case Kind::folded_op:
      return "a folded instruction or `)`";
    case Kind::folded_if:
      return "a folded instruction or `(then`";
    case Kind::after_then:
      return "`(else` or `)`";
    case Kind::folded_try:
      return "`(do`";
    case Kind::after_do:
      return "`(catch`, `(catch_all`, `(delegate` or `)`";
    case Kind::after_catch:
      return "`(catch`, `(catch_all` or `)`";
    case Kind::after_last:
    case Kind::after_delegate:
      return "`)`";
    default:
      return "an instruction or `)`";
  }
}

ByteRange ExpressionParser::instructions() {
  const std::uint32_t begin = c_.here();
  run(false);
  if (!c_.cursor.at(TokenKind::right_paren)) c_.cursor.unexpected(expected());
  return finish(begin);
}

ByteRange ExpressionParser::some_instructions() {
  const bool is_plain = c_.cursor.peek().is_op();
  const bool is_folded = c_.cursor.at(TokenKind::left_paren) && c_.cursor.peek(1).is_op();
  if (!is_plain && !is_folded) c_.cursor.unexpected("an instruction");
  return instructions();
}

ByteRange ExpressionParser::folded_instruction() {
  const std::uint32_t begin = c_.here();
  if (!c_.cursor.at(TokenKind::left_paren) || !c_.cursor.peek(1).is_op()) {
    c_.cursor.open();
    c_.cursor.unexpected("an instruction");
  }
  run(true);
  return finish(begin);
}

ByteRange ExpressionParser::wrapped(Keyword k) {
  if (!c_.cursor.take_open(k)) return folded_instruction();
  const ByteRange code = instructions();
  c_.cursor.close();
  return code;
}

// --- the loop
// -------------------------------------------------------------------------------------

void ExpressionParser::run(bool single) {
  frames_.clear();
  pending_.clear();
  while (step()) {
    if (single && frames_.empty()) return;
  }
}

// Consumes one token or a few. False at whatever cannot go on the innermost construct.
bool ExpressionParser::step() {
  const Token token = c_.cursor.peek();
  switch (token.kind) {
    case TokenKind::left_paren:
      return open();
    case TokenKind::right_paren:
      return close();
    case TokenKind::keyword:
      return token.is_op() && plain(token);
    default:
      return false;
  }
}

bool ExpressionParser::takes_plain() const {
  if (frames_.empty()) return true;
  switch (frames_.back().kind) {
    case Kind::plain_block:
    case Kind::plain_if:
    case Kind::plain_try:
    case Kind::plain_catch:
    case Kind::folded_block:
    case Kind::folded_then:
    case Kind::folded_do:
    case Kind::folded_catch:
    case Kind::folded_last:
      return true;
    default:
      return false;
  }
}

bool ExpressionParser::takes_folded() const {
  return takes_plain() || in(Kind::folded_op) || in(Kind::folded_if);
}

// --- plain instructions
// ---------------------------------------------------------------------------

bool ExpressionParser::plain(Token token) {
  const WasmOp op = token.op();
  if (op == WasmOp::end) return plain_end();
  if (op == WasmOp::else_) return plain_else();
  if (op == WasmOp::delegate) return plain_delegate();
  if (divides_block(op)) return plain_catch(op);
  if (!takes_plain()) return false;
  look_for_hint(c_.cursor.position());
  c_.cursor.take();
  if (opens_block(op)) {
    plain_block(op);
  } else {
    record_hint(op);
    parse_instruction(c_, op, c_.code());
  }
  return true;
}

void ExpressionParser::plain_block(WasmOp op) {
  const Token id = label_id();
  record_hint(op);
  write_op(c_.code(), op);
  block_type(c_.code());
  if (op == WasmOp::try_table) catch_clauses(c_.code());
  push_label(id);
  frames_.push_back({.kind = op == WasmOp::if_    ? Kind::plain_if
                             : op == WasmOp::try_ ? Kind::plain_try
                                                  : Kind::plain_block});
}

bool ExpressionParser::plain_else() {
  if (!in(Kind::plain_if)) return false;
  c_.cursor.take();
  check_label();
  write_op(c_.code(), WasmOp::else_);
  frames_.back().kind = Kind::plain_block;
  return true;
}

// The label is not repeated here: an id after `catch` is the tag's.
bool ExpressionParser::plain_catch(WasmOp op) {
  if (!in(Kind::plain_try) && !in(Kind::plain_catch)) return false;
  c_.cursor.take();
  parse_instruction(c_, op, c_.code());
  frames_.back().kind = op == WasmOp::catch_ ? Kind::plain_catch : Kind::plain_block;
  return true;
}

bool ExpressionParser::plain_delegate() {
  if (!in(Kind::plain_try)) return false;
  c_.cursor.take();
  delegate();
  frames_.pop_back();
  return true;
}

bool ExpressionParser::plain_end() {
  if (!in(Kind::plain_if) && !in(Kind::plain_block) && !in(Kind::plain_try) &&
      !in(Kind::plain_catch)) {
    return false;
  }
  c_.cursor.take();
  check_label();
  end_block();
  return true;
}

// The label that may be repeated after `else` and `end`.
void ExpressionParser::check_label() {
  if (!c_.cursor.at(TokenKind::id)) return;
  const Token id = c_.cursor.take();
  const std::string_view label = c_.labels.innermost();
  if (id_text(c_, id) == label) return;
  c_.cursor.fail(id, fmt::format("mismatching label: expected {}",
                                 label.empty() ? "none" : fmt::format("${}", shortened(label))));
}

// --- folded instructions
// --------------------------------------------------------------------------

bool ExpressionParser::open() {
  const Token token = c_.cursor.peek(1);
  if (token.is(Keyword::then)) {
    if (!in(Kind::folded_if)) return false;
    c_.cursor.skip(2);
    Frame& frame = frames_.back();
    flush_pending(frame);
    push_label(frame.label);
    frame.kind = Kind::folded_then;
    return true;
  }
  if (token.is(Keyword::do_)) {
    if (!in(Kind::folded_try)) return false;
    c_.cursor.skip(2);
    frames_.back().kind = Kind::folded_do;
    return true;
  }
  if (!token.is_op()) return false;
  if (divides_block(token.op()) || closes_block(token.op())) return open_part(token.op());
  if (!takes_folded()) return false;
  open_folded();
  return true;
}

// `(else`, `(catch`, `(catch_all` or `(delegate`; there is no `(end`.
bool ExpressionParser::open_part(WasmOp op) {
  const bool fits = op == WasmOp::else_
                        ? in(Kind::after_then)
                        : in(Kind::after_do) || (op != WasmOp::delegate && in(Kind::after_catch));
  if (!fits || op == WasmOp::end) return false;
  c_.cursor.skip(2);
  if (op == WasmOp::delegate) {
    delegate();
    c_.cursor.close();
    frames_.back().kind = Kind::after_delegate;
    return true;
  }
  parse_instruction(c_, op, c_.code());
  frames_.back().kind = op == WasmOp::catch_ ? Kind::folded_catch : Kind::folded_last;
  return true;
}

void ExpressionParser::open_folded() {
  const WasmOp op = c_.cursor.peek(1).op();
  look_for_hint(c_.cursor.position());
  c_.cursor.take();
  if (!hint_) look_for_hint(c_.cursor.position());
  c_.cursor.take();
  Frame frame{.kind = Kind::folded_op, .op = op, .hint = std::exchange(hint_, std::nullopt)};
  if (opens_block(op) && op != WasmOp::if_) {
    hint_ = frame.hint;
    plain_block(op);
    frames_.back().kind = op == WasmOp::try_ ? Kind::folded_try : Kind::folded_block;
    return;
  }
  frame.pending = static_cast<std::uint32_t>(pending_.size());
  if (op == WasmOp::if_) {
    frame.kind = Kind::folded_if;
    frame.label = label_id();
    write_op(pending_, op);
    block_type(pending_);
  } else {
    parse_instruction(c_, op, pending_);
  }
  frames_.push_back(frame);
}

bool ExpressionParser::close() {
  if (frames_.empty()) return false;
  Frame& frame = frames_.back();
  switch (frame.kind) {
    case Kind::plain_block:
    case Kind::plain_if:
    case Kind::plain_try:
    case Kind::plain_catch:
    case Kind::folded_if:
    case Kind::folded_try:
      return false;
    case Kind::folded_then:
      frame.kind = Kind::after_then;
      break;
    case Kind::folded_do:
      frame.kind = Kind::after_do;
      break;
    case Kind::folded_catch:
      frame.kind = Kind::after_catch;
      break;
    case Kind::folded_last:
      frame.kind = Kind::after_last;
      break;
    case Kind::folded_op:
      flush_pending(frame);
      frames_.pop_back();
      break;
    case Kind::after_delegate:
      frames_.pop_back();
      break;
    case Kind::folded_block:
    case Kind::after_then:
    case Kind::after_do:
    case Kind::after_catch:
    case Kind::after_last:
      end_block();
      break;
  }
  c_.cursor.take();
  return true;
}

// The operands are out: now the instruction itself.
void ExpressionParser::flush_pending(Frame& frame) {
  hint_ = frame.hint;
  record_hint(frame.op);
  const auto begin = pending_.begin() + frame.pending;
  c_.code().insert(c_.code().end(), begin, pending_.end());
  pending_.erase(begin, pending_.end());
}

// --- blocks
// ---------------------------------------------------------------------------------------

Token ExpressionParser::label_id() {
  return c_.cursor.at(TokenKind::id) ? c_.cursor.take() : Token{};
}

void ExpressionParser::push_label(Token id) {
  const std::uint32_t index = c_.next_label++;
  if (id.kind != TokenKind::id) return c_.labels.push({});
  const std::string_view name = id_text(c_, id);
  c_.labels.push(name);
  if (c_.function) c_.module.names.labels[c_.function->value][index] = name;
}

void ExpressionParser::end_block() {
  write_op(c_.code(), WasmOp::end);
  c_.labels.pop();
  frames_.pop_back();
}

// Specification: "Text Format / Instructions / Control Instructions": no more than one result is a
// value type, not an abbreviated type use.
void ExpressionParser::block_type(Bytes& out) {
  const TypeUse use = parse_type_use(c_, false);
  if (!use.index && use.type.params.empty() && use.type.results.size() <= 1) {
    if (use.type.results.empty()) return write_byte(out, 0x40);
    return write_val_type(out, use.type.results[0]);
  }
  write_signed(out, resolve_type_use(c_, use).value);
}

void ExpressionParser::catch_clauses(Bytes& out) {
  Bytes clauses;
  std::uint32_t count = 0;
  const auto take = [&](auto word, std::uint8_t kind, bool has_tag) {
    if (!c_.cursor.take_open(word)) return false;
    write_byte(clauses, kind);
    if (has_tag) write_u32(clauses, parse_index(c_, c_.tags, "tag"));
    write_u32(clauses, parse_label(c_));
    c_.cursor.close();
    ++count;
    return true;
  };
  while (take(WasmOp::catch_, 0, true) || take(Keyword::catch_ref, 1, true) ||
         take(WasmOp::catch_all, 2, false) || take(Keyword::catch_all_ref, 3, false)) {
  }
  write_u32(out, count);
  write_bytes(out, clauses);
}

// Closes the try. The label is one outside of it.
void ExpressionParser::delegate() {
  c_.labels.pop();
  parse_instruction(c_, WasmOp::delegate, c_.code());
}

// --- branch hints
// ---------------------------------------------------------------------------------

void ExpressionParser::look_for_hint(std::uint32_t position) {
  hint_ = std::nullopt;
  if (c_.branch_hints.empty() || !c_.function) return;
  if (const auto value = take_branch_hint(c_, position)) hint_ = Hint{*value, c_.cursor.peek()};
}

// Before the instruction's opcode is appended to the code.
void ExpressionParser::record_hint(WasmOp op) {
  const auto hint = std::exchange(hint_, std::nullopt);
  if (!hint) return;
  if (op != WasmOp::if_ && op != WasmOp::br_if) {
    return c_.cursor.fail(hint->at,
                          "@metadata.code.branch_hint annotation: invalid target: expected `if` or "
                          "`br_if`",
                          Phase::invalid);
  }
  if (c_.hints.empty() || c_.hints.back().function != *c_.function) {
    c_.hints.push_back({*c_.function, 0, {}});
  }
  c_.hints.back().hints.push_back(BranchHint{c_.here() - c_.body_begin, hint->value});
}

}  // namespace fermata::text
