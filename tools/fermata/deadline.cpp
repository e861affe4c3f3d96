#include "tools/fermata/deadline.hpp"

#include <utility>

namespace fermata::tool {

Deadline::Deadline(Interrupter interrupter, std::chrono::nanoseconds from_now)
    : when_(Clock::now() + from_now),
      thread_([this, waiting = std::move(interrupter)] { wait(waiting); }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Deadline::wait(const Interrupter& interrupter) {
  std::unique_lock lock(mutex_);
  if (!ended_.wait_until(lock, when_, [this] { return has_ended_; })) interrupter.interrupt();
}

}  // namespace fermata::tool
