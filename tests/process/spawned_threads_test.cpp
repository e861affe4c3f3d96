// Threads with instances of their own over one shared memory. docs/process.md, rules 7.6 to 7.9.
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// Every instance counts in its own global and table, and in the memory: how often `begin` has run,
/// its start section, at 0; how often `work`, at 4.
constexpr std::string_view counts = R"((module
  (import "env" "memory" (memory 1 2 shared))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (export "memory" (memory 0))
  (global $calls (export "calls") (mut i32) (i32.const 10))
  (table $functions (export "__indirect_function_table") 2 2 funcref)
  (elem (table $functions) (i32.const 0) func $zero)
  (data $passive "\2a")
  (func $zero)
  (func $begin
    (global.set $calls (i32.add (global.get $calls) (i32.const 100)))
    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
  (start $begin)
  (func (export "_start") (result i32) (call $ask (i32.const -1)))
  (func (export "no_arguments"))
  (export "host" (func $ask))
  (func (export "work") (param $asks i32) (result i32 i32 i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (memory.init $passive (i32.const 8) (i32.const 0) (i32.const 1))
    (data.drop $passive)
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (call $ask (local.get $asks))
    (global.get $calls)
    (ref.is_null (table.get $functions (i32.const 1)))
    (table.set $functions (i32.const 1) (ref.func $zero)))))";

Process counting_process(ProcessOptions options = {}) {
  options.allow_reexported_memory = true;
  return ok(Process::create(ok(parse_text(counts)), in_order(), options));
}

std::uint32_t word(Process& process, std::uint64_t address) {
  std::uint8_t bytes[4];
  ok(process.memory()->read(address, std::as_writable_bytes(std::span(bytes))));
  return bytes[0] | bytes[1] << 8u | bytes[2] << 16u | static_cast<std::uint32_t>(bytes[3]) << 24u;
}

}  // namespace

TEST_CASE("a spawned thread has globals, tables and segments of its own, and the same memory") {
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process = counting_process(options);
    CHECK(expect_call(process.main_thread(), 0) == Values{Value::i32(-1)});
    std::vector<Thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.push_back(ok(process.spawn_thread("work", Values{Value::i32(i)}, 7)));
      CHECK(threads.back().id() == static_cast<ThreadId>(i + 1));
      CHECK(ok(threads.back().user_data()) == 7);
    }
    CHECK(word(process, 0) == 1);  // nothing has run
    for (int i = 0; i < 3; ++i) {
      CHECK(expect_call(threads[static_cast<std::size_t>(i)], 0) == Values{Value::i32(i)});
    }
    CHECK(word(process, 0) == 4);
    CHECK(word(process, 4) == 3);
    CHECK(word(process, 8) == 42);
    for (const Thread& thread : threads) {
      const auto frames = ok(thread.frames(all_frames));
      REQUIRE(frames.size() == 1);
      CHECK(frames[0].at_safe_point);
    }
    for (const Thread& thread : threads) {
      CHECK(expect_finish(thread, {Value::i32(5)}) ==
            Values{Value::i32(5), Value::i32(111), Value::i32(1)});
    }
    CHECK_FALSE(process.poisoned());
    CHECK(ok(process.global("calls")) == Value::i32(110));
    CHECK(ok(process.table()->get(1)).is_null());
  }
}

TEST_CASE("an instance whose thread has ended is as new for the next") {
  Process process = counting_process();
  static_cast<void>(expect_call(process.main_thread(), 0));
  const Values expected{Value::i32(1), Value::i32(111), Value::i32(1)};
  for (int i = 0; i < 100; ++i) {
    Thread thread = ok(process.spawn_thread("work", Values{Value::i32(i)}));
    CHECK(expect_call(thread, 0) == Values{Value::i32(i)});
    CHECK(expect_finish(thread, {Value::i32(1)}) == expected);
  }
  CHECK(word(process, 0) == 101);
}

TEST_CASE("any number of threads, one after the other, take as much of the budget as one") {
  ProcessOptions options;
  options.execution.max_bytes = 200'000;
  Process process = counting_process(options);
  static_cast<void>(expect_call(process.main_thread(), 0));
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(expect_finish(ok(process.spawn_thread("no_arguments"))));
  }
  std::vector<Thread> threads;
  auto thread = process.spawn_thread("no_arguments");
  while (thread) {
    threads.push_back(*thread);
    thread = process.spawn_thread("no_arguments");
  }
  CHECK(thread.error().code == ErrorCode::out_of_memory);
  CHECK(threads.size() > 20);
  CHECK(threads.size() < 200);
  for (const Thread& each : threads) CHECK(expect_finish(each).empty());
  CHECK(expect_finish(ok(process.spawn_thread("no_arguments"))).empty());
}

