// Modules from text: fields, their abbreviations, type uses and identifiers.
#include <string>
#include <vector>

#include "tests/text/text_support.hpp"

namespace fermata {
namespace {

using namespace test;

TEST_CASE("The parentheses of a module may be left out") {
  CHECK(mean_the_same("(module (func) (memory 1))", "(func) (memory 1)"));
  CHECK(mean_the_same("(module)", ""));
}

TEST_CASE("Nothing may follow a module") {
  CHECK(why("(module) (module)") ==
        "unexpected token: found `(`, expected nothing after the module");
}

// --- types and type uses
// --------------------------------------------------------------------------

TEST_CASE("A type use without an index takes the smallest fitting type, or adds one at the end") {
  const ModuleData m = parsed(R"(
    (func (param i64))
    (func (param i32) (result i32))
    (type $t (func (param i32) (result i32)))
    (type (func (param i32) (result i32)))
    (func (param i64)))");
  REQUIRE(m.types.size() == 3);
  CHECK(m.functions[0].type.value == 2);
  CHECK(m.functions[1].type.value == 0);
  CHECK(m.functions[2].type.value == 2);
}

TEST_CASE("A type that is not final, has a supertype or a group does not serve a type use") {
  const ModuleData m = parsed(R"(
    (type (sub (func)))
    (type (sub final 0 (func)))
    (rec (type (func)) (type (struct)))
    (func))");
  CHECK(m.functions[0].type.value == 4);
}

TEST_CASE("Implicit types are added in the order of the text") {
  const ModuleData m = parsed(R"(
    (func (result i32)
      (block (param i64) (result i64)
        (block (param f32) (result f32))))
    (tag (param f64)))");
  REQUIRE(m.types.size() == 4);
  const auto param = [&](std::size_t type) {
    return std::get<FuncType>(m.types[type].composite).params[0];
  };
  CHECK(param(1) == i64);
  CHECK(param(2) == f32);
  CHECK(param(3) == f64);
}

TEST_CASE("Inline parameters and results must be those of the type") {
  CHECK(mean_the_same("(type $t (func (param i32))) (func (type $t))",
                      "(type $t (func (param i32))) (func (type $t) (param i32))"));
  CHECK(why("(type $t (func (param i32))) (func (type $t) (param i64))") ==
        "inline function type does not match: type 0 is [i32] -> [], written is [i64] -> []");
  CHECK(why("(type $t (struct)) (func (type $t) (param i64))") ==
        "inline function type: type 0 is not a function type");
  CHECK(why("(func (type 3) (param i64))") == "unknown type 3");
}

TEST_CASE("A type index that is out of range is left to validation where nothing depends on it") {
  CHECK(parsed("(func (type 7))").functions[0].type.value == 7);
  CHECK(why("(func (type 7) (local $x i32))") == "unknown type 7");
}

TEST_CASE("Recursive types refer to each other and keep their group") {
  const ModuleData m = parsed(R"(
    (rec (type $a (struct (field (ref null $b)) (field $x (mut i8))))
         (type $b (sub $a (array (mut (ref $a))))))
    (type (struct (field i32 i64))))");
  CHECK(m.rec_groups == std::vector{RecGroup{0, 2}, RecGroup{2, 1}});
  const auto& a = std::get<StructType>(m.types[0].composite);
  CHECK(a.fields[0].type == ValType::ref(HeapType::concrete({1}), true));
  CHECK(a.fields[1] == FieldType{i32, PackedType::i8, true});
  CHECK_FALSE(m.types[1].final_);
  CHECK(m.types[1].supers == std::vector{TypeIdx{0}});
  CHECK(std::get<StructType>(m.types[2].composite).fields.size() == 2);
}

TEST_CASE("The shorthands for references are nullable") {
  CHECK(mean_the_same(
      "(func (param funcref externref anyref eqref i31ref structref arrayref nullref nullfuncref "
      "nullexternref exnref nullexnref))",
      "(func (param (ref null func) (ref null extern) (ref null any) (ref null eq) (ref null i31) "
      "(ref null struct) (ref null array) (ref null none) (ref null nofunc) (ref null noextern) "
      "(ref null exn) (ref null noexn)))"));
}

// --- definitions and their abbreviations
// ----------------------------------------------------------

TEST_CASE("Inline exports and imports mean the fields") {
  CHECK(mean_the_same(R"((func $f (export "a") (export "b") (param i32)))",
                      R"((func $f (param i32)) (export "a" (func $f)) (export "b" (func $f)))"));
  CHECK(mean_the_same(R"((func $f (export "x") (import "m" "n") (result i32)))",
                      R"((import "m" "n" (func $f (result i32))) (export "x" (func $f)))"));
  CHECK(mean_the_same(R"((table (import "m" "t") 1 2 funcref) (memory (import "m" "m") i64 1)
                         (global (import "m" "g") (mut i32)) (tag (import "m" "e") (param i32)))",
                      R"((import "m" "t" (table 1 2 funcref)) (import "m" "m" (memory i64 1))
                         (import "m" "g" (global (mut i32))) (import "m" "e" (tag (param i32))))"));
}

TEST_CASE("A memory with inline data has as many pages as it needs") {
  CHECK(mean_the_same(R"((memory (data "ab" "c")))",
                      R"((memory 1 1) (data (memory 0) (offset i32.const 0) "abc"))"));
  CHECK(mean_the_same(R"((memory i64 (data)))", R"((memory i64 0 0) (data (i64.const 0)))"));
}

TEST_CASE("A table with inline elements has as many as are listed") {
  CHECK(mean_the_same("(table funcref (elem $f 0)) (func $f)",
                      "(table 2 2 funcref) (elem (table 0) (offset i32.const 0) func 0 0) (func)"));
  CHECK(mean_the_same(
      "(type $t (func)) (table (ref null $t) (elem $f)) (func $f)",
      "(type $t (func)) (table 1 1 (ref null $t)) (elem (i32.const 0) (ref null $t) (ref.func 0)) "
      "(func)"));
  CHECK(mean_the_same("(table i64 anyref (elem (ref.null any) (item ref.null none)))",
                      "(table i64 2 2 anyref) "
                      "(elem (i64.const 0) anyref (item ref.null any) (item (ref.null none)))"));
}

TEST_CASE("Segments: the use of table or memory and the word func may be left out") {
  CHECK(mean_the_same("(table 1 funcref) (elem (i32.const 0) 0 0) (func)",
                      "(table 1 funcref) (elem (table 0) (offset (i32.const 0)) func 0 0) (func)"));
  CHECK(mean_the_same(R"((memory 1) (data (i32.const 0) "x"))",
                      R"((memory 1) (data (memory 0) (offset i32.const 0) "x"))"));
  CHECK(parsed("(elem declare func)").elems[0].mode == SegmentMode::declarative);
  CHECK(parsed("(elem funcref)").elems[0].mode == SegmentMode::passive);
  CHECK(parsed("(data)").datas[0].mode == SegmentMode::passive);
}

TEST_CASE("WebAssembly 1.0's segments with a bare index are read as well") {
  CHECK(mean_the_same("(table 1 funcref) (elem 0 (i32.const 0) 0) (func)",
                      "(table 1 funcref) (elem (i32.const 0) 0) (func)"));
  CHECK(mean_the_same("(memory 1) (data 0 (i32.const 0) \"x\")",
                      "(memory 1) (data (i32.const 0) \"x\")"));
}

TEST_CASE("Neighbouring locals of one type are one run") {
  const ModuleData m = parsed("(func (local i32 i32) (local $x i32) (local f64))");
  const auto locals = m.locals(m.functions[0]);
  REQUIRE(locals.size() == 2);
  CHECK(locals[0].count == 3);
  CHECK(locals[1].type == f64);
}

TEST_CASE("Locals of one type in neighbouring functions are two runs") {
  const ModuleData m = parsed("(func (local i32)) (func (local i32 i32)) (func)");
  REQUIRE(m.locals(m.functions[0]).size() == 1);
  CHECK(m.locals(m.functions[0])[0].count == 1);
  REQUIRE(m.locals(m.functions[1]).size() == 1);
  CHECK(m.locals(m.functions[1])[0].count == 2);
  CHECK(m.locals(m.functions[2]).empty());
}

TEST_CASE("Whether an instruction needs it decides on the data count section") {
  CHECK_FALSE(parsed("(data \"x\")").data_count.has_value());
  CHECK(parsed("(data \"x\") (func data.drop 0)").data_count == 1u);
}

TEST_CASE("Strings may hold any bytes where data is, valid UTF-8 where a name is") {
  const ModuleData m = parsed(R"((data "\00\ff\u{e9}"))");
  CHECK(bytes_of(m, m.datas[0].bytes) == std::vector<std::uint8_t>{0x00, 0xFF, 0xC3, 0xA9});
  const ModuleData longer = parsed(R"((data "\u{41}\u{20ac}\u{1_F600}"))");
  CHECK(bytes_of(longer, longer.datas[0].bytes) ==
        std::vector<std::uint8_t>{0x41, 0xE2, 0x82, 0xAC, 0xF0, 0x9F, 0x98, 0x80});
  CHECK(why(R"((export "\ff" (func 0)))") == "malformed UTF-8 encoding: in a name");
}

TEST_CASE("Imports come before all definitions") {
  CHECK(why(R"((func) (import "" "" (memory 1)))") == "import after function definition");
  CHECK(why(R"((memory 1) (func (import "" "")))") == "import after memory definition");
  CHECK(
      parsed(R"((export "m" (memory 0)) (type (func)) (import "" "" (memory 1)))").imports.size() ==
      1);
}

TEST_CASE("There is one start function") {
  CHECK(parsed("(func $a) (func $b) (start $b)").start == FuncIdx{1});
  CHECK(why("(func) (start 0) (start 0)") == "multiple start sections");
}

TEST_CASE("Without memory64 a limit has 32 bits") {
  const Features features = Features::all().without(Feature::memory64);
  CHECK(parse_module("(memory 0xffff_ffff)", features).has_value());
  const auto refused = parse_module("(memory 0x1_0000_0000)", features);
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().message, has_text("i32 constant out of range"));
  CHECK(parsed("(memory i64 0x1_0000_0000)").memories[0].type.limits.min == 0x1'0000'0000u);
}

TEST_CASE("A page size is a power of two, and its proposal's") {
  CHECK(parsed("(memory 1 (pagesize 1))").memories[0].type.page_size_log2 == 0);
  CHECK(parsed("(memory 1 2 (pagesize 0x10000))").memories[0].type.page_size_log2 == 16);
  const auto with_data = parsed(R"((memory (pagesize 1) (data "abc")))").memories[0].type;
  CHECK(with_data.limits.min == 3);
  CHECK(with_data.page_size_log2 == 0);
  CHECK_THAT(why("(memory 1 (pagesize 3))"), has_text("invalid custom page size"));
  CHECK_THAT(why("(memory 1 (pagesize 0))"), has_text("invalid custom page size"));
  const auto off = Features::all().without(Feature::custom_page_sizes);
  const auto refused = parse_module("(memory 1 (pagesize 1))", off);
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().message, has_text("needs the proposal custom-page-sizes"));
}

