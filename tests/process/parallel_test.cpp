// Many processes at once, on many OS threads.
#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// Asks three times, adds the answers up in its memory, returns the sum.
ModuleBuilder adding() {
  ModuleBuilder m;
  const FuncIdx ask = m.import_func("env", "ask", m.type({}, {i32}));
  m.memory(1);
  m.export_memory("memory");
  const FuncIdx add = m.func({i32}, {},
                             {i32_const(0), i32_const(0), load(WasmOp::i32_load), local_get(0),
                              op(WasmOp::i32_add), store(WasmOp::i32_store)});
  m.export_func("_start", m.func({}, {i32},
                                 {call(ask), call(add), call(ask), call(add), call(ask), call(add),
                                  i32_const(0), load(WasmOp::i32_load)}));
  return m;
}

struct Job {
  Process process;
  std::int32_t number;
  int answered = -1;
};

/// Processes that wait for their next run, taken by whichever OS thread comes.
class Queue {
 public:
  void push(Job job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  std::optional<Job> pop() {
    const std::lock_guard lock(mutex_);
    if (jobs_.empty()) return {};
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

 private:
  std::mutex mutex_;
  std::deque<Job> jobs_;
};

}  // namespace

TEST_CASE("10,000 processes on 8 OS threads each finish once with their own answers") {
  constexpr std::int32_t count = 10'000;
  const Module module = load(adding());
  Queue queue;
  for (std::int32_t i = 0; i < count; ++i) {
    queue.push({ok(Process::create(module, in_order())), i});
  }

  std::atomic<int> finished = 0;
  std::atomic<int> wrong = 0;
  const auto work = [&] {
    while (std::optional<Job> job = queue.pop()) {
      const std::int32_t answer = job->number * 10 + job->answered;
      const Value value = Value::i32(answer);
      const auto outcome =
          job->process.main_thread().run(std::span<const Value>(&value, job->answered < 0 ? 0 : 1));
      if (outcome && std::holds_alternative<HostCall>(*outcome)) {
        ++job->answered;
        queue.push(std::move(*job));
        continue;
      }
      const std::int32_t sum = job->number * 30 + 3;
      const bool right = outcome && std::holds_alternative<Finished>(*outcome) &&
                         std::get<Finished>(*outcome).results[0] == Value::i32(sum);
      ++(right ? finished : wrong);
    }
  };
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i) workers.emplace_back(work);
  for (std::thread& worker : workers) worker.join();
  CHECK(finished == count);
  CHECK(wrong == 0);
}

TEST_CASE("10,000 processes with memories can be alive at once") {
  const Module module = load(adding());
  std::vector<Process> processes;
  for (int i = 0; i < 10'000; ++i) {
    processes.push_back(ok(Process::create(module, in_order())));
    if (i % 1000 == 0) expect_call(processes.back().main_thread(), 0);
  }
  CHECK(expect_call(processes[9999].main_thread(), 0).empty());
  CHECK(processes[5000].memory().value().size() == 65536);
}
