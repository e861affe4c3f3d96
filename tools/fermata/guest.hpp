// Guest: a process driven to its end with WASI, and stubs, answering its host calls, its threads in
// turns.
//
// Owns the loop around `Thread::run`, and the clock by which threads wait. Knows nothing of options
// or of what is printed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"
#include "tools/fermata/checkpoint/bell.hpp"
#include "tools/fermata/deadline.hpp"
#include "tools/fermata/stubs.hpp"

namespace fermata::tool {

struct Returned {
  std::vector<Value> results;
};
struct TrappedAt {
  Trap trap = Trap::none;
  Thread thread;  ///< to be looked at
};
/// It called an import that nothing answers (`Stubs::trap_unknown`).
struct CalledUnknownAt {
  std::string import;  ///< as messages name it
  Thread thread;
};
/// Every thread waits at an address of the memory, for ever.
struct Deadlocked {
  Thread thread;  ///< the one that was to be run to its end
};
/// Its fuel, or its time, is used up.
struct OutOfFuelAt {
  std::uint64_t used = 0;
  Thread thread;  ///< the one that was running
};
struct OutOfTimeAt {
  Thread thread;  ///< likewise
};
/// A signal asked for the end (StopSignals).
struct SignalledAt {
  int signal = 0;
  Thread thread;  ///< likewise
};
using Ending = std::variant<Returned, wasi::Exited, TrappedAt, CalledUnknownAt, Deadlocked,
                            OutOfFuelAt, OutOfTimeAt, SignalledAt>;

/// How far a guest may run from now on.
struct GuestLimits {
  std::uint64_t fuel = FuelRef::unlimited;
  std::optional<std::chrono::nanoseconds> time;
};

/// What a thread waits for: that the answer to its host call may be given; or without an answer, in
/// a host call until that can do something, or at an address of the memory; and for how long.
struct WaitState {
  ThreadId thread = 0;
  std::optional<std::int32_t> answer;
  std::optional<std::uint64_t> nanoseconds_left;  // nothing: for ever
};
/// What a guest is besides its process. A thread in a host call that is not among those that wait
/// has no answer yet.
struct GuestState {
  ThreadId target = 0;           // whose end is wanted
  std::vector<WaitState> waits;  // ascending
};

/// Pauses that are no ending.
struct GuestPauses {
  Bell* bell = nullptr;  // rung for all of them; null: there are none, and no limit of time
  std::optional<std::chrono::nanoseconds> every;
  std::function<void()> call;  // so often
};

/// Told all that happens to a process from outside, in this order, so that it can be repeated.
class GuestWatcher : public wasi::MemoryObserver {
 public:
  /// The thread ran until this. It is told before anything comes of it.
  virtual void ran(Thread thread, const Outcome& outcome) = 0;
  /// What the thread's call came to, about which `sees` was told. `Blocked`: it will be made again.
  virtual void answered(Thread thread, const HostCall& call, const wasi::Answer& answer) = 0;
  /// The thread's call, which is none of WASI's, was answered with these.
  virtual void stubbed(Thread thread, std::span<const Value> results) = 0;
  /// The thread no longer waits at an address, because its time was over.
  virtual void timed_out(Thread thread) = 0;
};

/// The turns of a process's threads.
class Guest {
 public:
  /// Of a process that is metered if there are limits, or a bell, with the imports that the stubs
  /// are bound to. The watcher may be null.
  Guest(Process& process, wasi::Wasi& wasi, const Stubs& stubs, const GuestLimits& limits,
        GuestPauses pauses, GuestWatcher* watcher = nullptr);

  /// Goes on from there: `state().target` is what to run to its end. Error: `invalid_snapshot` for
  /// one that the process cannot be in.
  [[nodiscard]] Result<void> set_state(const GuestState& state);
  /// At a pause or at the end; the fuel's limit is the whole guest's then.
  [[nodiscard]] GuestState state();

  /// Runs the thread until it ends, and in turns with it all that are there or started meanwhile
  /// but the main thread, which runs only when it is the one. Sleeps while all of them wait for a
  /// clock or a descriptor.
  [[nodiscard]] Result<Ending> run_to_end(Thread thread);

 private:
  using Clock = std::chrono::steady_clock;
  /// What a thread waits for that has had its turn, and until when: the answer to a host call, or
  /// that the call can do something, or a notify.
  struct Wait {
    std::optional<Value> answer;
    std::optional<Clock::time_point> until;  // nothing: for ever
    bool is_blocked = false;                 // in a host call that has no answer yet
    std::vector<wasi::Blocked::Wait> descriptors;
  };

  static Clock::time_point after(std::uint64_t nanoseconds);
  void take_turns();
  void limit_turn();
  void take_turn(Thread thread);
  void look_up();
  [[nodiscard]] Result<Outcome> run(Thread thread, std::span<const Value> answer = {});
  [[nodiscard]] wasi::Answer handle(Thread thread, const HostCall& call, bool time_is_over);
  [[nodiscard]] std::optional<Result<Outcome>> go_on(Thread thread);
  [[nodiscard]] std::optional<Result<Outcome>> answer(Thread thread, const HostCall& call,
                                                      bool may_go_on, bool time_is_over = false);
  [[nodiscard]] std::optional<Result<Outcome>> answer_unless_wasi(Thread thread,
                                                                  std::uint64_t number,
                                                                  bool may_go_on);
  void block(ThreadId thread, wasi::Blocked blocked);
  void end_turn(Thread thread, const Outcome& outcome);
  void sleep();

  Process& process_;
  wasi::Wasi& wasi_;
  const Stubs& stubs_;
  std::optional<FuelRef> fuel_;
  std::uint64_t most_fuel_ = FuelRef::unlimited;
  GuestPauses pauses_;
  GuestWatcher* watcher_;  // may be null
  std::optional<Deadline> deadline_;
  std::optional<Deadline> next_call_;
  std::map<ThreadId, Wait> waits_;
  ThreadId target_ = 0;  // whose end is wanted
  std::optional<Result<Ending>> ending_;
  std::size_t most_calls_ = 0;  // of one turn
  ThreadId last_ = 0;           // that had a turn
  bool is_rung_ = false;
  bool has_run_ = false;
};

}  // namespace fermata::tool
