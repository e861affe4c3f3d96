// Fuel and interruption: docs/fuel.md, rule by rule, in every mode.
#include "fermata/fuel.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

std::vector<ExecutionOptions> metered_modes() {
  std::vector<ExecutionOptions> all = modes();
  for (ExecutionOptions& mode : all) mode.metering = true;
  return all;
}

/// A metered process of a module in the text format, whose threads the test starts.
Process process_of(std::string_view text, const ExecutionOptions& mode) {
  ProcessOptions options;
  options.execution = mode;
  return ok(Process::create(ok(parse_text(text)), in_order(), options));
}

/// What a call of the export `run` uses.
std::uint64_t fuel_of(std::string_view text, const ExecutionOptions& mode, Values arguments = {}) {
  Alone alone(text, mode);
  static_cast<void>(alone.run(std::move(arguments)));
  return alone.store.fuel()->used();
}

/// Checks what a call of `run` uses, in all modes.
void check_fuel(std::string_view text, std::uint64_t expected, Values arguments = {}) {
  for (const ExecutionOptions& mode : metered_modes()) {
    INFO(text);
    CHECK(fuel_of(text, mode, arguments) == expected);
  }
}

constexpr std::string_view spinning = R"((module (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (i32.store (i32.const 0) (local.get $i))
      (br $again)))))";

std::int32_t rounds_of(Process& process) {
  std::array<std::byte, 4> bytes{};  // the lowest first, also on a big-endian machine
  ok(process.memory()->read(0, bytes));
  std::int32_t rounds = 0;
  for (std::size_t i = bytes.size(); i-- > 0;)
    rounds = rounds << 8 | std::to_integer<int>(bytes[i]);
  return rounds;
}

}  // namespace

TEST_CASE("without metering there is no fuel") {
  Process process = process_of(spinning, {});
  CHECK_FALSE(process.fuel());
  CHECK_FALSE(Store().fuel());
}

TEST_CASE("fuel counts instructions, but not those that only give shape") {
  check_fuel(R"((module (func (export "run"))))", 0);
  check_fuel(R"((module (func (export "run") (nop) (block (nop)) (drop (i32.const 1)))))", 2);
  check_fuel(R"((module (func (export "run") (block (loop (block))))))", 0);
}

TEST_CASE("of an if one branch is charged") {
  constexpr std::string_view text = R"((module (func (export "run") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (i32.const 2)))
      (else (i32.const 3)))
    (nop)
    (i32.add (i32.const 4)))))";
  check_fuel(text, 7, {Value::i32(1)});
  check_fuel(text, 5, {Value::i32(0)});
}

TEST_CASE("a block is charged as a whole when it is entered") {
  // The trap is at the second of five instructions.
  check_fuel(R"((module (memory 0) (func (export "run")
    (drop (i32.load (i32.const 0))) (drop (i32.const 1)))))",
             5);
  check_fuel(R"((module (func (export "run") (unreachable))))", 1);
  // Where a loop is left in the middle, what follows in it is not charged.
  check_fuel(R"((module (func (export "run") (local i32)
    (block (loop
      (br_if 1 (i32.eq (local.get 0) (i32.const 3)))
      (local.set 0 (i32.add (local.get 0) (i32.const 1)))
      (br 0))))))",
             4 * 4 + 3 * 5);
}

TEST_CASE("a branch by a table charges the block that it goes to") {
  constexpr std::string_view text = R"((module (func (export "run") (param i32) (result i32)
    (block $c (block $b (block $a
      (br_table $a $b $c (local.get 0)))
      (drop (i32.const 1)) (br $c))
      (drop (i32.const 1)) (drop (i32.const 2)) (drop (i32.const 3)))
    (i32.const 7))))";
  check_fuel(text, 2 + 3 + 1, {Value::i32(0)});
  check_fuel(text, 2 + 6 + 1, {Value::i32(1)});
  check_fuel(text, 2 + 1, {Value::i32(2)});
}

TEST_CASE("calls charge what is called, and one for the call itself") {
  check_fuel(R"((module
    (func $inner (drop (i32.const 1)))
    (func (export "run") (call $inner) (call $inner) (drop (i32.const 1)))))",
             4 + 2 * 2);
  check_fuel(R"((module
    (func $last (param i32) (result i32) (local.get 0))
    (func (export "run") (result i32) (return_call $last (i32.const 1)))))",
             2 + 1);
}

