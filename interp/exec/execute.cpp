// Chooses the dispatcher.
#include "interp/exec/execute.hpp"

#include "interp/exec/loop.hpp"

namespace fermata {

bool has_dispatch(Dispatch) noexcept { return true; }

Exit execute(GuestThread& thread, Dispatch dispatch) noexcept {
  return dispatch == Dispatch::switch_ ? run_switch(thread) : run_goto(thread);
}

}  // namespace fermata
