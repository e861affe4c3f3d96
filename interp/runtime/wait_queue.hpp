// WaitQueue: who waits at the addresses of a memory, and Waiter: a place there.
//
// Neither waiting nor waking can fail: what is allocated for many waiters makes them quicker to find,
// no more. Knows nothing of threads but that they wait: a woken one goes on when it is run. Specification: threads proposal,
// "Wait and Notify operators".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace fermata {

class WaitQueue;

/// What a wait gives.
enum class WaitResult : std::uint8_t { ok = 0, not_equal = 1, timed_out = 2 };

/// A thread's place in the queue of one memory, if it has any. The queue outlives it.
class Waiter {
 public:
  Waiter() = default;
  ~Waiter() { leave(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  [[nodiscard]] bool is_waiting() const noexcept { return queue_ != nullptr; }
  /// Whether it has waited, and nobody has taken the result.
  [[nodiscard]] bool has_result() const noexcept { return result_.has_value(); }
  /// Precondition of the three: it is waiting.
  [[nodiscard]] std::uint64_t address() const noexcept { return address_; }
  [[nodiscard]] std::optional<std::uint64_t> timeout() const noexcept { return timeout_; }
  void time_out() noexcept { end(WaitResult::timed_out); }

  /// Precondition: has_result.
  [[nodiscard]] WaitResult take_result() noexcept;
  [[nodiscard]] WaitResult result() const noexcept { return *result_; }
  /// As one that has waited, with this result. Precondition: it is in no queue.
  void set_result(WaitResult result) noexcept { result_ = result; }

  /// Whether it is the first in its address's line, and who comes next. Precondition: it is waiting.
  [[nodiscard]] bool is_first() const noexcept { return previous_ == nullptr; }
  [[nodiscard]] const Waiter* next() const noexcept { return next_; }

 private:
  friend class WaitQueue;
  void end(WaitResult result) noexcept;
  void leave() noexcept;

  WaitQueue* queue_ = nullptr;  // while it is waiting
  std::uint64_t address_ = 0;
  std::optional<std::uint64_t> timeout_;
  std::optional<WaitResult> result_;
  // Those of one address are in a line, in the order in which they came.
  Waiter* next_ = nullptr;
  Waiter* previous_ = nullptr;  // null: the first
  // Of the first in a line: the last, and the first of another address.
  Waiter* last_ = nullptr;
  Waiter* other_ = nullptr;
};

class WaitQueue {
 public:
  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;

  /// At the end of the address's line. Precondition: the waiter is in no queue and has no result.
  void enter(Waiter& waiter, std::uint64_t address, std::optional<std::uint64_t> timeout) noexcept;
  /// Wakes up to `count` that wait at the address, the first ones first. Returns how many.
  std::uint32_t notify(std::uint64_t address, std::uint32_t count) noexcept;

 private:
  friend class Waiter;
  [[nodiscard]] Waiter*& first_at(std::uint64_t address) noexcept;
  void take_out(Waiter& waiter) noexcept;

  /// As many lists as there are lines, or so; fewer where there is no memory for more.
  void make_lists() noexcept;

  // The lines' first ones, in lists by a hash of the address that guests do not know. The lists are a
  // power of two.
  std::array<Waiter*, 16> few_{};
  std::unique_ptr<Waiter*[]> many_;
  std::span<Waiter*> lists_ = few_;
  std::size_t lines_ = 0;
};

}  // namespace fermata
