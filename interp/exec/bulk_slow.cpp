#include "interp/exec/bulk_slow.hpp"

#include <algorithm>

#include "interp/exec/memory_handlers.hpp"
#include "interp/isa/bulk.hpp"

namespace fermata {
namespace {

static_assert(bulk_piece_bytes % Meter::bytes_per_unit == 0);  // so pieces cost what all costs

/// Calls step(bytes) for piece after piece of `count` bytes, which it leaves to those that are
/// still to be done.
template <class Step>
Stop in_pieces(Meter& meter, std::uint64_t& count, Step step) noexcept {
  while (count != 0) {
    const std::uint64_t bytes = std::min(count, bulk_piece_bytes);
    step(bytes);
    meter.charge_for_bytes(bytes);
    count -= bytes;
    if (count != 0 && meter.is_due()) return Stop::paused;
  }
  return Stop::none;
}

}  // namespace

Stop memory_fill(Regs& r) noexcept {
  Memory& memory = *r.instance()->memories[r.pc[1]];
  const AddressType type = memory.type().address;
  std::uint64_t to = detail::get_address(r, a(r), type);
  const auto value = get<std::uint8_t>(r, b(r));
  std::uint64_t count = detail::get_address(r, c(r), type);
  if (!memory.contains(to, count)) return stop(Trap::out_of_bounds_memory_access);
  if (Meter* const meter = r.thread->meter) {
    const Stop stopped = in_pieces(*meter, count, [&](std::uint64_t bytes) {
      static_cast<void>(memory.fill(to, value, bytes));
      to += bytes;
    });
    if (stopped != Stop::none) {
      r.fp[a(r)] = to;
      r.fp[c(r)] = count;
      return stopped;
    }
  } else {
    static_cast<void>(memory.fill(to, value, count));
  }
  next<2>(r);
  return Stop::none;
}

/// The length is of 64 bits when both addresses are.
Stop memory_copy(Regs& r) noexcept {
  Memory& target = *r.instance()->memories[low_half(r.pc[1])];
  const Memory& source = *r.instance()->memories[high_half(r.pc[1])];
  const AddressType to_type = target.type().address;
  const AddressType from_type = source.type().address;
  std::uint64_t to = detail::get_address(r, a(r), to_type);
  std::uint64_t from = detail::get_address(r, b(r), from_type);
  std::uint64_t count = detail::get_address(r, c(r), std::min(to_type, from_type));
  if (!target.contains(to, count) || !source.contains(from, count)) {
    return stop(Trap::out_of_bounds_memory_access);
  }
  if (Meter* const meter = r.thread->meter) {
    // From the end where the target's begin would overwrite what is still to be read.
    const bool backwards = &target == &source && from < to && to - from < count;
    const Stop stopped = in_pieces(*meter, count, [&](std::uint64_t bytes) {
      const std::uint64_t skipped = backwards ? count - bytes : 0;
      static_cast<void>(Memory::copy(target, to + skipped, source, from + skipped, bytes));
      if (!backwards) to += bytes, from += bytes;
    });
    if (stopped != Stop::none) {
      r.fp[a(r)] = to;
      r.fp[b(r)] = from;
      r.fp[c(r)] = count;
      return stopped;
    }
  } else {
    static_cast<void>(Memory::copy(target, to, source, from, count));
  }
  next<2>(r);
  return Stop::none;
}

}  // namespace fermata
