// Reader: threads, and their frames from the outermost inwards.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "fermata/limits.hpp"
#include "interp/isa/bootstrap.hpp"
#include "interp/process/values.hpp"
#include "interp/snapshot/reader.hpp"

namespace fermata::snapshot {

void Reader::read_threads() {
  const std::uint32_t count = in_.count(6);
  std::uint64_t least = 0;
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
    const ThreadId id = in_.number32();
    if (in_.ok() && (id < least || id >= threads().next_id())) {
      in_.invalid(fmt::format("expected a thread id from {} on, below {}, found {}", least,
                              threads().next_id(), id));
    }
    least = std::uint64_t{id} + 1;
    if (in_.ok()) read_thread(id);
  }
  const auto* const spawned = threads().spawned();
  if (!in_.ok() || spawned == nullptr) return;
  const std::vector<ThreadId> ids = threads().ids();
  for (const auto& [thread, unused] : spawned->by_thread) {
    if (std::ranges::binary_search(ids, thread)) continue;
    in_.invalid(fmt::format("thread {} has an instance, but is not there", thread));
  }
}

void Reader::read_thread(ThreadId id) {
  const std::uint64_t user_data = in_.number();
  Func* const function = values_->function();
  const auto phase = in_.choice(ThreadPhase::in_function, "how far a thread has come");
  Func* start = nullptr;
  std::vector<Slot> arguments;
  if (in_.ok() && phase != ThreadPhase::in_function) {
    const std::uint64_t at = in_.offset();
    const bool has_start = in_.choice(std::uint8_t{1}, "whether there is a start function") != 0;
    if (has_start) start = values_->function();
    if (in_.ok() && has_start && *start->signature != FuncType{}) {
      invalid(at, "a start function has no parameters and no results");
    }
    if (in_.ok() && !has_start && phase == ThreadPhase::in_start) {
      invalid(at, "a thread in its start function has one");
    }
    if (in_.ok()) arguments = values_->typed_values(function->signature->params);
  }
  if (!in_.ok()) return;
  const auto added = threads().add(id, user_data, start, function, arguments);
  if (!added) return in_.fail(added.error());
  ThreadRecord& thread = **added;
  thread.guest.in_start = phase == ThreadPhase::in_start;
  const std::uint64_t at = in_.offset();
  const auto doing = in_.choice(Doing::trapped, "what a thread does");
  read_doing(thread, doing);
  if (!in_.ok()) return;
  if (phase != ThreadPhase::not_begun) return read_frames(thread, doing);
  if (in_.number32() != 0) in_.invalid("a thread that has not begun has no frames");
  if (doing == Doing::ready) return;
  if (doing != Doing::trapped || start == nullptr) {
    return invalid(at, "a thread that has not begun is ready");
  }
  thread.guest.in_start = true;
}

// --- what it does --------------------------------------------------------------------------------

void Reader::read_doing(ThreadRecord& thread, Doing doing) {
  switch (doing) {
    case Doing::ready:
      return;
    case Doing::host_call:
      return read_host_call(thread);
    case Doing::waiting:
      return read_waiting(thread);
    case Doing::waited: {
      const auto result = in_.choice(WaitResult::timed_out, "what waiting gives");
      if (result == WaitResult::not_equal) in_.malformed("who has waited found the wanted value");
      thread.guest.waiter = std::make_unique<Waiter>();
      return thread.guest.waiter->set_result(result);
    }
    case Doing::trapped:
      return read_trap(thread);
  }
}

/// The arguments find their place when that is known.
void Reader::read_host_call(ThreadRecord& thread) {
  const std::uint32_t index = in_.number32();
  if (in_.ok() && index >= module_.imported_funcs) {
    return in_.invalid(fmt::format("import {}: the module has {}", index, module_.imported_funcs));
  }
  if (!in_.ok()) return;
  thread.guest.host_call = process_->instance->imported_funcs[index];
  const ResultType& params = thread.guest.host_call->signature->params;
  host_arguments_ = values_->typed_values(params);
  if (in_.ok()) get(host_arguments_.data(), params, thread.arguments);
}

