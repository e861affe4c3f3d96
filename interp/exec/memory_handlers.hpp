// Handlers of loads, stores and the memory instructions.
// Specification: "Execution / Memory Instructions".
#pragma once

#include <bit>
#include <cstring>

#include "interp/exec/regs.hpp"

namespace fermata {

namespace detail {

/// Whether an access of sizeof(T) bytes at `address` lies in memory 0. The address is the sum of
/// two 32-bit numbers, so neither it nor the comparison can overflow.
template <class T>
[[gnu::always_inline]] inline bool in_memory(const Regs& r, std::uint64_t address) noexcept {
  return address + sizeof(T) <= r.memory_size;
}

template <class T>
using Bits = std::conditional_t<
    sizeof(T) == 1, std::uint8_t,
    std::conditional_t<sizeof(T) == 2, std::uint16_t,
                       std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

/// Memory is little-endian whatever the host is.
template <class B>
[[gnu::always_inline]] inline B little_endian(B bits) noexcept {
  if constexpr (std::endian::native == std::endian::big)
    return std::byteswap(bits);
  else
    return bits;
}

template <class Stored, class Result>
[[gnu::always_inline]] inline Result widen(Stored v) noexcept {
  if constexpr (std::floating_point<Result>)
    return v;
  else if constexpr (std::signed_integral<Stored>) {
    return static_cast<Result>(static_cast<std::make_signed_t<Result>>(v));
  } else {
    return static_cast<Result>(v);
  }
}

template <std::uint32_t Words, class Stored, class Result>
[[gnu::always_inline]] inline Stop load(Regs& r, std::uint64_t address) noexcept {
  if (!in_memory<Stored>(r, address)) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  Bits<Stored> bits;
  std::memcpy(&bits, r.memory + address, sizeof bits);
  set(r, a(r), widen<Stored, Result>(std::bit_cast<Stored>(little_endian(bits))));
  next<Words>(r);
  return Stop::none;
}

template <class Operand, class Stored>
[[gnu::always_inline]] inline Stop store(Regs& r, std::uint64_t address, Operand value) noexcept {
  if (!in_memory<Stored>(r, address)) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  const auto bits = little_endian(std::bit_cast<Bits<Stored>>(static_cast<Stored>(value)));
  std::memcpy(r.memory + address, &bits, sizeof bits);
  next<2>(r);
  return Stop::none;
}

/// A constant of 32 bits as a value to be stored: for i64 it is sign-extended, for f32 it is the
/// bits, for f64 the upper half of the bits (the lowering encodes only constants of which this is
/// all).
template <class O>
[[gnu::always_inline]] inline O short_constant(std::uint32_t bits) noexcept {
  if constexpr (std::same_as<O, float>)
    return std::bit_cast<float>(bits);
  else if constexpr (std::same_as<O, double>)
    return from_slot<double>(Slot{bits} << 32);
  else
    return static_cast<O>(static_cast<std::int64_t>(static_cast<std::int32_t>(bits)));
}

/// Address operand (32 bits, wrapping) plus offset (not wrapping).
[[gnu::always_inline]] inline std::uint64_t address(std::uint32_t base, Word offset) noexcept {
  return std::uint64_t{base} + offset;
}
[[gnu::always_inline]] inline std::uint32_t indexed(const Regs& r, std::uint32_t base,
                                                    std::uint32_t index) noexcept {
  return base + (index << high_half(r.pc[1]));
}

}  // namespace detail

template <class S, class R>
[[gnu::always_inline]] inline Stop load_s(Regs& r) noexcept {
  return detail::load<2, S, R>(r, detail::address(get<std::uint32_t>(r, b(r)), r.pc[1]));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_a(Regs& r) noexcept {
  return detail::load<2, S, R>(r, detail::address(get_acc<std::uint32_t>(r), r.pc[1]));
}
/// The address is a slot plus an immediate, which wraps as i32.add does; the offset does not.
template <class S, class R>
[[gnu::always_inline]] inline Stop load_i(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, b(r)) + high_half(r.pc[1]);
  return detail::load<2, S, R>(r, detail::address(base, low_half(r.pc[1])));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_k(Regs& r) noexcept {
  return detail::load<2, S, R>(r, r.pc[1]);
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_x(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  return detail::load<2, S, R>(r, detail::address(base, low_half(r.pc[1])));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_ax(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, b(r)), get_acc<std::uint32_t>(r));
  return detail::load<2, S, R>(r, detail::address(base, low_half(r.pc[1])));
}

template <class O, class S>
[[gnu::always_inline]] inline Stop store_ss(Regs& r) noexcept {
  return detail::store<O, S>(r, detail::address(get<std::uint32_t>(r, a(r)), r.pc[1]),
                             get<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_sa(Regs& r) noexcept {
  return detail::store<O, S>(r, detail::address(get<std::uint32_t>(r, a(r)), r.pc[1]),
                             get_acc<O>(r));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_as(Regs& r) noexcept {
  return detail::store<O, S>(r, detail::address(get_acc<std::uint32_t>(r), r.pc[1]),
                             get<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_si(Regs& r) noexcept {
  const auto at = detail::address(get<std::uint32_t>(r, a(r)), low_half(r.pc[1]));
  return detail::store<O, S>(r, at, detail::short_constant<O>(high_half(r.pc[1])));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_is(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, a(r)) + high_half(r.pc[1]);
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])), get<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ia(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, a(r)) + high_half(r.pc[1]);
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])), get_acc<O>(r));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ii(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, a(r)) + high_half(r.pc[1]);
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])),
                             detail::short_constant<O>(wide(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_xi(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, a(r)), get<std::uint32_t>(r, b(r)));
  const auto value = static_cast<std::uint32_t>(static_cast<std::int16_t>(c(r)));
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])),
                             detail::short_constant<O>(value));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ks(Regs& r) noexcept {
  return detail::store<O, S>(r, r.pc[1], get<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ka(Regs& r) noexcept {
  return detail::store<O, S>(r, r.pc[1], get_acc<O>(r));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_xs(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, a(r)), get<std::uint32_t>(r, b(r)));
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])), get<O>(r, c(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_xa(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, a(r)), get<std::uint32_t>(r, b(r)));
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])), get_acc<O>(r));
}

// --- the memory instructions -------------------------------------------------------------------

[[gnu::always_inline]] inline void memory_size(Regs& r) noexcept {
  set(r, a(r), static_cast<std::uint32_t>(r.memory_size / page_size));
  next<1>(r);
}

[[gnu::always_inline]] inline void memory_grow(Regs& r) noexcept {
  const auto previous = r.instance()->memory0()->grow(get<std::uint32_t>(r, b(r)));
  reload_memory(r);
  set(r, a(r), static_cast<std::uint32_t>(previous));
  next<1>(r);
}

[[gnu::always_inline]] inline Stop memory_fill(Regs& r) noexcept {
  const Trap trap = r.instance()->memory0()->fill(
      get<std::uint32_t>(r, a(r)), get<std::uint8_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  next<1>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline Stop memory_copy(Regs& r) noexcept {
  Memory& memory = *r.instance()->memory0();
  const Trap trap = Memory::copy(memory, get<std::uint32_t>(r, a(r)), memory,
                                 get<std::uint32_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  next<1>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline Stop memory_init(Regs& r) noexcept {
  const Trap trap =
      r.instance()->memory_init(MemIdx{0}, DataIdx{low_half(r.pc[1])}, get<std::uint32_t>(r, a(r)),
                                get<std::uint32_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline void data_drop(Regs& r) noexcept {
  r.instance()->data_drop(DataIdx{wide(r)});
  next<1>(r);
}

}  // namespace fermata
