// Exceptions: who catches what, across calls, instances and the host, and what is left when nobody
// does. Specification: "Execution / Instructions / Exception Handling".
#include <fmt/format.h>

#include "fermata/store.hpp"
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Process process_of(std::string_view text, const ExecutionOptions& mode, Values arguments = {}) {
  ProcessOptions options;
  options.execution = mode;
  options.entry = "run";
  options.arguments = std::move(arguments);
  return ok(Process::create(ok(parse_text(text)), in_order(), options));
}

Values results_of(std::string_view text, const ExecutionOptions& mode, Values arguments = {}) {
  Process process = process_of(text, mode, std::move(arguments));
  return expect_finish(process.main_thread());
}

Threw expect_throw(Outcome outcome) {
  REQUIRE(std::holds_alternative<Threw>(outcome));
  return std::get<Threw>(outcome);
}

}  // namespace

TEST_CASE("the innermost clause that has the tag catches, with the values in their order") {
  constexpr std::string_view text = R"((module
    (tag $a (param i32 f64 v128 i64)) (tag $b)
    (func $throw (param i32)
      (if (i32.eqz (local.get 0)) (then
        (throw $a (i32.const 1) (f64.const 2.5) (v128.const i64x2 3 4) (i64.const 5))))
      (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $b))))
    (func $inner (param i32) (result i32)
      (block $caught
        (try_table (catch $b $caught) (call $throw (local.get 0)))
        (return (i32.const 10)))
      (i32.const 20))
    (func (export "run") (param i32) (result i32 f64 i64 i64)
      (local $i i32) (local $f f64) (local $v v128) (local $l i64)
      (block $caught (result i32 f64 v128 i64)
        (try_table (catch $a $caught)
          (return (call $inner (local.get 0)) (f64.const 0) (i64.const 0) (i64.const 0)))
        (unreachable))
      (local.set $l) (local.set $v) (local.set $f) (local.set $i)
      (local.get $i) (local.get $f) (i64x2.extract_lane 1 (local.get $v)) (local.get $l))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(results_of(text, mode, {Value::i32(0)}) ==
          Values{Value::i32(1), Value::f64(2.5), Value::i64(4), Value::i64(5)});
    CHECK(results_of(text, mode, {Value::i32(1)}).at(0) == Value::i32(20));
    CHECK(results_of(text, mode, {Value::i32(2)}).at(0) == Value::i32(10));
  }
}

TEST_CASE("a clause goes on at its label: a block, a loop, or the function's own") {
  constexpr std::string_view text = R"((module
    (tag $n (param i32))
    (func $own (param i32) (result i32)
      (try_table (catch $n 0) (throw $n (local.get 0)))
      (unreachable))
    (func $loop (param $left i32) (result i32) (local $rounds i32)
      (local.get $left)
      (loop $again (param i32) (result i32)
        (local.set $left)
        (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
        (if (local.get $left) (then
          (try_table (catch $n $again) (throw $n (i32.sub (local.get $left) (i32.const 1))))))
        (local.get $rounds)))
    (func $below (param i32) (result i32)
      (i32.const 1000) (i32.mul (local.get 0) (i32.const 2))
      (block $caught (result i32)
        (try_table (result i32) (catch $n $caught)
          (i32.const 7) (throw $n (i32.const 5))))
      (i32.add) (i32.add))
    (func (export "run") (result i32 i32 i32)
      (call $own (i32.const 42)) (call $loop (i32.const 9)) (call $below (i32.const 50)))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(results_of(text, mode) == Values{Value::i32(42), Value::i32(10), Value::i32(1105)});
  }
}

TEST_CASE("a caught reference is thrown again, with the tag and the values it had") {
  constexpr std::string_view text = R"((module
    (tag $a (param i32)) (tag $b (param i32))
    (func $again (param i32)
      (block $caught (result exnref)
        (try_table (catch_all_ref $caught)
          (if (local.get 0) (then (throw $a (i32.const 3))))
          (throw $b (i32.const 4)))
        (unreachable))
      (throw_ref))
    (func (export "run") (param i32) (result i32)
      (block $b (result i32)
        (block $a (result i32 exnref)
          (try_table (catch_ref $a $a) (catch $b $b) (call $again (local.get 0)))
          (unreachable))
        (drop) (return (i32.add (i32.const 10))))
      (i32.add (i32.const 20)))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(results_of(text, mode, {Value::i32(1)}) == Values{Value::i32(13)});
    CHECK(results_of(text, mode, {Value::i32(0)}) == Values{Value::i32(24)});
  }
}