/// It enters its line with the others.
void Reader::read_waiting(ThreadRecord& thread) {
  Pending pending{&thread, 0, std::nullopt};
  pending.address = in_.number();
  if (in_.choice(std::uint8_t{1}, "whether there is a timeout") != 0) {
    pending.timeout = in_.number();
    if (*pending.timeout == 0 || *pending.timeout > INT64_MAX) {
      in_.malformed("a timeout is a positive number of 63 bits");
    }
  }
  if (!in_.ok()) return;
  if (!imports_shared_memory(module_) &&
      (module_.memories.empty() || !module_.memories[0].shared)) {
    return in_.invalid("only at a shared memory's addresses threads wait");
  }
  pending_.push_back(pending);
}

void Reader::read_trap(ThreadRecord& thread) {
  GuestThread& guest = thread.guest;
  const std::uint64_t at = in_.offset();
  const std::string name = in_.text(64);
  for (auto i = static_cast<unsigned>(Trap::none) + 1;
       i <= static_cast<unsigned>(Trap::out_of_memory); ++i) {
    if (to_string(static_cast<Trap>(i)) == name) guest.trap = static_cast<Trap>(i);
  }
  if (!in_.ok()) return;
  if (guest.trap == Trap::none) return invalid(at, fmt::format("no trap is called `{}`", name));
  if (!poisoned_) return invalid(at, "a thread has trapped, and the process is not poisoned");
  if (guest.trap == Trap::uncaught_exception) {
    guest.exception = values_->reference(ValType::ref({HeapKind::exn}, false));
  }
  if (guest.trap == Trap::host_trap) {
    threads().set_trap_message(thread.id, in_.text(limits::trap_message_bytes));
  }
}

// --- frames --------------------------------------------------------------------------------------

namespace {

/// What a thread's outermost frame returns to.
const Word* first_return(const GuestThread& guest) {
  return bootstrap_code + (guest.in_start ? call_words : 2 * call_words);
}

const Func& first_function(const GuestThread& guest) {
  return guest.in_start ? *guest.start : *guest.function;
}

}  // namespace

void Reader::read_frames(ThreadRecord& thread, Doing doing) {
  GuestThread& guest = thread.guest;
  const std::uint32_t count = in_.count(2);
  if (!in_.ok()) return;
  if (count == 0) return stand_in_bootstrap(thread, doing);
  Entry entry{&first_function(guest).signature->results, address_bits(first_return(guest)), 0};
  for (std::uint32_t left = count; left != 0 && in_.ok(); --left) {
    read_frame(guest, entry, left == 1 ? std::optional(doing) : std::nullopt);
  }
  if (in_.ok() && guest.host_call != nullptr) place_arguments(guest);
}

/// Host functions have no frames, and neither has what could not be entered.
void Reader::stand_in_bootstrap(ThreadRecord& thread, Doing doing) {
  GuestThread& guest = thread.guest;
  if (doing != Doing::trapped &&
      (doing != Doing::host_call || guest.host_call != &first_function(guest))) {
    return in_.invalid("a thread without frames waits for its own function, or has trapped");
  }
  guest.pc = first_return(guest);
  if (doing == Doing::trapped) return;
  if (guest.reserve(host_arguments_.size()) != Trap::none) {
    return in_.fail(ErrorCode::out_of_memory, in_.offset(), "a guest stack");
  }
  std::ranges::copy(host_arguments_, guest.stack());
}

