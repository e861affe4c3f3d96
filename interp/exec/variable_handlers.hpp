// Handlers of moves, constants, select and globals.
#pragma once

#include "interp/exec/regs.hpp"

namespace fermata {

[[gnu::always_inline]] inline void copy_slot(Regs& r) noexcept {
  r.fp[a(r)] = r.fp[b(r)];
  next<1>(r);
}

/// Two sources into two neighbouring slots; the second source may be the first destination's old
/// value, so both are read first.
[[gnu::always_inline]] inline void copy_two(Regs& r) noexcept {
  const Slot first = r.fp[b(r)];
  const Slot second = r.fp[c(r)];
  r.fp[a(r)] = first;
  r.fp[a(r) + 1] = second;
  next<1>(r);
}

[[gnu::always_inline]] inline void move_many(Regs& r) noexcept {
  copy_down(r.fp + a(r), r.fp + b(r), c(r));
  next<1>(r);
}

[[gnu::always_inline]] inline void const_32(Regs& r) noexcept {
  r.fp[a(r)] = wide(r);
  next<1>(r);
}
[[gnu::always_inline]] inline void const_64(Regs& r) noexcept {
  r.fp[a(r)] = r.pc[1];
  next<2>(r);
}

[[gnu::always_inline]] inline void select_s(Regs& r) noexcept {
  r.fp[a(r)] = get<std::uint32_t>(r, low_half(r.pc[1])) != 0 ? r.fp[b(r)] : r.fp[c(r)];
  next<2>(r);
}
[[gnu::always_inline]] inline void select_a(Regs& r) noexcept {
  r.fp[a(r)] = get_acc<std::uint32_t>(r) != 0 ? r.fp[b(r)] : r.fp[c(r)];
  next<1>(r);
}

[[gnu::always_inline]] inline void global_get(Regs& r) noexcept {
  set(r, a(r), r.instance()->globals[wide(r)]);
  next<1>(r);
}
[[gnu::always_inline]] inline void global_set_s(Regs& r) noexcept {
  r.instance()->globals[wide(r)] = r.fp[a(r)];
  next<1>(r);
}
[[gnu::always_inline]] inline void global_set_a(Regs& r) noexcept {
  r.instance()->globals[wide(r)] = r.acc;
  next<1>(r);
}
[[gnu::always_inline]] inline void imported_global_get(Regs& r) noexcept {
  set(r, a(r), *r.instance()->imported_globals[wide(r)]);
  next<1>(r);
}
[[gnu::always_inline]] inline void imported_global_set(Regs& r) noexcept {
  *r.instance()->imported_globals[wide(r)] = r.fp[a(r)];
  next<1>(r);
}

}  // namespace fermata
