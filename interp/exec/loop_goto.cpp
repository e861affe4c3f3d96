// The dispatcher with labels as values (GCC and Clang): every handler dispatches the next, so each
// has a jump of its own for the processor to predict.
#include "interp/exec/loop.hpp"

// Labels as values are the point of this file.
#pragma GCC diagnostic ignored "-Wpedantic"

namespace fermata {

Exit run_goto(GuestThread& thread) noexcept {
  static constexpr const void* labels[] = {
#define FERMATA_OP(id, layout, ...) &&do_##id,
#include "interp/isa/ops.def"
  };
  Regs r = enter_loop(thread);
  Stop why = Stop::none;
  goto* labels[*r.pc & 0xFFFF];

#define FERMATA_OP(id, layout, ...)   \
  do_##id : why = step<Op::id>(r);    \
  if (why != Stop::none) [[unlikely]] \
    goto stopped;                     \
  goto* labels[*r.pc & 0xFFFF];
#include "interp/isa/ops.def"

stopped:
  why = finish_slowly(r, why);
  if (why != Stop::none) return leave_loop(r, why);
  goto* labels[*r.pc & 0xFFFF];
}

}  // namespace fermata
