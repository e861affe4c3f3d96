// Handlers of branches, calls and returns.
//
// A call makes the callee's frame overlap the caller's outgoing arguments; the callee leaves its
// results at its frame's begin, where the caller's operand stack wants them.
#pragma once

#include "interp/exec/numeric_handlers.hpp"
#include "interp/exec/regs.hpp"
#include "interp/isa/bootstrap.hpp"

namespace fermata {

[[gnu::always_inline]] inline Stop trap_unreachable(Regs&) noexcept {
  return stop(Trap::unreachable);
}

// --- fuel (docs/fuel.md) -----------------------------------------------------------------------

[[gnu::always_inline]] inline void charge(Regs& r) noexcept {
  r.thread->meter->charge(static_cast<std::uint64_t>(static_cast<std::int32_t>(wide(r))));
  next<1>(r);
}
/// At a safe point.
[[gnu::always_inline]] inline Stop charge_or_pause(Regs& r) noexcept {
  if (r.thread->meter->is_due()) [[unlikely]]
    return Stop::paused;
  charge(r);
  return Stop::none;
}
[[gnu::always_inline]] inline void charge_branch(Regs& r) noexcept {
  r.thread->meter->charge(r.pc[1]);
  jump(r);
}

// --- branches ----------------------------------------------------------------------------------

[[gnu::always_inline]] inline void branch(Regs& r) noexcept { jump(r); }

[[gnu::always_inline]] inline Stop branch_if_s(Regs& r) noexcept {
  return branch_on<1>(r, get<std::uint32_t>(r, a(r)) != 0);
}
[[gnu::always_inline]] inline Stop branch_if_a(Regs& r) noexcept {
  return branch_on<1>(r, get_acc<std::uint32_t>(r) != 0);
}
[[gnu::always_inline]] inline Stop branch_unless_s(Regs& r) noexcept {
  return branch_on<1>(r, get<std::uint32_t>(r, a(r)) == 0);
}
[[gnu::always_inline]] inline Stop branch_unless_a(Regs& r) noexcept {
  return branch_on<1>(r, get_acc<std::uint32_t>(r) == 0);
}

namespace detail {
[[gnu::always_inline]] inline void branch_table(Regs& r, std::uint32_t index) noexcept {
  const std::uint32_t count = wide(r);
  const std::uint32_t entry = index < count ? index : count;
  r.pc += static_cast<std::int64_t>(r.pc[1 + entry]);
}
}  // namespace detail

[[gnu::always_inline]] inline void branch_table_s(Regs& r) noexcept {
  detail::branch_table(r, get<std::uint32_t>(r, a(r)));
}
[[gnu::always_inline]] inline void branch_table_a(Regs& r) noexcept {
  detail::branch_table(r, get_acc<std::uint32_t>(r));
}

// --- entering functions ------------------------------------------------------------------------

namespace detail {

/// Enters a function of the running instance; `r.pc` is still the call instruction, whose field c
/// says where the callee's frame begins. Stop::slow when the stack is too small.
[[gnu::always_inline]] inline Stop enter(Regs& r, FuncCode* code, const Word* return_pc) noexcept {
  Slot* fp = r.fp + c(r);
  const auto end = reinterpret_cast<std::uintptr_t>(fp) + code->frame_slots * sizeof(Slot);
  if (end > reinterpret_cast<std::uintptr_t>(r.thread->limit())) [[unlikely]]
    return Stop::slow;
  Slot* header = fp + code->header;
  header[0] = address_bits(return_pc);
  for (std::uint32_t i = 0; i < code->zeroed; ++i) header[header_slots + i] = 0;
  r.acc = address_bits(code);  // for lower_function
  r.fp = fp;
  r.pc = code->entry.load(std::memory_order_acquire);
  return Stop::none;
}

/// Leaves the loop with a call of a host function. Its arguments, and later its results, lie in the
/// caller's frame, which has room for both; `results` is a slot of it.
[[gnu::always_inline]] inline Stop call_host(Regs& r, Func* f, std::uint32_t results) noexcept {
  const auto fp = static_cast<std::uint32_t>(r.fp - r.thread->stack());
  r.thread->host_call = f;
  r.thread->arguments = fp + c(r);
  r.thread->results = fp + results;
  next<call_words>(r);
  return Stop::host_call;
}

/// Enters a function instance, if it is of this instance or of the host; else leaves it to
/// slow.cpp.
[[gnu::always_inline]] inline Stop try_to_enter(Regs& r, Func* f) noexcept {
  if (f->instance == r.instance()) [[likely]]
    return enter(r, f->code, r.pc + call_words);
  if (f->code == nullptr) return call_host(r, f, a(r));
  return Stop::slow;
}

/// The element of a table that a call_indirect names, in `f`. Stop::slow when its type is another,
/// which may be a subtype.
[[gnu::always_inline]] inline Stop find_element(Regs& r, std::uint32_t at, Func*& f) noexcept {
  const Table& table = *r.instance()->tables[high_half(r.pc[1])];
  if (at >= table.size()) [[unlikely]]
    return stop(Trap::undefined_element);
  f = reinterpret_cast<Func*>(table.data()[at]);
  if (f == nullptr) [[unlikely]]
    return stop(Trap::uninitialized_element);
  if (f->type != low_half(r.pc[1])) [[unlikely]]
    return Stop::slow;
  return Stop::none;
}

template <class GetIndex>
[[gnu::always_inline]] inline Stop call_indirect(Regs& r, GetIndex index) noexcept {
  Func* f = nullptr;
  const Stop stopped = find_element(r, index(r), f);
  if (stopped != Stop::none) [[unlikely]]
    return stopped;
  return try_to_enter(r, f);
}

}  // namespace detail

[[gnu::always_inline]] inline Stop call(Regs& r) noexcept {
  return detail::enter(r, reinterpret_cast<FuncCode*>(r.pc[1]), r.pc + call_words);
}
[[gnu::always_inline]] inline Stop call_import(Regs& r) noexcept {
  return detail::try_to_enter(r, r.instance()->imported_funcs[r.pc[1]]);
}
[[gnu::always_inline]] inline Stop call_indirect_s(Regs& r) noexcept {
  return detail::call_indirect(r, [](Regs& q) { return get<std::uint32_t>(q, b(q)); });
}
[[gnu::always_inline]] inline Stop call_indirect_a(Regs& r) noexcept {
  return detail::call_indirect(r, [](Regs& q) { return get_acc<std::uint32_t>(q); });
}
[[gnu::always_inline]] inline Stop call_ref(Regs& r) noexcept {
  auto* f = reinterpret_cast<Func*>(r.fp[b(r)]);
  if (f == nullptr) [[unlikely]]
    return stop(Trap::null_function_reference);
  return detail::try_to_enter(r, f);
}

// --- functions that take the place of the running one (tail calls) -------------------------------

namespace detail {

/// Enters a function of the running instance in place of the running function: the frame of that,
/// its return pc apart, is given up. Stop::slow when the stack is too small.
[[gnu::always_inline]] inline Stop replace(Regs& r, FuncCode* code) noexcept {
  const auto end = reinterpret_cast<std::uintptr_t>(r.fp) + code->frame_slots * sizeof(Slot);
  if (end > reinterpret_cast<std::uintptr_t>(r.thread->limit())) [[unlikely]]
    return Stop::slow;
  const Slot return_pc = r.fp[b(r)];
  copy_down(r.fp, r.fp + c(r), a(r));
  Slot* header = r.fp + code->header;
  header[0] = return_pc;
  for (std::uint32_t i = 0; i < code->zeroed; ++i) header[header_slots + i] = 0;
  r.acc = address_bits(code);  // for lower_function
  r.pc = code->entry.load(std::memory_order_acquire);
  return Stop::none;
}

/// The same for a function instance, if it is of this instance; else leaves it to slow.cpp.
[[gnu::always_inline]] inline Stop try_to_replace(Regs& r, Func* f) noexcept {
  return f->instance == r.instance() ? replace(r, f->code) : Stop::slow;
}

/// The slot behind the arguments: an index or a reference.
[[gnu::always_inline]] inline std::uint32_t callee_slot(const Regs& r) noexcept {
  return c(r) + a(r);
}

}  // namespace detail

[[gnu::always_inline]] inline Stop return_call(Regs& r) noexcept {
  return detail::replace(r, reinterpret_cast<FuncCode*>(r.pc[1]));
}
[[gnu::always_inline]] inline Stop return_call_indirect(Regs& r) noexcept {
  Func* f = nullptr;
  const auto index = get<std::uint32_t>(r, detail::callee_slot(r));
  const Stop stopped = detail::find_element(r, index, f);
  if (stopped != Stop::none) [[unlikely]]
    return stopped;
  return detail::try_to_replace(r, f);
}
[[gnu::always_inline]] inline Stop return_call_ref(Regs& r) noexcept {
  auto* f = reinterpret_cast<Func*>(r.fp[detail::callee_slot(r)]);
  if (f == nullptr) [[unlikely]]
    return stop(Trap::null_function_reference);
  return detail::try_to_replace(r, f);
}

// --- a thread's last instruction (bootstrap_code; the first ones are in slow.cpp) --------------

[[gnu::always_inline]] inline Stop finish_thread(Regs& r) noexcept {
  r.thread->results = 0;
  return Stop::finished;
}

// --- returns: the call instruction says where the caller's frame is and where the result goes ----

namespace detail {

/// Word 0 of the call instruction that returns to `return_pc`.
[[gnu::always_inline]] inline Word call_before(Slot return_pc) noexcept {
  return reinterpret_cast<const Word*>(return_pc)[-static_cast<int>(call_words)];
}

/// Back to the caller, with the result in its slot and in the accumulator of its type.
template <class T>
[[gnu::always_inline]] inline void return_value(Regs& r, T value) noexcept {
  const Slot return_pc = r.fp[b(r)];
  const Word call = call_before(return_pc);
  r.pc = reinterpret_cast<const Word*>(return_pc);
  r.fp -= field_c(call);
  set(r, field_a(call), value);
}

}  // namespace detail

[[gnu::always_inline]] inline void return_none(Regs& r) noexcept {
  const Slot return_pc = r.fp[b(r)];
  r.pc = reinterpret_cast<const Word*>(return_pc);
  r.fp -= field_c(detail::call_before(return_pc));
}
template <class T>
[[gnu::always_inline]] inline void return_slot(Regs& r) noexcept {
  detail::return_value(r, get<T>(r, a(r)));
}
template <class T>
[[gnu::always_inline]] inline void return_acc(Regs& r) noexcept {
  detail::return_value(r, get_acc<T>(r));
}
[[gnu::always_inline]] inline void return_immediate(Regs& r) noexcept {
  detail::return_value(r, Slot{r.pc[1]});
}
[[gnu::always_inline]] inline void return_many(Regs& r) noexcept {
  const Slot return_pc = r.fp[b(r)];
  copy_down(r.fp, r.fp + a(r), c(r));
  r.pc = reinterpret_cast<const Word*>(return_pc);
  r.fp -= field_c(detail::call_before(return_pc));
}

}  // namespace fermata