TEST_CASE("a try_table that has ended, or that a tail call has left, catches nothing") {
  constexpr std::string_view text = R"((module
    (tag $a)
    (func $throw (throw $a))
    (func $after
      (block $caught (try_table (catch_all $caught)))
      (call $throw))
    (func $left (block $caught (try_table (catch_all $caught) (return_call $throw))))
    (func (export "run") (param i32) (result i32)
      (block $caught
        (try_table (catch $a $caught)
          (if (local.get 0) (then (call $after)) (else (call $left))))
        (return (i32.const 1)))
      (i32.const 2))))";
  for (const ExecutionOptions& mode : modes()) {
    for (const int which : {0, 1}) {
      CHECK(results_of(text, mode, {Value::i32(which)}) == Values{Value::i32(2)});
    }
  }
}

TEST_CASE("an exception that nobody catches is the outcome, and leaves the frames as they were") {
  constexpr std::string_view text = R"((module
    (tag $mine (export "mine") (param i32 i64)) (tag $other)
    (func $throw (param i32) (throw $mine (local.get 0) (i64.const 8)))
    (func (export "run")
      (block $caught (try_table (catch $other $caught) (call $throw (i32.const 7)))))))";
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode);
    const Threw threw = expect_throw(run(process.main_thread()));
    CHECK(threw.tag == ok(process.tag("mine")));
    CHECK(Values(threw.values.begin(), threw.values.end()) == Values{Value::i32(7), Value::i64(8)});
    CHECK(process.poisoned());
    CHECK(ok(process.main_thread().state()) == ThreadState::trapped);
    const auto trace = ok(process.main_thread().backtrace(all_frames));
    REQUIRE(trace.size() == 2);
    CHECK(trace[0].function_name == "throw");
    CHECK(run_error(process.main_thread()) == ErrorCode::process_poisoned);
    CHECK(error_of(process.tag("yours")) == ErrorCode::no_such_export);
  }
}

TEST_CASE("throw_ref of null is a trap, and so is an exception that the heap has no room for") {
  ExecutionOptions mode;
  Process null = process_of(R"((module (func (export "run") (throw_ref (ref.null exn)))))", mode);
  CHECK(expect_trap(null.main_thread()) == Trap::null_exception_reference);
  mode.max_heap_bytes = 20;
  Process full = process_of(
      R"((module (tag $a (param i64 i64)) (func (export "run") (throw $a (i64.const 1) (i64.const 2)))))",
      mode);
  CHECK(expect_trap(full.main_thread()) == Trap::heap_exhausted);
}

