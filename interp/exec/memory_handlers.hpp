// Handlers of loads, stores and the memory instructions.
// Specification: "Execution / Memory Instructions".
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "interp/exec/regs.hpp"
#include "interp/exec/vector_handlers.hpp"

namespace fermata {

namespace detail {

/// Whether an access of sizeof(T) bytes at `address` lies in memory 0. The address is the sum of
/// two 32-bit numbers, so neither it nor the comparison can overflow.
template <class T>
[[gnu::always_inline]] inline bool in_memory(const Regs& r, std::uint64_t address) noexcept {
  return address + sizeof(T) <= r.memory_size;
}

template <class T>
using Bits = vector::detail::Unsigned<sizeof(T)>;

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

/// The bytes as a number, or as a vector's halves.
template <class T>
[[gnu::always_inline]] inline T read(const std::byte* from) noexcept {
  if constexpr (is_vector<T>) {
    T halves;
    std::memcpy(&halves, from, sizeof halves);
    return T{little_endian(halves[0]), little_endian(halves[1])};
  } else {
    Bits<T> bits;
    std::memcpy(&bits, from, sizeof bits);
    return std::bit_cast<T>(little_endian(bits));
  }
}
template <class T>
[[gnu::always_inline]] inline void write(std::byte* to, T value) noexcept {
  if constexpr (is_vector<T>) {
    const T halves{little_endian(value[0]), little_endian(value[1])};
    std::memcpy(to, &halves, sizeof halves);
  } else {
    const auto bits = little_endian(std::bit_cast<Bits<T>>(value));
    std::memcpy(to, &bits, sizeof bits);
  }
}

template <class Stored, class Result>
[[gnu::always_inline]] inline Stop load_from(Regs& r, const std::byte* from) noexcept {
  if constexpr (is_vector<Stored>)
    set_vector_result(r, a(r), read<Stored>(from));
  else
    set(r, a(r), widen<Stored, Result>(read<Stored>(from)));
  next<2>(r);
  return Stop::none;
}

template <class Operand, class Stored>
[[gnu::always_inline]] inline Stop store_to(Regs& r, std::byte* to, Operand value) noexcept {
  write(to, static_cast<Stored>(value));
  next<2>(r);
  return Stop::none;
}

/// What a store takes from a slot.
template <class T>
[[gnu::always_inline]] inline T get_stored(const Regs& r, std::uint32_t slot) noexcept {
  if constexpr (is_vector<T>)
    return get_vector<T>(r.fp + slot);
  else
    return get<T>(r, slot);
}

template <class Stored, class Result>
[[gnu::always_inline]] inline Stop load(Regs& r, std::uint64_t address) noexcept {
  if (!in_memory<Stored>(r, address)) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  return load_from<Stored, Result>(r, r.memory + address);
}

template <class Operand, class Stored>
[[gnu::always_inline]] inline Stop store(Regs& r, std::uint64_t address, Operand value) noexcept {
  if (!in_memory<Stored>(r, address)) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  return store_to<Operand, Stored>(r, r.memory + address, value);
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
  return detail::load<S, R>(r, detail::address(get<std::uint32_t>(r, b(r)), r.pc[1]));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_a(Regs& r) noexcept {
  return detail::load<S, R>(r, detail::address(get_acc<std::uint32_t>(r), r.pc[1]));
}
/// The address is a slot plus an immediate, which wraps as i32.add does; the offset does not.
template <class S, class R>
[[gnu::always_inline]] inline Stop load_i(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, b(r)) + high_half(r.pc[1]);
  return detail::load<S, R>(r, detail::address(base, low_half(r.pc[1])));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_k(Regs& r) noexcept {
  return detail::load<S, R>(r, r.pc[1]);
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_x(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  return detail::load<S, R>(r, detail::address(base, low_half(r.pc[1])));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_ax(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, b(r)), get_acc<std::uint32_t>(r));
  return detail::load<S, R>(r, detail::address(base, low_half(r.pc[1])));
}

template <class O, class S>
[[gnu::always_inline]] inline Stop store_ss(Regs& r) noexcept {
  return detail::store<O, S>(r, detail::address(get<std::uint32_t>(r, a(r)), r.pc[1]),
                             detail::get_stored<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_sa(Regs& r) noexcept {
  return detail::store<O, S>(r, detail::address(get<std::uint32_t>(r, a(r)), r.pc[1]),
                             get_acc<O>(r));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_as(Regs& r) noexcept {
  return detail::store<O, S>(r, detail::address(get_acc<std::uint32_t>(r), r.pc[1]),
                             detail::get_stored<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_si(Regs& r) noexcept {
  const auto at = detail::address(get<std::uint32_t>(r, a(r)), low_half(r.pc[1]));
  return detail::store<O, S>(r, at, detail::short_constant<O>(high_half(r.pc[1])));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_is(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, a(r)) + high_half(r.pc[1]);
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])),
                             detail::get_stored<O>(r, b(r)));
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
  return detail::store<O, S>(r, r.pc[1], detail::get_stored<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ka(Regs& r) noexcept {
  return detail::store<O, S>(r, r.pc[1], get_acc<O>(r));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_xs(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, a(r)), get<std::uint32_t>(r, b(r)));
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])),
                             detail::get_stored<O>(r, c(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_xa(Regs& r) noexcept {
  const auto base = detail::indexed(r, get<std::uint32_t>(r, a(r)), get<std::uint32_t>(r, b(r)));
  return detail::store<O, S>(r, detail::address(base, low_half(r.pc[1])), get_acc<O>(r));
}

// --- 64-bit addresses, and memories other than number 0 ------------------------------------------

namespace detail {

/// Whether an access of sizeof(T) bytes at base + offset lies in a memory of `size` bytes. The
/// offset is short enough (offset_of), so nothing overflows once the base is found to be inside.
template <class T>
[[gnu::always_inline]] inline bool in_memory(std::uint64_t size, std::uint64_t base,
                                             Word offset) noexcept {
  return base <= size && base + offset + sizeof(T) <= size;
}

/// An operand that is an address of such a memory, or a length in it.
[[gnu::always_inline]] inline std::uint64_t get_address(const Regs& r, std::uint32_t slot,
                                                        AddressType type) noexcept {
  return type == AddressType::i64 ? get<std::uint64_t>(r, slot) : get<std::uint32_t>(r, slot);
}

/// Where T lies in a memory, null when it does not lie inside.
template <class T>
[[gnu::always_inline]] inline std::byte* find(const Regs& r, std::uint32_t memory_index,
                                              std::uint32_t address_slot, Word offset) noexcept {
  const Memory& memory = *r.instance()->memories[memory_index];
  const std::uint64_t base = get_address(r, address_slot, memory.type().address);
  return in_memory<T>(memory.size(), base, offset) ? memory.data() + base + offset : nullptr;
}

template <class S, class R>
[[gnu::always_inline]] inline Stop load_at_64(Regs& r, std::uint64_t base) noexcept {
  if (!in_memory<S>(r.memory_size, base, r.pc[1])) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  return load_from<S, R>(r, r.memory + base + r.pc[1]);
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_at_64(Regs& r, O value) noexcept {
  const auto base = get<std::uint64_t>(r, a(r));
  if (!in_memory<S>(r.memory_size, base, r.pc[1])) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  return store_to<O, S>(r, r.memory + base + r.pc[1], value);
}

}  // namespace detail

template <class S, class R>
[[gnu::always_inline]] inline Stop load_w(Regs& r) noexcept {
  return detail::load_at_64<S, R>(r, get<std::uint64_t>(r, b(r)));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_wa(Regs& r) noexcept {
  return detail::load_at_64<S, R>(r, get_acc<std::uint64_t>(r));
}
template <class S, class R>
[[gnu::always_inline]] inline Stop load_n(Regs& r) noexcept {
  const std::byte* const from = detail::find<S>(r, c(r), b(r), r.pc[1]);
  if (from == nullptr) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  return detail::load_from<S, R>(r, from);
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ws(Regs& r) noexcept {
  return detail::store_at_64<O, S>(r, detail::get_stored<O>(r, b(r)));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_wsa(Regs& r) noexcept {
  return detail::store_at_64<O, S>(r, get_acc<O>(r));
}
template <class O, class S>
[[gnu::always_inline]] inline Stop store_ns(Regs& r) noexcept {
  std::byte* const to = detail::find<S>(r, c(r), a(r), r.pc[1]);
  if (to == nullptr) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  return detail::store_to<O, S>(r, to, detail::get_stored<O>(r, b(r)));
}

// --- vectors -------------------------------------------------------------------------------------

/// A vector made of fewer bytes by f.
namespace detail {
template <auto f>
[[gnu::always_inline]] inline Stop load_vector(Regs& r, std::uint64_t address) noexcept {
  using Stored = Param<f, 0>;
  if (!in_memory<Stored>(r, address)) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  finish_vector<2>(r, f(read<Stored>(r.memory + address)));
  return Stop::none;
}
}  // namespace detail

template <auto f>
[[gnu::always_inline]] inline Stop load_vector_s(Regs& r) noexcept {
  return detail::load_vector<f>(r, detail::address(get<std::uint32_t>(r, b(r)), r.pc[1]));
}
template <auto f>
[[gnu::always_inline]] inline Stop load_vector_a(Regs& r) noexcept {
  return detail::load_vector<f>(r, detail::address(get_acc<std::uint32_t>(r), r.pc[1]));
}
template <auto f>
[[gnu::always_inline]] inline Stop load_vector_i(Regs& r) noexcept {
  const std::uint32_t base = get<std::uint32_t>(r, b(r)) + high_half(r.pc[1]);
  return detail::load_vector<f>(r, detail::address(base, low_half(r.pc[1])));
}
template <auto f>
[[gnu::always_inline]] inline Stop load_vector_n(Regs& r) noexcept {
  using Stored = detail::Param<f, 0>;
  const std::byte* const from = detail::find<Stored>(r, c(r), b(r), r.pc[1]);
  if (from == nullptr) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  detail::finish_vector<2>(r, f(detail::read<Stored>(from)));
  return Stop::none;
}

template <class V>
[[gnu::always_inline]] inline Stop load_lane(Regs& r) noexcept {
  using Lane = vector::detail::Lane<V>;
  const std::byte* const from = detail::find<Lane>(r, high_half(r.pc[2]), b(r), r.pc[1]);
  if (from == nullptr) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  const V v = detail::get_vector<V>(r.fp + c(r));
  detail::finish_vector<3>(r, vector::with_lane(v, low_half(r.pc[2]), detail::read<Lane>(from)));
  return Stop::none;
}
template <class Lane>
[[gnu::always_inline]] inline Stop store_lane(Regs& r) noexcept {
  std::byte* const to = detail::find<Lane>(r, high_half(r.pc[2]), a(r), r.pc[1]);
  if (to == nullptr) [[unlikely]]
    return stop(Trap::out_of_bounds_memory_access);
  detail::write(to, detail::lane_bits<Lane>(r.fp + b(r), low_half(r.pc[2])));
  next<3>(r);
  return Stop::none;
}

// --- the memory instructions -------------------------------------------------------------------
// Results are written in 64 bits: an i32 is the lower half.

[[gnu::always_inline]] inline void memory_size(Regs& r) noexcept {
  set(r, a(r), r.memory_size / page_size);
  next<1>(r);
}
[[gnu::always_inline]] inline void memory_size_n(Regs& r) noexcept {
  set(r, a(r), r.instance()->memories[wide(r)]->pages());
  next<1>(r);
}

/// Several indices may be of one memory, so memory 0 may have grown with any.
[[gnu::always_inline]] inline void memory_grow(Regs& r) noexcept {
  Memory& memory = *r.instance()->memories[c(r)];
  const std::uint64_t bytes = memory.size();
  const std::uint64_t previous = memory.grow(detail::get_address(r, b(r), memory.type().address));
  charge_for_bytes(r, memory.size() - bytes);
  reload_memory(r);
  set(r, a(r), previous);
  next<1>(r);
}

[[gnu::always_inline]] inline Stop memory_init(Regs& r) noexcept {
  Instance& instance = *r.instance();
  const MemIdx memory{low_half(r.pc[1])};
  const AddressType type = instance.memories[memory.value]->type().address;
  const Trap trap =
      instance.memory_init(memory, DataIdx{high_half(r.pc[1])}, detail::get_address(r, a(r), type),
                           get<std::uint32_t>(r, b(r)), get<std::uint32_t>(r, c(r)));
  if (trap != Trap::none) [[unlikely]]
    return stop(trap);
  charge_for_bytes(r, get<std::uint32_t>(r, c(r)));
  next<2>(r);
  return Stop::none;
}

[[gnu::always_inline]] inline void data_drop(Regs& r) noexcept {
  r.instance()->data_drop(DataIdx{wide(r)});
  next<1>(r);
}

}  // namespace fermata
