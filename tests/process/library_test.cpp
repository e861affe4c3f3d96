// Processes without a main thread: libraries, whose functions are called by name.
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// What a C toolchain makes of a library: a heap that begins where a global says, functions that
/// keep a total.
constexpr std::string_view accumulator = R"((module
  (import "env" "log" (func $log (param i32)))
  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (global $total (export "total") (mut i32) (i32.const 0))
  (func (export "add") (param i32) (result i32)
    (global.set $total (i32.add (global.get $total) (local.get 0)))
    (global.get $total))
  (func (export "add at") (param $at i32) (param $count i32) (result i32)
    (loop $next
      (if (local.get $count) (then
        (global.set $total (i32.add (global.get $total) (i32.load (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next))))
    (global.get $total))
  (func (export "tell") (call $log (global.get $total)))
  (func (export "fail") (unreachable))))";

Process library_of(std::string_view text, bool resettable = false) {
  ProcessOptions options = ProcessOptions::library();
  options.resettable = resettable;
  return ok(Process::create(ok(parse_text(text)), in_order(), options));
}

Values call(Process& process, std::string_view name, std::initializer_list<Value> arguments = {}) {
  return expect_finish(ok(process.start_thread(name, arguments)));
}

}  // namespace

TEST_CASE("a library has no main thread, and its functions are called any number of times") {
  Process process = library_of(accumulator);
  CHECK(process.threads().empty());
  CHECK(error_of(process.main_thread().state()) == ErrorCode::no_such_thread);
  CHECK(run_error(process.main_thread()) == ErrorCode::no_such_thread);
  for (int round = 1; round <= 1000; ++round) {
    CHECK(call(process, "add", {Value::i32(2)}) == Values{Value::i32(2 * round)});
  }
  CHECK_FALSE(process.poisoned());
  CHECK(ok(process.global("total")) == Value::i32(2000));
}

TEST_CASE("a library's thread ids begin with 1: 0 is the main thread's") {
  Process process = library_of(accumulator);
  CHECK(ok(process.start_thread("tell")).id() == 1);
  CHECK(ok(process.start_thread("tell")).id() == 2);
}

TEST_CASE("arguments can be found out when the library is there: memory above __heap_base") {
  Process process = library_of(accumulator);
  const auto base = static_cast<std::uint32_t>(ok(process.global("__heap_base")).as_i32());
  MemoryRef memory = *process.memory();
  for (std::uint32_t i = 0; i < 3; ++i) ok(memory.store<std::uint32_t>(base + 4 * i, 100 + i));
  CHECK(call(process, "add at", {Value::i32(static_cast<std::int32_t>(base)), Value::i32(3)}) ==
        Values{Value::i32(303)});
}

TEST_CASE("a library's calls pause, side by side") {
  Process process = library_of(accumulator);
  const Thread first = ok(process.start_thread("tell"));
  const Thread second = ok(process.start_thread("tell"));
  CHECK(expect_call(first, 0) == Values{Value::i32(0)});
  CHECK(call(process, "add", {Value::i32(5)}) == Values{Value::i32(5)});
  CHECK(expect_call(second, 0) == Values{Value::i32(5)});
  CHECK(expect_finish(first).empty());
  CHECK(expect_finish(second).empty());
  CHECK_FALSE(process.poisoned());
}

TEST_CASE("a trap poisons a library as it does any process") {
  Process process = library_of(accumulator);
  CHECK(expect_trap(ok(process.start_thread("fail"))) == Trap::unreachable);
  CHECK(process.poisoned());
  CHECK(error_of(process.start_thread("add", {Value::i32(1)})) == ErrorCode::process_poisoned);
}

TEST_CASE("a library needs no entry, and ignores one that is there") {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {i32}, {i32_const(4)}));
  Process process = create(m, ProcessOptions::library());
  CHECK(process.threads().empty());
  CHECK(expect_finish(ok(process.start_thread("_start"))) == Values{Value::i32(4)});
  CHECK_FALSE(process.poisoned());
}

TEST_CASE("a library's start section is a thread of its own, which is run first") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask (result i32)))
    (global $g (mut i32) (i32.const 0))
    (func $start (global.set $g (call $ask)))
    (start $start)
    (func (export "get") (result i32) (global.get $g))))";
  Process process = library_of(text, true);
  for (int round = 0; round < 2; ++round) {
    REQUIRE(process.threads() == std::vector<ThreadId>{1});
    static_cast<void>(expect_call(process.thread(1), 0));
    CHECK(expect_finish(process.thread(1), {Value::i32(9)}).empty());
    CHECK_FALSE(process.poisoned());
    CHECK(call(process, "get") == Values{Value::i32(9)});
    CHECK(process.threads().empty());
    ok(process.reset());
  }
}

TEST_CASE("a library can be reset: poisoned, and with calls under way") {
  Process process = library_of(accumulator, true);
  static_cast<void>(call(process, "add", {Value::i32(5)}));
  static_cast<void>(expect_call(ok(process.start_thread("tell")), 0));
  CHECK(expect_trap(ok(process.start_thread("fail"))) == Trap::unreachable);
  ok(process.reset());
  CHECK(process.threads().empty());
  CHECK(call(process, "add", {Value::i32(1)}) == Values{Value::i32(1)});
  CHECK(ok(process.start_thread("tell")).id() == 2);
}

TEST_CASE("a library goes on from a snapshot, and as a fork, without a main thread") {
  Process process = library_of(accumulator);
  static_cast<void>(call(process, "add", {Value::i32(5)}));
  const Thread asking = ok(process.start_thread("tell"));
  static_cast<void>(expect_call(asking, 0));
  const auto bytes = ok(process.snapshot());
  const auto go_on = [&](Process other) {
    CHECK(ok(other.snapshot()) == bytes);
    CHECK(expect_finish(other.thread(asking.id())).empty());
    CHECK_FALSE(other.poisoned());
    CHECK(call(other, "add", {Value::i32(1)}) == Values{Value::i32(6)});
    CHECK(ok(other.start_thread("tell")).id() == asking.id() + 2);
  };
  go_on(ok(process.fork()));
  go_on(ok(Process::restore(process.module(), bytes, in_order(), ProcessOptions::library())));
  // How it is reset is for the options to say; they need not be those of its creation.
  go_on(ok(Process::restore(process.module(), bytes, in_order())));
}

TEST_CASE("a library's fork is reset as the library is") {
  Process process = library_of(accumulator, true);
  static_cast<void>(call(process, "add", {Value::i32(5)}));
  Process other = ok(process.fork());
  ok(other.reset());
  CHECK(other.threads().empty());
  CHECK(call(other, "add", {Value::i32(1)}) == Values{Value::i32(1)});
  CHECK(call(process, "add", {Value::i32(1)}) == Values{Value::i32(6)});
}
