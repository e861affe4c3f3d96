#include "interp/exec/atomic_slow.hpp"

#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "interp/exec/memory_handlers.hpp"
#include "interp/isa/atomic.hpp"

namespace fermata {
namespace {

/// Where an access goes.
struct Place {
  Memory* memory = nullptr;
  std::uint64_t address = 0;
  Trap trap = Trap::none;

  [[nodiscard]] std::byte* bytes() const noexcept { return memory->data() + address; }
};

// The effective address is a multiple of the size: that is judged first.
Place find(const Regs& r, AtomicAccess access) noexcept {
  Memory& memory = *r.instance()->memories[access.memory];
  const std::uint64_t base = detail::get_address(r, b(r), memory.type().address);
  const std::uint64_t size = std::uint64_t{1} << access.size_log2;
  const std::uint64_t offset = r.pc[1];
  Place place{&memory, base + offset};  // wraps only where it is out of bounds
  if ((place.address & (size - 1)) != 0) {
    place.trap = Trap::unaligned_atomic_access;
  } else if (base > ~offset || !memory.contains(place.address, size)) {
    place.trap = Trap::out_of_bounds_memory_access;
  }
  return place;
}

/// What is stored in the place of `old`.
template <class T>
T combined(AtomicOp op, T old, T operand, T replacement) noexcept {
  switch (op) {
    case AtomicOp::load:
      return old;
    case AtomicOp::store:
    case AtomicOp::xchg:
      return operand;
    case AtomicOp::add:
      return static_cast<T>(old + operand);
    case AtomicOp::sub:
      return static_cast<T>(old - operand);
    case AtomicOp::and_:
      return static_cast<T>(old & operand);
    case AtomicOp::or_:
      return static_cast<T>(old | operand);
    case AtomicOp::xor_:
      return static_cast<T>(old ^ operand);
    case AtomicOp::cmpxchg:
      return old == operand ? replacement : old;
  }
  std::unreachable();
}

/// Returns what was there, zero-extended.
template <class T>
Slot exchange(std::byte* at, AtomicOp op, Slot operand, Slot replacement) noexcept {
  const T old = detail::read<T>(at);
  if (op != AtomicOp::load) {
    detail::write(at, combined(op, old, static_cast<T>(operand), static_cast<T>(replacement)));
  }
  return old;
}

Slot exchange(std::byte* at, AtomicAccess access, Slot operand, Slot replacement) noexcept {
  switch (access.size_log2) {
    case 0:
      return exchange<std::uint8_t>(at, access.op, operand, replacement);
    case 1:
      return exchange<std::uint16_t>(at, access.op, operand, replacement);
    case 2:
      return exchange<std::uint32_t>(at, access.op, operand, replacement);
    default:
      return exchange<std::uint64_t>(at, access.op, operand, replacement);
  }
}

Stop finish(Regs& r, std::uint64_t result) noexcept {
  set(r, a(r), result);
  next<3>(r);
  return Stop::none;
}

}  // namespace

Stop atomic_access(Regs& r) noexcept {
  const AtomicAccess access = AtomicAccess::from(r.pc[2]);
  const Place place = find(r, access);
  if (place.trap != Trap::none) return stop(place.trap);
  // An i32's slot has anything in its upper half, which an access of at most 32 bits does not see.
  const Slot result = exchange(place.bytes(), access, r.fp[c(r)], r.fp[access.last_slot]);
  if (access.op != AtomicOp::store) return finish(r, result);
  next<3>(r);
  return Stop::none;
}

Stop atomic_notify(Regs& r) noexcept {
  const Place place = find(r, AtomicAccess::from(r.pc[2]));
  if (place.trap != Trap::none) return stop(place.trap);
  WaitQueue* const waiters = place.memory->waiters();
  if (waiters == nullptr) return finish(r, 0);
  return finish(r, waiters->notify(place.address, get<std::uint32_t>(r, c(r))));
}

Stop atomic_wait(Regs& r) noexcept {
  const AtomicAccess access = AtomicAccess::from(r.pc[2]);
  const Place place = find(r, access);
  if (place.trap == Trap::unaligned_atomic_access) return stop(place.trap);
  WaitQueue* const waiters = place.memory->waiters();
  if (waiters == nullptr) return stop(Trap::unshared_memory);
  if (place.trap != Trap::none) return stop(place.trap);
  const bool is_64 = access.size_log2 == 3;
  const Slot expected = is_64 ? r.fp[c(r)] : get<std::uint32_t>(r, c(r));
  const auto result = [&](WaitResult value) {
    return finish(r, static_cast<std::uint64_t>(value));
  };
  if (exchange(place.bytes(), access, 0, 0) != expected) return result(WaitResult::not_equal);
  const auto timeout = static_cast<std::int64_t>(r.fp[access.last_slot]);
  if (timeout == 0) return result(WaitResult::timed_out);
  std::unique_ptr<Waiter>& waiter = r.thread->waiter;
  if (waiter == nullptr) waiter.reset(new (std::nothrow) Waiter);
  if (waiter == nullptr) return stop(Trap::out_of_memory);
  std::optional<std::uint64_t> limit;
  if (timeout > 0) limit = static_cast<std::uint64_t>(timeout);
  waiters->enter(*waiter, place.address, limit);
  r.thread->results = static_cast<std::uint32_t>(r.fp - r.thread->stack()) + a(r);
  next<3>(r);
  return Stop::waiting;
}

}  // namespace fermata
