// What a host call tells of itself, how it is answered with a trap, and threads and processes that
// are given up.
#include <algorithm>

#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// `run` calls "a"."ask" in a function of its own, where nothing catches a trap.
constexpr std::string_view asking = R"((module
  (import "" "" (func $nameless))
  (import "env" "memory" (memory 1))
  (import "a" "ask" (func $ask (param i32 f64) (result i64)))
  (func $middle (export "middle") (param i32) (result i64)
    (call $ask (local.get 0) (f64.const 2)))
  (func (export "tail") (param i32) (result i64)
    (return_call $ask (local.get 0) (f64.const 2)))
  (func (export "straight") (call $nameless))
  (func (export "run") (result i64)
    (block $caught
      (try_table (catch_all $caught) (return (call $middle (i32.const 7)))))
    (i64.const -1))))";

Process process_of(std::string_view text, const ExecutionOptions& mode = {}) {
  ProcessOptions options;
  options.entry = "run";
  options.execution = mode;
  return ok(Process::create(ok(parse_text(text)), in_order(), options));
}

Trapped trapped_of(const Result<Outcome>& outcome) {
  if (!outcome) FAIL(to_string(outcome.error()));
  REQUIRE(std::holds_alternative<Trapped>(*outcome));
  return std::get<Trapped>(*outcome);
}

}  // namespace

TEST_CASE("a host call explains itself: names, type and index of the import") {
  Process process = process_of(asking);
  const Outcome outcome = run(process.main_thread());
  const auto import = std::get<HostCall>(outcome).import();
  REQUIRE(import.has_value());
  CHECK(import->module == "a");
  CHECK(import->name == "ask");
  CHECK(import->type == FuncType{{i32, f64}, {i64}});
  CHECK(import->index == FuncIdx{1});
  CHECK(ok(process.main_thread().pending_host_call()).import()->name == "ask");

  const Thread other = ok(process.start_thread("straight"));
  const auto nameless = std::get<HostCall>(run(other)).import();
  REQUIRE(nameless.has_value());
  CHECK(nameless->module.empty());
  CHECK(nameless->index == FuncIdx{0});
}

