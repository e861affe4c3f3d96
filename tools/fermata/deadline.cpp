#include "tools/fermata/deadline.hpp"

namespace fermata::tool {

Deadline::Deadline(const Bell& bell, std::chrono::nanoseconds from_now)
    : when_(Clock::now() + from_now), thread_([this, &bell] { wait(bell); }) {}

Deadline::~Deadline() {
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void Deadline::wait(const Bell& bell) {
  std::unique_lock lock(mutex_);
  if (!ended_.wait_until(lock, when_, [this] { return has_ended_; })) bell.ring();
}

}  // namespace fermata::tool
