// Guest: a process driven to its end with WASI answering its host calls.
//
// Owns the loop around `Thread::run`. Knows nothing of options or of what is printed.
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
using Ending = std::variant<Returned, wasi::Exited, TrappedAt>;

/// Runs the thread until it ends, sleeping where the guest waits for a clock.
[[nodiscard]] Result<Ending> run_to_end(Process& process, Thread thread, wasi::Wasi& wasi);

}  // namespace fermata::tool
