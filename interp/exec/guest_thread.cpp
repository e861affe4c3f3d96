// The guest stack's memory.
#include "interp/exec/guest_thread.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "interp/exec/bootstrap.hpp"

namespace fermata {

namespace {

// A thread begins with room for its first frame, within these bounds, and never grows by less than
// the second: many threads never get far.
constexpr std::uint64_t first_slots = 16;
constexpr std::uint64_t usual_slots = 64;

std::uint64_t frame_slots(const Func* function) {
  return function->code != nullptr ? function->code->frame_slots : 0;
}

}  // namespace

GuestThread::GuestThread(Func* start_function, Func* function_to_run,
                         std::span<const Slot> arguments, std::size_t max_stack_bytes)
    : pc(bootstrap_code),
      start(start_function),
      function(function_to_run),
      argument_slots(static_cast<std::uint32_t>(arguments.size())),
      max_slots_(static_cast<std::uint32_t>(
          std::min<std::size_t>(max_stack_bytes / sizeof(Slot), UINT32_MAX))) {
  std::uint64_t needed = 1;  // never an empty stack
  for (const ValType type : function_to_run->signature->results) needed += type.slots();
  // A host function may be the thread's function: its results need a place as well.
  needed = std::max<std::uint64_t>(arguments.size(), needed);
  const std::uint64_t first_frame = frame_slots(start != nullptr ? start : function);
  const std::uint64_t wanted = std::clamp(first_frame, first_slots, usual_slots);
  if (needed > max_slots_ || !move_stack(std::clamp<std::uint64_t>(wanted, needed, max_slots_))) {
    return;  // capacity() tells
  }
  std::ranges::copy(arguments, stack());
  if (start == nullptr) return;
  arguments_after_start_ = std::make_unique<Slot[]>(arguments.size());
  std::ranges::copy(arguments, arguments_after_start_.get());
}

void GuestThread::restore_arguments() noexcept {
  std::copy_n(arguments_after_start_.get(), argument_slots, stack());
}

bool GuestThread::begun() const noexcept { return pc != bootstrap_code; }

Trap GuestThread::reserve(std::uint64_t slots) noexcept {
  if (slots <= capacity()) return Trap::none;
  if (slots > max_slots_) return Trap::call_stack_exhausted;
  const std::uint64_t grown = std::max({slots, std::uint64_t{capacity()} * 2, usual_slots});
  if (move_stack(std::min<std::uint64_t>(grown, max_slots_))) return Trap::none;
  return move_stack(slots) ? Trap::none : Trap::out_of_memory;
}

bool GuestThread::move_stack(std::uint64_t slots) noexcept {
  std::unique_ptr<Slot[]> moved(new (std::nothrow) Slot[slots]);
  if (moved == nullptr) return false;
  std::copy_n(stack_.get(), capacity(), moved.get());
  stack_ = std::move(moved);
  limit_ = stack_.get() + slots;
  return true;
}

}  // namespace fermata
