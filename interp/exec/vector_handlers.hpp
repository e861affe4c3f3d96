// Handlers of the vector instructions: each takes a function of vector.hpp and adds where the
// operands are.
#pragma once

#include "interp/exec/numeric_handlers.hpp"
#include "interp/exec/regs.hpp"
#include "interp/exec/vector.hpp"

namespace fermata {

namespace detail {

template <class V>
inline constexpr bool is_vector = sizeof(V) == 16;

/// A vector lies in two slots: its lower half, then its upper half, each a number.
template <class V>
[[gnu::always_inline]] inline V get_vector(const Slot* from) noexcept {
  V v{};
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&v, from, sizeof v);
  } else {
    using Bits = vector::detail::Unsigned<sizeof(v[0])>;
    constexpr int in_slot = 8 / sizeof(Bits);
    for (int i = 0; i < 2 * in_slot; ++i) {
      const auto bits = static_cast<Bits>(from[i / in_slot] >> 8 * sizeof(Bits) * (i % in_slot));
      v[i] = std::bit_cast<vector::detail::Lane<V>>(bits);
    }
  }
  return v;
}

template <class V>
[[gnu::always_inline]] inline void set_vector(Slot* to, V v) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, &v, sizeof v);
  } else {
    using Bits = vector::detail::Unsigned<sizeof(v[0])>;
    constexpr int in_slot = 8 / sizeof(Bits);
    to[0] = to[1] = 0;
    for (int i = 0; i < 2 * in_slot; ++i) {
      to[i / in_slot] |= Slot{std::bit_cast<Bits>(v[i])} << 8 * sizeof(Bits) * (i % in_slot);
    }
  }
}

/// The accumulator has the bits of the two slots.
template <class V>
[[gnu::always_inline]] inline V get_vector_acc(const Regs& r) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    return std::bit_cast<V>(r.acc_v128);
  } else {
    const Slot slots[] = {r.acc_v128[0], r.acc_v128[1]};
    return get_vector<V>(slots);
  }
}

/// Writes a result: to its slots and to the accumulator.
template <class V>
[[gnu::always_inline]] inline void set_vector_result(Regs& r, std::uint32_t slot, V v) noexcept {
  set_vector(r.fp + slot, v);
  if constexpr (std::endian::native == std::endian::little) {
    r.acc_v128 = std::bit_cast<vector::U64x2>(v);
  } else {
    r.acc_v128 = vector::U64x2{r.fp[slot], r.fp[slot + 1]};
  }
}

/// Vector or number, as the function wants it.
template <auto f, std::size_t I>
[[gnu::always_inline]] inline Param<f, I> any_operand(const Regs& r, std::uint32_t slot) noexcept {
  if constexpr (is_vector<Param<f, I>>)
    return get_vector<Param<f, I>>(r.fp + slot);
  else
    return get<Param<f, I>>(r, slot);
}

template <auto f, std::size_t I>
[[gnu::always_inline]] inline Param<f, I> any_acc(const Regs& r) noexcept {
  if constexpr (is_vector<Param<f, I>>)
    return get_vector_acc<Param<f, I>>(r);
  else
    return get_acc<Param<f, I>>(r);
}

template <std::uint32_t Words, class T>
[[gnu::always_inline]] inline void finish_vector(Regs& r, T result) noexcept {
  if constexpr (is_vector<T>) {
    set_vector_result(r, a(r), result);
    next<Words>(r);
  } else {
    finish<Words>(r, result);
  }
}

}  // namespace detail

