// Calls that leave the instance or must make room, and the switch over what is executed here.
#include "interp/exec/slow.hpp"

#include <cassert>
#include <utility>

#include "interp/exec/atomic_slow.hpp"
#include "interp/exec/bulk_slow.hpp"
#include "interp/exec/control_handlers.hpp"
#include "interp/exec/memory_handlers.hpp"
#include "interp/exec/object_slow.hpp"
#include "interp/exec/table_handlers.hpp"
#include "interp/exec/unwind.hpp"
#include "interp/exec/vector_handlers.hpp"

namespace fermata {

namespace {

/// As detail::enter, after making the stack large enough.
Stop enter_growing(Regs& r, FuncCode* code, const Word* return_pc) noexcept {
  const auto fp = static_cast<std::uint32_t>(r.fp - r.thread->stack());
  const Trap trap = r.thread->reserve(std::uint64_t{fp} + c(r) + code->frame_slots);
  if (trap != Trap::none) return stop(trap);
  r.fp = r.thread->stack() + fp;
  return detail::enter(r, code, return_pc);
}

/// A function of another instance returns through a piece of code of its own.
Stop enter_other(Regs& r, Func* f) noexcept {
  const CrossCall* const back = r.thread->push_cross_call(
      {{*r.pc, 0, make_word(Op::return_cross)}, r.pc + call_words, r.instance()});
  if (back == nullptr) return stop(Trap::out_of_memory);
  const Stop stopped = enter_growing(r, f->code, back->code + call_words);
  if (stopped != Stop::none) {
    r.thread->pop_cross_call();
    return stopped;
  }
  r.thread->instance = f->instance;
  reload_memory(r);
  return Stop::none;
}

Stop enter_callee(Regs& r, Func* f) noexcept {
  if (f->code == nullptr) return detail::call_host(r, f, a(r));
  if (f->instance == r.instance()) return enter_growing(r, f->code, r.pc + call_words);
  return enter_other(r, f);
}

/// The thread's first call, or the one after its start function: there is no instance to come back
/// to.
Stop enter_first(Regs& r, Func* f) noexcept {
  if (f->code == nullptr) return detail::call_host(r, f, a(r));
  r.thread->instance = f->instance;
  reload_memory(r);
  return enter_growing(r, f->code, r.pc + call_words);
}

/// What call_indirect did not find the short way to, if it is of a subtype. The element is there:
/// its handler has checked that.
Func* matching_element(const Regs& r, std::uint32_t index) noexcept {
  auto* f = reinterpret_cast<Func*>(r.instance()->tables[high_half(r.pc[1])]->data()[index]);
  return is_subtype(f->type, low_half(r.pc[1])) ? f : nullptr;
}

Stop call_element(Regs& r, std::uint32_t index) noexcept {
  Func* const f = matching_element(r, index);
  return f != nullptr ? enter_callee(r, f) : stop(Trap::indirect_call_type_mismatch);
}

// --- tail calls ----------------------------------------------------------------------------------

Trap reserve_in_place(Regs& r, const FuncCode& code) noexcept {
  const auto fp = static_cast<std::uint32_t>(r.fp - r.thread->stack());
  const Trap trap = r.thread->reserve(std::uint64_t{fp} + code.frame_slots);
  r.fp = r.thread->stack() + fp;
  return trap;
}

/// As detail::replace, after making the stack large enough.
Stop replace_growing(Regs& r, FuncCode* code) noexcept {
  const Trap trap = reserve_in_place(r, *code);
  return trap != Trap::none ? stop(trap) : detail::replace(r, code);
}

/// Whether the running function returns to another instance, or ends the thread: then whatever
/// takes its place can return there as it is.
bool returns_elsewhere(const Word* return_pc) noexcept {
  return in_bootstrap(return_pc) || op_of(*return_pc) == Op::return_cross;
}

/// Any number of these need one CrossCall together: the way back is the one of the first.
Stop replace_with_other(Regs& r, Func* f) noexcept {
  const Trap trap = reserve_in_place(r, *f->code);
  if (trap != Trap::none) return stop(trap);
  Slot& header = r.fp[b(r)];
  const auto* return_pc = reinterpret_cast<const Word*>(header);
  if (!returns_elsewhere(return_pc)) {
    const CrossCall* const back = r.thread->push_cross_call(
        {{detail::call_before(header), 0, make_word(Op::return_cross)}, return_pc, r.instance()});
    if (back == nullptr) return stop(Trap::out_of_memory);
    header = address_bits(back->code + call_words);
  }
  r.thread->instance = f->instance;
  reload_memory(r);
  return detail::replace(r, f->code);
}

/// A function of the host returns to the return that stands behind the instruction.
Stop replace_with(Regs& r, Func* f) noexcept {
  if (f->code == nullptr) return detail::call_host(r, f, c(r));
  if (f->instance == r.instance()) return replace_growing(r, f->code);
  return replace_with_other(r, f);
}

Stop return_call_import(Regs& r) noexcept {
  return replace_with(r, r.instance()->imported_funcs[r.pc[1]]);
}

Stop replace_with_element(Regs& r) noexcept {
  Func* const f = matching_element(r, get<std::uint32_t>(r, detail::callee_slot(r)));
  return f != nullptr ? replace_with(r, f) : stop(Trap::indirect_call_type_mismatch);
}

// --- a thread's first instructions (bootstrap_code) --------------------------------------------

Stop enter_start(Regs& r) noexcept {
  if (r.thread->start == nullptr) {
    next<call_words>(r);
    return Stop::none;
  }
  r.thread->in_start = true;
  return enter_first(r, r.thread->start);
}

Stop enter_function(Regs& r) noexcept {
  if (r.thread->in_start) r.thread->restore_arguments();
  r.thread->in_start = false;
  return enter_first(r, r.thread->function);
}

// --- functions that are not lowered yet, and returns to another instance -----------------------

/// Back before the call of a function that has been entered, and of which nothing has run.
void undo_call(Regs& r, const FuncCode& callee) noexcept {
  const auto* return_pc = reinterpret_cast<const Word*>(r.fp[callee.header]);
  r.fp -= field_c(return_pc[-static_cast<int>(call_words)]);
  r.pc = return_pc - call_words;
  if (op_of(*return_pc) != Op::return_cross) return;
  const CrossCall back = r.thread->pop_cross_call();
  r.thread->instance = back.instance;
  r.pc = back.return_pc - call_words;
}

/// What FuncCode::entry points at until the function's first call. A call that fails here traps as
/// one does for which the stack is too small.
Stop lower_function(Regs& r) noexcept {
  auto* code = reinterpret_cast<FuncCode*>(r.acc);
  const Word* const entry = code->cache->lower(*code, r.thread->budget());
  if (entry == nullptr) {
    undo_call(r, *code);
    return stop(Trap::out_of_memory);
  }
  r.pc = entry;
  return Stop::none;
}

/// Where a function returns to that was called from another instance.
void return_cross(Regs& r) noexcept {
  const CrossCall back = r.thread->pop_cross_call();
  r.thread->instance = back.instance;
  r.pc = back.return_pc;
  reload_memory(r);
}

}  // namespace

Stop execute_slowly(Regs& r) noexcept {
  switch (first_part(op_of(*r.pc))) {
    case Op::call:
      return enter_growing(r, reinterpret_cast<FuncCode*>(r.pc[1]), r.pc + call_words);
    case Op::call_import:
      return enter_callee(r, r.instance()->imported_funcs[r.pc[1]]);
    case Op::call_indirect_s:
      return call_element(r, get<std::uint32_t>(r, b(r)));
    case Op::call_indirect_a:
      return call_element(r, get_acc<std::uint32_t>(r));
    case Op::call_ref:
      return enter_callee(r, reinterpret_cast<Func*>(r.fp[b(r)]));
    case Op::return_call:
      return replace_growing(r, reinterpret_cast<FuncCode*>(r.pc[1]));
    case Op::return_call_indirect:
      return replace_with_element(r);
    case Op::return_call_ref:
      return replace_with(r, reinterpret_cast<Func*>(r.fp[detail::callee_slot(r)]));
    case Op::i8x16_shuffle:
      vector_shuffle(r);
      return Stop::none;
#define FERMATA_VECTOR_SWIZZLE(op, as, sa) \
  case Op::op:                             \
    vector_binary<vector::swizzle>(r);     \
    return Stop::none;                     \
  case Op::as:                             \
    vector_binary_as<vector::swizzle>(r);  \
    return Stop::none;                     \
  case Op::sa:                             \
    vector_binary_sa<vector::swizzle>(r);  \
    return Stop::none;
#define FERMATA_OP(id, layout, ...)
#define FERMATA_SLOW(id, layout, handler) \
  case Op::id:                            \
    return answer([](Regs& q) noexcept { return handler(q); }, r);
#include "interp/isa/ops.def"
    default:
      assert(false);  // no other handler leaves anything to be done here
      std::unreachable();
  }
}

}  // namespace fermata
