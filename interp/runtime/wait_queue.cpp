#include "interp/runtime/wait_queue.hpp"

#include <bit>
#include <cassert>
#include <new>
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
  const int shift = 64 - std::countr_zero(lists_.size());
  Waiter** at = &lists_[static_cast<std::size_t>(address * secret >> shift)];
  while (*at != nullptr && (*at)->address_ != address) at = &(*at)->other_;
  return *at;
}

void WaitQueue::make_lists() noexcept {
  const std::size_t count = lists_.size() * 4;
  std::unique_ptr<Waiter*[]> made(new (std::nothrow) Waiter*[count]());
  if (made == nullptr) return;
  const std::span<Waiter*> before = std::exchange(lists_, std::span(made.get(), count));
  for (Waiter* waiter : before) {
    while (waiter != nullptr) {
      Waiter*& first = first_at(waiter->address_);  // there is none: each line has an address
      first = std::exchange(waiter, std::exchange(waiter->other_, nullptr));
    }
  }
  many_ = std::move(made);
}

void WaitQueue::enter(Waiter& waiter, std::uint64_t address,
                      std::optional<std::uint64_t> timeout) noexcept {
  assert(!waiter.is_waiting() && !waiter.has_result());
  waiter.queue_ = this;
  waiter.address_ = address;
  waiter.timeout_ = timeout;
  waiter.next_ = waiter.previous_ = waiter.other_ = nullptr;
  if (lines_ > lists_.size()) make_lists();
  Waiter*& first = first_at(address);
  if (first == nullptr) {
    first = waiter.last_ = &waiter;
    ++lines_;
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
  if (next == nullptr) --lines_;
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
