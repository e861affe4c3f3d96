// Handlers of references and tables. Specification: "Execution / Table Instructions".
#pragma once

#include "interp/exec/regs.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {

[[gnu::always_inline]] inline Stop ref_as_non_null(Regs& r) noexcept {
  if (r.fp[a(r)] == 0) return stop(Trap::null_reference);
  next<1>(r);
  return Stop::none;
}
[[gnu::always_inline]] inline void ref_is_null(Regs& r) noexcept {
  set(r, a(r), std::uint32_t{r.fp[b(r)] == 0});
  next<1>(r);
}

[[gnu::always_inline]] inline Stop ref_func(Regs& r) noexcept {
  const auto make = [&] { r.fp[a(r)] = address_bits(r.instance()->func(FuncIdx{wide(r)})); };
  if (!finds_memory(make)) return stop(Trap::out_of_memory);
  next<1>(r);
  return Stop::none;
}

/// A 64-bit index or length of a table in 32 bits: one that no table has becomes the largest, which
/// none has either.
[[gnu::always_inline]] inline void table_index(Regs& r) noexcept {
  const auto index = get<std::uint64_t>(r, b(r));
  set(r, a(r), index > Table::most_elements ? UINT32_MAX : static_cast<std::uint32_t>(index));
  next<1>(r);
}

[[gnu::always_inline]] inline Stop table_get(Regs& r) noexcept {
  const Table& table = *r.instance()->tables[r.pc[1]];
  const auto index = get<std::uint32_t>(r, b(r));
  if (!table.contains(index, 1)) [[unlikely]]
    return stop(Trap::out_of_bounds_table_access);
  r.fp[a(r)] = table.data()[index];
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline Stop table_set(Regs& r) noexcept {
  Table& table = *r.instance()->tables[r.pc[1]];
  const auto index = get<std::uint32_t>(r, a(r));
  if (!table.contains(index, 1)) [[unlikely]]
    return stop(Trap::out_of_bounds_table_access);
  table.data()[index] = r.fp[b(r)];
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline void table_size(Regs& r) noexcept {
  set(r, a(r), r.instance()->tables[wide(r)]->size());  // an i32 is the lower half
  next<1>(r);
}

[[gnu::always_inline]] inline void table_grow(Regs& r) noexcept {
  Table& table = *r.instance()->tables[r.pc[1]];
  const std::uint64_t size = table.size();
  set(r, a(r), table.grow(get<std::uint32_t>(r, c(r)), r.fp[b(r)]));
  charge_for_bytes(r, (table.size() - size) * sizeof(Slot));
  next<2>(r);
}

[[gnu::always_inline]] inline Stop table_fill(Regs& r) noexcept {
  const Trap trap = r.instance()->tables[r.pc[1]]->fill(get<std::uint32_t>(r, a(r)), r.fp[b(r)],
                                                        get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  charge_for_bytes(r, std::uint64_t{get<std::uint32_t>(r, c(r))} * sizeof(Slot));
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline Stop table_copy(Regs& r) noexcept {
  const Trap trap =
      Table::copy(*r.instance()->tables[low_half(r.pc[1])], get<std::uint32_t>(r, a(r)),
                  *r.instance()->tables[high_half(r.pc[1])], get<std::uint32_t>(r, b(r)),
                  get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  charge_for_bytes(r, std::uint64_t{get<std::uint32_t>(r, c(r))} * sizeof(Slot));
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline Stop table_init(Regs& r) noexcept {
  const Trap trap = r.instance()->table_init(
      TableIdx{low_half(r.pc[1])}, ElemIdx{high_half(r.pc[1])}, get<std::uint32_t>(r, a(r)),
      get<std::uint32_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  charge_for_bytes(r, std::uint64_t{get<std::uint32_t>(r, c(r))} * sizeof(Slot));
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline void elem_drop(Regs& r) noexcept {
  r.instance()->elem_drop(ElemIdx{wide(r)});
  next<1>(r);
}

}  // namespace fermata
