// What the two dispatchers share: entering and leaving the loop, and one step of it.
#pragma once

#include "interp/exec/execute.hpp"
#include "interp/exec/handlers.hpp"
#include "interp/exec/slow.hpp"

namespace fermata {

[[gnu::always_inline]] inline Regs enter_loop(GuestThread& thread) noexcept {
  Regs r{};
  r.pc = thread.pc;
  r.fp = thread.stack() + thread.fp;
  r.thread = &thread;
  if (thread
          .begun()) {  // a host call's result may be there; a call leaves it in an accumulator too
    const Slot result = thread.stack()[thread.results];
    r.acc = result;
    r.acc_f32 = from_slot<float>(result);
    r.acc_f64 = from_slot<double>(result);
  }
  if (thread.instance != nullptr) reload_memory(r);
  return r;
}

[[gnu::always_inline]] inline Exit leave_loop(const Regs& r, Stop why) noexcept {
  write_back(r);
  if (why == Stop::host_call) return Exit::host_call;
  if (why == Stop::finished) return Exit::finished;
  if (why == Stop::waiting) return Exit::waiting;
  if (why == Stop::paused) return Exit::paused;
  r.thread->trap = static_cast<Trap>(why);
  return Exit::trapped;
}

/// Runs one handler; whether and why to leave.
template <Op op>
[[gnu::always_inline]] inline Stop step(Regs& r) noexcept {
  const Stop why = Handler<op>::run(r);
  return why == Stop::branched || why == Stop::parted ? Stop::none : why;
}

/// Does what a handler has left to be done; whether and why to leave after that. `r` itself stays
/// in registers, since its address goes nowhere. Copied member by member: as a whole it would be
/// read by sixteen bytes just after it was written by eight, and the processor waits for that.
[[gnu::always_inline]] inline Stop finish_slowly(Regs& r, Stop why) noexcept {
  if (why != Stop::slow) return why;
  Regs copy{r.pc, r.fp, r.memory, r.memory_size, r.acc, r.thread, r.acc_f32, r.acc_f64, r.acc_v128};
  why = execute_slowly(copy);
  r.pc = copy.pc;
  r.fp = copy.fp;
  r.memory = copy.memory;
  r.memory_size = copy.memory_size;
  r.acc = copy.acc;
  r.acc_f32 = copy.acc_f32;
  r.acc_f64 = copy.acc_f64;
  r.acc_v128 = copy.acc_v128;
  return why;
}

[[nodiscard]] Exit run_switch(GuestThread& thread) noexcept;
[[nodiscard]] Exit run_goto(GuestThread& thread) noexcept;

}  // namespace fermata
