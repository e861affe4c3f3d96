#include "interp/runtime/wait_queue.hpp"

#include <cassert>
#include <utility>

#include "lib/keyed_hash.hpp"

namespace fermata {

// --- one waiter ----------------------------------------------------------------------------------

void Waiter::leave() noexcept {
  if (queue_ != nullptr) queue_->take_out(*this);
}

void Waiter::end(WaitResult result) noexcept {
  assert(is_waiting());
  leave();
  result_ = result;
}

WaitResult Waiter::take_result() noexcept {
  const WaitResult result = *result_;
  result_.reset();
  return result;
}

// --- lines ---------------------------------------------------------------------------------------

/// Where the first of the address's line is, or would be.
Waiter*& WaitQueue::first_at(std::uint64_t address) noexcept {
  const std::uint64_t secret = process_hash_key().first | 1;
  Waiter** at = &firsts_[static_cast<std::size_t>(address * secret >> 56) % lists];
  while (*at != nullptr && (*at)->address_ != address) at = &(*at)->other_;
  return *at;
}

void WaitQueue::enter(Waiter& waiter, std::uint64_t address,
                      std::optional<std::uint64_t> timeout) noexcept {
  assert(!waiter.is_waiting() && !waiter.has_result());
  waiter.queue_ = this;
  waiter.address_ = address;
  waiter.timeout_ = timeout;
  waiter.next_ = waiter.previous_ = waiter.other_ = nullptr;
  Waiter*& first = first_at(address);
  if (first == nullptr) {
    first = waiter.last_ = &waiter;
    return;
  }
  waiter.previous_ = std::exchange(first->last_, &waiter);
  waiter.previous_->next_ = &waiter;
}

void WaitQueue::take_out(Waiter& waiter) noexcept {
  waiter.queue_ = nullptr;
  Waiter* const next = waiter.next_;
  if (next != nullptr) next->previous_ = waiter.previous_;
  Waiter*& first = first_at(waiter.address_);
  if (waiter.previous_ != nullptr) {
    waiter.previous_->next_ = next;
    if (next == nullptr) first->last_ = waiter.previous_;
    return;
  }
  assert(first == &waiter);
  if (next != nullptr) {
    next->last_ = waiter.last_;
    next->other_ = waiter.other_;
  }
  first = next != nullptr ? next : waiter.other_;
}

std::uint32_t WaitQueue::notify(std::uint64_t address, std::uint32_t count) noexcept {
  std::uint32_t woken = 0;
  while (woken < count) {
    Waiter* const first = first_at(address);
    if (first == nullptr) break;
    first->end(WaitResult::ok);
    ++woken;
  }
  return woken;
}

}  // namespace fermata
