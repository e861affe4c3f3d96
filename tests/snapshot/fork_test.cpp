// Forks: as the process is, and independent of it. docs/process.md, rule 13.11.
#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

TEST_CASE("a fork is as its process is at every pause, and goes on alike, in every mode") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      for (const ExecutionOptions& mode : modes()) {
        Process process = created(module, mode);
        Player player(process, 0);
        std::vector<Process> forks;
        std::vector<std::pair<std::uint64_t, std::size_t>> places;  // pause, length of the story
        do {
          forks.push_back(ok(process.fork()));
          places.emplace_back(player.pause(), player.story().size());
          REQUIRE(ok(forks.back().snapshot()) == ok(process.snapshot()));
        } while (player.step());
        for (std::size_t i = 0; i < forks.size(); ++i) {
          Player goes_on(forks[i], 0, places[i].first);
          while (goes_on.step()) {
          }
          const std::vector<std::string> rest(
              player.story().begin() + static_cast<std::ptrdiff_t>(places[i].second),
              player.story().end());
          REQUIRE(goes_on.story() == rest);
          REQUIRE(ok(forks[i].snapshot()) == ok(process.snapshot()));
        }
      }
    }
  }
}

TEST_CASE("a fork has memory, globals and table of its own, and the links of its process") {
  const Module module = module_of(R"((module
    (import "env" "f" (func $f (result i32)))
    (memory (export "memory") 200)
    (table (export "__indirect_function_table") 2 funcref)
    (global (export "count") (mut i32) (i32.const 1))
    (elem (i32.const 0) $f)
    (data (i32.const 70000) "initial")
    (func (export "_start")
      (global.set 0 (call $f))
      (i32.store (i32.const 13000000) (global.get 0)))))");
  Process process = ok(Process::create(module, [](const FunctionImport&) { return 7; }));
  static_cast<void>(expect_call(process.main_thread(), 7));
  ok(process.memory()->write(5'000'000, std::as_bytes(std::span("touched"))));
  Process other = ok(process.fork());
  CHECK(ok(other.snapshot()) == ok(process.snapshot()));

  static_cast<void>(expect_finish(process.main_thread(), {Value::i32(4)}));
  CHECK(ok(other.global("count")) == Value::i32(1));
  CHECK(other.main_thread().state() == ThreadState::waiting_for_host_call);
  CHECK(ok(other.main_thread().pending_host_call()).number == 7);
  ok(other.table()->set(0, Value::null(funcref)));
  CHECK_FALSE(ok(process.table()->get(0)).is_null());
  static_cast<void>(expect_finish(other.main_thread(), {Value::i32(5)}));
  std::byte stored{};
  ok(process.memory()->read(13'000'000, std::span(&stored, 1)));
  CHECK(stored == std::byte{4});
  ok(other.memory()->read(13'000'000, std::span(&stored, 1)));
  CHECK(stored == std::byte{5});
}

TEST_CASE("a fork of a process that can be reset can be reset, and outlives its process") {
  const Module module = module_of(R"((module
    (memory (export "memory") 1)
    (func (export "_start") (param i32) (i32.store (i32.const 0) (local.get 0)))))");
  ProcessOptions options;
  options.resettable = true;
  options.arguments = {Value::i32(42)};
  auto process = std::make_unique<Process>(ok(Process::create(module, in_order(), options)));
  const Snapshot fresh = ok(process->snapshot());
  static_cast<void>(expect_finish(process->main_thread()));
  Process other = ok(process->fork());
  process.reset();
  CHECK(other.poisoned());
  ok(other.reset());
  CHECK(ok(other.snapshot()) == fresh);
  static_cast<void>(expect_finish(other.main_thread()));
}

TEST_CASE("a fork takes over the fuel") {
  const Module module = module_of(R"((module (func (export "_start") (loop (nop) (br 0)))))");
  ExecutionOptions metered;
  metered.metering = true;
  Process process = created(module, metered);
  process.fuel()->set_limit(100);
  CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
  Process other = ok(process.fork());
  CHECK(other.fuel()->used() == process.fuel()->used());
  CHECK(other.fuel()->left() == 0);
  process.fuel()->set_left(50);
  CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
  CHECK(other.fuel()->used() == 100);
}
