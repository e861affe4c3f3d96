// See script.hpp.
#include <fmt/format.h>

#include <utility>

#include "fermata/limits.hpp"
#include "lib/binary/reader.hpp"
#include "lib/module/limit_error.hpp"
#include "lib/script/script.hpp"
#include "lib/text/lex/lexer.hpp"
#include "lib/text/lex/strings.hpp"
#include "lib/text/lex/text_error.hpp"
#include "lib/text/parse/instruction_parser.hpp"
#include "lib/text/parse/module_parser.hpp"
#include "lib/text/parse/type_parser.hpp"

namespace fermata::text {

struct ScriptSource {
  std::string text;
  TokenStream tokens;
};

Result<ModuleData> ScriptModule::parse(Features features) const {
  if (form == Form::quote) return fermata::parse_module(bytes, features);
  return parse_module(script_->tokens, first_token_, extent_, features);
}

std::string_view ScriptModule::source() const {
  if (form == Form::quote) return bytes;
  const auto& tokens = script_->tokens.tokens;
  const std::uint32_t begin = tokens[first_token_].begin;
  return std::string_view(script_->text).substr(begin, tokens[last_token_].end - begin);
}

namespace {

constexpr std::string_view a_command = "a command";

LaneShape lane_shape(Keyword k) {
  switch (k) {
    case Keyword::i8x16:
      return LaneShape::i8x16;
    case Keyword::i16x8:
      return LaneShape::i16x8;
    case Keyword::i32x4:
      return LaneShape::i32x4;
    case Keyword::i64x2:
      return LaneShape::i64x2;
    case Keyword::f32x4:
      return LaneShape::f32x4;
    case Keyword::f64x2:
      return LaneShape::f64x2;
    default:
      return {};
  }
}

std::optional<ValKind> constant_kind(const Token& token) {
  if (token.is(WasmOp::i32_const)) return ValKind::i32;
  if (token.is(WasmOp::i64_const)) return ValKind::i64;
  if (token.is(WasmOp::f32_const)) return ValKind::f32;
  if (token.is(WasmOp::f64_const)) return ValKind::f64;
  return std::nullopt;
}

/// The type of a pattern like `(ref.func)`.
std::optional<HeapKind> ref_pattern_type(const Token& token) {
  if (token.is(WasmOp::ref_func)) return HeapKind::func;
  if (token.is(WasmOp::ref_eq)) return HeapKind::eq;
  if (token.is(WasmOp::ref_i31)) return HeapKind::i31;
  switch (token.keyword()) {
    case Keyword::ref:
      return HeapKind::any;
    case Keyword::ref_struct:
      return HeapKind::struct_;
    case Keyword::ref_array:
      return HeapKind::array;
    case Keyword::ref_exn:
      return HeapKind::exn;
    case Keyword::ref_extern:
      return HeapKind::extern_;
    default:
      return std::nullopt;
  }
}

NanPattern nan_pattern(Keyword k) {
  switch (k) {
    case Keyword::nan_canonical:
      return NanPattern::canonical;
    case Keyword::nan_arithmetic:
      return NanPattern::arithmetic;
    default:
      return NanPattern::none;
  }
}

}  // namespace

class ScriptParser {
 public:
  explicit ScriptParser(std::shared_ptr<const ScriptSource> source)
      : source_(std::move(source)), c_(source_->tokens, 0, Features::all()), cursor_(c_.cursor) {}

  Result<Script> run() {
    Script script;
    if (is_inline_module()) {
      script.commands.push_back({1, whole_source()});
    } else {
      commands(script.commands, 0);
      if (!cursor_.failed() && !cursor_.at(TokenKind::end)) cursor_.unexpected(a_command);
    }
    if (cursor_.failed()) return std::unexpected(cursor_.error());
    return script;
  }

 private:
  // --- commands ---------------------------------------------------------------------------------

  void commands(std::vector<Command>& out, int depth) {
    if (depth > limits::script_depth)
      return cursor_.fail(cursor_.peek(), "commands are nested too deeply");
    while (cursor_.at(TokenKind::left_paren)) {
      const std::uint32_t line = c_.stream.line_of(cursor_.peek());
      if (cursor_.take_open(Keyword::script)) {
        (void)cursor_.take_if(TokenKind::id);
        commands(out, depth + 1);
        cursor_.close();
      } else {
        Command command{line, command_at(depth)};
        if (!cursor_.failed()) out.push_back(std::move(command));
      }
    }
  }

