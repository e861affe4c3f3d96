// Waiting at addresses of shared memories: how it begins, what ends it, what can be seen meanwhile.
// docs/process.md, rules 7.10 to 7.12; proposal: threads.
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// `wait` and `wait64` wait for the number at 64 to change from 0, `notify` wakes there.
constexpr std::string_view waits = R"((module
  (import "env" "memory" (memory 1 1 shared))
  (func (export "_start"))
  (func (export "wait") (param $timeout i64) (result i32)
    (i32.add (i32.const 100)
      (memory.atomic.wait32 offset=48 (i32.const 16) (i32.const 0) (local.get $timeout))))
  (func (export "wait64") (result i32)
    (memory.atomic.wait64 (i32.const 64) (i64.const 0) (i64.const -1)))
  (func (export "wait_for") (param $address i32) (param $expected i32) (result i32)
    (memory.atomic.wait32 (local.get $address) (local.get $expected) (i64.const -1)))
  (func (export "wait_no_time") (param $expected i32) (result i32)
    (memory.atomic.wait32 (i32.const 64) (local.get $expected) (i64.const 0)))
  (func (export "notify") (param $count i32) (result i32)
    (memory.atomic.notify offset=60 (i32.const 4) (local.get $count)))))";

Process waiting_process(ProcessOptions options = {}) {
  return ok(Process::create(ok(parse_text(waits)), no_imports, options));
}

Waiting expect_wait(Thread thread) {
  const Outcome outcome = run(thread);
  REQUIRE(std::holds_alternative<Waiting>(outcome));
  return std::get<Waiting>(outcome);
}

Thread start(Process& process, std::string_view name, Values arguments = {}) {
  return ok(process.start_thread(name, arguments));
}

Values notified(Process& process, std::int32_t count) {
  return expect_finish(start(process, "notify", {Value::i32(count)}));
}

const Values result_ok{Value::i32(100)};

}  // namespace

TEST_CASE("a wait pauses with the effective address and the timeout") {
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process = waiting_process(options);
    const Waiting limited = expect_wait(start(process, "wait", {Value::i64(5)}));
    CHECK(limited.address == 64);
    CHECK(limited.timeout == 5u);
    for (const std::int64_t timeout : {std::int64_t{-1}, INT64_MIN}) {
      CHECK(expect_wait(start(process, "wait", {Value::i64(timeout)})).timeout == std::nullopt);
    }
    CHECK(expect_wait(start(process, "wait64")).address == 64);
  }
}

TEST_CASE("a wait for another value, or for no time, does not pause") {
  Process process = waiting_process();
  CHECK(expect_finish(start(process, "wait_no_time", {Value::i32(7)})) == Values{Value::i32(1)});
  CHECK(expect_finish(start(process, "wait_for", {Value::i32(64), Value::i32(1)})) ==
        Values{Value::i32(1)});
  CHECK(expect_finish(start(process, "wait", {Value::i64(0)})) == Values{Value::i32(102)});
}

TEST_CASE("a thread that waits does not run until it is notified, and then gives 0") {
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process = waiting_process(options);
    Thread thread = start(process, "wait", {Value::i64(-1)});
    static_cast<void>(expect_wait(thread));
    CHECK(ok(thread.state()) == ThreadState::waiting_for_notify);
    CHECK(run_error(thread) == ErrorCode::still_waiting);
    CHECK(run_error(thread, {Value::i32(0)}) == ErrorCode::wrong_value_count);
    CHECK(error_of(thread.pending_host_call()) == ErrorCode::no_such_thread);
    CHECK(ok(thread.pending_wait()).address == 64);
    CHECK(notified(process, 0) == Values{Value::i32(0)});
    CHECK(run_error(thread) == ErrorCode::still_waiting);
    CHECK(notified(process, 1) == Values{Value::i32(1)});
    CHECK(ok(thread.state()) == ThreadState::ready);
    CHECK(error_of(thread.pending_wait()) == ErrorCode::not_waiting);
    CHECK(run_error(thread, {Value::i32(0)}) == ErrorCode::wrong_value_count);
    CHECK(expect_finish(thread) == result_ok);
  }
}

TEST_CASE("those that have waited longest are woken first, as many as asked for") {
  Process process = waiting_process();
  std::vector<Thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.push_back(
        start(process, i == 3 ? "wait64" : "wait", i == 3 ? Values{} : Values{Value::i64(-1)}));
    static_cast<void>(expect_wait(threads.back()));
  }
  Thread elsewhere = start(process, "wait_for", {Value::i32(68), Value::i32(0)});
  static_cast<void>(expect_wait(elsewhere));
  const auto are_ready = [&] {
    std::string states;
    for (const Thread& thread : threads) {
      states += ok(thread.state()) == ThreadState::ready ? 'r' : 'w';
    }
    return states;
  };
  CHECK(notified(process, 2) == Values{Value::i32(2)});
  CHECK(are_ready() == "rrwww");
  ok(process.thread(threads[2].id()).time_out());
  CHECK(are_ready() == "rrrww");
  CHECK(notified(process, -1) == Values{Value::i32(2)});
  CHECK(are_ready() == "rrrrr");
  CHECK(notified(process, -1) == Values{Value::i32(0)});
  CHECK(run_error(elsewhere) == ErrorCode::still_waiting);
  CHECK(expect_finish(threads[2]) == Values{Value::i32(102)});
  CHECK(expect_finish(threads[3]) == Values{Value::i32(0)});
}

