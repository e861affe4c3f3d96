// What the edges cost: a pause and resume for a host call, a call within WebAssembly, a process.
//
// Uses the public interface only. Prints nanoseconds, the least of several repetitions and their
// median; for calls the cost of the same loop without the call is taken away.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "fermata/fermata.hpp"

namespace {

using fermata::Dispatch;
using fermata::Module;
using fermata::Process;
using fermata::Value;

// (module
//   (import "" "host" (func $host (param i32) (result i32)))
//   (func $callee (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
//   (func (export "_start"))
//   (func (export "pauses") (local i32)
//     (loop (local.set 0 (call $host (local.get 0))) (br 0)))
//   (func (export "calls") (param i32) (result i32) (local i32)
//     (loop
//       (local.set 1 (call $callee (local.get 1)))
//       (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
//     (local.get 1))
//   (func (export "adds") (param i32) (result i32) (local i32)
//     (loop
//       (local.set 1 (i32.add (local.get 1) (i32.const 1)))
//       (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
//     (local.get 1)))
constexpr std::uint8_t calling_module[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x09, 0x02, 0x60, 0x01, 0x7f, 0x01, 0x7f,
    0x60, 0x00, 0x00, 0x02, 0x09, 0x01, 0x00, 0x04, 0x68, 0x6f, 0x73, 0x74, 0x00, 0x00, 0x03, 0x06,
    0x05, 0x00, 0x01, 0x01, 0x00, 0x00, 0x07, 0x22, 0x04, 0x06, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74,
    0x00, 0x02, 0x06, 0x70, 0x61, 0x75, 0x73, 0x65, 0x73, 0x00, 0x03, 0x05, 0x63, 0x61, 0x6c, 0x6c,
    0x73, 0x00, 0x04, 0x04, 0x61, 0x64, 0x64, 0x73, 0x00, 0x05, 0x0a, 0x4f, 0x05, 0x07, 0x00, 0x20,
    0x00, 0x41, 0x01, 0x6a, 0x0b, 0x02, 0x00, 0x0b, 0x0f, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x00,
    0x10, 0x00, 0x21, 0x00, 0x0c, 0x00, 0x0b, 0x0b, 0x18, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x01,
    0x10, 0x01, 0x21, 0x01, 0x20, 0x00, 0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01,
    0x0b, 0x19, 0x01, 0x01, 0x7f, 0x03, 0x40, 0x20, 0x01, 0x41, 0x01, 0x6a, 0x21, 0x01, 0x20, 0x00,
    0x41, 0x01, 0x6b, 0x22, 0x00, 0x0d, 0x00, 0x0b, 0x20, 0x01, 0x0b};

// (module (func (export "_start")))
constexpr std::uint8_t empty_module[] = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01,
                                         0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00,
                                         0x07, 0x0a, 0x01, 0x06, 0x5f, 0x73, 0x74, 0x61, 0x72,
                                         0x74, 0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b};

// (module (memory (export "memory") 1) (func (export "_start")))
constexpr std::uint8_t memory_module[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00,
    0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x03, 0x01, 0x00, 0x01, 0x07, 0x13, 0x02,
    0x06, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 0x02, 0x00, 0x06, 0x5f, 0x73, 0x74,
    0x61, 0x72, 0x74, 0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b};

constexpr int repetitions = 9;

template <class T>
T or_exit(fermata::Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "host_call: {}\n", to_string(result.error()));
  std::exit(1);
}

/// Nanoseconds for each of `count` things that `work` does.
template <class Work>
double nanoseconds(int count, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work(count);
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  return taken.count() / count;
}

struct Figures {
  double least;
  double median;
};

template <class Work>
Figures measure(int count, Work work) {
  std::vector<double> all;
  for (int i = 0; i < repetitions; ++i) all.push_back(nanoseconds(count, work));
  std::sort(all.begin(), all.end());
  return {all.front(), all[all.size() / 2]};
}

void print(std::string_view what, Figures figures) {
  fmt::print("{:<44}{:>10.2f}{:>10.2f}\n", what, figures.least, figures.median);
}

