// Unwinding: from where an exception is thrown to the frame that catches it.
//
// Nothing is given up before a clause is found, so that an uncaught exception leaves its thread as
// it was. Takes time for the frames and for the regions that they stand in, each of these once.
#pragma once

#include "interp/exec/guest_thread.hpp"
#include "interp/exec/regs.hpp"

namespace fermata {

/// Where the innermost frame stands.
enum class ThrownFrom : std::uint8_t { instruction, host_call };

/// Goes on where the exception is caught: the thread stands there, the values are in their slots.
/// Else nothing is changed, and why: `uncaught_exception`, or `out_of_memory` for the search.
/// Precondition: the thread is paused, or has been written back.
[[nodiscard]] Trap unwind(GuestThread& thread, Slot exception, ThrownFrom from) noexcept;

// The instructions.
[[nodiscard]] Stop throw_(Regs& r) noexcept;
[[nodiscard]] Stop throw_ref(Regs& r) noexcept;

}  // namespace fermata