TEST_CASE("exceptions are garbage when nothing refers to them, and roots of what they hold") {
  constexpr std::string_view text = R"((module
    (type $box (struct (field i32)))
    (tag $a (param (ref $box)))
    (func $throw (param i32) (throw $a (struct.new $box (local.get 0))))
    (func (export "run") (param $times i32) (result i32) (local $sum i32) (local $kept exnref)
      (loop $again
        (block $caught (result (ref $box) exnref)
          (try_table (catch_ref $a $caught) (call $throw (local.get $times)))
          (unreachable))
        (local.set $kept)
        (drop (struct.new $box (i32.const 0)))
        (local.set $sum (i32.add (struct.get $box 0) (local.get $sum)))
        (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
      (block $caught (result (ref $box))
        (try_table (catch $a $caught) (throw_ref (local.get $kept)))
        (unreachable))
      (i32.add (struct.get $box 0) (local.get $sum)))))";
  std::optional<HeapUse> expected;
  for (ExecutionOptions mode : modes()) {
    mode.max_heap_bytes = 50'000;
    Process process = process_of(text, mode, {Value::i32(10'000)});
    CHECK(expect_finish(process.main_thread()) == Values{Value::i32(50'005'001)});
    CHECK(process.heap_use().collections > 5);
    CHECK(process.heap_use() == expected.value_or(process.heap_use()));
    expected = process.heap_use();
  }
}

TEST_CASE("the host answers a call with an exception, which is thrown at the call") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask (result i32)))
    (tag $no (export "no") (param i32))
    (func $asks (param i32) (result i32)
      (if (result i32) (local.get 0) (then (return_call $ask)) (else (call $ask))))
    (func (export "run") (param i32) (result i32)
      (block $caught (result i32)
        (try_table (catch $no $caught) (return (call $asks (local.get 0))))
        (unreachable))
      (i32.add (i32.const 100)))))";
  for (const ExecutionOptions& mode : modes()) {
    for (const int tail : {0, 1}) {
      Process process = process_of(text, mode, {Value::i32(tail)});
      const TagRef no = ok(process.tag("no"));
      Thread thread = process.main_thread();
      CHECK(error_of(thread.throw_exception(no, Values{Value::i32(1)})) == ErrorCode::no_host_call);
      static_cast<void>(expect_call(thread, 0));
      CHECK(error_of(thread.throw_exception({&process})) == ErrorCode::no_such_tag);
      CHECK(error_of(thread.throw_exception(no)) == ErrorCode::wrong_value_count);
      CHECK(error_of(thread.throw_exception(no, Values{Value::i64(1)})) ==
            ErrorCode::wrong_value_type);
      const Outcome outcome = ok(thread.throw_exception(no, Values{Value::i32(5)}));
      REQUIRE(std::holds_alternative<Finished>(outcome));
      CHECK(std::get<Finished>(outcome).results[0] == Value::i32(105));
    }
  }
}

TEST_CASE("an exception of the host that nobody catches is the outcome as well") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask)) (tag (export "no"))
    (func (export "run") (call $ask))))";
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(text, mode);
    static_cast<void>(expect_call(process.main_thread(), 0));
    const std::uint64_t call_offset = ok(process.main_thread().backtrace(1)).at(0).offset;
    const TagRef no = ok(process.tag("no"));
    CHECK(expect_throw(ok(process.main_thread().throw_exception(no))).tag == no);
    CHECK(process.poisoned());
    const auto trace = ok(process.main_thread().backtrace(all_frames));
    REQUIRE(trace.size() == 1);
    CHECK(trace[0].offset == call_offset);
  }
}

TEST_CASE("exceptions cross instances, which have their tags in common or not") {
  constexpr std::string_view thrower = R"((module
    (import "host" "tag" (tag $shared (param i32))) (tag $own (export "own") (param i32))
    (memory 1) (data (i32.const 0) "\01")
    (func (export "throw") (param i32)
      (if (local.get 0) (then (throw $shared (i32.const 7))))
      (throw $own (i32.const 8)))))";
  constexpr std::string_view catcher = R"((module
    (import "host" "tag" (tag $shared (param i32)))
    (import "thrower" "throw" (func $throw (param i32)))
    (tag $own (param i32))
    (memory 1) (data (i32.const 0) "\02")
    (func (export "run") (param i32) (result i32)
      (block $shared (result i32)
        (block $all
          (try_table (catch $own $shared) (catch $shared $shared) (catch_all $all)
            (call $throw (local.get 0)))
          (unreachable))
        (i32.const 100))
      (i32.add (i32.load8_u (i32.const 0))))))";
  for (const ExecutionOptions& mode : modes()) {
    Store store(mode);
    Linker linker;
    linker.define("host", "tag", ok(store.make_tag({{i32}, {}})));
    linker.define_instance("thrower", ok(linker.instantiate(store, ok(parse_text(thrower)))));
    const InstanceRef instance = ok(linker.instantiate(store, ok(parse_text(catcher))));
    const auto run_with = [&](int which) {
      return expect_finish(
          ok(store.start_thread(ok(instance.function("run")), Values{Value::i32(which)})));
    };
    CHECK(run_with(1) == Values{Value::i32(9)});
    CHECK(run_with(0) == Values{Value::i32(102)});
    CHECK(error_of(store.make_tag({{}, {i32}})) == ErrorCode::wrong_value_type);
  }
}