// --- identifiers
// ----------------------------------------------------------------------------------

TEST_CASE("Identifiers may be used before they are bound, in every space") {
  const ModuleData m = parsed(R"(
    (export "f" (func $f)) (export "t" (table $t)) (export "m" (memory $m))
    (export "g" (global $g)) (export "e" (tag $e))
    (elem $el (table $t) (i32.const 0) func $f) (data $d (memory $m) (i32.const 0))
    (start $f)
    (func (data.drop $d) (elem.drop $el) (throw $e) (call_ref $ty))
    (func $f) (table $t 1 funcref) (memory $m 1) (global $g i32 (i32.const 0)) (tag $e)
    (type $ty (func)))");
  CHECK(m.exports[0].index == 1);
  CHECK(m.start == FuncIdx{1});
  CHECK(m.names.functions.at(1) == "f");
  CHECK(m.names.elems.at(0) == "el");
  CHECK(m.names.datas.at(0) == "d");
  CHECK(m.names.tags.at(0) == "e");
}

TEST_CASE("An identifier is bound once in its space, and known where it is used") {
  CHECK(why("(func $f) (func $f)") == "duplicate function $f");
  CHECK(why("(import \"\" \"\" (func $f)) (func $f)") == "duplicate function $f");
  CHECK(why("(func (param $x i32) (local $x i32))") == "duplicate local $x");
  CHECK(why("(type (struct (field $x i32) (field $x i32)))") == "duplicate field $x");
  CHECK(why("(func (call $f))") == "unknown function $f");
  CHECK(why("(func (local.get $x))") == "unknown local $x");
  CHECK(why("(func (param $x i32)) (func (local.get $x))") == "unknown local $x");
  CHECK(why("(global i32 (local.get $x))") == "unknown local $x");
  CHECK(parsed("(func $x (param $x i32)) (memory $x 1)").names.memories.at(0) == "x");
}

