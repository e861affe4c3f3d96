// Instructions from text: plain and folded forms, labels, immediates and their defaults.
#include <string>
#include <vector>

#include "tests/text/text_support.hpp"

namespace fermata {
namespace {

using namespace test;

/// Whether two bodies mean the same instructions, in a module that has one of everything.
bool same_body(std::string_view a, std::string_view b) {
  const auto around = [](std::string_view body) {
    return std::string(R"(
      (type $s (struct (field $f i32))) (type $a (array (mut i32))) (type $fn (func (param i32)))
      (table $t0 1 funcref) (table $t1 1 funcref) (memory $m0 1) (memory $m1 1)
      (global $g (mut i32) (i32.const 0)) (tag $e (param i32))
      (elem $el func) (data $d "x") (func $h)
      (func $k (param $x i32) (local $y i32) )") +
           std::string(body) + ")";
  };
  return mean_the_same(around(a), around(b));
}

TEST_CASE("A folded instruction comes after its operands") {
  CHECK(same_body("(drop (i32.add (i32.const 1) (i32.mul (i32.const 2) (i32.const 3))))",
                  "i32.const 1 i32.const 2 i32.const 3 i32.mul i32.add drop"));
  CHECK(same_body("(call_indirect $t1 (type $fn) (i32.const 1) (i32.const 2))",
                  "i32.const 1 i32.const 2 call_indirect $t1 (type $fn)"));
  CHECK(same_body("(select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)) drop",
                  "i32.const 1 i32.const 2 i32.const 3 select (result i32) drop"));
}

TEST_CASE("A folded block closes itself") {
  CHECK(same_body("(block $b (result i32) (br $b (i32.const 1))) drop",
                  "block $b (result i32) i32.const 1 br 0 end drop"));
  CHECK(same_body("(loop (nop) nop)", "loop nop nop end"));
  CHECK(same_body("(if (local.get $x) (then (nop)) (else (drop (i32.const 1))))",
                  "local.get 0 if nop else i32.const 1 drop end"));
  CHECK(same_body("(if (result i32) (i32.const 1) (i32.const 2) (then) (else)) drop",
                  "i32.const 1 i32.const 2 if (result i32) else end drop"));
  CHECK(same_body("(block $l (try_table (catch $e $l) (catch_all_ref 0) (nop)))",
                  "block try_table (catch 0 0) (catch_all_ref 0) nop end end"));
}

TEST_CASE("A folded try has a do, and then catches or a delegate") {
  CHECK(
      same_body("(try $l (result i32) (do (i32.const 1)) (catch $e) (catch_all (rethrow $l))) drop",
                "try (result i32) i32.const 1 catch 0 catch_all rethrow 0 end drop"));
  CHECK(same_body("(try $l (do (try $l (do (br $l)) (delegate $l))))",
                  "try try br 0 delegate 0 end"));
  CHECK(same_body("(try (do (nop) nop) (catch $e drop) (catch 0 (drop)))",
                  "try nop nop catch 0 drop catch $e drop end"));
  CHECK(same_body("(try (param i32) (do drop) (delegate 0))", "try (param i32) drop delegate 0"));
  CHECK(same_body("try $l nop catch $e br $l catch_all br $l end $l",
                  "try nop catch 0 br 0 catch_all br 0 end"));
  CHECK(same_body("try $l block $l try delegate $l end end", "try block try delegate 0 end end"));
}

TEST_CASE("The parts of a try come in their order") {
  const auto found = [](std::string_view body) {
    return why("(tag $e) (func " + std::string(body) + ")");
  };
  CHECK(found("(try)") == "unexpected token: found `)`, expected `(do`");
  CHECK(found("(try (nop))") == "unexpected token: found `(`, expected `(do`");
  CHECK(found("(try (do) (nop))") ==
        "unexpected token: found `(`, expected `(catch`, `(catch_all`, `(delegate` or `)`");
  CHECK(found("(try (do) (catch $e) (delegate 0))") ==
        "unexpected token: found `(`, expected `(catch`, `(catch_all` or `)`");
  CHECK(found("(try (do) (catch_all) (catch $e))") == "unexpected token: found `(`, expected `)`");
  CHECK(found("(try (do) (delegate 0) (delegate 0))") ==
        "unexpected token: found `(`, expected `)`");
  CHECK(found("(try (do) (delegate))") == "unexpected token: found `)`, expected a label");
  CHECK(found("(catch_all)") == "unexpected token: found `(`, expected an instruction or `)`");
  CHECK(found("block catch_all end") ==
        "unexpected token: found `catch_all`, expected an instruction or `end`");
  CHECK(found("try catch $e delegate 0") ==
        "unexpected token: found `delegate`, expected an instruction, `catch`, `catch_all` or "
        "`end`");
  CHECK(found("try )") ==
        "unexpected token: found `)`, expected an instruction, `catch`, `catch_all`, `delegate` or "
        "`end`");
  CHECK(found("try $l delegate $l") == "unknown label $l");
}

TEST_CASE("The label of a block may follow its else and end") {
  CHECK(same_body("i32.const 1 if $l else $l end $l", "i32.const 1 if else end"));
  CHECK(why("(func block $a end $b)") == "mismatching label: expected $a");
  CHECK(why("(func block end $b)") == "mismatching label: expected none");
  CHECK(why("(func (i32.const 1) if $a else $b end)") == "mismatching label: expected $a");
}

TEST_CASE("A label's name means the innermost block of that name") {
  CHECK(same_body("block $l block $l br $l end br $l end", "block block br 0 end br 0 end"));
  CHECK(same_body("block $a block $b br $a br $b br 2 end end",
                  "block block br 1 br 0 br 2 end end"));
  CHECK(same_body("block $a (br_table $a 1 0 $a (i32.const 0)) end",
                  "block i32.const 0 br_table 0 1 0 0 end"));
  CHECK(why("(func block $a end br $a)") == "unknown label $a");
  CHECK(why("(func (try_table $t (catch_all $t)))") == "unknown label $t");
  CHECK(why("(func (if $l (br_if $l (i32.const 0)) (then)))") == "unknown label $l");
}

TEST_CASE("Up to one result is a block's type itself, everything else a function type") {
  CHECK(same_body("block (result i32) i32.const 0 end drop",
                  "(drop (block (result i32) i32.const 0))"));
  const ModuleData m = parsed("(type (func)) (func block end block (type 0) end)");
  CHECK(bytes_of(m, m.functions[0].body) ==
        std::vector<std::uint8_t>{0x02, 0x40, 0x0B, 0x02, 0x00, 0x0B, 0x0B});
  CHECK(parsed("(func block (param i32) end)").types.size() == 2);
}

TEST_CASE("Indices that may be left out are 0") {
  CHECK(
      same_body("table.get table.set table.size table.grow table.fill table.copy",
                "table.get 0 table.set $t0 table.size 0 table.grow 0 table.fill 0 table.copy 0 0"));
  CHECK(same_body("memory.size memory.grow memory.fill memory.copy",
                  "memory.size 0 memory.grow $m0 memory.fill 0 memory.copy $m0 0"));
  CHECK(same_body("memory.init $d table.init $el", "memory.init 0 $d table.init $t0 0"));
  CHECK(same_body("call_indirect (param i32)", "call_indirect 0 (type $fn)"));
  CHECK(same_body(
      "i32.load offset=4 i32.load align=2 i32.load $m1 offset=1 align=1",
      "i32.load 0 offset=4 align=4 i32.load 0 offset=0 align=2 i32.load 1 offset=1 align=1"));
}

TEST_CASE("A number before a lane index is a memory, a lone one is the lane") {
  CHECK(same_body("v128.load8_lane 3", "v128.load8_lane 0 offset=0 align=1 3"));
  CHECK(same_body("v128.load8_lane 1 3", "v128.load8_lane $m1 3"));
  CHECK(same_body("v128.load8_lane offset=2 3", "v128.load8_lane $m0 offset=2 3"));
}

TEST_CASE("An alignment is a power of two and offsets have 64 bits") {
  CHECK(why("(func i32.load align=3)") == "alignment must be a power of two");
  CHECK(why("(func i32.load align=0)") == "alignment must be a power of two");
  CHECK(parsed("(func i32.load offset=0xffff_ffff_ffff_ffff align=0x8000_0000_0000_0000)")
            .functions.size() == 1);
  CHECK(why("(func i32.load offset=0x1_0000_0000_0000_0000)") ==
        "i64 constant out of range: 0x1_0000_0000_0000_0000");
}

TEST_CASE("Casts say by their opcode whether null is let through") {
  const ModuleData m = parsed(
      "(func ref.test anyref ref.test (ref any) ref.cast (ref null i31) ref.cast (ref i31) "
      "br_on_cast 0 anyref (ref i31))");
  CHECK(bytes_of(m, m.functions[0].body) ==
        std::vector<std::uint8_t>{0xFB, 0x15, 0x6E, 0xFB, 0x14, 0x6E, 0xFB, 0x17, 0x6C, 0xFB, 0x16,
                                  0x6C, 0xFB, 0x18, 0x01, 0x00, 0x6E, 0x6C, 0x0B});
}

TEST_CASE("Constants are encoded shortest, floats bit by bit") {
  const ModuleData m =
      parsed("(func i32.const -1 i32.const 0xffffffff i64.const 128 f32.const 1 f64.const -0)");
  CHECK(bytes_of(m, m.functions[0].body) ==
        std::vector<std::uint8_t>{0x41, 0x7F, 0x41, 0x7F, 0x42, 0x80, 0x01, 0x43,
                                  0x00, 0x00, 0x80, 0x3F, 0x44, 0x00, 0x00, 0x00,
                                  0x00, 0x00, 0x00, 0x00, 0x80, 0x0B});
  CHECK(why("(func i32.const 0x1_0000_0000)") == "constant out of range: 0x1_0000_0000");
  CHECK(why("(func f32.const 1e40)") == "constant out of range: 1e40");
  CHECK(why("(func i32.const nan)") == "constant out of range: found `nan`, expected an integer");
}

TEST_CASE("A vector constant has as many lanes as its shape, in little-endian order") {
  CHECK(same_body("v128.const i32x4 1 2 3 -1 drop",
                  "v128.const i8x16 1 0 0 0 2 0 0 0 3 0 0 0 255 255 255 255 drop"));
  CHECK(same_body("v128.const f64x2 1 -nan:0x1 drop",
                  "v128.const i64x2 0x3ff0000000000000 0xfff0000000000001 drop"));
  CHECK(why("(func v128.const i32x4 1 2 3)") == "wrong number of lane literals: expected 4");
  CHECK(why("(func v128.const i8x16 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 256)") ==
        "constant out of range: in a lane of a vector");
  CHECK(why("(func i8x16.shuffle 0 1 2)") == "invalid lane length: expected 16, found 3");
  CHECK(why("(func i8x16.extract_lane_s 256)") == "i8 constant out of range: 256");
}

TEST_CASE("What cannot stand where it stands is refused with what could") {
  CHECK(why("(func (i32.add (i32.const 1) i32.const 2))") ==
        "unexpected token: found `i32.const`, expected a folded instruction or `)`");
  CHECK(why("(func block)") == "unexpected token: found `)`, expected an instruction or `end`");
  CHECK(why("(func i32.const 0 if)") ==
        "unexpected token: found `)`, expected an instruction, `else` or `end`");
  CHECK(why("(func (if (i32.const 1)))") ==
        "unexpected token: found `)`, expected a folded instruction or `(then`");
  CHECK(why("(func end)") == "unexpected token: found `end`, expected an instruction or `)`");
  CHECK(why("(func block else end)") ==
        "unexpected token: found `else`, expected an instruction or `end`");
  CHECK(why("(func (result i32) (param i32))") ==
        "unexpected token: found `param`, expected parameters before results");
  CHECK(why("(func (get_local 0))") ==
        "unknown operator get_local: expected an instruction or `)`");
}

// --- depth
// ----------------------------------------------------------------------------------------

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

TEST_CASE("Instructions nest as deep as the input goes, without native recursion") {
  constexpr std::size_t depth = 300'000;
  const ModuleData folded =
      parsed("(func " + repeated("(block ", depth) + repeated(")", depth) + ")");
  CHECK(folded.functions[0].body.size() == 3 * depth + 1);
  const ModuleData plain =
      parsed("(func " + repeated("block ", depth) + repeated("end ", depth) + ")");
  CHECK(same_program(folded, plain));
  const ModuleData operands =
      parsed("(func " + repeated("(i32.eqz ", depth) + repeated(")", depth) + ")");
  CHECK(operands.functions[0].body.size() == depth + 1);
  CHECK(why("(func " + repeated("(if ", depth)).starts_with("unexpected token: found the end"));
}

TEST_CASE("A label of a far outer block is found without a search") {
  constexpr std::size_t depth = 100'000;
  const ModuleData m = parsed("(func block $far " + repeated("block br $far ", depth) +
                              repeated("end ", depth) + "end)");
  CHECK(m.functions.size() == 1);
}

}  // namespace
}  // namespace fermata
