// GuestThread: one guest call stack, and where it stands while it is paused.
//
// Owns the stack's memory, which grows by moving (frames hold no pointers into it) up to a limit.
// Knows nothing of processes. The interpreter runs it (execute.hpp).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>

#include "fermata/error.hpp"
#include "interp/runtime/instance.hpp"
#include "interp/runtime/meter.hpp"
#include "interp/runtime/wait_queue.hpp"

namespace fermata {

class FrameWalker;  // frame_walker.hpp

/// A call from one instance into another: where to go back to.
struct CrossCall {
  Word code[3];  ///< what the callee returns through: the call, as it stands in the
                 ///< caller's code, and an instruction that crosses back
  const Word* return_pc = nullptr;
  Instance* instance = nullptr;
};

class GuestThread {
 public:
  /// Paused before the call of `function`; `start`, when there is one, is called before it, without
  /// arguments. `arguments` are slots as in a frame. Nothing is checked: the caller has. The
  /// budget, which the stack is charged to, outlives the thread.
  GuestThread(Func* start, Func* function, std::span<const Slot> arguments, std::uint32_t max_slots,
              Budget& budget);
  ~GuestThread();
  GuestThread(const GuestThread&) = delete;
  GuestThread& operator=(const GuestThread&) = delete;

  // State while paused, in the interpreter's terms. What has fewer than eight bytes stands
  // together.
  const Word* pc = nullptr;      ///< the next instruction
  Instance* instance = nullptr;  ///< whose code pc is in; null before the first call
  Func* host_call = nullptr;     ///< waits for the results of this host function
  Meter* meter = nullptr;        ///< not null if its code is metered
  std::unique_ptr<Waiter>
      waiter;          ///< its place among those that wait at addresses, made by the first wait
  Slot exception = 0;  ///< what was thrown, when the trap is uncaught_exception
  std::unique_ptr<std::deque<CrossCall>>
      cross_calls;              ///< made for the first; does not move its elements
  Func* start = nullptr;        ///< to be called first; null when there is none
  Func* function = nullptr;     ///< the thread's function
  std::uint32_t fp = 0;         ///< the frame pointer, in slots from the stack's begin
  std::uint32_t arguments = 0;  ///< slot from the stack's begin: arguments of `host_call`
  std::uint32_t results = 0;    ///< the same: where its results go, or what waiting gives; when
                                ///< the thread has finished, where those of its function are
  std::uint32_t argument_slots = 0;  ///< of `function`; they lie at the stack's begin
  Trap trap = Trap::none;
  bool in_start = false;  ///< whether the start function is running

  /// The arguments back to the stack's begin, where the start function's frame was.
  void restore_arguments() noexcept;
  /// Where they are until then; null after that, and when there is no start function.
  [[nodiscard]] const Slot* arguments_for_later() const noexcept {
    return arguments_after_start_.get();
  }
  /// Whether pc is behind an instruction that is not done: its results are still to be written.
  [[nodiscard]] bool awaits_results() const noexcept {
    return host_call != nullptr || is_waiting() || has_waited();
  }
  /// Whether it waits at an address, and whether it has and does not know yet what came of it.
  [[nodiscard]] bool is_waiting() const noexcept { return waiter && waiter->is_waiting(); }
  [[nodiscard]] bool has_waited() const noexcept { return waiter && waiter->has_result(); }
  /// Writes the result of waiting, if there is one, where the thread goes on with it.
  void take_wait_result() noexcept;
  /// Gives all its memory back. It must not run any more.
  void release() noexcept;
  /// Whether any instruction has run.
  [[nodiscard]] bool begun() const noexcept;

  [[nodiscard]] Slot* stack() noexcept { return stack_.get(); }
  [[nodiscard]] const Slot* stack() const noexcept { return stack_.get(); }
  [[nodiscard]] std::uint32_t capacity() const noexcept {
    return static_cast<std::uint32_t>(limit_ - stack_.get());
  }
  /// Where the stack ends.
  [[nodiscard]] const Slot* limit() const noexcept { return limit_; }
  /// The place of a new last element of `cross_calls`; null when the budget has no room for it.
  [[nodiscard]] const CrossCall* push_cross_call(const CrossCall& call) noexcept;
  CrossCall pop_cross_call() noexcept;
  /// Makes room for `slots` slots in all. Else call_stack_exhausted: over the limit, or
  /// out_of_memory; nothing changed.
  [[nodiscard]] Trap reserve(std::uint64_t slots) noexcept;
  /// What the stack, and what else the thread makes, is charged to.
  [[nodiscard]] Budget& budget() const noexcept { return budget_; }
  /// Made for the first exception, and kept: it remembers where the thread's calls stand.
  [[nodiscard]] FrameWalker& frame_walker();

 private:
  [[nodiscard]] bool move_stack(std::uint64_t slots) noexcept;

  std::uint32_t max_slots_ = 0;
  std::unique_ptr<Slot[]> arguments_after_start_;  // when there is a start function
  std::unique_ptr<Slot[]> stack_;
  std::unique_ptr<FrameWalker> frame_walker_;
  Slot* limit_ = nullptr;
  Budget& budget_;  // has given `capacity()` slots and the cross calls
};

}  // namespace fermata
