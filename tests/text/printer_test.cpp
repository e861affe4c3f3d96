// The printer and the encoder: what they write, and that it reads back to the same module.
#include "lib/text/print/printer.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "fermata/text.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/binary/encoder.hpp"
#include "lib/module/module_impl.hpp"
#include "tests/support/module_builder.hpp"
#include "tests/text/text_support.hpp"

namespace fermata {
namespace {

using namespace test;

std::string printed(const ModuleData& module) {
  Result<std::string> text = print_module(module);
  if (!text) FAIL(to_string(text.error()));
  return *std::move(text);
}

ModuleData decoded(std::vector<std::uint8_t> bytes) {
  Result<ModuleData> module = decode(std::move(bytes), Features::all());
  if (!module) FAIL(to_string(module.error()));
  return *std::move(module);
}

/// Text to binary to text to binary: the module stays the same, the bytes too.
void check_survives(std::string_view text) {
  INFO(text);
  const ModuleData module = parsed(text);
  const std::vector<std::uint8_t> binary = encode(module);
  const ModuleData from_binary = decoded(binary);
  CHECK(same_module(module, from_binary));
  const std::string again = printed(from_binary);
  INFO(again);
  const ModuleData from_text = parsed(again);
  CHECK(same_module(module, from_text));
  CHECK(encode(from_text) == binary);
}

constexpr std::string_view everything = R"((module $everything
  (type $v (func))
  (rec (type $s (sub (struct (field $a i32) (field (mut i8)))))
       (type $t (sub final $s (struct (field i32) (field (mut i8)) (field (ref null $t))))))
  (type $arr (array (mut i16)))
  (import "m" "f" (func $imported (param $p i32) (result i32)))
  (import "m" "\"quoted\"\u{e9}" (table $it 1 2 externref))
  (import "m" "g" (global $ig (mut i64)))
  (func $main (export "main") (param $x i32) (param i64) (result i32) (local $y f32) (local v128)
    (block $done (result i32)
      (if $cond (local.get $x) (then (br $done (i32.const -1))) (else nop))
      (loop $again (br_if $again (i32.eqz (local.get $x))) (br_table 0 $done $again (i32.const 0)))
      (call $imported (i32.load offset=8 align=1 (local.get $x)))))
  (func (drop (v128.const f32x4 1 nan -0 inf)) (drop (f64.const 0x1.8p-1074))
    (drop (ref.cast (ref null $t) (ref.null none))) (drop (select (result i32) (i32.const 1)
      (i32.const 2) (i32.const 3))))
  (func $catching (block $b (result i32) (try_table (catch $e $b) (throw $e (i32.const 1)))
    (i32.const 0)) (drop) (memory.init $big $d (i32.const 0) (i32.const 0) (i32.const 0)))
  (table $t0 1 2 (ref $v) (ref.func $catching))
  (table i64 10 funcref)
  (memory 1 2 shared)
  (memory 1 (pagesize 1))
  (memory $big i64 0x1_0000_0000)
  (tag $e (param i32))
  (global $g f32 (f32.const nan:0x200000))
  (export "g" (global $g)) (export "e" (tag $e))
  (start $catching)
  (elem $el (table $t0) (offset i32.const 0) (ref $v) (ref.func $catching))
  (elem declare func $main $catching)
  (elem (table 2) (i64.const 0) func $main)
  (data $d "\00\ff text \n\"\\")
  (data (memory $big) (i64.const 1) "x")
  (@custom "before everything" (before first) "\01\02")
  (@custom "after code" (after code) "abc")))";

TEST_CASE("A module with everything in it survives the way through binary and text") {
  check_survives(everything);
}

TEST_CASE("A try is written with its parts as far to the left as itself") {
  constexpr std::string_view text = R"((module (tag $e (param i32)) (func
    (block $out (try $l (result i32) (do (try (result i32) (do (throw $e (i32.const 1)))
      (delegate $l))) (catch $e (br $out)) (catch_all (rethrow $l))) drop))))";
  CHECK_THAT(printed(parsed(text)), has_text(R"(
    block $out
      try $l (result i32)
        try (result i32)
          i32.const 1
          throw $e
        delegate $l
      catch $e
        br $out
      catch_all
        rethrow $l
      end
      drop
    end
)"));
  check_survives(text);
  check_survives("(func try try delegate 1 end)");
}

