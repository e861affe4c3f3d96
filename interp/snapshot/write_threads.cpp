// Writer: threads and their frames, and who waits.

#include <algorithm>
#include <unordered_map>

#include "interp/snapshot/writer.hpp"

namespace fermata::snapshot {
namespace {

const FuncType& type_of(const Func& function) { return *function.signature; }

ThreadPhase phase_of(const GuestThread& guest) {
  if (!guest.begun()) return ThreadPhase::not_begun;
  return guest.in_start ? ThreadPhase::in_start : ThreadPhase::in_function;
}

Doing doing_of(const GuestThread& guest) {
  if (guest.trap != Trap::none) return Doing::trapped;
  if (guest.host_call != nullptr) return Doing::host_call;
  if (guest.is_waiting()) return Doing::waiting;
  return guest.has_waited() ? Doing::waited : Doing::ready;
}

template <class Visit>
void each_thread(const ThreadGroup& threads, Visit visit) {
  for (const auto& thread : threads.records()) {
    if (!thread->has_ended) visit(*thread);
  }
}

}  // namespace

void Writer::write_threads(Output& out) {
  std::uint64_t count = 0;
  each_thread(process_.threads, [&](const ThreadRecord&) { ++count; });
  out.number(count);
  each_thread(process_.threads, [&](const ThreadRecord& thread) { write_thread(out, thread); });
}

void Writer::write_thread(Output& out, const ThreadRecord& thread) {
  const GuestThread& guest = thread.guest;
  const ThreadPhase phase = phase_of(guest);
  out.number(thread.id);
  out.number(thread.user_data);
  numbering_.function(out, *guest.function);
  out.byte(static_cast<std::uint8_t>(phase));
  if (phase != ThreadPhase::in_function) {
    out.byte(guest.start != nullptr ? 1 : 0);
    if (guest.start != nullptr) numbering_.function(out, *guest.start);
    const Slot* const kept = guest.arguments_for_later();
    numbering_.typed_values(out, type_of(*guest.function).params,
                            kept != nullptr ? kept : guest.stack());
  }
  write_doing(out, thread);
  write_frames(out, guest);
}

void Writer::write_doing(Output& out, const ThreadRecord& thread) {
  const GuestThread& guest = thread.guest;
  const Doing doing = doing_of(guest);
  out.byte(static_cast<std::uint8_t>(doing));
  switch (doing) {
    case Doing::ready:
      return;
    case Doing::host_call:
      out.number(guest.host_call->index.value);
      return numbering_.typed_values(out, type_of(*guest.host_call).params,
                                     guest.stack() + guest.arguments);
    case Doing::waiting:
      out.number(guest.waiter->address());
      out.byte(guest.waiter->timeout() ? 1 : 0);
      if (guest.waiter->timeout()) out.number(*guest.waiter->timeout());
      return;
    case Doing::waited:
      return out.byte(static_cast<std::uint8_t>(guest.waiter->result()));
    case Doing::trapped:
      out.text(to_string(guest.trap));
      if (guest.trap == Trap::uncaught_exception) numbering_.reference(out, guest.exception, true);
      if (guest.trap == Trap::host_trap) out.text(process_.threads.trap_message(thread.id));
  }
}

// --- frames --------------------------------------------------------------------------------------

void Writer::write_frames(Output& out, const GuestThread& guest) {
  const auto frames = guest.begun() ? sites_.frames(guest) : std::vector<Sites::Frame>{};
  out.number(frames.size());
  for (const Sites::Frame& frame : frames) write_frame(out, frame);
}

void Writer::write_frame(Output& out, const Sites::Frame& frame) {
  out.number(frame.site);
  out.number(numbering_.instance(frame.instance));
  const Sites::Site& site = sites_.site(frame.site);
  if (site.kind == SiteKind::trapped) return;
  const FrameLayout& layout = sites_.function(site).layout;
  for (std::uint32_t i = 0; i < layout.local_count(); ++i) {
    numbering_.value(out, layout.local_type(i), frame.fp + layout.local_slot(i));
  }
  for (std::uint32_t i = 0; i < layout.sizes.caught_slots; ++i) {
    numbering_.reference(out, frame.fp[layout.sizes.caught + i], true);
  }
  for (const Operand& operand : site.operands) write_operand(out, operand, frame.fp, layout);
}

void Writer::write_operand(Output& out, const Operand& operand, const Slot* fp,
                           const FrameLayout& layout) {
  switch (operand.kind) {
    case Operand::Kind::slot:
      return numbering_.value(out, operand.type, fp + operand.slot);
    case Operand::Kind::local:
      return numbering_.value(out, operand.type, fp + layout.local_slot(operand.local));
    case Operand::Kind::constant:
      return numbering_.value(out, operand.type, &operand.bits);
    case Operand::Kind::sum: {
      const Slot sum = fp[layout.local_slot(operand.local)] + operand.bits;
      return numbering_.value(out, operand.type, &sum);
    }
  }
}

// --- waiting -------------------------------------------------------------------------------------

bool Writer::has_waiting() const {
  return std::ranges::any_of(process_.threads.records(), [](const auto& thread) {
    return !thread->has_ended && thread->guest.is_waiting();
  });
}

/// Line after line, by their addresses, in each those first that wait longest.
void Writer::write_lines(Output& out) const {
  std::unordered_map<const Waiter*, ThreadId> threads;
  std::vector<const Waiter*> firsts;
  each_thread(process_.threads, [&](const ThreadRecord& thread) {
    if (!thread.guest.is_waiting()) return;
    const Waiter* const waiter = thread.guest.waiter.get();
    threads.emplace(waiter, thread.id);
    if (waiter->is_first()) firsts.push_back(waiter);
  });
  std::ranges::sort(firsts, {}, &Waiter::address);
  out.number(threads.size());
  for (const Waiter* waiter : firsts) {
    for (; waiter != nullptr; waiter = waiter->next()) out.number(threads.at(waiter));
  }
}

void Writer::write_results(Output& out) {
  const auto results = process_.threads.last_results();
  out.number(results.size());
  for (const Value& value : results) {
    const Slot slots[2] = {value.lo(), value.hi()};
    numbering_.typed_value(out, value.type(), slots);
  }
}

}  // namespace fermata::snapshot
