// The guest stack's memory.
#include "interp/exec/guest_thread.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "interp/exec/frame_walker.hpp"
#include "interp/isa/bootstrap.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {

namespace {

// A thread begins with room for its first frame, within these bounds, and never grows by less than
// the second: many threads never get far.
constexpr std::uint64_t first_slots = 16;
constexpr std::uint64_t usual_slots = 64;

constexpr std::uint64_t cross_call_bytes = 40;  // with 64-bit addresses; one number on every host
static_assert(sizeof(CrossCall) <= cross_call_bytes);

std::uint64_t frame_slots(const Func* function) {
  return function->code != nullptr ? function->code->frame_slots : 0;
}

}  // namespace

GuestThread::GuestThread(Func* start_function, Func* function_to_run,
                         std::span<const Slot> arguments, std::uint32_t max_slots, Budget& budget)
    : pc(bootstrap_code),
      start(start_function),
      function(function_to_run),
      argument_slots(static_cast<std::uint32_t>(arguments.size())),
      max_slots_(max_slots),
      budget_(budget) {
  // Never an empty stack.
  std::uint64_t needed = std::uint64_t{slots_of(function_to_run->signature->results)} + 1;
  // A host function may be the thread's function: its results need a place as well.
  needed = std::max<std::uint64_t>(arguments.size(), needed);
  if (start != nullptr) {
    arguments_after_start_ = std::make_unique<Slot[]>(arguments.size());
    std::ranges::copy(arguments, arguments_after_start_.get());
  }
  const std::uint64_t first_frame = frame_slots(start != nullptr ? start : function);
  const std::uint64_t wanted = std::clamp(first_frame, first_slots, usual_slots);
  if (needed > max_slots_ || !move_stack(std::clamp<std::uint64_t>(wanted, needed, max_slots_))) {
    return;  // capacity() tells
  }
  std::ranges::copy(arguments, stack());
}

GuestThread::~GuestThread() { release(); }

void GuestThread::release() noexcept {
  budget_.give(std::uint64_t{capacity()} * sizeof(Slot));
  if (cross_calls) budget_.give(cross_calls->size() * cross_call_bytes);
  cross_calls.reset();
  waiter.reset();
  frame_walker_.reset();
  arguments_after_start_.reset();
  stack_.reset();
  limit_ = nullptr;
}

void GuestThread::take_wait_result() noexcept {
  if (has_waited()) stack()[results] = static_cast<Slot>(waiter->take_result());
}

void GuestThread::restore_arguments() noexcept {
  std::copy_n(arguments_after_start_.get(), argument_slots, stack());
  arguments_after_start_.reset();
}

bool GuestThread::begun() const noexcept { return pc != bootstrap_code; }

const CrossCall* GuestThread::push_cross_call(const CrossCall& call) noexcept {
  if (!budget_.take(cross_call_bytes)) return nullptr;
  const bool pushed = finds_memory([&] {
    if (!cross_calls) cross_calls = std::make_unique<std::deque<CrossCall>>();
    cross_calls->emplace_back(call);
  });
  if (pushed) return &cross_calls->back();
  budget_.give(cross_call_bytes);
  return nullptr;
}

CrossCall GuestThread::pop_cross_call() noexcept {
  const CrossCall call = cross_calls->back();
  cross_calls->pop_back();
  budget_.give(cross_call_bytes);
  return call;
}

FrameWalker& GuestThread::frame_walker() {
  if (frame_walker_ == nullptr) frame_walker_ = std::make_unique<FrameWalker>();
  return *frame_walker_;
}

Trap GuestThread::reserve(std::uint64_t slots) noexcept {
  if (slots <= capacity()) return Trap::none;
  if (slots > max_slots_) return Trap::call_stack_exhausted;
  const std::uint64_t grown = std::max({slots, std::uint64_t{capacity()} * 2, usual_slots});
  if (move_stack(std::min<std::uint64_t>(grown, max_slots_))) return Trap::none;
  return move_stack(slots) ? Trap::none : Trap::out_of_memory;
}

// While it moves both places are taken of the budget, since both are there.
bool GuestThread::move_stack(std::uint64_t slots) noexcept {
  if (!budget_.take(slots * sizeof(Slot))) return false;
  std::unique_ptr<Slot[]> moved(new (std::nothrow) Slot[static_cast<std::size_t>(slots)]);
  if (moved == nullptr) {
    budget_.give(slots * sizeof(Slot));
    return false;
  }
  std::copy_n(stack_.get(), capacity(), moved.get());
  budget_.give(std::uint64_t{capacity()} * sizeof(Slot));
  stack_ = std::move(moved);
  limit_ = stack_.get() + slots;
  return true;
}

}  // namespace fermata
