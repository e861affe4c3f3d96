#include "interp/runtime/wait_queue.hpp"

#include <cassert>
#include <utility>

namespace fermata {

void Waiter::leave() noexcept {
  if (queue_ != nullptr) queue_->erase(place_);
  queue_ = nullptr;
}

void Waiter::end(State state) noexcept {
  assert(state_ == State::waiting);
  leave();
  state_ = state;
}

std::uint32_t Waiter::take_result() noexcept {
  assert(state_ == State::notified || state_ == State::timed_out);
  return std::exchange(state_, State::none) == State::notified ? woken : over;
}

void WaitQueue::enter(Waiter& waiter, std::uint64_t address, std::optional<std::uint64_t> timeout) {
  assert(waiter.state_ == Waiter::State::none);
  waiter.place_ = places_.emplace(address, &waiter);
  waiter.queue_ = &places_;
  waiter.timeout_ = timeout;
  waiter.state_ = Waiter::State::waiting;
}

std::uint32_t WaitQueue::notify(std::uint64_t address, std::uint32_t count) noexcept {
  std::uint32_t woken = 0;
  auto at = places_.lower_bound(address);
  while (woken < count && at != places_.end() && at->first == address) {
    Waiter& first = *at->second;
    ++at;
    first.end(Waiter::State::notified);
    ++woken;
  }
  return woken;
}

}  // namespace fermata