Process create(const Module& module, std::string entry, std::vector<Value> arguments,
               Dispatch dispatch) {
  fermata::ProcessOptions options;
  options.execution.dispatch = dispatch;
  options.entry = std::move(entry);
  options.arguments = std::move(arguments);
  const auto any_number = [](const fermata::FunctionImport&) {
    return std::optional{std::uint64_t{7}};
  };
  return or_exit(Process::create(module, any_number, options));
}

Figures measure_pauses(const Module& module, Dispatch dispatch) {
  Process process = create(module, "pauses", {}, dispatch);
  std::vector<Value> answers;  // none before the first host call
  return measure(2'000'000, [&](int count) {
    for (int i = 0; i < count; ++i) {
      const auto outcome = process.main_thread().run(answers);
      const auto* call = outcome ? std::get_if<fermata::HostCall>(&*outcome) : nullptr;
      if (call == nullptr) std::exit(1);
      answers.assign(call->arguments.begin(), call->arguments.end());
    }
  });
}

/// One iteration of an exported function's loop, start-up included: it is run for long.
Figures measure_loop(const Module& module, std::string_view name, Dispatch dispatch) {
  return measure(20'000'000, [&](int count) {
    Process process = create(module, std::string(name), {Value::i32(count)}, dispatch);
    const auto outcome = or_exit(process.main_thread().run());
    const auto* finished = std::get_if<fermata::Finished>(&outcome);
    if (finished == nullptr || finished->results[0] != Value::i32(count)) std::exit(1);
  });
}

Figures measure_creation(const Module& module, bool run) {
  return measure(20'000, [&](int count) {
    for (int i = 0; i < count; ++i) {
      Process process = or_exit(Process::create(module, fermata::no_imports));
      if (run && !process.main_thread().run()) std::exit(1);
    }
  });
}

/// Of many processes that live at the same time.
Figures measure_creation_of_many(const Module& module) {
  return measure(2'000, [&](int count) {
    std::vector<Process> all;
    all.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      all.push_back(or_exit(Process::create(module, fermata::no_imports)));
    }
  });
}

/// Of processes whose memory is written to once.
Figures measure_written(const Module& module) {
  return measure(20'000, [&](int count) {
    for (int i = 0; i < count; ++i) {
      Process process = or_exit(Process::create(module, fermata::no_imports));
      if (!process.memory()->fill(1000, 8, std::byte{1})) std::exit(1);
    }
  });
}

void print_dispatch(const Module& module, std::string_view name, Dispatch dispatch) {
  fmt::print("\n{:<44}{:>10}{:>10}\n", name, "least ns", "median ns");
  print("host call: pause and resume", measure_pauses(module, dispatch));
  const Figures adds = measure_loop(module, "adds", dispatch);
  const Figures calls = measure_loop(module, "calls", dispatch);
  print("loop with an addition", adds);
  print("loop with a call of a function that adds", calls);
  print("call and return", {calls.least - adds.least, calls.median - adds.median});
}

}  // namespace

int main() {
  const Module calling = or_exit(Module::load(calling_module));
  print_dispatch(calling, "dispatch: auto", Dispatch::auto_);
  print_dispatch(calling, "dispatch: switch", Dispatch::switch_);

  const Module empty = or_exit(Module::load(empty_module));
  const Module memory = or_exit(Module::load(memory_module));
  fmt::print("\n{:<44}{:>10}{:>10}\n", "processes", "least ns", "median ns");
  print("create and destroy, no memory", measure_creation(empty, false));
  print("create, run to the end and destroy, no memory", measure_creation(empty, true));
  print("create and destroy, 2000 at a time, no memory", measure_creation_of_many(empty));
  print("create and destroy, a memory of one page", measure_creation(memory, false));
  print("create, write to the memory and destroy", measure_written(memory));
  print("2000 at a time, a memory of one page", measure_creation_of_many(memory));
  print("load: decode and validate the empty module", measure(20'000, [](int count) {
          for (int i = 0; i < count; ++i) (void)or_exit(Module::load(empty_module));
        }));
}