TEST_CASE("the embedder notifies, and says when time is over") {
  Process process = waiting_process();
  MemoryRef memory = process.memory().value();
  Thread first = start(process, "wait", {Value::i64(7)});
  Thread second = start(process, "wait", {Value::i64(7)});
  CHECK(error_of(first.time_out()) == ErrorCode::not_waiting);
  static_cast<void>(expect_wait(first));
  static_cast<void>(expect_wait(second));
  CHECK(memory.notify(60, 10) == 0);
  CHECK(memory.notify(64, 1) == 1);
  ok(second.time_out());
  CHECK(error_of(second.time_out()) == ErrorCode::not_waiting);
  CHECK(memory.notify(64, 10) == 0);
  CHECK(expect_finish(first) == result_ok);
  CHECK(expect_finish(second) == Values{Value::i32(102)});
  CHECK(error_of(second.time_out()) == ErrorCode::no_such_thread);
}

TEST_CASE("a thread can wait again and again") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start") (result i32) (local $i i32) (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum)
          (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1000))))
        (br_if $again (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
      (local.get $sum))))";
  Process loops = ok(Process::create(ok(parse_text(text)), no_imports));
  Thread thread = loops.main_thread();
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(expect_wait(thread));
    if (i % 2 == 0) {
      CHECK(loops.memory()->notify(0, 1) == 1);
    } else {
      ok(thread.time_out());
    }
  }
  CHECK(expect_finish(thread) == Values{Value::i32(10)});
}

TEST_CASE("only a shared memory can be waited at; any can be notified") {
  constexpr std::string_view text = R"((module
    (memory 1)
    (func (export "_start"))
    (func (export "wait") (param i32) (result i32)
      (memory.atomic.wait32 (local.get 0) (i32.const 1) (i64.const 0)))
    (func (export "wait64") (param i32) (result i32)
      (memory.atomic.wait64 (local.get 0) (i64.const 1) (i64.const 0)))
    (func (export "notify") (param i32) (result i32)
      (memory.atomic.notify (local.get 0) (i32.const 1)))))";
  const auto trap = [&](std::string_view name, std::int32_t address) {
    Process process = ok(Process::create(ok(parse_text(text)), no_imports));
    return expect_trap(start(process, name, {Value::i32(address)}));
  };
  CHECK(trap("wait", 0) == Trap::unshared_memory);
  CHECK(trap("wait64", 0) == Trap::unshared_memory);
  CHECK(trap("wait", 2) == Trap::unaligned_atomic_access);
  CHECK(trap("wait64", 4) == Trap::unaligned_atomic_access);
  CHECK(trap("notify", 3) == Trap::unaligned_atomic_access);
  CHECK(trap("wait", 65536) == Trap::unshared_memory);  // judged before bounds
  CHECK(trap("notify", 65536) == Trap::out_of_bounds_memory_access);
  Process process = ok(Process::create(ok(parse_text(text)), no_imports));
  CHECK(expect_finish(start(process, "notify", {Value::i32(65532)})) == Values{Value::i32(0)});
}

TEST_CASE("a frame that waits stands at its wait, without the operands of that") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start") (param $p i64) (result i32) (local $l i32)
      (local.set $l (i32.const 8))
      (i32.add (i32.mul (local.get $l) (i32.const 5))
        (i32.add (local.get $l)
          (memory.atomic.wait32 (local.get $l) (i32.const 0) (local.get $p)))))))";
  const Module module = ok(parse_text(text));
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    options.arguments = {Value::i64(-1)};
    Process process = ok(Process::create(module, no_imports, options));
    Thread thread = process.main_thread();
    static_cast<void>(expect_wait(thread));
    const auto check_frame = [&] {
      const auto frames = ok(thread.frames(all_frames));
      REQUIRE(frames.size() == 1);
      CHECK(frames[0].at_safe_point);
      CHECK(frames[0].locals == Values{Value::i64(-1), Value::i32(8)});
      CHECK(frames[0].operands == Values{Value::i32(40), Value::i32(8)});
      const auto bytes = ok(wat_to_wasm(text));
      const auto offset = static_cast<std::size_t>(frames[0].offset);
      CHECK(bytes[offset] == 0xFE);
      CHECK(bytes[offset + 1] == 0x01);
    };
    check_frame();
    CHECK(process.memory()->notify(8, 1) == 1);
    check_frame();
    CHECK(expect_finish(thread) == Values{Value::i32(48)});
  }
}