TEST_CASE("Instructions that name two things survive, whichever things these are") {
  check_survives(R"((module
    (type $s (struct (field $a (mut i32)) (field $b (mut i64))))
    (type $bytes (array (mut i8))) (type $refs (array (mut funcref)))
    (import "m" "t" (tag $imported (param i32)))
    (memory $m 1) (memory $n 1) (table $t 2 funcref) (table $u 2 funcref)
    (global $g (mut i32) (i32.const 0))
    (tag $e (param i64))
    (data $d "bytes") (elem $l func $f)
    (func $f (param $p i32) (local $o i64)
      (memory.init $n $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
      (memory.copy $m $n (i32.const 0) (i32.const 0) (i32.const 1))
      (memory.copy (i32.const 0) (i32.const 0) (i32.const 1))
      (memory.fill $n (i32.const 0) (i32.const 0) (i32.const 1))
      (drop (memory.grow $n (memory.size $m)))
      (i32.store $n offset=4 align=2 (i32.const 0) (i32.load8_u $n (i32.const 1)))
      (table.init $u $l (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $l)
      (table.copy $t $u (i32.const 0) (i32.const 0) (i32.const 1))
      (table.set $u (i32.const 0) (ref.func $f))
      (drop (table.grow $u (table.get $t (i32.const 0)) (table.size $t)))
      (table.fill $u (i32.const 0) (ref.null func) (i32.const 1))
      (call_indirect $u (param i32) (i32.const 1) (i32.const 0))
      (global.set $g (global.get $g)) (local.set $o (i64.const 1))
      (block $caught (result i64) (try_table (catch $e $caught) (throw $e (i64.const 2)))
        (i64.const 3))
      (local.set $o))
    (func (param $s (ref null $s)) (param $x (ref null $bytes)) (param $y (ref null $refs))
      (struct.set $s $b (local.get $s) (struct.get $s $b (local.get $s)))
      (local.set $x (array.new_data $bytes $d (i32.const 0) (i32.const 1)))
      (local.set $y (array.new_elem $refs $l (i32.const 0) (i32.const 1)))
      (local.set $x (array.new_fixed $bytes 2 (i32.const 1) (i32.const 2)))
      (array.init_data $bytes $d (local.get $x) (i32.const 0) (i32.const 0) (i32.const 1))
      (array.init_elem $refs $l (local.get $y) (i32.const 0) (i32.const 0) (i32.const 1))
      (array.copy $bytes $bytes (local.get $x) (i32.const 0) (local.get $x) (i32.const 0)
        (i32.const 1))
      (block $is (result (ref $s))
        (br_on_cast $is (ref null $s) (ref $s) (local.get $s)) (drop)
        (struct.new_default $s))
      (drop (ref.test (ref $s))) (drop (ref.cast (ref null $s) (local.get $s))))
    (func (result v128)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 24 25 26 27 28 29 30 31
        (v128.load8_lane $n offset=1 3 (i32.const 0) (v128.const i64x2 1 2))
        (i32x4.replace_lane 1 (v128.const f64x2 0.5 nan) (i32.const 7))))))");
}

TEST_CASE("Every abstract type survives") {
  check_survives(R"((module (func
    (param funcref nullfuncref externref nullexternref anyref eqref i31ref structref arrayref)
    (param nullref exnref nullexnref)
    (param (ref func) (ref nofunc) (ref extern) (ref noextern) (ref any) (ref eq) (ref i31))
    (param (ref struct) (ref array) (ref none) (ref exn) (ref noexn)))))");
}

TEST_CASE("Names that are no plain identifiers survive") {
  check_survives(R"((func $"a b") (func $"\"\\") (func $"\u{e9}") (func $"\09"))");
  check_survives(R"((func (@name "same")) (func (@name "same")) (func (@name "")))");
  check_survives(R"((module (@name "") (func (local (@name "x") i32) (local (@name "x") i32))))");
}

TEST_CASE("Names of things that do not exist survive as a name section") {
  const ModuleData module = parsed(R"((func) (@custom "name" "\01\04\01\05\01x"))");
  CHECK(module.names.functions == Names::Map{{5, "x"}});
  CHECK_THAT(printed(module),
             has_text("(@custom \"name\" (after code) \"\\01\\04\\01\\05\\01x\")"));
  check_survives(R"((func) (@custom "name" "\01\04\01\05\01x"))");
}

TEST_CASE("A label that is shadowed is written as a number") {
  const std::string text = printed(parsed("(func block $l block $l br 0 br 1 end end)"));
  CHECK_THAT(text, has_text("br $l"));
  CHECK_THAT(text, has_text("br 1"));
  check_survives("(func block $l block $l br 0 br 1 end end)");
}