TEST_CASE("what depends on a size costs one unit for 64 full bytes") {
  check_fuel(R"((module (memory 1) (func (export "run")
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 127)))))",
             4 + 1);
  check_fuel(R"((module (memory 1) (func (export "run")
    (memory.copy (i32.const 0) (i32.const 1) (i32.const 6400)))))",
             4 + 100);
  check_fuel(R"((module (memory 1 3) (func (export "run")
    (drop (memory.grow (i32.const 2))) (drop (memory.grow (i32.const 2))))))",
             6 + 2 * 1024);
  check_fuel(R"((module (table 0 funcref) (func (export "run")
    (drop (table.grow (ref.null func) (i32.const 17))))))",
             4 + 2);
  check_fuel(R"((module (type $bytes (array (mut i8))) (func (export "run")
    (drop (array.new $bytes (i32.const 1) (i32.const 640))))))",
             4 + (16 + 640) / 64);
  // One that traps costs nothing for its size.
  check_fuel(R"((module (memory 1) (func (export "run")
    (memory.fill (i32.const 1) (i32.const 1) (i32.const 65536)))))",
             4);
}

TEST_CASE("elements of tables and arrays, and what segments hold, cost by their bytes as well") {
  const std::string bytes(80, 'x');
  check_fuel(R"((module (memory 1) (data $d ")" + bytes + R"(") (func (export "run")
    (memory.init $d (i32.const 0) (i32.const 0) (i32.const 79)))))",
             4 + 1);
  check_fuel(R"((module (table 20 funcref) (func (export "run")
    (table.fill (i32.const 0) (ref.null func) (i32.const 16)))))",
             4 + 2);
  check_fuel(R"((module (table 40 funcref) (func (export "run")
    (table.copy (i32.const 0) (i32.const 1) (i32.const 24)))))",
             4 + 3);
  check_fuel(R"((module (table 20 funcref) (func $f) (elem $e func $f $f $f $f $f $f $f $f $f)
    (func (export "run") (table.init $e (i32.const 0) (i32.const 0) (i32.const 9)))))",
             4 + 1);
  const std::string array =
      R"((module (type $bytes (array (mut i8))) (type $functions (array (mut funcref)))
    (data $d ")" +
      bytes + R"(") (func $f) (elem $e func $f $f $f $f $f $f $f $f $f)
    (func (export "run") (local $a (ref null $bytes)) (local $b (ref null $functions))
      (local.set $a (array.new_default $bytes (i32.const 640))) )";
  const std::uint64_t made = 3 + (16 + 640) / 64;
  check_fuel(
      array + "(array.fill $bytes (local.get $a) (i32.const 0) (i32.const 1) (i32.const 128))))",
      made + 5 + 2);
  check_fuel(
      array +
          R"((array.copy $bytes $bytes (local.get $a) (i32.const 0) (local.get $a) (i32.const 64)
      (i32.const 192)))))",
      made + 6 + 3);
  check_fuel(
      array +
          "(array.init_data $bytes $d (local.get $a) (i32.const 0) (i32.const 0) (i32.const 79))))",
      made + 5 + 1);
  check_fuel(array + R"((local.set $b (array.new_default $functions (i32.const 16)))
      (array.init_elem $functions $e (local.get $b) (i32.const 0) (i32.const 0) (i32.const 9)))))",
             made + 3 + (16 + 128) / 64 + 5 + 1);
}

TEST_CASE("an exception leaves its block charged as a whole, and the handler's block is charged") {
  check_fuel(R"((module (tag $e)
    (func $throws (throw $e))
    (func (export "run")
      (block $caught
        (try_table (catch_all $caught)
          (call $throws) (drop (i32.const 1)) (drop (i32.const 2))))
      (drop (i32.const 3)))))",
             5 + 1 + 2);
}

