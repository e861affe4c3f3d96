// embedding: the pieces of docs/embedding.md, as one program. A line `// --- ` begins a chapter.
#include <array>
#include <chrono>
#include <cstdio>
#include <fermata/fermata.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace fermata;

namespace {

Module load(std::string_view text) { return parse_text(text).value(); }

// --- hello ---------------------------------------------------------------------------------------

constexpr std::string_view asking = R"((module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (import "host" "tell" (func $tell (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "forty-two")
  (func (export "_start")
    (if (i32.eq (call $ask (i32.const 6)) (i32.const 42))
      (then (call $tell (i32.const 16) (i32.const 9)))))))";

enum Call : std::uint64_t { ask, tell };

std::optional<std::uint64_t> resolve(const FunctionImport& import) {
  if (import.module != "host") return std::nullopt;
  if (import.name == "ask") return ask;
  if (import.name == "tell") return tell;
  return std::nullopt;
}

void answer_questions(const Module& module) {
  Process process = Process::create(module, resolve).value();
  Thread thread = process.main_thread();
  Result<Outcome> outcome = thread.run();
  while (outcome) {
    const auto* call = std::get_if<HostCall>(&*outcome);
    if (call == nullptr) break;  // finished, or trapped
    switch (call->number) {
      case ask:
        outcome = thread.run({Value::i32(7 * call->arguments[0].as_i32())});
        break;
      case tell: {
        const auto text =
            process.memory()->string(call->arguments[0].as_u32(), call->arguments[1].as_u32());
        std::printf("the guest says: %s\n", text ? text->c_str() : "nothing that it has");
        outcome = thread.run();
        break;
      }
    }
  }
}

// --- errors --------------------------------------------------------------------------------------

void show_errors() {
  const auto module = parse_text("(module (func (export \"_start\") (result i32) (i64.const 1)))");
  if (!module) std::printf("%s\n", to_string(module.error()).c_str());

  const auto process = Process::create(load(asking), no_imports);
  if (!process && process.error().code == ErrorCode::unresolved_function_import) {
    std::printf("%s\n", to_string(process.error()).c_str());
  }
}

void show_trap() {
  Process process = Process::create(load(R"((module
    (func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
    (func (export "_start") (drop (call $divide (i32.const 0))))))"),
                                    no_imports)
                        .value();
  const auto outcome = process.main_thread().run().value();
  if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
    std::printf("trap: %s\n", to_string(trapped->trap).data());
    const auto trace = process.main_thread().backtrace(20).value();
    for (const TraceEntry& entry : trace) {
      std::printf("  at 0x%x in function %u %s\n", static_cast<unsigned>(entry.offset),
                  entry.function.value, std::string(entry.function_name).c_str());
    }
  }
}

// --- libraries -----------------------------------------------------------------------------------

constexpr std::string_view sums = R"((module
  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (func (export "sum") (param $at i32) (param $count i32) (result i64) (local $sum i64)
    (loop $next
      (if (local.get $count) (then
        (local.set $sum (i64.add (local.get $sum) (i64.load32_s (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next))))
    (local.get $sum))))";

std::int64_t sum(Process& library, std::span<const std::int32_t> numbers) {
  const std::uint32_t at = library.global("__heap_base").value().as_u32();
  MemoryRef memory = library.memory().value();
  for (std::uint32_t i = 0; i < numbers.size(); ++i) {
    if (!memory.store(at + 4 * i, numbers[i])) return 0;  // it does not fit
  }
  const auto count = static_cast<std::uint32_t>(numbers.size());
  Thread call = library.start_thread("sum", {Value::u32(at), Value::u32(count)}).value();
  const Outcome outcome = call.run().value();
  return std::get<Finished>(outcome).results[0].as_i64();
}

void call_library() {
  Process library = Process::create(load(sums), no_imports, ProcessOptions::library()).value();
  std::printf("sums: %d", static_cast<int>(sum(library, std::array{1, 2, 3})));
  std::printf(" %d\n", static_cast<int>(sum(library, std::array{-10, 10, 5})));
}

// --- traps of the host's -------------------------------------------------------------------------

void refuse_call(const Module& module) {
  Process process = Process::create(module, resolve).value();
  Thread thread = process.main_thread();
  auto outcome = thread.run().value();
  if (const auto* call = std::get_if<HostCall>(&outcome)) {
    const FunctionImport import = call->import().value();
    outcome = thread.trap("nobody answers " + std::string(import.name)).value();
  }
  const auto& trapped = std::get<Trapped>(outcome);
  std::printf("%s: %s\n", to_string(trapped.trap).data(), std::string(trapped.message).c_str());
}

// --- files ---------------------------------------------------------------------------------------

constexpr std::string_view reader = R"((module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\00\01\00\00")  ;; one vector: 256 bytes at 64
  (data (i32.const 32) "hello.txt")
  (func (export "_start")
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 9) (i32.const 0)
                      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))
    (drop (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))))";