  decltype(Command::what) command_at(int depth) {
    const Keyword k = cursor_.peek(1).keyword();
    switch (k) {
      case Keyword::module:
        return module_or_instance();
      case Keyword::register_:
        return register_command();
      case Keyword::invoke:
      case Keyword::get:
        return action();
      case Keyword::assert_return:
        return assert_return();
      case Keyword::assert_trap:
        return assert_trap();
      case Keyword::assert_exhaustion:
        return assert_exhaustion();
      case Keyword::assert_exception:
        return assert_exception();
      case Keyword::assert_malformed:
        return assert_module(AssertModule::Kind::malformed);
      case Keyword::assert_malformed_custom:
        return assert_module(AssertModule::Kind::malformed_custom);
      case Keyword::assert_invalid:
        return assert_module(AssertModule::Kind::invalid);
      case Keyword::assert_invalid_custom:
        return assert_module(AssertModule::Kind::invalid_custom);
      case Keyword::assert_unlinkable:
        return assert_module(AssertModule::Kind::unlinkable);
      case Keyword::thread:
        return thread(depth);
      case Keyword::wait:
        return wait();
      default:
        break;
    }
    cursor_.take();
    cursor_.unexpected(a_command);
    return WaitThread{};
  }

  Register register_command() {
    skip_head();
    Register command;
    command.name = parse_name(c_);
    command.instance = optional_id();
    cursor_.close();
    return command;
  }

  StartThread thread(int depth) {
    skip_head();
    StartThread command;
    command.id = id();
    while (cursor_.take_open(Keyword::shared)) {
      cursor_.expect_open(Keyword::module, "`(module`");
      command.shared.push_back(id());
      cursor_.close();
      cursor_.close();
    }
    commands(command.commands, depth + 1);
    cursor_.close();
    return command;
  }

  WaitThread wait() {
    skip_head();
    WaitThread command{id()};
    cursor_.close();
    return command;
  }

  void skip_head() { cursor_.skip(2); }

  std::string id() {
    const Token token = cursor_.expect(TokenKind::id, "an identifier");
    return cursor_.failed() ? std::string() : std::string(id_text(c_, token));
  }

  std::optional<std::string> optional_id() {
    return cursor_.at(TokenKind::id) ? std::optional{id()} : std::nullopt;
  }

  std::string string() {
    const Token token = cursor_.expect(TokenKind::string, "a string");
    return cursor_.failed() ? std::string() : unquote(cursor_.text(token));
  }

  // --- modules ----------------------------------------------------------------------------------

  decltype(Command::what) module_or_instance() {
    if (cursor_.peek(2).is(Keyword::instance)) return instance();
    return module();
  }

  ScriptInstance instance() {
    skip_head();
    cursor_.take();
    ScriptInstance out;
    out.module = optional_id();
    if (cursor_.at(TokenKind::id)) out.instance = std::exchange(out.module, optional_id());
    cursor_.close();
    return out;
  }

  ScriptModule module() {
    ScriptModule out;
    out.script_ = source_;
    out.line = c_.stream.line_of(cursor_.peek());
    out.first_token_ = cursor_.position();
    cursor_.expect_open(Keyword::module, "a module");
    out.is_definition = cursor_.take_if(Keyword::definition);
    out.id = optional_id();
    if (cursor_.at(Keyword::binary) || cursor_.at(Keyword::quote)) {
      const bool is_binary = cursor_.take().is(Keyword::binary);
      out.form = is_binary ? ScriptModule::Form::binary : ScriptModule::Form::quote;
      while (cursor_.at(TokenKind::string)) out.bytes += string();
      cursor_.close();
    } else {
      skip_to_close();
    }
    out.last_token_ = cursor_.position() - 1;
    return out;
  }

  /// Past the `)` that closes the form the cursor is in.
  void skip_to_close() {
    for (std::size_t depth = 1; !cursor_.at_end();) {
      const TokenKind kind = cursor_.take().kind;
      if (kind == TokenKind::left_paren) ++depth;
      if (kind == TokenKind::right_paren && --depth == 0) return;
    }
    cursor_.unexpected("`)`");
  }

  /// Fields of a module where commands should be.
  [[nodiscard]] bool is_inline_module() const {
    if (!cursor_.at(TokenKind::left_paren)) return false;
    switch (cursor_.peek(1).keyword()) {
      case Keyword::type:
      case Keyword::rec:
      case Keyword::func:
      case Keyword::table:
      case Keyword::memory:
      case Keyword::global:
      case Keyword::tag:
      case Keyword::import:
      case Keyword::export_:
      case Keyword::start:
      case Keyword::elem:
      case Keyword::data:
        return true;
      default:
        return false;
    }
  }

  ScriptModule whole_source() {
    ScriptModule out;
    out.script_ = source_;
    out.line = 1;
    out.extent_ = Extent::whole_source;
    out.last_token_ = static_cast<std::uint32_t>(source_->tokens.tokens.size()) - 1;
    return out;
  }

  // --- actions and assertions -------------------------------------------------------------------

  Action action() {
    cursor_.open();
    Action out;
    const bool is_get = cursor_.take_if(Keyword::get);
    if (!is_get) cursor_.expect(Keyword::invoke, "`invoke` or `get`");
    out.kind = is_get ? Action::Kind::get : Action::Kind::invoke;
    out.instance = optional_id();
    out.name = parse_name(c_);
    while (!is_get && cursor_.more()) out.arguments.push_back(literal());
    cursor_.close();
    return out;
  }