TEST_CASE("a thread pauses where a function or a loop begins, and goes on") {
  for (const ExecutionOptions& mode : metered_modes()) {
    Process process = process_of(spinning, mode);
    FuelRef fuel = *process.fuel();
    CHECK(fuel.limit() == FuelRef::unlimited);
    CHECK(fuel.left() == FuelRef::unlimited);

    fuel.set_limit(0);  // before the first instruction
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    CHECK(fuel.used() == 0);
    CHECK(process.main_thread().state() == ThreadState::ready);
    CHECK(ok(process.main_thread().frames(1)).front().locals == Values{Value::i32(0)});

    fuel.set_limit(70);  // eight units a round
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    CHECK(fuel.used() == 72);
    CHECK(fuel.left() == 0);
    CHECK(rounds_of(process) == 9);
    const auto frames = ok(process.main_thread().frames(1));
    CHECK(frames.front().at_safe_point);
    CHECK(frames.front().locals == Values{Value::i32(9)});
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));  // nothing was added
    CHECK(fuel.used() == 72);

    fuel.set_left(8);
    CHECK(fuel.left() == 8);
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    CHECK(rounds_of(process) == 10);
    CHECK(run_error(process.main_thread(), {Value::i32(1)}) == ErrorCode::wrong_value_count);
  }
}

TEST_CASE("fuel is that of all threads, and of a process that was reset none is used") {
  for (const ExecutionOptions& mode : metered_modes()) {
    ProcessOptions options;
    options.execution = mode;
    options.resettable = true;
    Process process = ok(Process::create(ok(parse_text(spinning)), in_order(), options));
    process.fuel()->set_limit(16);
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    Thread other = ok(process.start_thread(FuncIdx{0}));
    CHECK(std::holds_alternative<OutOfFuel>(run(other)));
    CHECK(process.fuel()->used() == 16);
    ok(process.reset());
    CHECK(process.fuel()->used() == 0);
    CHECK(process.fuel()->limit() == 16);
  }
}

TEST_CASE("a long fill or copy pauses between its pieces, with the rest in its operands") {
  constexpr std::string_view text = R"((module (memory (export "memory") 64)
    (func (export "fill") (memory.fill (i32.const 100) (i32.const 7) (i32.const 200000)))
    (func (export "up") (memory.copy (i32.const 50) (i32.const 100) (i32.const 200000)))
    (func (export "down") (memory.copy (i32.const 300) (i32.const 100) (i32.const 200000)))
    (func (export "_start"))))";
  for (const ExecutionOptions& mode : metered_modes()) {
    for (const std::string_view name : {"fill", "up", "down"}) {
      ExecutionOptions at_once = mode;
      at_once.metering = false;
      Process expected = process_of(text, at_once);
      Process process = process_of(text, mode);
      std::vector<std::byte> bytes(300'000);
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 >> 3);
      ok(expected.memory()->write(0, bytes));
      ok(process.memory()->write(0, bytes));
      static_cast<void>(expect_finish(ok(expected.start_thread(name))));

      Thread thread = ok(process.start_thread(name));
      FuelRef fuel = *process.fuel();
      fuel.set_limit(1);
      for (std::int32_t left = 200'000 - 65'536; left > 0; left -= 65'536) {
        CHECK(std::holds_alternative<OutOfFuel>(run(thread)));
        const std::uint64_t used = fuel.used();
        CHECK(std::holds_alternative<OutOfFuel>(run(thread)));  // nothing was added
        CHECK(fuel.used() == used);
        fuel.set_left(1);
        const auto frame = ok(thread.frames(1)).front();
        REQUIRE(frame.operands.size() == 3);
        CHECK(frame.operands[2] == Value::i32(left));
        const bool moves = name != "down";
        CHECK(frame.operands[0].as_i32() == (name == "fill" ? 100
                                             : name == "up" ? 50
                                                            : 300) +
                                                (moves ? 200'000 - left : 0));
      }
      static_cast<void>(expect_finish(thread));
      CHECK(fuel.used() == 4 + 200'000 / 64);
      const auto memory = ok(process.memory()->view(0, bytes.size()));
      CHECK(std::ranges::equal(memory, ok(expected.memory()->view(0, bytes.size()))));
    }
  }
}

TEST_CASE("an interruption pauses the thread that runs, or the one that is run next") {
  for (const ExecutionOptions& mode : metered_modes()) {
    Process process = process_of(spinning, mode);
    const Interrupter interrupter = process.fuel()->interrupter();
    interrupter.interrupt();
    interrupter.interrupt();
    CHECK(std::holds_alternative<Interrupted>(run(process.main_thread())));
    CHECK(rounds_of(process) == 0);

    // The guest's own memory says that it runs.
    const auto rounds = ok(process.memory()->view(0, 4));
    std::thread other([&] {
      while (*static_cast<volatile std::byte*>(rounds.data()) == std::byte{0}) {
      }
      interrupter.interrupt();
    });
    CHECK(std::holds_alternative<Interrupted>(run(process.main_thread())));  // else it never ends
    other.join();
    CHECK(rounds_of(process) != 0);
    CHECK(process.main_thread().state() == ThreadState::ready);

    // Setting a limit loses no interruption, and puts none off.
    interrupter.interrupt();
    process.fuel()->set_left(80);
    CHECK(std::holds_alternative<Interrupted>(run(process.main_thread())));
    CHECK(process.fuel()->left() == 80);
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    CHECK(process.fuel()->left() == 0);
  }
}

TEST_CASE("a signal handler may interrupt") {
  static std::optional<Interrupter> interrupter;
  for (const ExecutionOptions& mode : metered_modes()) {
    Process process = process_of(R"((module (import "env" "raise" (func $raise))
      (func (export "_start") (call $raise) (loop (br 0)))))",
                                 mode);
    interrupter = process.fuel()->interrupter();
    static_cast<void>(expect_call(process.main_thread(), 0));
    const auto before = std::signal(SIGINT, [](int) { interrupter->interrupt(); });
    REQUIRE(std::raise(SIGINT) == 0);
    static_cast<void>(std::signal(SIGINT, before));
    CHECK(std::holds_alternative<Interrupted>(run(process.main_thread())));
  }
}