std::shared_ptr<wasi::OpenDirectory> greetings() {
  auto directory = wasi::memory_directory();
  auto opened = directory->open("hello.txt", {.write = true, .create = true}).value();
  const std::string_view text = "hello from a file";
  const auto& file = std::get<std::shared_ptr<wasi::OpenFile>>(opened);
  static_cast<void>(file->write_at(0, std::as_bytes(std::span(text))));
  return directory;
}

int run_program(const Module& module, wasi::Config config) {
  auto world = wasi::Wasi::create(std::move(config)).value();
  Process process = Process::create(module, wasi::Wasi::resolve).value();
  Thread thread = process.main_thread();
  auto outcome = thread.run();
  while (outcome) {
    const auto* call = std::get_if<HostCall>(&*outcome);
    if (call == nullptr) return std::holds_alternative<Finished>(*outcome) ? 0 : 134;
    auto answer = world.handle(process, *call);
    while (const auto* blocked = std::get_if<wasi::Blocked>(&answer)) {
      const bool is_over = !wasi::wait_for(*blocked);
      answer = world.handle(process, *call, {.time_is_over = is_over});
    }
    if (const auto* exited = std::get_if<wasi::Exited>(&answer)) return int(exited->code);
    const auto& resume = std::get<wasi::Resume>(answer);
    std::this_thread::sleep_for(resume.delay);
    outcome = thread.run({resume.result});
  }
  return 134;
}

void read_file() {
  std::string output;
  const int code = run_program(load(reader), {.arguments = {"reader"},
                                              .directories = {{.guest = "/", .root = greetings()}},
                                              .out = wasi::bytes_sink(&output)});
  std::printf("it ended with %d and wrote: %s\n", code, output.c_str());
}

// --- WASI and more -------------------------------------------------------------------------------

constexpr std::uint64_t replaced_write = 1;

std::optional<std::uint64_t> with_own_write(const FunctionImport& import) {
  if (import.name == "fd_write") return replaced_write;
  return wasi::Wasi::resolve(import);
}

wasi::Answer counted_write(wasi::Wasi& world, Process& process, const HostCall& call, int& writes) {
  ++writes;
  const std::uint64_t number = wasi::Wasi::resolve(*call.import()).value();
  return world.handle(process, {number, call.arguments});
}

void replace_function() {
  std::string output;
  auto world = wasi::Wasi::create({.directories = {{.guest = "/", .root = greetings()}},
                                   .out = wasi::bytes_sink(&output)})
                   .value();
  Process process = Process::create(load(reader), with_own_write).value();
  int writes = 0;
  auto outcome = process.main_thread().run().value();
  while (const auto* call = std::get_if<HostCall>(&outcome)) {
    const auto answer = call->number == replaced_write
                            ? counted_write(world, process, *call, writes)
                            : world.handle(process, *call);
    outcome = process.main_thread().run({std::get<wasi::Resume>(answer).result}).value();
  }
  std::printf("%d write of \"%s\"; descriptor 4 is %s\n", writes, output.c_str(),
              world.descriptor(4) ? "open" : "closed");
}

// --- threads -------------------------------------------------------------------------------------

