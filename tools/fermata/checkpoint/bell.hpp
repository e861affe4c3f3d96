// Bell: brings a guest to a pause wherever it is: in its code, in a call that waits, asleep. And
// the signals that ring it.
//
// Which file implements it (bell_posix.cpp or bell_windows.cpp) is the build's choice. Knows
// nothing of why it is rung.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "fermata/fuel.hpp"

namespace fermata::tool {

struct BellState;

class Bell {
 public:
  using Clock = std::chrono::steady_clock;

  Bell();
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  /// Interrupts this guest as well. Called before anybody rings.
  void connect(Interrupter guest) { guest_ = std::move(guest); }
  /// From any OS thread, and from a signal handler.
  void ring() const noexcept;
  /// Until it is rung again, what waits here waits.
  void silence() noexcept;
  /// Returns at this time, or when it is rung, or has been since it was silenced.
  void sleep_until(Clock::time_point when) const;
  /// A descriptor that can be read from when it was rung; -1 where there is none (Windows).
  [[nodiscard]] int host() const noexcept;

 private:
  std::unique_ptr<BellState> state_;
  std::optional<Interrupter> guest_;
};

/// While it lives SIGINT and SIGTERM ring the bell instead of ending the command, the first time
/// that they come; one that was ignored before stays so. A file that becomes too large is an error
/// of writing. There is one at a time.
class StopSignals {
 public:
  explicit StopSignals(const Bell& bell);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  /// The signal that has come last, or 0.
  [[nodiscard]] static int caught() noexcept;
};

}  // namespace fermata::tool
