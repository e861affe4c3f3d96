// The dispatcher in standard C++: one switch over the instructions.
#include <utility>

#include "interp/exec/loop.hpp"

namespace fermata {

Exit run_switch(GuestThread& thread) noexcept {
  Regs r = enter_loop(thread);
  for (;;) {
    Stop why = Stop::none;
    switch (op_of(*r.pc)) {
#define FERMATA_OP(id, layout, ...) \
  case Op::id:                      \
    why = step<Op::id>(r);          \
    break;
#include "interp/isa/ops.def"
      case Op::count_:
        std::unreachable();
    }
    if (why != Stop::none) [[unlikely]] {
      why = finish_slowly(r, why);
      if (why != Stop::none) return leave_loop(r, why);
    }
  }
}

}  // namespace fermata
