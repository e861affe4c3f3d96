// wasi-threads: `thread-spawn` makes a thread, whose turn the embedder chooses.
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"
#include "tests/wasi/world.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::string_view spawning = R"((module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (export "memory" (memory 0))
  (func (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (i32.store (local.get $argument) (local.get $thread)))
  (func (export "_start") (result i32 i32)
    (call $spawn (i32.const 16)) (call $spawn (i32.const 20)))))";

wasi::Wasi quiet_world() { return ok(wasi::Wasi::create({.in = {}, .out = {}, .err = {}})); }

/// Runs the main thread, whose calls are answered.
Values run_main(Process& process, wasi::Wasi& world) {
  Outcome outcome = run(process.main_thread());
  while (const auto* call = std::get_if<HostCall>(&outcome)) {
    REQUIRE(wasi::Wasi::owns(call->number));
    outcome =
        run(process.main_thread(), {std::get<wasi::Resume>(world.handle(process, *call)).result});
  }
  const auto results = std::get<Finished>(outcome).results;
  return {results.begin(), results.end()};
}

Process process_of(std::string_view text, ProcessOptions options = {}) {
  options.allow_reexported_memory = true;
  return ok(Process::create(ok(parse_text(text)), wasi::Wasi::resolve, options));
}

}  // namespace

TEST_CASE("thread-spawn makes threads that are paused, and gives their numbers") {
  Process process = process_of(spawning);
  wasi::Wasi world = quiet_world();
  Outcome outcome = run(process.main_thread());
  for (std::int32_t number = 1; number <= 2; ++number) {
    const auto answer = world.handle(process, std::get<HostCall>(outcome));
    CHECK(std::get<wasi::Resume>(answer).result == Value::i32(number));
    const ThreadId spawned = process.threads().back();
    CHECK(process.threads().size() == 2);
    CHECK(expect_finish(process.thread(spawned)).empty());
    std::byte first{};
    ok(process.memory()->read(static_cast<std::uint64_t>(12 + 4 * number), {&first, 1}));
    CHECK(std::to_integer<int>(first) == number);
    outcome = run(process.main_thread(), {std::get<wasi::Resume>(answer).result});
  }
  CHECK(std::get<Finished>(outcome).results[1] == Value::i32(2));
}

TEST_CASE("a thread that cannot be made is a negative number for the guest") {
  wasi::Wasi world = quiet_world();
  constexpr std::int32_t again = -6, nosys = -52;
  SECTION("there is no function for it") {
    constexpr std::string_view text = R"((module
      (import "env" "memory" (memory 1 1 shared))
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (func (export "_start") (result i32) (call $spawn (i32.const 0)))))";
    Process process = process_of(text);
    CHECK(run_main(process, world) == Values{Value::i32(nosys)});
  }
  SECTION("there is no shared memory") {
    CHECK(std::get<wasi::Resume>(World().ask("thread-spawn", {0})).result == Value::i32(nosys));
  }
  SECTION("the budget has no room for it") {
    ProcessOptions options;
    options.execution.max_bytes = 67'000;
    Process process = process_of(spawning, options);
    const Values numbers = run_main(process, world);
    CHECK(numbers[1] == Value::i32(again));
  }
}
