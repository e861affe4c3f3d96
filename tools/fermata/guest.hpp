// Guest: a process driven to its end with WASI answering its host calls, its threads in turns.
//
// Owns the loop around `Thread::run`, and the clock by which threads wait. Knows nothing of options
// or of what is printed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"
#include "tools/fermata/deadline.hpp"

namespace fermata::tool {

struct Returned {
  std::vector<Value> results;
};
struct TrappedAt {
  Trap trap = Trap::none;
  Thread thread;  ///< to be looked at
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
using Ending =
    std::variant<Returned, wasi::Exited, TrappedAt, Deadlocked, OutOfFuelAt, OutOfTimeAt>;

/// How far a guest may run in all.
struct GuestLimits {
  std::uint64_t fuel = FuelRef::unlimited;
  std::optional<std::chrono::nanoseconds> time;
};

/// The turns of a process's threads.
class Guest {
 public:
  /// Of a process that is metered if there are limits.
  Guest(Process& process, wasi::Wasi& wasi, const GuestLimits& limits = {});

  /// Runs the thread until it ends, and in turns with it all that are there or started meanwhile
  /// but the main thread, which runs only when it is the one. Sleeps while all of them wait for a
  /// clock.
  [[nodiscard]] Result<Ending> run_to_end(Thread thread);

 private:
  using Clock = std::chrono::steady_clock;
  /// What a thread waits for that has had its turn, and until when: the answer to a host call, or a
  /// notify.
  struct Wait {
    std::optional<Value> answer;
    std::optional<Clock::time_point> until;  // nothing: for ever
  };

  static Clock::time_point after(std::uint64_t nanoseconds);
  void take_turns();
  void limit_turn(std::size_t threads);
  void take_turn(Thread thread);
  [[nodiscard]] std::optional<Result<Outcome>> go_on(Thread thread);
  [[nodiscard]] std::optional<Result<Outcome>> answer(Thread thread, const HostCall& call,
                                                      bool may_go_on);
  void end_turn(Thread thread, const Outcome& outcome);
  void sleep();

  Process& process_;
  wasi::Wasi& wasi_;
  std::optional<FuelRef> fuel_;
  std::uint64_t most_fuel_ = FuelRef::unlimited;
  std::optional<Deadline> deadline_;
  std::map<ThreadId, Wait> waits_;
  ThreadId target_ = 0;  // whose end is wanted
  std::optional<Result<Ending>> ending_;
  std::size_t most_calls_ = 0;  // of one turn
  bool has_run_ = false;
};

}  // namespace fermata::tool
