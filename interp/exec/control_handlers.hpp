// Handlers of branches, calls and returns.
//
// A call makes the callee's frame overlap the caller's outgoing arguments; the callee leaves its
// results at its frame's begin, where the caller's operand stack wants them.
#pragma once

#include <cstring>

#include "interp/exec/bootstrap.hpp"
#include "interp/exec/numeric_handlers.hpp"
#include "interp/exec/regs.hpp"

namespace fermata {

[[gnu::always_inline]] inline Stop trap_unreachable(Regs&) noexcept {
  return stop(Trap::unreachable);
}

// --- branches ----------------------------------------------------------------------------------

[[gnu::always_inline]] inline void branch(Regs& r) noexcept { jump(r); }

[[gnu::always_inline]] inline void branch_if_s(Regs& r) noexcept {
  branch_on<1>(r, get<std::uint32_t>(r, a(r)) != 0);
}
[[gnu::always_inline]] inline void branch_if_a(Regs& r) noexcept {
  branch_on<1>(r, get_acc<std::uint32_t>(r) != 0);
}
[[gnu::always_inline]] inline void branch_unless_s(Regs& r) noexcept {
  branch_on<1>(r, get<std::uint32_t>(r, a(r)) == 0);
}
[[gnu::always_inline]] inline void branch_unless_a(Regs& r) noexcept {
  branch_on<1>(r, get_acc<std::uint32_t>(r) == 0);
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
/// says where the callee's frame begins.
[[gnu::always_inline]] inline Stop enter(Regs& r, FuncCode* code, const Word* return_pc) noexcept {
  Slot* fp = r.fp + c(r);
  if (static_cast<std::uint64_t>(r.limit - fp) < code->frame_slots) [[unlikely]] {
    const auto frame = static_cast<std::uint32_t>(fp - r.thread->stack());
    if (!r.thread->reserve(std::uint64_t{frame} + code->frame_slots)) {
      return stop(Trap::call_stack_exhausted);
    }
    r.limit = r.thread->stack() + r.thread->capacity();
    fp = r.thread->stack() + frame;
  }
  Slot* header = fp + code->header;
  header[0] = reinterpret_cast<Slot>(return_pc);
  for (std::uint32_t i = 0; i < code->zeroed; ++i) header[header_slots + i] = 0;
  r.acc = reinterpret_cast<Slot>(code);  // for lower_function
  r.fp = fp;
  r.pc = code->entry.load(std::memory_order_acquire);
  return Stop::none;
}

/// Leaves the loop with a call of a host function. Its arguments, and later its results, lie in the
/// caller's frame, which has room for both.
[[gnu::always_inline]] inline Stop call_host(Regs& r, Func* f) noexcept {
  const auto fp = static_cast<std::uint32_t>(r.fp - r.thread->stack());
  r.thread->host_call = f;
  r.thread->arguments = fp + c(r);
  r.thread->results = fp + a(r);
  next<call_words>(r);
  return Stop::host_call;
}

/// Enters a function of another instance, which returns through a piece of code of its own.
[[gnu::always_inline]] inline Stop enter_other(Regs& r, Func* f) noexcept {
  if (!r.thread->cross_calls) r.thread->cross_calls = std::make_unique<std::deque<CrossCall>>();
  auto& calls = *r.thread->cross_calls;
  CrossCall& back = calls.emplace_back(
      CrossCall{{*r.pc, 0, make_word(Op::return_cross)}, r.pc + call_words, r.instance});
  const Stop stopped = enter(r, f->code, back.code + call_words);
  if (stopped != Stop::none) {
    calls.pop_back();
    return stopped;
  }
  r.instance = f->instance;
  reload_memory(r);
  return Stop::none;
}

/// Enters any function instance: of this instance, of another, or of the host.
[[gnu::always_inline]] inline Stop enter_any(Regs& r, Func* f) noexcept {
  if (f->instance == r.instance) [[likely]]
    return enter(r, f->code, r.pc + call_words);
  if (f->code == nullptr) return call_host(r, f);
  return enter_other(r, f);
}

/// The first call of a thread: there is no instance to come back to.
[[gnu::always_inline]] inline Stop enter_first(Regs& r, Func* f) noexcept {
  if (f->code == nullptr) return call_host(r, f);
  r.instance = f->instance;
  reload_memory(r);
  return enter(r, f->code, r.pc + call_words);
}

template <class GetIndex>
[[gnu::always_inline]] inline Stop call_indirect(Regs& r, GetIndex index) noexcept {
  const Table& table = *r.instance->tables[high_half(r.pc[1])];
  const std::uint32_t at = index(r);
  if (!table.contains(at, 1)) [[unlikely]]
    return stop(Trap::undefined_element);
  auto* f = reinterpret_cast<Func*>(table.data()[at]);
  if (f == nullptr) [[unlikely]]
    return stop(Trap::uninitialized_element);
  if (f->type != low_half(r.pc[1]) && !is_subtype(f->type, low_half(r.pc[1]))) [[unlikely]] {
    return stop(Trap::indirect_call_type_mismatch);
  }
  return enter_any(r, f);
}

}  // namespace detail

[[gnu::always_inline]] inline Stop call(Regs& r) noexcept {
  return detail::enter(r, reinterpret_cast<FuncCode*>(r.pc[1]), r.pc + call_words);
}
[[gnu::always_inline]] inline Stop call_import(Regs& r) noexcept {
  return detail::enter_any(r, r.instance->imported_funcs[r.pc[1]]);
}
[[gnu::always_inline]] inline Stop call_indirect_s(Regs& r) noexcept {
  return detail::call_indirect(r, [](Regs& q) { return get<std::uint32_t>(q, b(q)); });
}
[[gnu::always_inline]] inline Stop call_indirect_a(Regs& r) noexcept {
  return detail::call_indirect(r, [](Regs& q) { return get_acc<std::uint32_t>(q); });
}

/// What FuncCode::entry points at until the function's first call.
[[gnu::always_inline]] inline void lower_function(Regs& r) noexcept {
  auto* code = reinterpret_cast<FuncCode*>(r.acc);
  r.pc = code->cache->lower(*code);
}

// --- a thread's first and last instructions (bootstrap_code) -----------------------------------

[[gnu::always_inline]] inline Stop enter_start(Regs& r) noexcept {
  Func* start = r.thread->start;
  if (start == nullptr) {
    next<call_words>(r);
    return Stop::none;
  }
  r.thread->in_start = true;
  return detail::enter_first(r, start);
}

[[gnu::always_inline]] inline Stop enter_function(Regs& r) noexcept {
  if (r.thread->in_start) r.thread->restore_arguments();
  r.thread->in_start = false;
  return detail::enter_first(r, r.thread->function);
}

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
  std::memmove(r.fp, r.fp + a(r), c(r) * sizeof(Slot));
  r.pc = reinterpret_cast<const Word*>(return_pc);
  r.fp -= field_c(detail::call_before(return_pc));
}

/// Where a function returns to that was called from another instance.
[[gnu::always_inline]] inline void return_cross(Regs& r) noexcept {
  const CrossCall& back = r.thread->cross_calls->back();
  r.instance = back.instance;
  r.pc = back.return_pc;
  r.thread->cross_calls->pop_back();
  reload_memory(r);
}

}  // namespace fermata
