// Guest: a process driven to its end with WASI answering its host calls, its threads in turns.
//
// Owns the loop around `Thread::run`, and the clock by which threads wait. Knows nothing of options
// or of what is printed.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"

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
using Ending = std::variant<Returned, wasi::Exited, TrappedAt, Deadlocked>;

/// Runs the thread until it ends, and in turns with it those that have been started later. Sleeps
/// while all of them wait for a clock.
[[nodiscard]] Result<Ending> run_to_end(Process& process, Thread thread, wasi::Wasi& wasi);

}  // namespace fermata::tool