constexpr std::string_view workers = R"((module
  (import "host" "tell" (func $tell (param i32 i32)))
  (func $work (param $id i32) (local $step i32)
    (loop $next
      (call $tell (local.get $id) (local.get $step))
      (local.set $step (i32.add (local.get $step) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $step) (i32.const 2)))))
  (func (export "work") (param i32) (call $work (local.get 0)))
  (func (export "_start") (call $work (i32.const 0)))))";

void take_turns() {
  Process process = Process::create(load(workers), resolve).value();
  for (int i = 1; i <= 2; ++i) {
    const Thread worker = process.start_thread("work", {Value::i32(i)}).value();
    std::printf("thread %u is new and paused\n", worker.id());
  }
  while (!process.poisoned()) {  // which the end of the main thread makes it
    for (const ThreadId id : process.threads()) {
      const auto outcome = process.thread(id).run().value();
      const auto* call = std::get_if<HostCall>(&outcome);
      if (call == nullptr) break;
      std::printf("thread %d: step %d\n", call->arguments[0].as_i32(), call->arguments[1].as_i32());
    }
  }
}

// --- limits --------------------------------------------------------------------------------------

constexpr std::string_view greedy = R"((module
  (memory (export "memory") 1)
  (func (export "spin") (loop $again (br $again)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1000)))))";

ProcessOptions tight() {
  ProcessOptions options = ProcessOptions::library();
  options.execution.max_bytes = 8 << 20;
  options.execution.max_stack_bytes = 64 << 10;
  options.execution.metering = true;
  return options;
}

void hold_to_limits() {
  Process process = Process::create(load(greedy), no_imports, tight()).value();
  const auto grown = process.start_thread("grow").value().run().value();
  std::printf("memory.grow gives %d\n", std::get<Finished>(grown).results[0].as_i32());

  process.fuel()->set_left(1'000'000);
  Thread spinning = process.start_thread("spin").value();
  if (std::holds_alternative<OutOfFuel>(spinning.run().value())) std::printf("out of fuel\n");

  process.fuel()->set_limit(FuelRef::unlimited);
  const Interrupter interrupter = process.fuel()->interrupter();
  std::thread other([&] { interrupter.interrupt(); });
  if (std::holds_alternative<Interrupted>(spinning.run().value())) std::printf("interrupted\n");
  other.join();
}

// --- saved and gone on ---------------------------------------------------------------------------

void save_and_go_on(const Module& module) {
  Process process = Process::create(module, resolve).value();
  static_cast<void>(process.main_thread().run());  // it asks, and nobody knows the answer yet
  const std::vector<std::byte> bytes = process.snapshot().value();

  Process again = Process::restore(module, bytes, resolve).value();  // tomorrow, elsewhere
  const HostCall call = again.main_thread().pending_host_call().value();
  std::printf("it still asks %s(%d)\n", std::string(call.import()->name).c_str(),
              call.arguments[0].as_i32());

  Process other = again.fork().value();
  const auto right = again.main_thread().run({Value::i32(42)}).value();
  const auto wrong = other.main_thread().run({Value::i32(41)}).value();
  std::printf("42: it %s; 41: it %s\n",
              std::holds_alternative<HostCall>(right) ? "goes on" : "ends",
              std::holds_alternative<HostCall>(wrong) ? "goes on" : "ends");
}

// --- large modules -------------------------------------------------------------------------------

/// Two OS threads, the caller's and one more.
class Both final : public Executor {
 public:
  std::uint32_t concurrency() const override { return 2; }
  void run(std::uint32_t count, const std::function<void(std::uint32_t)>& work) override {
    std::thread other([&] {
      for (std::uint32_t i = 1; i < count; i += 2) work(i);
    });
    for (std::uint32_t i = 0; i < count; i += 2) work(i);
    other.join();
  }
};

Result<Module> load_large(const std::string& path) {
  Both both;
  return Module::load_file(path, {.executor = &both});
}

}  // namespace

int main() {
  const Module module = load(asking);
  answer_questions(module);
  show_errors();
  show_trap();
  call_library();
  refuse_call(module);
  read_file();
  replace_function();
  take_turns();
  hold_to_limits();
  save_and_go_on(module);
  std::printf("%s\n", to_string(load_large("none.wasm").error()).c_str());
}