  AssertReturn assert_return() {
    skip_head();
    AssertReturn out{action(), {}};
    while (cursor_.more()) out.results.push_back(pattern(0));
    cursor_.close();
    return out;
  }

  decltype(Command::what) assert_trap() {
    if (cursor_.peek(3).is(Keyword::module)) return assert_module(AssertModule::Kind::trap);
    skip_head();
    AssertTrap out;
    out.action = action();
    out.message = string();
    cursor_.close();
    return out;
  }

  AssertExhaustion assert_exhaustion() {
    skip_head();
    AssertExhaustion out;
    out.action = action();
    out.message = string();
    cursor_.close();
    return out;
  }

  AssertException assert_exception() {
    skip_head();
    AssertException out{action()};
    cursor_.close();
    return out;
  }

  AssertModule assert_module(AssertModule::Kind kind) {
    skip_head();
    AssertModule out;
    out.kind = kind;
    const bool may_be_instance =
        kind == AssertModule::Kind::unlinkable || kind == AssertModule::Kind::trap;
    if (may_be_instance && cursor_.peek(2).is(Keyword::instance)) {
      out.module = instance();
    } else {
      out.module = module();
    }
    out.message = string();
    cursor_.close();
    return out;
  }

  // --- values -----------------------------------------------------------------------------------

  Literal literal() {
    cursor_.open();
    Literal out = NumLiteral{};
    const Token head = cursor_.peek();
    if (const auto kind = constant_kind(head)) {
      cursor_.take();
      out = NumLiteral{*kind, parse_constant(c_, head.op())};
    } else if (head.is(WasmOp::v128_const)) {
      cursor_.take();
      const VectorConstant vector = parse_vector(c_, false);
      out = VecLiteral{lane_shape(vector.shape), vector.bytes};
    } else if (head.is(WasmOp::ref_null)) {
      cursor_.take();
      out = NullLiteral{parse_heap_type(c_)};
    } else if (head.is(Keyword::ref_extern)) {
      cursor_.take();
      out = ExternLiteral{parse_u32(c_)};
    } else if (head.is(Keyword::ref_host)) {
      cursor_.take();
      out = HostLiteral{parse_u32(c_)};
    } else {
      cursor_.unexpected("a constant");
    }
    cursor_.close();
    return out;
  }

  Pattern pattern(int depth) {
    if (depth > limits::script_depth) {
      cursor_.fail(cursor_.peek(), "results are nested too deeply");
      return NumPattern{};
    }
    if (cursor_.take_open(Keyword::either)) return either(depth);
    cursor_.open();
    const Token head = cursor_.take();
    Pattern out = pattern_after(head);
    cursor_.close();
    return out;
  }

  EitherPattern either(int depth) {
    EitherPattern out;
    do {
      out.alternatives.push_back(pattern(depth + 1));
    } while (cursor_.more());
    cursor_.close();
    return out;
  }

  Pattern pattern_after(const Token& head) {
    if (const auto kind = constant_kind(head)) return number_pattern(*kind, head);
    if (head.is(WasmOp::v128_const)) return vector_pattern();
    if (head.is(WasmOp::ref_null)) {
      if (!cursor_.more()) return NullPattern{};
      return NullPattern{parse_heap_type(c_)};
    }
    if (head.is(Keyword::ref_host)) return HostLiteral{parse_u32(c_)};
    if (head.is(Keyword::ref_extern) && cursor_.more()) return ExternLiteral{parse_u32(c_)};
    if (const auto type = ref_pattern_type(head)) return RefTypePattern{*type};
    cursor_.seek(cursor_.position() - 1);
    cursor_.unexpected("a result");
    return NumPattern{};
  }

  NumPattern number_pattern(ValKind kind, const Token& head) {
    const NanPattern nan = nan_pattern(cursor_.peek().keyword());
    if (nan == NanPattern::none) return {{kind, parse_constant(c_, head.op())}, nan};
    if (kind != ValKind::f32 && kind != ValKind::f64) cursor_.unexpected("an integer");
    cursor_.take();
    return {{kind, 0}, nan};
  }

  // Patterns of NaNs may stand in lanes.
  VecPattern vector_pattern() {
    const VectorConstant vector = parse_vector(c_, true);
    VecPattern out;
    out.value = {lane_shape(vector.shape), vector.bytes};
    for (std::size_t i = 0; i < out.nans.size(); ++i) out.nans[i] = nan_pattern(vector.patterns[i]);
    return out;
  }

  std::shared_ptr<const ScriptSource> source_;
  Context c_;
  Cursor& cursor_;
};

Result<Script> parse_script(std::string source) {
  if (source.size() >= limits::source_bytes) {
    return std::unexpected(limit_error("the text is larger than 1 GiB"));
  }
  auto shared = std::make_shared<ScriptSource>();
  shared->text = std::move(source);
  shared->tokens = lex(shared->text);
  // Every command has a line, and each of its modules may have an error.
  shared->tokens.positions = PositionTable(shared->text);
  return ScriptParser(std::move(shared)).run();
}

}  // namespace fermata::text
