// What the dispatchers do not execute themselves: instructions that call functions (those of
// FERMATA_SLOW in ops.def), and calls whose way is not the short one: a thread's first, into
// another instance, by a subtype, or where the stack must grow.
//
// A handler leaves these with Stop::slow. So there is one call in a dispatcher, not hundreds, and
// its registers need not survive any.
#pragma once

#include "interp/exec/regs.hpp"

namespace fermata {

/// Executes the instruction at pc, of a pair the first. Returns none, a trap, host_call or waiting.
[[nodiscard]] Stop execute_slowly(Regs& r) noexcept;

}  // namespace fermata
