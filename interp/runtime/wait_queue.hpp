// WaitQueue: who waits at the addresses of a memory, and Waiter: a place there.
//
// Knows nothing of threads but that they wait: a woken one goes on when it is run. Specification:
// threads proposal, "Wait and Notify operators".
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace fermata {

class WaitQueue;

/// A thread's place in the queue of one memory, if it has any. What it refers to outlives it.
class Waiter {
 public:
  enum class State : std::uint8_t { none, waiting, notified, timed_out };

  Waiter() = default;
  ~Waiter() { leave(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  [[nodiscard]] State state() const noexcept { return state_; }
  /// Precondition of the two: it is waiting.
  [[nodiscard]] std::uint64_t address() const noexcept { return place_->first; }
  [[nodiscard]] std::optional<std::uint64_t> timeout() const noexcept { return timeout_; }

  /// Precondition: it is waiting.
  void time_out() noexcept { end(State::timed_out); }
  /// What the instruction gives; waits no more. Precondition: notified or timed out.
  [[nodiscard]] std::uint32_t take_result() noexcept;

  static constexpr std::uint32_t woken = 0, not_equal = 1,
                                 over = 2;  ///< results of the instruction

 private:
  friend class WaitQueue;
  using Places = std::multimap<std::uint64_t, Waiter*>;
  void end(State state) noexcept;
  void leave() noexcept;

  Places* queue_ = nullptr;  // while it is waiting
  Places::iterator place_{};
  std::optional<std::uint64_t> timeout_;
  State state_ = State::none;
};

class WaitQueue {
 public:
  /// At the end of those of the address. Precondition: the waiter is in no queue.
  void enter(Waiter& waiter, std::uint64_t address, std::optional<std::uint64_t> timeout);
  /// Wakes up to `count` that wait at the address, the first ones first. Returns how many.
  std::uint32_t notify(std::uint64_t address, std::uint32_t count) noexcept;

 private:
  Waiter::Places places_;  // equal addresses in the order in which they came
};

}  // namespace fermata
