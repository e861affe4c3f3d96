// All handlers, by instruction: Handler<Op>::run.
#pragma once

#include "interp/exec/control_handlers.hpp"
#include "interp/exec/memory_handlers.hpp"
#include "interp/exec/numeric_handlers.hpp"
#include "interp/exec/object_handlers.hpp"
#include "interp/exec/table_handlers.hpp"
#include "interp/exec/variable_handlers.hpp"
#include "interp/exec/vector_handlers.hpp"

namespace fermata {

template <Op op>
struct Handler;

/// The first instruction's handler, then the second's, without a dispatch in between; the first's
/// alone when a conditional branch in it goes the other way.
template <Op first, Op second, Way way>
[[gnu::always_inline]] inline Stop pair(Regs& r) noexcept {
  constexpr Stop onward = way == Way::jump ? Stop::branched : Stop::none;
  constexpr Stop astray = way == Way::jump ? Stop::none : Stop::branched;
  const Stop why = Handler<first>::run(r);
  if (why == astray) return Stop::parted;
  if (why != onward) return why;
  return Handler<second>::run(r);
}

#define FERMATA_OP(id, layout, ...)                                                               \
  template <>                                                                                     \
  struct Handler<Op::id> {                                                                        \
    [[gnu::always_inline]] static inline Stop run(Regs& r) noexcept {                             \
      return answer([] [[gnu::always_inline]] (Regs & q) noexcept { return __VA_ARGS__(q); }, r); \
    }                                                                                             \
  };
#include "interp/isa/ops.def"

}  // namespace fermata