TEST_CASE("The text of a small module is what one would write") {
  const std::string text = printed(parsed(R"((module
    (func $add (export "add") (param $a i32) (param i32) (result i32)
      (block $b (result i32) (i32.add (local.get $a) (i32.load offset=4 (i32.const 0)))))
    (memory 1)))"));
  CHECK(text == R"((module
  (type (;0;) (func (param i32 i32) (result i32)))
  (func $add (;0;) (type 0) (param $a i32) (param i32) (result i32)
    block $b (result i32)
      local.get $a
      i32.const 0
      i32.load offset=4
      i32.add
    end
  )
  (memory (;0;) 1)
  (export "add" (func $add))
)
)");
}

TEST_CASE("A long data segment is written over several lines") {
  const std::string bytes(200, 'x');
  const ModuleData module = parsed("(data \"" + bytes + "\")");
  CHECK_THAT(printed(module), has_text("\n    \"" + std::string(64, 'x') + "\"\n"));
  check_survives("(data \"" + bytes + "\")");
}

TEST_CASE("A function body that is malformed cannot be printed") {
  ModuleData module = parsed("(func nop)");
  module.bytes[module.functions[0].body.begin] = 0xFF;
  const Result<std::string> text = print_module(module);
  REQUIRE_FALSE(text.has_value());
  CHECK(text.error().code == ErrorCode::malformed_binary);
  CHECK(text.error().function == FuncIdx{0});
}

TEST_CASE("A function body whose blocks do not close cannot be printed") {
  ModuleData module = parsed("(func nop nop nop)");
  module.bytes[module.functions[0].body.begin] = 0x0B;  // end
  const Result<std::string> text = print_module(module);
  REQUIRE_FALSE(text.has_value());
  CHECK_THAT(text.error().message, has_text("do not close"));
}

TEST_CASE("A text that would be unreasonably large is refused") {
  // Each of many empty functions would repeat a thousand parameters.
  std::string text = "(type $t (func (param";
  for (int i = 0; i < 1000; ++i) text += " i32";
  text += ")))";
  for (int i = 0; i < 20000; ++i) text += "(func (type 0))";
  const Result<std::string> printed = print_module(parsed(text));
  REQUIRE_FALSE(printed.has_value());
  CHECK(printed.error().code == ErrorCode::implementation_limit);
}

/// What a receiver of a text has got.
struct Received {
  std::uint64_t bytes = 0;
  std::size_t largest_piece = 0;
};

/// Prints to a receiver, which must be left before the text is longer than the module allows.
Received refused(const ModuleData& module) {
  Received received;
  TextSink out(max_printed_size(module), [&](std::string_view piece) {
    received.bytes += piece.size();
    received.largest_piece = std::max(received.largest_piece, piece.size());
    return true;
  });
  const Result<void> printed = print_module(module, out);
  REQUIRE_FALSE(printed.has_value());
  CHECK(printed.error().code == ErrorCode::implementation_limit);
  CHECK_THAT(printed.error().message, has_text("implementation limit: the text would be"));
  CHECK(received.bytes <= max_printed_size(module));
  return received;
}

TEST_CASE("A text is handed out while it is made, and refused as soon as it is too large") {
  ModuleBuilder m;
  for (int i = 0; i < 20'000; ++i) m.func({}, {}, {}, {{50'000, i32}});
  const Received received = refused(decoded(m.build()));
  CHECK(received.bytes > (std::uint64_t{16} << 20));
  CHECK(received.largest_piece < 100'000);
}