template <auto f>
[[gnu::always_inline]] inline void vector_unary(Regs& r) noexcept {
  detail::finish_vector<1>(r, f(detail::any_operand<f, 0>(r, b(r))));
}
template <auto f>
[[gnu::always_inline]] inline void vector_binary(Regs& r) noexcept {
  detail::finish_vector<1>(
      r, f(detail::any_operand<f, 0>(r, b(r)), detail::any_operand<f, 1>(r, c(r))));
}
template <auto f>
[[gnu::always_inline]] inline void vector_unary_a(Regs& r) noexcept {
  detail::finish_vector<1>(r, f(detail::any_acc<f, 0>(r)));
}
template <auto f>
[[gnu::always_inline]] inline void vector_binary_as(Regs& r) noexcept {
  detail::finish_vector<1>(r, f(detail::any_acc<f, 0>(r), detail::any_operand<f, 1>(r, b(r))));
}
template <auto f>
[[gnu::always_inline]] inline void vector_binary_sa(Regs& r) noexcept {
  detail::finish_vector<1>(r, f(detail::any_operand<f, 0>(r, b(r)), detail::any_acc<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline void vector_ternary(Regs& r) noexcept {
  detail::finish_vector<2>(r,
                           f(detail::any_operand<f, 0>(r, b(r)), detail::any_operand<f, 1>(r, c(r)),
                             detail::any_operand<f, 2>(r, low_half(r.pc[1]))));
}
/// By a constant.
template <auto f>
[[gnu::always_inline]] inline void vector_shift(Regs& r) noexcept {
  detail::finish_vector<1>(r, f(detail::any_operand<f, 0>(r, b(r)), c(r)));
}

/// A handler that swizzles or shuffles, executed outside of the dispatchers where that takes long
/// code: it would be in each of the pairs.
template <auto handler>
[[gnu::always_inline]] inline Stop shuffling(Regs& r) noexcept {
  if (!vector::shuffles_shortly()) [[unlikely]]
    return Stop::slow;
  handler(r);
  return Stop::none;
}

template <auto f>
[[gnu::always_inline]] inline void vector_shift_a(Regs& r) noexcept {
  detail::finish_vector<1>(r, f(detail::any_acc<f, 0>(r), c(r)));
}

// --- moves ---------------------------------------------------------------------------------------

// In one piece: what is written by halves cannot be read at once for a while.
[[gnu::always_inline]] inline void move_vector(Slot* to, const Slot* from) noexcept {
  detail::set_vector(to, detail::get_vector<vector::U64x2>(from));
}

[[gnu::always_inline]] inline void copy_vector(Regs& r) noexcept {
  move_vector(r.fp + a(r), r.fp + b(r));
  next<1>(r);
}
[[gnu::always_inline]] inline void const_vector(Regs& r) noexcept {
  move_vector(r.fp + a(r), r.pc + 1);
  next<3>(r);
}
[[gnu::always_inline]] inline void select_vector_s(Regs& r) noexcept {
  const bool first = get<std::uint32_t>(r, low_half(r.pc[1])) != 0;
  move_vector(r.fp + a(r), r.fp + (first ? b(r) : c(r)));
  next<2>(r);
}
[[gnu::always_inline]] inline void select_vector_a(Regs& r) noexcept {
  move_vector(r.fp + a(r), r.fp + (get_acc<std::uint32_t>(r) != 0 ? b(r) : c(r)));
  next<1>(r);
}
[[gnu::always_inline]] inline void global_get_vector(Regs& r) noexcept {
  move_vector(r.fp + a(r), r.instance()->globals + wide(r));
  next<1>(r);
}
[[gnu::always_inline]] inline void global_set_vector(Regs& r) noexcept {
  move_vector(r.instance()->globals + wide(r), r.fp + a(r));
  next<1>(r);
}
[[gnu::always_inline]] inline void imported_global_get_vector(Regs& r) noexcept {
  move_vector(r.fp + a(r), r.instance()->imported_globals[wide(r)]);
  next<1>(r);
}
[[gnu::always_inline]] inline void imported_global_set_vector(Regs& r) noexcept {
  move_vector(r.instance()->imported_globals[wide(r)], r.fp + a(r));
  next<1>(r);
}

// --- lanes ---------------------------------------------------------------------------------------

namespace detail {
template <class Lane>
[[gnu::always_inline]] inline Lane lane_bits(const Slot* v, std::uint32_t lane) noexcept {
  using Bits = vector::detail::Unsigned<sizeof(Lane)>;
  constexpr std::uint32_t in_slot = 8 / sizeof(Bits);
  return std::bit_cast<Lane>(
      static_cast<Bits>(v[lane / in_slot] >> 8 * sizeof(Bits) * (lane % in_slot)));
}
}  // namespace detail

template <class Lane, class Result>
[[gnu::always_inline]] inline void extract_lane(Regs& r) noexcept {
  const auto lane = detail::lane_bits<Lane>(r.fp + b(r), c(r));
  if constexpr (std::signed_integral<Lane>)
    set(r, a(r), static_cast<Result>(static_cast<std::int32_t>(lane)));
  else
    set(r, a(r), static_cast<Result>(lane));
  next<1>(r);
}

template <class V, class Operand>
[[gnu::always_inline]] inline void replace_lane(Regs& r) noexcept {
  const auto lane = static_cast<vector::detail::Lane<V>>(get<Operand>(r, c(r)));
  const auto v = detail::get_vector<V>(r.fp + b(r));
  detail::finish_vector<2>(r, vector::with_lane(v, low_half(r.pc[1]), lane));
}

[[gnu::always_inline]] inline void vector_shuffle(Regs& r) noexcept {
  using vector::U8x16;
  detail::finish_vector<3>(r, vector::shuffle(detail::get_vector<U8x16>(r.fp + b(r)),
                                              detail::get_vector<U8x16>(r.fp + c(r)),
                                              detail::get_vector<U8x16>(r.pc + 1)));
}

}  // namespace fermata
