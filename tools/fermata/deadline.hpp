// Deadline: rings a bell when a time is over, from an OS thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tools/fermata/checkpoint/bell.hpp"

namespace fermata::tool {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  /// The bell must live as long.
  Deadline(const Bell& bell, std::chrono::nanoseconds from_now);
  /// Ends the thread, whether the time is over or not.
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  [[nodiscard]] bool is_over() const { return Clock::now() >= when_; }

 private:
  void wait(const Bell& bell);

  Clock::time_point when_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool has_ended_ = false;
  std::thread thread_;
};

}  // namespace fermata::tool
