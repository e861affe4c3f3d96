// Whatever allocation is refused, a call of the library says so, or the guest traps: nothing is
// lost, and what was there goes on as before.
#include <vector>

#include "lib/binary/decoder.hpp"
#include "lib/out_of_memory.hpp"
#include "lib/validate/validate.hpp"
#include "tests/out_of_memory/verdicts.hpp"
#include "tests/snapshot/player.hpp"
#include "tests/snapshot/samples.hpp"
#include "tests/support/executors.hpp"

namespace fermata::test {
namespace {

ProcessOptions sample_options() {
  ProcessOptions options;
  options.allow_reexported_memory = true;
  options.execution.metering = true;
  return options;
}

/// What a host that knows nothing answers.
std::vector<Value> answers_to(const HostCall& call) {
  std::vector<Value> answers;
  for (const ValType type : call.import()->type.results) {
    answers.push_back(type.is_ref() ? Value::null(type) : Value::from_bits(type, 1));
  }
  return answers;
}

std::vector<Value> answers_for(Thread thread) {
  const auto call = thread.pending_host_call();
  return call ? answers_to(*call) : std::vector<Value>{};
}

Module module_of(const Sample& sample) { return ok(parse_text(sample.text, {Features::all()})); }

Process process_of(const Module& module) {
  return ok(Process::create(module, numbered_from(0), sample_options()));
}

/// Runs the main thread through so many pauses; false when it ends before.
bool reach(Process& process, int pauses) {
  for (int i = 0; i < pauses; ++i) {
    const auto outcome = process.main_thread().run(answers_for(process.main_thread()));
    if (!outcome || !std::holds_alternative<HostCall>(*outcome)) return false;
  }
  return true;
}

/// Calls work(process) with a fresh process of each sample at each of its first pauses.
template <class Work>
void at_pauses(Work work) {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const Module module = module_of(sample);
    for (int pauses = 0; pauses < 4; ++pauses) {
      Process process = process_of(module);
      if (!reach(process, pauses)) break;
      work(process);
    }
  }
}

}  // namespace

TEST_CASE("a text becomes a module, or there is no memory for it") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const std::size_t times = with_scarce_memory([&](ScarceMemory& memory) {
      const auto module = memory([&] { return parse_text(sample.text, {Features::all()}); });
      CHECK(is_right(module));
    });
#ifdef __cpp_exceptions
    CHECK(times > 50);  // or nothing was refused
#else
    static_cast<void>(times);
#endif
  }
}

TEST_CASE("a module is loaded, printed and asked, or there is no memory for it") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const auto bytes = ok(wat_to_wasm(sample.text));
    with_scarce_memory([&](ScarceMemory& memory) {
      const auto module = memory([&] { return Module::load(std::span(bytes), {Features::all()}); });
      CHECK(is_right(module));
    });
    with_scarce_memory(
        [&](ScarceMemory& memory) { CHECK(is_right(memory([&] { return wasm_to_wat(bytes); }))); });
  }
}

TEST_CASE("functions shared out among OS threads are judged, or there is no memory for it") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const auto bytes = ok(wat_to_wasm(sample.text));
    Backwards executor;
    const ValidateOptions options{.executor = &executor, .share_bytes = 1};
    with_scarce_memory([&](ScarceMemory& memory) {
      const auto module = memory([&] {
        return or_out_of_memory([&]() -> Result<Module> {
          auto data = decode(bytes, Features::all());
          if (!data) return std::unexpected(std::move(data.error()));
          return make_module(std::move(*data), Features::all(), options);
        });
      });
      CHECK(is_right(module));
    });
  }
}

TEST_CASE("a process is created, or there is no memory for it, and then it can be created again") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    const Module module = module_of(sample);
    with_scarce_memory([&](ScarceMemory& memory) {
      const auto create = [&] {
        return Process::create(module, numbered_from(0), sample_options());
      };
      const auto process = memory(create);
      if (!is_there(process)) CHECK(create());
    });
  }
}

TEST_CASE("a guest runs as always, or traps for want of memory") {
  for (const Sample& sample : samples()) {
    INFO(sample.name);
    with_scarce_memory([&](ScarceMemory& memory) {
      // Of a module of its own: code is lowered anew.
      Process process = process_of(module_of(sample));
      Thread thread = process.main_thread();
      for (int pauses = 0; pauses < 30; ++pauses) {
        const auto answers = answers_for(thread);
        const auto outcome = memory([&] { return thread.run(answers); });
        if (!goes_on(outcome) || std::holds_alternative<Finished>(*outcome)) break;
      }
      CHECK(process.snapshot());
      CHECK((process.heap_use().bytes <= process.heap_use().peak_bytes));
    });
  }
}

TEST_CASE("frames are told, or there is no memory for them, and nothing has changed") {
  at_pauses([](Process& process) {
    const auto told = ok(process.snapshot());
    for (const ThreadId id : process.threads()) {
      const Thread thread = process.thread(id);
      with_scarce_memory([&](ScarceMemory& memory) {
        CHECK(is_right(memory([&] { return thread.frames(100); })));
      });
      with_scarce_memory([&](ScarceMemory& memory) {
        CHECK(is_right(memory([&] { return thread.backtrace(100); })));
      });
      with_scarce_memory([&](ScarceMemory& memory) {
        CHECK(is_right(memory([&] { return thread.frame_count(); })));
      });
    }
    CHECK(ok(process.snapshot()) == told);
  });
}

TEST_CASE("a process is saved, or there is no memory for it, and nothing has changed") {
  at_pauses([](Process& process) {
    const auto told = ok(process.snapshot());
    with_scarce_memory([&](ScarceMemory& memory) {
      const auto saved = memory([&] { return process.snapshot(); });
      CHECK(is_right(saved));
      CHECK(ok(process.snapshot()) == told);
    });
  });
}

TEST_CASE("a process is restored, or there is no memory for it") {
  at_pauses([](Process& process) {
    const auto told = ok(process.snapshot());
    with_scarce_memory([&](ScarceMemory& memory) {
      auto restored = memory([&] {
        return Process::restore(process.module(), told, numbered_from(0), sample_options());
      });
      if (is_there(restored)) CHECK(ok(restored->snapshot()) == told);
    });
  });
}

TEST_CASE("a process is forked, or there is no memory for it, and both are as it was") {
  at_pauses([](Process& process) {
    const auto told = ok(process.snapshot());
    with_scarce_memory([&](ScarceMemory& memory) {
      auto other = memory([&] { return process.fork(); });
      if (is_there(other)) CHECK(ok(other->snapshot()) == told);
      CHECK(ok(process.snapshot()) == told);
    });
  });
}

}  // namespace fermata::test
