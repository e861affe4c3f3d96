// All handlers, by instruction: Handler<Op>::run.
#pragma once

#include <type_traits>

#include "interp/exec/control_handlers.hpp"
#include "interp/exec/memory_handlers.hpp"
#include "interp/exec/numeric_handlers.hpp"
#include "interp/exec/table_handlers.hpp"
#include "interp/exec/variable_handlers.hpp"

namespace fermata {

template <Op op>
struct Handler;

/// The first instruction's handler, then the second's, without a dispatch in between.
template <Op first, Op second>
[[gnu::always_inline]] inline auto pair(Regs& r) noexcept {
  if constexpr (std::is_void_v<decltype(Handler<first>::run(r))>) {
    Handler<first>::run(r);
  } else {
    const Stop why = Handler<first>::run(r);
    if (why != Stop::none) [[unlikely]] return why;
  }
  if constexpr (std::is_void_v<decltype(Handler<second>::run(r))> &&
                !std::is_void_v<decltype(Handler<first>::run(r))>) {
    Handler<second>::run(r);
    return Stop::none;
  } else {
    return Handler<second>::run(r);
  }
}

#define FERMATA_OP(id, layout, ...)                                  \
  template <>                                                        \
  struct Handler<Op::id> {                                           \
    [[gnu::always_inline]] static inline auto run(Regs& r) noexcept { \
      return __VA_ARGS__(r);                                         \
    }                                                                \
  };
#include "interp/isa/ops.def"

}  // namespace fermata
