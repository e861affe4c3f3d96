// The interpreter's one entry.
#pragma once

#include "fermata/process.hpp"
#include "interp/exec/guest_thread.hpp"

namespace fermata {

enum class Exit : std::uint8_t {
  finished,   ///< results lie at GuestThread::results
  host_call,  ///< GuestThread::host_call, arguments at GuestThread::arguments
  waiting,    ///< GuestThread::waiter
  paused,     ///< at a safe point: GuestThread::meter says why
  trapped,    ///< GuestThread::trap; pc is the trapping instruction
};

/// Runs a paused thread until it stops. Before it goes on after a host call, the caller has written
/// the results at GuestThread::results. Must not be called again after `finished` or `trapped`.
[[nodiscard]] Exit execute(GuestThread& thread, Dispatch dispatch) noexcept;

/// Whether this build has the dispatcher (`goto_` needs labels as values).
[[nodiscard]] bool has_dispatch(Dispatch dispatch) noexcept;

}  // namespace fermata
