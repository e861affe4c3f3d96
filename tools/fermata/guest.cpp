// The loop around Thread::run. See guest.hpp.
#include "tools/fermata/guest.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <thread>

namespace fermata::tool {
namespace {

using Clock = std::chrono::steady_clock;

/// A thread's turn ends after so many host calls, if not before.
constexpr int most_calls = 100;

/// What a thread waits for that has had its turn, and until when: the answer to a host call, or a
/// notify.
struct Wait {
  std::optional<Value> answer;
  std::optional<Clock::time_point> until;  // nothing: for ever
};

/// Nothing is so far away that the clock does not reach it.
Clock::time_point after(std::uint64_t nanoseconds) {
  constexpr std::uint64_t most = std::uint64_t{1} << 60;
  return Clock::now() + std::chrono::nanoseconds(std::min(nanoseconds, most));
}

class Turns {
 public:
  Turns(Process& process, Thread first, wasi::Wasi& wasi)
      : process_(process), first_(first.id()), wasi_(wasi) {}

  Result<Ending> run() {
    while (!ending_) {
      has_run_ = false;
      for (const ThreadId id : process_.threads()) {
        if (id >= first_ && !ending_) take_turn(process_.thread(id));
      }
      if (!has_run_ && !ending_) sleep();
    }
    return std::move(*ending_);
  }

 private:
  void take_turn(Thread thread) {
    auto outcome = go_on(thread);
    if (!outcome) return;
    has_run_ = true;
    for (int calls = 1; *outcome && std::holds_alternative<HostCall>(**outcome); ++calls) {
      outcome = answer(thread, std::get<HostCall>(**outcome), calls < most_calls);
      if (!outcome) return;
    }
    if (!*outcome) {
      ending_ = std::unexpected(std::move(outcome->error()));
    } else {
      end_turn(thread, **outcome);
    }
  }

  /// Runs the thread on if what it waits for has come. Nothing otherwise.
  std::optional<Result<Outcome>> go_on(Thread thread) {
    const auto waits = waits_.find(thread.id());
    if (waits == waits_.end()) return thread.run();
    const Wait wait = waits->second;
    const bool is_over = wait.until && *wait.until <= Clock::now();
    if (thread.state() != ThreadState::ready && !is_over) return std::nullopt;
    waits_.erase(waits);
    if (wait.answer) return thread.run({*wait.answer});
    static_cast<void>(thread.time_out());  // unless it was notified
    return thread.run();
  }

  /// Answers the call, and runs the thread on unless the guest ended itself, or must wait, or has
  /// had its turn.
  std::optional<Result<Outcome>> answer(Thread thread, const HostCall& call, bool may_go_on) {
    auto reply = wasi_.handle(process_, call);
    // The host's own descriptors wait in `handle`.
    while (std::holds_alternative<wasi::Blocked>(reply)) reply = wasi_.handle(process_, call);
    if (const auto* exited = std::get_if<wasi::Exited>(&reply)) {
      ending_ = *exited;
      return std::nullopt;
    }
    const auto& resume = std::get<wasi::Resume>(reply);
    if (may_go_on && resume.delay.count() <= 0) return thread.run({resume.result});
    const auto delay = std::max(resume.delay, std::chrono::nanoseconds(0));
    waits_[thread.id()] = {resume.result, after(static_cast<std::uint64_t>(delay.count()))};
    return std::nullopt;
  }

  void end_turn(Thread thread, const Outcome& outcome) {
    if (const auto* waiting = std::get_if<Waiting>(&outcome)) {
      Wait& wait = waits_[thread.id()] = {};
      if (waiting->timeout) wait.until = after(*waiting->timeout);
    } else if (const auto* finished = std::get_if<Finished>(&outcome)) {
      if (thread.id() != first_) return;
      ending_ = Returned{{finished->results.begin(), finished->results.end()}};
    } else if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
      ending_ = TrappedAt{trapped->trap, thread};
    } else {
      ending_ = TrappedAt{Trap::uncaught_exception, thread};
    }
  }

  /// Until the first of the threads, all of which wait, can go on.
  void sleep() {
    std::optional<Clock::time_point> first;
    for (const auto& [id, wait] : waits_) {
      if (wait.until && (!first || *wait.until < *first)) first = wait.until;
    }
    if (!first) {
      ending_ = Deadlocked{process_.thread(first_)};
    } else {
      std::this_thread::sleep_until(*first);
    }
  }

  Process& process_;
  ThreadId first_;
  wasi::Wasi& wasi_;
  std::map<ThreadId, Wait> waits_;
  std::optional<Result<Ending>> ending_;
  bool has_run_ = false;
};

}  // namespace

Result<Ending> run_to_end(Process& process, Thread thread, wasi::Wasi& wasi) {
  return Turns(process, thread, wasi).run();
}

}  // namespace fermata::tool