TEST_CASE("the resolver is told the index of each imported function") {
  std::vector<std::uint32_t> indexes;
  const Resolver resolver = [&](const FunctionImport& import) {
    indexes.push_back(import.index.value);
    return std::optional<std::uint64_t>(0);
  };
  ProcessOptions options;
  options.entry = "run";
  ok(Process::create(ok(parse_text(asking)), resolver, options));
  CHECK(indexes == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("a store's host functions have no names to tell") {
  Store store;
  const Thread thread = ok(store.start_thread(ok(store.make_function({{}, {}}, 3))));
  const Outcome outcome = run(thread);
  REQUIRE(std::holds_alternative<HostCall>(outcome));
  CHECK_FALSE(std::get<HostCall>(outcome).import().has_value());
}

TEST_CASE("the host answers a call with a trap, which no guest catches") {
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(asking, mode);
    const Thread thread = process.main_thread();
    static_cast<void>(expect_call(thread, 1));
    const auto before = ok(thread.backtrace(all_frames));
    const Trapped trapped = trapped_of(process.main_thread().trap("no such tool"));
    CHECK(trapped.trap == Trap::host_trap);
    CHECK(trapped.message == "no such tool");
    CHECK(process.poisoned());
    CHECK(ok(thread.trapped()).message == "no such tool");
    CHECK(ok(thread.state()) == ThreadState::trapped);
    const auto trace = ok(thread.backtrace(all_frames));
    REQUIRE(trace.size() == before.size());
    for (std::size_t i = 0; i < trace.size(); ++i) {
      CHECK(trace[i].function == before[i].function);
      CHECK(trace[i].offset == before[i].offset);
    }
    CHECK(run_error(thread) == ErrorCode::process_poisoned);
  }
}

TEST_CASE("a trap answers a tail call, and the call of a thread's own function, as well") {
  for (const ExecutionOptions& mode : modes()) {
    Process process = process_of(asking, mode);
    Thread tail = ok(process.start_thread("tail", {Value::i32(1)}));
    static_cast<void>(expect_call(tail, 1));
    CHECK(trapped_of(tail.trap("")).message.empty());
    CHECK(ok(tail.frame_count()) == 1);

    Process imported = process_of(asking, mode);
    Thread own = ok(imported.start_thread(FuncIdx{0}));
    static_cast<void>(expect_call(own, 0));
    CHECK(trapped_of(own.trap("x")).trap == Trap::host_trap);
    CHECK(ok(own.frame_count()) == 0);
  }
}

TEST_CASE("who waits for no host call cannot be answered with a trap") {
  Process process = process_of(asking);
  CHECK(error_of(process.main_thread().trap("early")) == ErrorCode::no_host_call);
  CHECK(error_of(process.main_thread().trapped()) == ErrorCode::no_such_thread);
  CHECK(error_of(process.thread(5).trap("nobody")) == ErrorCode::no_such_thread);
  static_cast<void>(expect_call(process.main_thread(), 1));
  static_cast<void>(trapped_of(process.main_thread().trap("once")));
  CHECK(error_of(process.main_thread().trap("twice")) == ErrorCode::process_poisoned);
}

TEST_CASE("of a long message of the host's the first 1000 bytes are kept") {
  Process process = process_of(asking);
  static_cast<void>(expect_call(process.main_thread(), 1));
  CHECK(trapped_of(process.main_thread().trap(std::string(5000, 'x'))).message ==
        std::string(1000, 'x'));
}

TEST_CASE("a trap of the host's is in the snapshot, with its message") {
  Process process = process_of(asking);
  static_cast<void>(expect_call(process.main_thread(), 1));
  static_cast<void>(trapped_of(process.main_thread().trap("it is \"gone\"\n")));
  const auto bytes = ok(process.snapshot());
  Process again = ok(Process::restore(process.module(), bytes, in_order()));
  CHECK(ok(again.main_thread().trapped()).trap == Trap::host_trap);
  CHECK(ok(again.main_thread().trapped()).message == "it is \"gone\"\n");
  CHECK(ok(again.main_thread().frame_count()) == 2);
  CHECK(ok(again.snapshot()) == bytes);
}

TEST_CASE("in a store a trap of the host's ends its thread alone") {
  const Module module = ok(parse_text(R"((module (import "a" "ask" (func $ask))
    (func (export "run") (call $ask))))"));
  Store store;
  Linker linker;
  linker.define("a", "ask", ok(store.make_function({{}, {}}, 0)));
  const InstanceRef instance = ok(linker.instantiate(store, module));
  Thread first = ok(store.start_thread(ok(instance.function("run"))));
  const Thread second = ok(store.start_thread(ok(instance.function("run"))));
  static_cast<void>(expect_call(first, 0));
  static_cast<void>(expect_call(second, 0));
  CHECK(trapped_of(first.trap("one")).message == "one");
  CHECK(expect_finish(second).empty());
}

// --- given up
// -------------------------------------------------------------------------------------

TEST_CASE("a dropped thread is gone, and the others go on") {
  Process process = process_of(asking);
  const Thread other = ok(process.start_thread("straight"));
  static_cast<void>(expect_call(other, 0));
  ok(process.drop_thread(other.id()));
  CHECK(error_of(other.state()) == ErrorCode::no_such_thread);
  CHECK(process.threads() == std::vector<ThreadId>{0});
  CHECK_FALSE(process.poisoned());
  static_cast<void>(expect_call(process.main_thread(), 1));
  CHECK(error_of(process.drop_thread(other.id())) == ErrorCode::no_such_thread);
}

TEST_CASE("whoever drops the main thread gives the process up") {
  Process process = process_of(asking);
  const Thread other = ok(process.start_thread("straight"));
  ok(process.drop_thread(0));
  CHECK(process.poisoned());
  CHECK(run_error(other) == ErrorCode::process_poisoned);
  CHECK(process.threads() == std::vector<ThreadId>{other.id()});
}

TEST_CASE("a process that is given up can be read and not run") {
  Process process = process_of(asking);
  static_cast<void>(expect_call(process.main_thread(), 1));
  process.poison();
  CHECK(process.poisoned());
  CHECK(run_error(process.main_thread(), {Value::i64(1)}) == ErrorCode::process_poisoned);
  CHECK(ok(process.main_thread().pending_host_call()).number == 1);
  CHECK(ok(process.main_thread().frame_count()) == 2);
  CHECK(error_of(process.start_thread("straight")) == ErrorCode::process_poisoned);
  const Process again = ok(Process::restore(process.module(), ok(process.snapshot()), in_order()));
  CHECK(again.poisoned());
}

TEST_CASE("a thread that waits in a line is dropped out of it") {
  const Module module = ok(parse_text(R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "wait") (result i32)
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
    (func (export "wake") (result i32) (memory.atomic.notify (i32.const 0) (i32.const 9)))))"));
  Process process = ok(Process::create(module, no_imports, ProcessOptions::library()));
  const Thread first = ok(process.start_thread("wait"));
  const Thread second = ok(process.start_thread("wait"));
  CHECK(std::holds_alternative<Waiting>(run(first)));
  CHECK(std::holds_alternative<Waiting>(run(second)));
  ok(process.drop_thread(first.id()));
  CHECK(expect_finish(ok(process.start_thread("wake"))) == Values{Value::i32(1)});
  CHECK(expect_finish(second) == Values{Value::i32(0)});
}