TEST_CASE(
    "a wait in a start section, in a function called in place of another, after a moved stack") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func $wait (param $address i32) (result i32)
      (memory.atomic.wait32 (local.get $address) (i32.const 0) (i64.const -1)))
    (func $deep (param $depth i32) (result i32)
      (if (result i32) (local.get $depth)
        (then (call $deep (i32.sub (local.get $depth) (i32.const 1))))
        (else (return_call $wait (i32.const 8)))))
    (func $begin (drop (call $wait (i32.const 4))))
    (start $begin)
    (func (export "_start") (result i32)
      (i32.add (i32.const 30) (call $deep (i32.const 500))))))";
  const Module module = ok(parse_text(text));
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process = ok(Process::create(module, no_imports, options));
    Thread thread = process.main_thread();
    CHECK(expect_wait(thread).address == 4);
    CHECK(ok(thread.frames(all_frames)).size() == 2);
    CHECK(process.memory()->notify(4, 1) == 1);
    CHECK(expect_wait(thread).address == 8);
    CHECK(ok(thread.frame_count()) == 502);
    ok(thread.time_out());
    CHECK(expect_finish(thread) == Values{Value::i32(32)});
  }
}

TEST_CASE("an exception is no answer to a wait") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (tag (export "tag"))
    (func (export "_start")
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))))";
  Process process = ok(Process::create(ok(parse_text(text)), no_imports));
  static_cast<void>(expect_wait(process.main_thread()));
  CHECK(error_of(process.main_thread().throw_exception(ok(process.tag("tag")))) ==
        ErrorCode::no_host_call);
  CHECK(process.memory()->notify(0, 1) == 1);
  CHECK(expect_finish(process.main_thread()).empty());
}

TEST_CASE("a memory that is not shared has nobody to wake") {
  constexpr std::string_view text =
      R"((module (memory (export "memory") 1) (func (export "_start"))))";
  Process process = ok(Process::create(ok(parse_text(text)), no_imports));
  CHECK(process.memory()->notify(0, 1) == 0);
}

TEST_CASE("a thread that ends while it waits leaves the queue") {
  Store store;
  Linker linker;
  const MemoryRef memory = ok(store.make_memory({{1, 1}, AddressType::i32, true}));
  linker.define("env", "memory", memory);
  const auto instance = ok(linker.instantiate(store, ok(parse_text(waits))));
  const auto wait = [&] {
    Thread thread = ok(store.start_thread(ok(instance.function("wait64"))));
    static_cast<void>(expect_wait(thread));
    return thread;
  };
  const Thread dropped = wait();
  Thread kept = wait();
  ok(store.drop_thread(dropped.id()));
  CHECK(MemoryRef(memory).notify(64, 10) == 1);
  CHECK(expect_finish(kept) == Values{Value::i32(0)});
  static_cast<void>(wait());  // and still waits when the store goes
}

TEST_CASE("a poisoned process still tells who waits; one that is set back has nobody") {
  ProcessOptions options;
  options.resettable = true;
  Process process = waiting_process(options);
  Thread thread = start(process, "wait64");
  static_cast<void>(expect_wait(thread));
  CHECK(expect_finish(process.main_thread()).empty());
  CHECK(run_error(thread) == ErrorCode::process_poisoned);
  CHECK(ok(thread.pending_wait()).address == 64);
  ok(process.reset());
  CHECK(process.memory()->notify(64, 10) == 0);
  CHECK(error_of(thread.pending_wait()) == ErrorCode::no_such_thread);
}

TEST_CASE("what a waiting thread refers to is not collected") {
  constexpr std::string_view text = R"((module
    (type $box (struct (field i32)))
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start"))
    (func (export "wait") (result i32) (local $mine (ref $box))
      (local.set $mine (struct.new $box (i32.const 1)))
      (struct.new $box (i32.const 20))
      (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
      (i32.add (struct.get $box 0) (struct.get $box 0 (local.get $mine))))
    (func (export "litter") (param $count i32)
      (loop $again
        (drop (struct.new $box (i32.const 9)))
        (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))))";
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    options.execution.max_heap_bytes = 100'000;
    Process process = ok(Process::create(ok(parse_text(text)), no_imports, options));
    Thread thread = start(process, "wait");
    static_cast<void>(expect_wait(thread));
    CHECK(expect_finish(start(process, "litter", {Value::i32(50'000)})).empty());
    CHECK(process.heap_use().collections > 5);
    CHECK(process.memory()->notify(0, 1) == 1);
    CHECK(expect_finish(start(process, "litter", {Value::i32(50'000)})).empty());
    CHECK(expect_finish(thread) == Values{Value::i32(21)});
  }
}