TEST_CASE("a function of the host can be a spawned thread's") {
  Process process = counting_process();
  Thread thread = ok(process.spawn_thread("host", Values{Value::i32(3)}));
  CHECK(expect_call(thread, 0) == Values{Value::i32(3)});
  CHECK(word(process, 0) == 1);
  CHECK(expect_finish(thread, {Value::i32(4)}) == Values{Value::i32(4)});
}

TEST_CASE("what a spawned thread is refused for") {
  Process process = counting_process();
  CHECK(error_of(process.spawn_thread("nothing")) == ErrorCode::no_such_export);
  CHECK(error_of(process.spawn_thread("memory")) == ErrorCode::no_such_export);
  CHECK(error_of(process.spawn_thread("work")) == ErrorCode::wrong_value_count);
  CHECK(error_of(process.spawn_thread("work", Values{Value::i64(1)})) ==
        ErrorCode::wrong_value_type);
  CHECK(process.threads() == std::vector<ThreadId>{0});
  static_cast<void>(expect_call(process.main_thread(), 0));
  CHECK(expect_finish(process.main_thread(), {Value::i32(0)}) == Values{Value::i32(0)});
  CHECK(error_of(process.spawn_thread("no_arguments")) == ErrorCode::process_poisoned);
  for (const std::string_view text :
       {R"((module (memory 1 1 shared) (func (export "_start"))))",
        R"((module (import "env" "memory" (memory 1 1)) (func (export "_start"))))",
        R"((module (func (export "_start"))))"}) {
    Process without = ok(Process::create(ok(parse_text(text)), no_imports));
    CHECK(error_of(without.spawn_thread("_start")) == ErrorCode::shared_memory_required);
  }
}

TEST_CASE("a process that is set back has its first instance alone") {
  ProcessOptions options;
  options.resettable = true;
  Process process = counting_process(options);
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(expect_call(process.main_thread(), 0));
    Thread thread = ok(process.spawn_thread("work", Values{Value::i32(i)}));
    CHECK(thread.id() == 1);
    static_cast<void>(expect_call(thread, 0));
    CHECK(word(process, 0) == 2);
    ok(process.reset());
    CHECK(process.threads() == std::vector<ThreadId>{0});
    CHECK(word(process, 0) == 0);
  }
}

TEST_CASE("a trap in a spawned thread poisons the process") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start"))
    (func (export "trap") (unreachable))))";
  Process traps = ok(Process::create(ok(parse_text(text)), no_imports));
  CHECK(expect_trap(ok(traps.spawn_thread("trap"))) == Trap::unreachable);
  CHECK(traps.poisoned());
}

namespace {

/// A spawned thread keeps a large object in its global, in its table and in an element segment.
constexpr std::string_view keeps = R"((module
  (type $bytes (array (mut i8)))
  (import "env" "memory" (memory 1 1 shared))
  (import "env" "ask" (func $ask))
  (global $kept (mut (ref null $bytes)) (ref.null $bytes))
  (table $table 1 (ref null $bytes))
  (elem $segment (ref null $bytes) (array.new_default $bytes (i32.const 1000)))
  (func (export "_start"))
  (func $keep (export "keep") (param $size i32)
    (global.set $kept (array.new_default $bytes (local.get $size)))
    (table.set $table (i32.const 0) (array.new_default $bytes (local.get $size))))
  (func (export "keep_and_ask") (param $size i32)
    (call $keep (local.get $size))
    (call $ask))
  (func (export "litter") (param $times i32)
    (loop $again
      (drop (array.new_default $bytes (i32.const 10000)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1))))))))";

Process keeping_process() {
  ProcessOptions options;
  options.resettable = true;
  options.execution.max_heap_bytes = 1'000'000;
  return ok(Process::create(ok(parse_text(keeps)), in_order(), options));
}