TEST_CASE("a deep recursion is unwound, whatever its frames stand in") {
  constexpr std::string_view text = R"((module
    (tag $a (param i32)) (tag $b)
    (func $down (param i32)
      (if (i32.eqz (local.get 0)) (then (throw $a (i32.const 1))))
      (block $caught
        (try_table (catch $b $caught)
          (if (i32.and (local.get 0) (i32.const 1))
            (then (try_table (catch $b $caught) (call $down (i32.sub (local.get 0) (i32.const 1)))))
            (else (call $down (i32.sub (local.get 0) (i32.const 1))))))))
    (func (export "run") (param i32) (result i32)
      (block $caught (result i32)
        (try_table (catch $a $caught) (call $down (local.get 0)))
        (unreachable)))))";
  for (ExecutionOptions mode : modes()) {
    mode.max_stack_bytes = std::size_t{64} << 20;
    CHECK(results_of(text, mode, {Value::i32(200'000)}) == Values{Value::i32(1)});
  }
}

TEST_CASE("the results that a clause gives to the function have room in its frame") {
  constexpr std::string_view text = R"((module
    (tag $many (param i64 i64 i64 i64 i64 i64))
    (func $throw (throw $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)))
    (func $caught (result i64 i64 i64 i64 i64 i64)
      (try_table (catch $many 0) (call $throw)) (unreachable))
    (func (export "run") (result i64 i64 i64 i64 i64 i64) (call $caught))))";
  for (const ExecutionOptions& mode : modes()) {
    const Values results = results_of(text, mode);
    for (int i = 0; i < 6; ++i) CHECK(results.at(static_cast<std::size_t>(i)) == Value::i64(i + 1));
  }
}

TEST_CASE("a value that only the embedder has left is thrown whole, though the heap is collected") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask))
    (type $box (struct (field i64)))
    (tag $take (export "take") (param (ref null $box)))
    (global $box (export "box") (mut (ref null $box)) (struct.new $box (i64.const 77)))
    (func (export "run") (result i64) (local $i i32)
      (loop $again
        (drop (struct.new $box (i64.const 1)))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 186))))
      (struct.get $box 0 (block $caught (result (ref null $box))
        (try_table (catch $take $caught) (call $ask))
        (unreachable))))))";
  for (ExecutionOptions mode : modes()) {
    mode.max_heap_bytes = 3'000;  // 187 boxes of 16 bytes, and 8 more
    Process process = process_of(text, mode);
    static_cast<void>(expect_call(process.main_thread(), 0));
    const Value box = ok(process.global("box"));
    ok(process.set_global("box", Value::null(box.type())));
    CHECK(process.heap_use().collections == 0);
    const Outcome outcome =
        ok(process.main_thread().throw_exception(ok(process.tag("take")), Values{box}));
    CHECK(process.heap_use().collections == 1);
    REQUIRE(std::holds_alternative<Finished>(outcome));
    CHECK(std::get<Finished>(outcome).results[0] == Value::i64(77));
  }
}

TEST_CASE("frames in functions of many regions are passed without looking at each region again") {
  // Each function calls the other inside of 2,000 tries that delegate past their parents.
  std::string tries, ends;
  for (int i = 0; i < 2'000; ++i) tries += " try";
  for (int i = 0; i < 2'000; ++i) ends += i + 1 < 2'000 ? " delegate 1" : " delegate 0";
  const std::string text = fmt::format(R"((module
    (tag $a)
    (func $f (param i32)
      local.get 0 i32.eqz if throw $a end {0} local.get 0 i32.const 1 i32.sub call $g {1})
    (func $g (param i32)
      local.get 0 i32.eqz if throw $a end {0} local.get 0 i32.const 1 i32.sub call $f {1})
    (func (export "run") (param i32) (result i32)
      try (result i32) local.get 0 call $f i32.const 1 catch $a i32.const 2 end)))",
                                       tries, ends);
  ExecutionOptions mode;
  mode.max_stack_bytes = std::size_t{64} << 20;
  CHECK(results_of(text, mode, {Value::i32(100'000)}) == Values{Value::i32(2)});
}
