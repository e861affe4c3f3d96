// Meter: the fuel that the threads of a process or store have used, and when they pause for it.
//
// One OS thread runs and asks; `interrupt` alone may be called by others meanwhile, or by a signal
// handler. docs/fuel.md says what costs how much.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

namespace fermata {

class Meter {
 public:
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
  /// What one unit pays for where an instruction's cost depends on a size.
  static constexpr std::uint64_t bytes_per_unit = 64;

  [[nodiscard]] std::uint64_t used() const noexcept { return used_; }
  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }

  /// Modulo 2^64, so that something can be taken back.
  void charge(std::uint64_t units) noexcept { used_ += units; }
  void charge_for_bytes(std::uint64_t bytes) noexcept { used_ += bytes / bytes_per_unit; }

  /// Whether a thread at a safe point is to leave the dispatcher and ask `pause` why.
  [[nodiscard]] bool is_due() const noexcept {
    return used_ >= pause_at_.load(std::memory_order_relaxed);
  }
  enum class Pause : std::uint8_t { none, out_of_fuel, interrupted };
  /// Takes an interruption, if there is one.
  [[nodiscard]] Pause pause() noexcept {
    pause_at_.store(limit_);
    if (interrupted_.exchange(false)) return Pause::interrupted;
    return used_ >= limit_ ? Pause::out_of_fuel : Pause::none;
  }

  /// Threads pause when so much has been used in all.
  void set_limit(std::uint64_t limit) noexcept {
    limit_ = limit;
    pause_at_.store(limit);
    if (interrupted_.load()) pause_at_.store(0);  // one that came in between is not lost
  }
  void set_used(std::uint64_t used) noexcept { used_ = used; }

  /// From any OS thread, or from a signal handler: threads pause at the next safe point.
  void interrupt() noexcept {
    interrupted_.store(true);
    pause_at_.store(0);
  }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free);

  std::uint64_t used_ = 0;
  std::atomic<std::uint64_t> pause_at_ = unlimited;  // the limit, or 0 to look at once
  std::uint64_t limit_ = unlimited;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace fermata
