// FuelRef and Interrupter: handles of a meter.
#include <algorithm>
#include <atomic>

#include "fermata/fuel.hpp"
#include "interp/runtime/meter.hpp"

namespace fermata {

static_assert(FuelRef::unlimited == Meter::unlimited);
// A signal handler must not wait for a lock.
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

void Interrupter::interrupt() const noexcept { meter_->interrupt(); }

std::uint64_t FuelRef::used() const { return meter_->used(); }

std::uint64_t FuelRef::limit() const { return meter_->limit(); }

void FuelRef::set_limit(std::uint64_t used) { meter_->set_limit(used); }

std::uint64_t FuelRef::left() const {
  if (limit() == unlimited) return unlimited;
  return used() < limit() ? limit() - used() : 0;
}

void FuelRef::set_left(std::uint64_t units) {
  const std::uint64_t most = unlimited - 1 - used();
  set_limit(units == unlimited ? unlimited : used() + std::min(units, most));
}

}  // namespace fermata