/// Reads a frame, which is entered as `entry` says, and sets that for the next one. `doing`: of the
/// innermost.
void Reader::read_frame(GuestThread& guest, Entry& entry, std::optional<Doing> doing) {
  const std::uint64_t at = in_.offset();
  const std::uint32_t site = in_.number32();
  if (in_.ok() && site >= places_->size()) {
    in_.invalid(fmt::format("site {}: there are {}", site, places_->size()));
  }
  Instance* const instance = values_->instance();
  if (!in_.ok()) return;
  const Places::Place& place = (*places_)[site];
  const Places::Function& function = places_->function(place);
  check_results(*entry.results, module_.func_type(function.index).results, at);
  check_stand(guest, place, doing, at);
  const std::uint64_t end = std::uint64_t{entry.fp} + function.code->frame_slots;
  if (in_.ok() && guest.reserve(end) != Trap::none) {
    in_.fail(ErrorCode::out_of_memory, at, fmt::format("a guest stack of {} slots", end));
  }
  if (in_.ok() && entry.caller != nullptr && guest.instance != instance) cross(guest, entry, at);
  if (!in_.ok()) return;
  Slot* const fp = guest.stack() + entry.fp;
  std::fill_n(fp, function.code->frame_slots, Slot{0});
  fp[function.code->header] = entry.return_pc;
  guest.pc = place.pc;
  guest.fp = entry.fp;
  guest.instance = instance;
  if (place.kind != SiteKind::trapped) read_values(place, fp);
  if (place.kind != SiteKind::inside || !in_.ok()) return;
  const Word instruction = place.instruction();
  if (place.callee) {
    const auto& callee = module_.data.types[place.callee->value].composite;
    entry.results = &std::get<FuncType>(callee).results;
  }
  entry.caller = &place;
  entry.return_pc = address_bits(place.pc);
  const bool is_tail = place.op == SiteOp::tail_call;
  guest.arguments = entry.fp + field_c(instruction);
  guest.results = entry.fp + (is_tail ? field_c(instruction) : field_a(instruction));
  if (place.op == SiteOp::call) entry.fp += field_c(instruction);
}

/// The frame that is entered is of another instance than the caller, where the thread stands.
void Reader::cross(GuestThread& guest, Entry& entry, std::uint64_t at) {
  const auto* const back = guest.push_cross_call(
      {{entry.caller->instruction(), 0, make_word(Op::return_cross)}, guest.pc, guest.instance});
  if (back == nullptr) return in_.fail(ErrorCode::out_of_memory, at, "a call between instances");
  entry.return_pc = address_bits(back->code + call_words);
}

/// A function that others have taken the place of, or a subtype, may give results of subtypes.
void Reader::check_results(const ResultType& wanted, const ResultType& found, std::uint64_t at) {
  if (&wanted == &found || matching_results_.contains({&wanted, &found})) return;
  if (!matches(found, module_.canonical, wanted, module_.canonical)) {
    return invalid(at, fmt::format("expected a frame that returns {}, found {}", to_string(wanted),
                                   to_string(found)));
  }
  matching_results_.emplace(&wanted, &found);
}

/// Whether what the thread does, or that the frame has called another, goes with the site.
void Reader::check_stand(const GuestThread& guest, const Places::Place& place,
                         std::optional<Doing> doing, std::uint64_t at) {
  const bool in_call =
      place.kind == SiteKind::inside && (place.op == SiteOp::call || place.op == SiteOp::tail_call);
  const bool in_wait = place.kind == SiteKind::inside && !in_call;
  bool fits = false;
  if (!doing) {
    fits = in_call && place.op == SiteOp::call;
  } else if (*doing == Doing::host_call) {
    fits = in_call && calls(place, *guest.host_call);
  } else if (*doing == Doing::waiting || *doing == Doing::waited) {
    fits = in_wait && module_.memories[0].shared && (*doing == Doing::waited || waits(place));
  } else {
    fits = place.kind == (*doing == Doing::ready ? SiteKind::before : SiteKind::trapped);
  }
  if (!fits) invalid(at, "the frame does not stand where its thread, or the next frame, needs it");
}

bool Reader::calls(const Places::Place& place, const Func& host) const {
  if (place.direct) return *place.direct == host.index;
  const Op op = first_part(op_of(place.instruction()));
  if (op == Op::call || op == Op::return_call) return false;  // of a function of the module
  return is_subtype(host.type, module_.canonical.id(*place.callee));
}

