// Vectors where they cross: arguments and results, globals, calls, select, branches, frames.
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Value bytes_from(std::uint8_t first) {
  V128 bytes{};
  for (std::uint8_t& byte : bytes) byte = first++;
  return Value::v128(bytes);
}

Process process_of(std::string_view text, const ExecutionOptions& mode, Values arguments) {
  ProcessOptions options;
  options.execution = mode;
  options.entry = "run";
  options.arguments = std::move(arguments);
  return ok(Process::create(ok(parse_text(text)), in_order(), options));
}

}  // namespace

TEST_CASE("a vector's first byte is the lowest of its bits") {
  const Value value = bytes_from(0x10);
  CHECK(value.lo() == 0x1716'1514'1312'1110);
  CHECK(value.hi() == 0x1F1E'1D1C'1B1A'1918);
  CHECK(value.as_v128()[3] == 0x13);
  CHECK(Value::from_bits(v128, value.lo(), value.hi()) == value);
}

TEST_CASE("vectors go to the host and come back, among other values") {
  constexpr std::string_view text = R"((module
    (import "host" "f" (func $f (param i32 v128 i64 v128) (result v128 i32 v128)))
    (func (export "run") (param v128 v128) (result v128 i32 v128)
      (call $f (i32.const 7) (local.get 1) (i64.const 8) (local.get 0)))))";
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode, {bytes_from(1), bytes_from(101)});
    CHECK(expect_call(process.main_thread(), 0) ==
          Values{Value::i32(7), bytes_from(101), Value::i64(8), bytes_from(1)});
    const Values answer{bytes_from(30), Value::i32(-3), bytes_from(60)};
    CHECK(expect_finish(process.main_thread(), answer) == answer);
  }
}

TEST_CASE("vectors go through calls, branches, select and globals whole") {
  constexpr std::string_view text = R"((module
    (global $g (export "g") (mut v128) (v128.const i64x2 5 6))
    (table funcref (elem $swap))
    (type $t (func (param v128 v128) (result v128 v128)))
    (func $swap (type $t) (local.get 1) (local.get 0))
    (func (export "run") (param $a v128) (param $b v128) (result v128 v128 v128 v128 i64)
      (local $old v128)
      (local.set $old (global.get $g))
      (global.set $g (local.get $a))
      (call_indirect (type $t) (local.get $a) (local.get $b) (i32.const 0))
      (select (local.get $old) (local.get $a) (i32.const 1))
      (block $out (result v128)
        (f32.const 1) (local.get $a) (local.set $a (local.get $b))
        (br $out))
      (i64x2.extract_lane 1 (local.get $old)))))";
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode, {bytes_from(1), bytes_from(101)});
    CHECK(expect_finish(process.main_thread()) == Values{bytes_from(101), bytes_from(1),
                                                         Value::from_bits(v128, 5, 6),
                                                         bytes_from(1), Value::i64(6)});
    CHECK(ok(process.global("g")) == bytes_from(1));
    ok(process.set_global("g", bytes_from(9)));
    CHECK(ok(process.global("g")) == bytes_from(9));
  }
}

TEST_CASE("a conditional return of a vector leaves it where it is not taken") {
  constexpr std::string_view text = R"((module
    (func $f (param v128 i32) (result v128)
      (local.get 0)
      (br_if 0 (local.get 1))
      (v128.not))
    (func (export "run") (param v128) (result v128 v128)
      (call $f (local.get 0) (i32.const 1)) (call $f (local.get 0) (i32.const 0)))))";
  const Value value = bytes_from(1);
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode, {value});
    CHECK(expect_finish(process.main_thread()) ==
          Values{value, Value::from_bits(v128, ~value.lo(), ~value.hi())});
  }
}

TEST_CASE("a paused frame shows vectors in locals and among operands") {
  constexpr std::string_view text = R"((module
    (import "host" "pause" (func $pause))
    (func (export "run") (param $v v128) (param $i i32) (result v128)
      (local $w v128)
      (local.set $w (i8x16.add (local.get $v) (i8x16.splat (local.get $i))))
      (local.get $i) (local.get $w) (v128.const i64x2 3 4)
      (call $pause)
      (v128.xor) (v128.xor (local.get $w)) (local.set $v) (drop) (local.get $v))))";
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode, {bytes_from(1), Value::i32(2)});
    CHECK(expect_call(process.main_thread(), 0).empty());
    const auto frames = ok(process.main_thread().frames(1));
    REQUIRE(frames.size() == 1);
    CHECK(Values(frames[0].locals.begin(), frames[0].locals.end()) ==
          Values{bytes_from(1), Value::i32(2), bytes_from(3)});
    CHECK(Values(frames[0].operands.begin(), frames[0].operands.end()) ==
          Values{Value::i32(2), bytes_from(3), Value::from_bits(v128, 3, 4)});
    CHECK(expect_finish(process.main_thread()) == Values{Value::from_bits(v128, 3, 4)});
  }
}

TEST_CASE(
    "a vector is loaded and stored with its lowest byte first, and bounds are of all its bytes") {
  constexpr std::string_view text = R"((module
    (memory (export "memory") 1) (data (i32.const 3) "0123456789abcdef")
    (func (export "run") (param $p i32) (result v128)
      (v128.store (i32.add (local.get $p) (i32.const 65517)) (v128.load (local.get $p)))
      (v128.load offset=16 (i32.add (local.get $p) (i32.const 65501))))))";
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode, {Value::i32(3)});
    CHECK(expect_finish(process.main_thread())[0].as_v128()[10] == 'a');
    const auto last = ok(process.memory()->view(65520, 16));
    CHECK(last[15] == std::byte{'f'});
    Process outside = process_of(text, mode, {Value::i32(4)});
    CHECK(expect_trap(outside.main_thread()) == Trap::out_of_bounds_memory_access);
  }
}