TEST_CASE("An identifier in quotes is the one without them") {
  CHECK(mean_the_same(R"((func $"f" (call $f)) (func $"\41 b" (call $"A b")))",
                      "(func (call 0)) (func (call 1))"));
  CHECK(why(R"((func $"a" (call $a)) (func $a))") == "duplicate function $a");
  CHECK(why(R"((func $"\ff"))") == "malformed UTF-8 encoding: in an identifier");
}

TEST_CASE("Fields are known by the type they belong to") {
  const ModuleData m = parsed(R"(
    (type $a (struct (field $x i32) (field $y i32)))
    (type $b (struct (field $y i32)))
    (func (param (ref $a) (ref $b))
      (drop (struct.get $a $y (local.get 0)))
      (drop (struct.get $b $y (local.get 1)))))");
  CHECK(bytes_of(m, m.functions[0].body) == std::vector<std::uint8_t>{0x20, 0, 0xFB, 2, 0, 1, 0x1A,
                                                                      0x20, 1, 0xFB, 2, 1, 0, 0x1A,
                                                                      0x0B});
  CHECK(m.names.fields.at(0).at(1) == "y");
  CHECK(why("(type $b (struct (field $y i32))) (func (struct.get $b $x))") == "unknown field $x");
}

TEST_CASE("Names of locals and labels go to the function's names") {
  const ModuleData m = parsed(R"(
    (func (param i32) (param $p i32) (local $l i32)
      (block $outer (if $inner (block $cond (result i32) (i32.const 1)) (then (br $outer))))))");
  CHECK(m.names.locals.at(0) == Names::Map{{1, "p"}, {2, "l"}});
  // Labels count in the order of the opcodes: the condition comes before its `if`.
  CHECK(m.names.labels.at(0) == Names::Map{{0, "outer"}, {1, "cond"}, {2, "inner"}});
}

}  // namespace
}  // namespace fermata
