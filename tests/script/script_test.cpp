// Test scripts: every command and every kind of value, with their lines.
#include "lib/script/script.hpp"

#include <string>
#include <vector>

#include "tests/text/text_support.hpp"

namespace fermata::text {
namespace {

using namespace test;

template <class T>
T only(std::string source) {
  const Script script = parsed_script(std::move(source));
  REQUIRE(script.commands.size() == 1);
  REQUIRE(std::holds_alternative<T>(script.commands[0].what));
  return std::get<T>(script.commands[0].what);
}

Pattern result_of(const std::string& pattern) {
  return only<AssertReturn>("(assert_return (get \"x\") " + pattern + ")").results.at(0);
}

TEST_CASE("Commands come in order, each with its line") {
  const Script script = parsed_script("(module)\n\n(invoke \"f\")\r\n(register \"M\")");
  REQUIRE(script.commands.size() == 3);
  CHECK(script.commands[0].line == 1);
  CHECK(script.commands[1].line == 3);
  CHECK(script.commands[2].line == 4);
}

TEST_CASE("A module is text, binary or quoted text") {
  const auto text = only<ScriptModule>("(module $m (func))");
  CHECK(text.form == ScriptModule::Form::text);
  CHECK(text.id == "m");
  CHECK_FALSE(text.is_definition);
  CHECK(text.source() == "(module $m (func))");
  CHECK(text.parse(Features::all())->functions.size() == 1);
  const auto binary = only<ScriptModule>(R"((module binary "\00as" "m"))");
  CHECK(binary.form == ScriptModule::Form::binary);
  CHECK(binary.bytes == std::string("\0asm", 4));
  const auto quoted = only<ScriptModule>(R"w((module $q quote "(func)" "(memory 1)"))w");
  CHECK(quoted.form == ScriptModule::Form::quote);
  CHECK(quoted.id == "q");
  CHECK(quoted.parse(Features::all())->memories.size() == 1);
}

TEST_CASE("A module may be a definition, and instances be made of it") {
  const auto definition = only<ScriptModule>("(module definition $M (func))");
  CHECK(definition.is_definition);
  CHECK(definition.id == "M");
  CHECK(definition.parse(Features::all()).has_value());
  CHECK(only<ScriptModule>(R"((module definition binary "x"))").is_definition);
  const auto instance = only<ScriptInstance>("(module instance $I $M)");
  CHECK(instance.instance == "I");
  CHECK(instance.module == "M");
  CHECK_FALSE(only<ScriptInstance>("(module instance $M)").instance.has_value());
  CHECK(only<ScriptInstance>("(module instance $M)").module == "M");
}

TEST_CASE("The errors of modules on one line tell their columns") {
  std::string source;
  for (int i = 0; i < 300; ++i) source += "(module (nonsense))";
  const Script script = parsed_script(std::move(source));
  REQUIRE(script.commands.size() == 300);
  // From the end, so that no position follows from the one asked for before.
  for (std::uint32_t i = 300; i-- > 0;) {
    const auto module = std::get<ScriptModule>(script.commands[i].what).parse(Features::all());
    REQUIRE_FALSE(module.has_value());
    CHECK(module.error().position == SourcePosition{1, 19 * i + 10});
  }
}

TEST_CASE("A module that cannot be parsed leaves the rest of the script readable") {
  const Script script = parsed_script("(module (nonsense))\n(assert_return (invoke \"f\"))");
  REQUIRE(script.commands.size() == 2);
  const auto module = std::get<ScriptModule>(script.commands[0].what).parse(Features::all());
  REQUIRE_FALSE(module.has_value());
  CHECK(module.error().position == SourcePosition{1, 10});
}

TEST_CASE("The fields of a module alone are a script of that module") {
  CHECK(only<ScriptModule>("(func) (memory 0)").parse(Features::all())->memories.size() == 1);
}

TEST_CASE("Actions name an instance or mean the latest") {
  const auto invoke = only<Action>(R"((invoke $i "f" (i32.const 1) (f64.const nan)))");
  CHECK(invoke.kind == Action::Kind::invoke);
  CHECK(invoke.instance == "i");
  CHECK(invoke.name == "f");
  REQUIRE(invoke.arguments.size() == 2);
  CHECK(std::get<NumLiteral>(invoke.arguments[1]).bits == 0x7FF8'0000'0000'0000u);
  const auto get = only<Action>(R"((get "g"))");
  CHECK(get.kind == Action::Kind::get);
  CHECK_FALSE(get.instance.has_value());
}

TEST_CASE("Arguments are numbers, vectors, nulls and host references") {
  const auto arguments = only<Action>(R"((invoke "f" (v128.const i16x8 1 2 3 4 5 6 7 8)
    (ref.null func) (ref.extern 7) (ref.host 8)))")
                             .arguments;
  CHECK(std::get<VecLiteral>(arguments[0]).shape == LaneShape::i16x8);
  CHECK(std::get<VecLiteral>(arguments[0]).bytes[14] == 8);
  CHECK(std::get<NullLiteral>(arguments[1]).type.kind == HeapKind::func);
  CHECK(std::get<ExternLiteral>(arguments[2]).value == 7);
  CHECK(std::get<HostLiteral>(arguments[3]).value == 8);
}

TEST_CASE("Results may be patterns of NaNs") {
  const auto canonical = std::get<NumPattern>(result_of("(f32.const nan:canonical)"));
  CHECK(canonical.value.kind == ValKind::f32);
  CHECK(canonical.nan == NanPattern::canonical);
  const auto vector =
      std::get<VecPattern>(result_of("(v128.const f32x4 nan:arithmetic 1 nan:canonical nan)"));
  CHECK(vector.nans == std::array{NanPattern::arithmetic, NanPattern::none, NanPattern::canonical,
                                  NanPattern::none});
  CHECK(vector.value.bytes[7] == 0x3F);
}

TEST_CASE("Results may be patterns of references") {
  CHECK_FALSE(std::get<NullPattern>(result_of("(ref.null)")).type.has_value());
  CHECK(std::get<NullPattern>(result_of("(ref.null any)")).type->kind == HeapKind::any);
  CHECK(std::get<RefTypePattern>(result_of("(ref.func)")).type == HeapKind::func);
  CHECK(std::get<RefTypePattern>(result_of("(ref.extern)")).type == HeapKind::extern_);
  CHECK(std::get<RefTypePattern>(result_of("(ref.i31)")).type == HeapKind::i31);
  CHECK(std::get<RefTypePattern>(result_of("(ref.array)")).type == HeapKind::array);
  CHECK(std::get<RefTypePattern>(result_of("(ref)")).type == HeapKind::any);
  CHECK(std::get<ExternLiteral>(result_of("(ref.extern 3)")).value == 3);
  CHECK(std::get<HostLiteral>(result_of("(ref.host 3)")).value == 3);
  const auto either = std::get<EitherPattern>(result_of("(either (i32.const 1) (i32.const 2))"));
  CHECK(either.alternatives.size() == 2);
}

TEST_CASE("Assertions of actions") {
  CHECK(only<AssertReturn>(R"((assert_return (invoke "f") (i32.const 1) (i64.const 2)))")
            .results.size() == 2);
  CHECK(only<AssertTrap>(R"((assert_trap (invoke "f") "unreachable"))").message == "unreachable");
  CHECK(only<AssertExhaustion>(R"((assert_exhaustion (invoke "f") "call stack exhausted"))")
            .action.name == "f");
  CHECK(only<AssertException>(R"((assert_exception (invoke "f")))").action.name == "f");
}

TEST_CASE("Assertions of modules") {
  using Kind = AssertModule::Kind;
  const auto kind = [](const std::string& word) {
    return only<AssertModule>("(" + word + " (module) \"text\")").kind;
  };
  CHECK(kind("assert_malformed") == Kind::malformed);
  CHECK(kind("assert_malformed_custom") == Kind::malformed_custom);
  CHECK(kind("assert_invalid") == Kind::invalid);
  CHECK(kind("assert_invalid_custom") == Kind::invalid_custom);
  CHECK(kind("assert_unlinkable") == Kind::unlinkable);
  CHECK(kind("assert_trap") == Kind::trap);
  const auto instance = only<AssertModule>("(assert_trap (module instance $M) \"text\")");
  CHECK(std::get<ScriptInstance>(instance.module).module == "M");
}

TEST_CASE("Threads have commands of their own") {
  const auto thread = only<StartThread>(R"((thread $T (shared (module $M))
    (register "m" $M)
    (invoke "run")))");
  CHECK(thread.id == "T");
  CHECK(thread.shared == std::vector<std::string>{"M"});
  REQUIRE(thread.commands.size() == 2);
  CHECK(thread.commands[1].line == 3);
  CHECK(only<WaitThread>("(wait $T)").id == "T");
}

TEST_CASE("Nested scripts are put in place, but not without end") {
  CHECK(parsed_script("(script $s (module) (script (module)))").commands.size() == 2);
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "(script ";
  CHECK_FALSE(parse_script(deep).has_value());
  std::string either = "(assert_return (get \"x\") ";
  for (int i = 0; i < 100'000; ++i) either += "(either ";
  CHECK_FALSE(parse_script(either).has_value());
}

TEST_CASE("What is no command is refused with its place") {
  const auto script = parse_script("(module)\n(frobnicate)");
  REQUIRE_FALSE(script.has_value());
  CHECK(script.error().position == SourcePosition{2, 2});
  CHECK_THAT(script.error().message, has_text("unknown operator frobnicate: expected a command"));
}

}  // namespace
}  // namespace fermata::text
