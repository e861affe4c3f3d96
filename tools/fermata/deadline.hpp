// Deadline: interrupts a guest when its time is over, from an OS thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "fermata/fuel.hpp"

namespace fermata::tool {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  Deadline(Interrupter interrupter, std::chrono::nanoseconds from_now);
  /// Ends the thread, whether the time is over or not.
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  [[nodiscard]] Clock::time_point when() const { return when_; }
  [[nodiscard]] bool is_over() const { return Clock::now() >= when_; }

 private:
  void wait(const Interrupter& interrupter);

  Clock::time_point when_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::thread thread_;
};

}  // namespace fermata::tool