/// Of the thread that was read last.
bool Reader::waits(const Places::Place& place) const {
  const std::uint64_t size = place.op == SiteOp::wait64 ? 8 : 4;
  const std::uint64_t address = pending_.back().address;
  return address % size == 0 && process_->instance->memories[0]->contains(address, size);
}

void Reader::place_arguments(GuestThread& guest) {
  std::ranges::copy(host_arguments_, guest.stack() + guest.arguments);
}

// --- a frame's values ----------------------------------------------------------------------------

void Reader::read_values(const Places::Place& place, Slot* fp) {
  const Places::Function& function = places_->function(place);
  const FrameLayout& layout = function.layout;
  const std::size_t params = module_.func_type(function.index).params.size();
  for (std::uint32_t i = 0; i < layout.local_count() && in_.ok(); ++i) {
    const ValType type = layout.local_type(i);
    const bool may_be_unset = type.is_ref() && !type.nullable && i >= params &&
                              !function.initialised->contain(i, place.offset);
    values_->value(type, fp + layout.local_slot(i), may_be_unset);
  }
  for (std::uint32_t i = 0; i < layout.sizes.caught_slots && in_.ok(); ++i) {
    const bool may_be_null = i >= place.caught;
    fp[layout.sizes.caught + i] = values_->reference(ValType::ref({HeapKind::exn}, may_be_null));
  }
  for (std::uint32_t i = 0; i < place.operands.size() && in_.ok(); ++i) {
    const Operand& operand = place.operands[i];
    const std::uint64_t at = in_.offset();
    Slot value[2] = {};
    values_->value(operand.type, value);
    if (!in_.ok()) return;
    bool same = place.standard.empty() || is_there(place.standard[i], layout, fp, value);
    if (operand.kind == Operand::Kind::slot) {
      std::copy_n(value, operand.type.slots(), fp + operand.slot);
    } else {
      same = same && is_there(operand, layout, fp, value);
    }
    if (same) continue;
    invalid(at, fmt::format("function {} at {:#x}: operand {} cannot have this value there",
                            function.index.value, place.offset, i));
  }
}

/// Whether the code finds the value where it looks for the operand, if that is no slot of its own.
bool Reader::is_there(const Operand& operand, const FrameLayout& layout, const Slot* fp,
                      const Slot* value) {
  const auto is_i32 = [](ValType type) {
    return type.kind == ValKind::i32 || type.kind == ValKind::f32;
  };
  Slot found[2] = {operand.bits, 0};
  if (operand.kind == Operand::Kind::slot) return true;
  if (operand.in_local()) {
    std::copy_n(fp + layout.local_slot(operand.local), operand.type.slots(), found);
  }
  if (operand.kind == Operand::Kind::sum) found[0] += operand.bits;
  if (is_i32(operand.type)) found[0] = static_cast<std::uint32_t>(found[0]);
  return std::equal(found, found + operand.type.slots(), value);
}

// --- who waits, and what was the last result -----------------------------------------------------

void Reader::read_lines() {
  const std::uint32_t count = in_.count();
  std::uint64_t address = 0;
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
    const ThreadId id = in_.number32();
    const auto id_of = [](const Pending& pending) { return pending.thread->id; };
    const auto pending = std::ranges::lower_bound(pending_, id, {}, id_of);
    if (!in_.ok()) return;
    const bool is_there = pending != pending_.end() && id_of(*pending) == id;
    if (!is_there || pending->thread->guest.is_waiting() || pending->address < address) {
      return in_.invalid(fmt::format("thread {} does not stand there in a line", id));
    }
    address = pending->address;
    auto& waiter = pending->thread->guest.waiter;
    waiter = std::make_unique<Waiter>();
    process_->instance->memories[0]->waiters()->enter(*waiter, address, pending->timeout);
  }
}

void Reader::read_results() {
  const std::uint32_t count = in_.count(2);
  std::vector<Value> results;
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) results.push_back(values_->any_value());
  if (in_.ok() && count == 0) in_.malformed("a section for no results");
  if (in_.ok()) threads().set_last_results(std::move(results));
}

}  // namespace fermata::snapshot