TEST_CASE("One instruction or segment cannot make a text too large before it is refused") {
  const std::string name(1'000, 'n');
  const auto repeated = [](std::string_view word) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += word;
    return text;
  };
  // 100 MB each, where 42 MB are allowed.
  const auto labels = refused(
      parsed("(func block $" + name + " (br_table" + repeated(" 0") + " (i32.const 0)) end)"));
  CHECK(labels.largest_piece < 100'000);
  const auto functions = refused(parsed("(func $" + name + ") (elem func" + repeated(" 0") + ")"));
  CHECK(functions.largest_piece < 100'000);
}

TEST_CASE("A text whose receiver can take no more is left without an error of its own") {
  std::size_t pieces = 0;
  TextSink out(1'000'000, [&](std::string_view) { return ++pieces < 2; });
  CHECK(print_module(parsed("(data \"" + std::string(500'000, 'x') + "\")"), out).has_value());
  CHECK(pieces == 2);
}

TEST_CASE("The lines of deeply nested blocks are indented no further than some of them") {
  std::string text = "(func";
  for (int i = 0; i < 10'000; ++i) text += " block";
  for (int i = 0; i < 10'000; ++i) text += " end";
  CHECK(printed(parsed(text + ")")).size() < 20'000 * 100);
}

TEST_CASE("A name section made of identifiers is the last section") {
  const auto binary = encode(parsed(R"((func $f) (@custom "last" (after data) "x"))"));
  const ModuleData module = decoded(binary);
  REQUIRE(module.customs.size() == 2);
  CHECK(module.customs[0].name == "last");
  CHECK(module.customs[1].name == "name");
}

// --- the encoder
// ----------------------------------------------------------------------------------

TEST_CASE("The empty module is the preamble") {
  CHECK(encode(ModuleData()) == std::vector<std::uint8_t>{0, 'a', 's', 'm', 1, 0, 0, 0});
}

TEST_CASE("A segment is written in the shortest variant that says it") {
  const auto flags = [](std::string_view text) {
    const ModuleData module = parsed(text);
    return std::vector{elem_flags(module.elems[0])};
  };
  CHECK(flags("(elem (i32.const 0) func)")[0] == 0);
  CHECK(flags("(elem func)")[0] == 1);
  CHECK(flags("(elem (table 1) (i32.const 0) func)")[0] == 2);
  CHECK(flags("(elem declare func)")[0] == 3);
  CHECK(flags("(elem (i32.const 0) funcref)")[0] == 4);
  CHECK(flags("(elem externref)")[0] == 5);
  CHECK(flags("(elem (i32.const 0) externref)")[0] == 6);
  CHECK(flags("(elem declare funcref)")[0] == 7);
}

TEST_CASE("Modules differ when anything but offsets differs") {
  const char* one = "(func (param i32) (local.get 0) drop) (global i32 (i32.const 1))";
  CHECK(mean_the_same(one, one));
  CHECK_FALSE(
      mean_the_same(one, "(func (param i64) (local.get 0) drop) (global i32 (i32.const 1))"));
  CHECK_FALSE(
      mean_the_same(one, "(func (param i32) (local.get 1) drop) (global i32 (i32.const 1))"));
  CHECK_FALSE(
      mean_the_same(one, "(func (param i32) (local.get 0) drop) (global i32 (i32.const 2))"));
  CHECK_FALSE(mean_the_same(one, "(func (param i32) (local.get 0) drop)"));
  CHECK_FALSE(same_module(parsed("(func $a)"), parsed("(func $b)")));
  CHECK_FALSE(same_module(parsed("(@custom \"a\")"), parsed("(@custom \"b\")")));
}

// --- the public edge
// ------------------------------------------------------------------------------

TEST_CASE("Text becomes a loaded module, with its identifiers as names") {
  const Result<Module> module = parse_text(R"((module $m (func $f (export "run") (result i32)
    (i32.const 42))))");
  REQUIRE(module.has_value());
  CHECK(module->name() == "m");
  CHECK(module->function_name({0}) == "f");
  CHECK(module->exported_function("run") == FuncIdx{0});
}

TEST_CASE("The names of a module made from parsed text are not copied when they are asked for") {
  const Result<Module> module = make_module(parsed("(module $m)"), Features::all());
  REQUIRE(module.has_value());
  CHECK(module->name().data() == module->impl().data.names.module->data());
}

TEST_CASE("Text that is wrong is malformed, text that makes no sense is invalid") {
  const Result<Module> malformed = parse_text("(module (func (i32.add");
  REQUIRE_FALSE(malformed.has_value());
  CHECK(malformed.error().code == ErrorCode::malformed_text);
  const Result<Module> invalid = parse_text("(module (func (i32.add)))");
  REQUIRE_FALSE(invalid.has_value());
  CHECK(invalid.error().code == ErrorCode::invalid_module);
}

TEST_CASE("Converting there and back gives the same bytes") {
  const auto binary = wat_to_wasm(everything);
  REQUIRE(binary.has_value());
  const auto text = wasm_to_wat(*binary);
  REQUIRE(text.has_value());
  CHECK(wat_to_wasm(*text) == *binary);
  CHECK_FALSE(wasm_to_wat(std::vector<std::uint8_t>{1, 2, 3}).has_value());
}

}  // namespace
}  // namespace fermata