Values litter(Process& process) {
  return expect_finish(ok(process.start_thread("litter", Values{Value::i32(1'000)})));
}

}  // namespace

TEST_CASE("a spawned thread's objects go with it") {
  Process process = keeping_process();
  for (int i = 0; i < 20; ++i) {
    CHECK(expect_finish(ok(process.spawn_thread("keep", Values{Value::i32(300'000)}))).empty());
    CHECK(litter(process).empty());
  }
  CHECK(process.heap_use().bytes < 600'000);
}

TEST_CASE("a process that is set back knows nothing of what spawned threads had") {
  Process process = keeping_process();
  for (int i = 0; i < 3; ++i) {
    CHECK(expect_finish(ok(process.spawn_thread("keep", Values{Value::i32(1'000)}))).empty());
    const Thread thread = ok(process.spawn_thread("keep_and_ask", Values{Value::i32(1'000)}));
    static_cast<void>(expect_call(thread, 0));
    ok(process.reset());
    CHECK(process.heap_use().bytes < 10'000);
    CHECK(litter(process).empty());
  }
}

TEST_CASE("what a thread is refused for leaves the memory and its reference as they are") {
  constexpr std::string_view text = R"((module
    (type $box (struct (field i32)))
    (import "env" "memory" (memory 1 1 shared))
    (import "env" "show" (func $show (param (ref $box))))
    (data (i32.const 0) "x")
    (global (ref $box) (struct.new $box (i32.const 1)))
    (func (export "_start")
      (i32.store8 (i32.const 0) (i32.const 89))
      (call $show (struct.new $box (i32.const 7))))
    (func (export "value") (param $box (ref null $box)) (result i32)
      (struct.get $box 0 (local.get $box)))))";
  ProcessOptions options;
  options.execution.max_heap_bytes = 1'000;
  Process process = ok(Process::create(ok(parse_text(text)), in_order(), options));
  const Values shown = expect_call(process.main_thread(), 0);
  CHECK(error_of(process.spawn_thread("value")) == ErrorCode::wrong_value_count);
  CHECK(error_of(process.spawn_thread("value", Values{Value::i32(1)})) ==
        ErrorCode::wrong_value_type);
  CHECK(word(process, 0) == 89);
  CHECK(process.threads() == std::vector<ThreadId>{0});
  std::vector<Thread> threads;
  for (int i = 0; i < 20; ++i) threads.push_back(ok(process.spawn_thread("value", shown)));
  CHECK(threads[0].id() == 1);
  CHECK(word(process, 0) == 'x');
  for (const Thread& thread : threads) CHECK(expect_finish(thread) == Values{Value::i32(7)});
}

TEST_CASE("tags are the same in all instances of a process") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (import "env" "ask" (func $ask))
    (tag $tag (export "tag") (param i32))
    (func (export "_start"))
    (func (export "catches") (result i32)
      (block $caught (result i32)
        (try_table (catch $tag $caught) (call $ask))
        (i32.const 0)))
    (func (export "throws") (throw $tag (i32.const 5)))))";
  Process process = ok(Process::create(ok(parse_text(text)), in_order()));
  const TagRef tag = ok(process.tag("tag"));
  Thread catches = ok(process.spawn_thread("catches"));
  static_cast<void>(expect_call(catches, 0));
  const Outcome caught = ok(catches.throw_exception(tag, Values{Value::i32(3)}));
  REQUIRE(std::holds_alternative<Finished>(caught));
  CHECK(std::get<Finished>(caught).results[0] == Value::i32(3));
  const Outcome thrown = run(ok(process.spawn_thread("throws")));
  REQUIRE(std::holds_alternative<Threw>(thrown));
  CHECK(std::get<Threw>(thrown).tag == tag);
}

TEST_CASE("a failed start takes nothing, however often it is tried") {
  constexpr std::string_view text = R"((module
    (type $bytes (array i8))
    (import "env" "memory" (memory 1 1 shared))
    (global (ref $bytes) (array.new_default $bytes (i32.const 600)))
    (func (export "_start"))
    (func (export "run") (result i32) (array.len (global.get 0)))))";
  ProcessOptions options;
  options.execution.max_heap_bytes = 1'500;
  options.execution.max_bytes = 300'000;
  Process process = ok(Process::create(ok(parse_text(text)), no_imports, options));
  for (int i = 0; i < 500; ++i) {
    Thread thread = ok(process.spawn_thread("run"));
    CHECK(error_of(process.spawn_thread("run")) == ErrorCode::out_of_memory);
    CHECK(expect_finish(thread) == Values{Value::i32(600)});
  }
}

TEST_CASE("any number of threads end in time that is in proportion") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start")) (func (export "nothing"))))";
  Process process = ok(Process::create(ok(parse_text(text)), no_imports));
  constexpr std::uint32_t count = 50'000;
  for (std::uint32_t i = 0; i < count; ++i) static_cast<void>(ok(process.start_thread("nothing")));
  for (ThreadId id = 1; id <= count; ++id) {
    REQUIRE(expect_finish(process.thread(id)).empty());
    REQUIRE(error_of(process.thread(id).state()) == ErrorCode::no_such_thread);
  }
  CHECK(process.threads() == std::vector<ThreadId>{0});
}