TEST_CASE("what is left of the fuel never becomes unlimited by adding") {
  ExecutionOptions metered;
  metered.metering = true;
  Process process = process_of(spinning, metered);
  process.fuel()->set_left(FuelRef::unlimited - 1);
  CHECK(process.fuel()->limit() == FuelRef::unlimited - 1);
  process.fuel()->set_left(100);
  CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
  process.fuel()->set_left(FuelRef::unlimited - 1);
  CHECK(process.fuel()->limit() == FuelRef::unlimited - 1);
  process.fuel()->set_left(FuelRef::unlimited);
  CHECK(process.fuel()->limit() == FuelRef::unlimited);
}

TEST_CASE("an interrupter may outlive its process") {
  const auto interrupter = [] {
    ExecutionOptions metered;
    metered.metering = true;
    return process_of(spinning, metered).fuel()->interrupter();
  }();
  interrupter.interrupt();
}

TEST_CASE("a recursion without a loop can be paused as well") {
  constexpr std::string_view text = R"((module
    (func $deeper (export "_start") (call $deeper))))";
  for (const ExecutionOptions& mode : metered_modes()) {
    Process process = process_of(text, mode);
    process.fuel()->set_limit(100);
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    CHECK(process.fuel()->used() == 100);
    CHECK(process.main_thread().frame_count() == 101u);
    process.fuel()->set_limit(FuelRef::unlimited);
    CHECK(expect_trap(process.main_thread()) == Trap::call_stack_exhausted);
  }
}

TEST_CASE("objects are kept while a thread is out of fuel and another collects") {
  constexpr std::string_view text = R"((module
    (type $box (struct (field i32)))
    (func $spins (export "_start") (local $kept (ref null $box))
      (local.set $kept (struct.new $box (i32.const 42)))
      (block $done
        (loop $again
          (br_if $done (i32.ne (struct.get $box 0 (local.get $kept)) (i32.const 42)))
          (br $again)))
      (unreachable))
    (func (export "churn") (local $i i32)
      (loop $again
        (drop (struct.new $box (local.get $i)))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.const 10000)))))))";
  for (ExecutionOptions mode : metered_modes()) {
    mode.max_heap_bytes = 4096;
    Process process = process_of(text, mode);
    process.fuel()->set_limit(100);
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
    process.fuel()->set_limit(FuelRef::unlimited);
    static_cast<void>(expect_finish(ok(process.start_thread("churn"))));
    process.fuel()->set_left(10'000);
    CHECK(std::holds_alternative<OutOfFuel>(run(process.main_thread())));
  }
}
