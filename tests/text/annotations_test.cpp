// The annotations that mean something: custom sections, names and branch hints.
#include <string>
#include <vector>

#include "lib/binary/encoder.hpp"
#include "tests/text/text_support.hpp"

namespace fermata {
namespace {

using namespace test;

std::string text_of(const ModuleData& m, ByteRange range) {
  return {m.bytes.begin() + range.begin, m.bytes.begin() + range.end};
}

TEST_CASE("A custom section stands where its annotation places it") {
  const ModuleData m = parsed(R"((module
    (@custom "last" "a" "b")
    (@custom "g" (before global) "")
    (@custom "f" (after func))
    (@custom "first" (before first))
    (type (func)) (func) (global i32 (i32.const 0))))");
  REQUIRE(m.customs.size() == 4);
  const auto after = [](SectionId id) { return static_cast<std::uint8_t>(id); };
  CHECK(m.customs[0].name == "first");
  CHECK(m.customs[0].after == 0);
  CHECK(m.customs[1].name == "f");
  CHECK(m.customs[1].after == after(SectionId::function));
  CHECK(m.customs[2].name == "g");
  CHECK(m.customs[2].after == after(SectionId::function));
  CHECK(m.customs[3].name == "last");
  CHECK(m.customs[3].after == after(SectionId::code));
  CHECK(text_of(m, m.customs[3].bytes) == "ab");
}

TEST_CASE("A custom annotation outside of a module's parentheses is none of the module's") {
  CHECK(parsed("(@custom \"x\") (module)").customs.empty());
  CHECK(parsed("(module) (@custom \"x\")").customs.empty());
  CHECK(parsed("(@custom \"x\") (func)").customs.size() == 1);
}

TEST_CASE("A custom annotation must be well-formed and not within a field") {
  CHECK(why("(@custom)") == "@custom annotation: missing section name");
  CHECK(why("(@custom \"\\ff\")") == "@custom annotation: malformed UTF-8 encoding");
  CHECK(why("(@custom \"x\" (after))") == "@custom annotation: malformed section kind");
  CHECK(why("(@custom \"x\" (near type))") ==
        "@custom annotation: malformed placement: expected `before` or `after`");
  CHECK(why("(@custom \"x\" 1)") == "@custom annotation: unexpected token: expected a string");
  CHECK(why("(func (@custom \"x\"))") ==
        "misplaced @custom annotation: it stands inside of a field");
}

TEST_CASE("A name annotation takes the place of the identifier as a name") {
  const ModuleData m = parsed(R"((module $id (@name "mod")
    (type $t (@name "t t") (struct (field $f (@name "f f") i32)))
    (func $f (@name "") (param $p (@name "p p") i32) (local (@name "l l") i32) (local.get $p) drop)
    (tag (@name "e e")) (memory (@name "m m") 1)))");
  CHECK(m.names.module == "mod");
  CHECK(m.names.types.at(0) == "t t");
  CHECK(m.names.fields.at(0).at(0) == "f f");
  CHECK(m.names.functions.at(0).empty());
  CHECK(m.names.locals.at(0) == Names::Map{{0, "p p"}, {1, "l l"}});
  CHECK(m.names.tags.at(0) == "e e");
  CHECK(m.names.memories.at(0) == "m m");
}

TEST_CASE("A name annotation stands at a binding, once") {
  CHECK(why("(module (@name \"a\") (@name \"b\"))") == "@name annotation: multiple module names");
  CHECK(why("(module (func) (@name \"a\"))") == "misplaced @name annotation");
  CHECK(why("(func $f (@name 1))") == "@name annotation: string expected");
}

TEST_CASE("A name section written out replaces the identifiers") {
  const ModuleData m = parsed(R"((func $f) (@custom "name" "\01\04\01\00\01g"))");
  CHECK(m.names.functions == Names::Map{{0, "g"}});
}

TEST_CASE("Branch hints become the custom section with offsets from the locals") {
  const ModuleData m = parsed(R"(
    (func (import "" ""))
    (func (param i32) (local i64)
      (@metadata.code.branch_hint "\01") (if (local.get 0) (then nop))
      local.get 0
      (@metadata.code.branch_hint "\00") br_if 0))");
  REQUIRE(m.customs.size() == 1);
  CHECK(m.customs[0].name == "metadata.code.branch_hint");
  CHECK(m.customs[0].after == static_cast<std::uint8_t>(SectionId::function));
  // One function, number 1, two hints. The locals take 3 bytes, then: 20 00 [04 40 01 0B] 20 00
  // [0D].
  CHECK(bytes_of(m, m.customs[0].bytes) == std::vector<std::uint8_t>{1, 1, 2, 5, 1, 1, 11, 1, 0});
}

TEST_CASE("A branch hint stands before a branch, once, in a function") {
  const std::string hint = "(@metadata.code.branch_hint \"\\01\") ";
  CHECK(why(hint + "(func)") == "@metadata.code.branch_hint annotation: not in a function");
  CHECK(why("(func (param i32) " + hint + ")") ==
        "@metadata.code.branch_hint annotation: invalid placement");
  CHECK(why("(func i32.const 1 " + hint + hint + "if end)") ==
        "@metadata.code.branch_hint annotation: duplicate annotation");
  CHECK(why("(func i32.const 1 (@metadata.code.branch_hint \"\\02\") if end)")
            .starts_with("@metadata.code.branch_hint annotation: invalid hint value"));
  const Error error = refused("(func " + hint + "nop)");
  CHECK(error.phase == Phase::invalid);
  CHECK(error.message.starts_with("@metadata.code.branch_hint annotation: invalid target"));
}

}  // namespace
}  // namespace fermata
