// Handlers of the numeric families: each takes a function of numeric.hpp and adds where the
// operands are. A handler whose function may trap returns Stop.
#pragma once

#include "interp/exec/numeric.hpp"
#include "interp/exec/regs.hpp"

namespace fermata {

namespace detail {

template <class F>
struct Signature;
template <class R, class... P>
struct Signature<R (*)(P...) noexcept> {
  using Result = R;
  template <std::size_t I>
  using Param = std::tuple_element_t<I, std::tuple<P...>>;
};
template <auto f, std::size_t I>
using Param = typename Signature<decltype(f)>::template Param<I>;

template <class T>
inline constexpr bool may_trap = false;
template <class T>
inline constexpr bool may_trap<numeric::Trapping<T>> = true;

template <class R>
using HandlerResult = std::conditional_t<may_trap<R>, Stop, void>;

/// Stores the result and goes on, or traps with pc still at the instruction.
template <std::uint32_t Words, class R>
[[gnu::always_inline]] inline HandlerResult<R> finish(Regs& r, R result) noexcept {
  if constexpr (may_trap<R>) {
    if (result.trap != Trap::none) [[unlikely]]
      return stop(result.trap);
    set(r, a(r), result.value);
    next<Words>(r);
    return Stop::none;
  } else if constexpr (std::same_as<R, bool>) {
    set(r, a(r), static_cast<std::uint32_t>(result));
    next<Words>(r);
  } else {
    set(r, a(r), result);
    next<Words>(r);
  }
}

template <auto f, std::size_t I>
[[gnu::always_inline]] inline Param<f, I> slot_operand(const Regs& r, std::uint32_t slot) noexcept {
  return get<Param<f, I>>(r, slot);
}
template <auto f, std::size_t I>
[[gnu::always_inline]] inline Param<f, I> acc_operand(const Regs& r) noexcept {
  return get_acc<Param<f, I>>(r);
}
template <auto f, std::size_t I>
[[gnu::always_inline]] inline Param<f, I> immediate(const Regs& r) noexcept {
  return from_slot<Param<f, I>>(r.pc[1]);
}

}  // namespace detail

template <auto f>
[[gnu::always_inline]] inline auto unary_s(Regs& r) noexcept {
  return detail::finish<1>(r, f(detail::slot_operand<f, 0>(r, b(r))));
}
template <auto f>
[[gnu::always_inline]] inline auto unary_a(Regs& r) noexcept {
  return detail::finish<1>(r, f(detail::acc_operand<f, 0>(r)));
}

template <auto f>
[[gnu::always_inline]] inline auto binary_ss(Regs& r) noexcept {
  return detail::finish<1>(
      r, f(detail::slot_operand<f, 0>(r, b(r)), detail::slot_operand<f, 1>(r, c(r))));
}
template <auto f>
[[gnu::always_inline]] inline auto binary_as(Regs& r) noexcept {
  return detail::finish<1>(r, f(detail::acc_operand<f, 0>(r), detail::slot_operand<f, 1>(r, b(r))));
}
template <auto f>
[[gnu::always_inline]] inline auto binary_sa(Regs& r) noexcept {
  return detail::finish<1>(r, f(detail::slot_operand<f, 0>(r, b(r)), detail::acc_operand<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline auto binary_si(Regs& r) noexcept {
  return detail::finish<2>(r, f(detail::slot_operand<f, 0>(r, b(r)), detail::immediate<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline auto binary_ai(Regs& r) noexcept {
  return detail::finish<2>(r, f(detail::acc_operand<f, 0>(r), detail::immediate<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline auto binary_is(Regs& r) noexcept {
  return detail::finish<2>(r, f(detail::immediate<f, 0>(r), detail::slot_operand<f, 1>(r, b(r))));
}
template <auto f>
[[gnu::always_inline]] inline auto binary_ia(Regs& r) noexcept {
  return detail::finish<2>(r, f(detail::immediate<f, 0>(r), detail::acc_operand<f, 1>(r)));
}

/// base + (index << shift), an address computation of its own.
[[gnu::always_inline]] inline void add_shl_ss(Regs& r) noexcept {
  set(r, a(r), get<std::uint32_t>(r, b(r)) + (get<std::uint32_t>(r, c(r)) << low_half(r.pc[1])));
  next<2>(r);
}
[[gnu::always_inline]] inline void add_shl_sa(Regs& r) noexcept {
  set(r, a(r), get<std::uint32_t>(r, b(r)) + (get_acc<std::uint32_t>(r) << low_half(r.pc[1])));
  next<2>(r);
}

// --- compare and branch ------------------------------------------------------------------------

/// Both ways must stay apart up to their dispatch: a conditional move here would make the next
/// instruction wait for the comparison, which a predicted jump does not. The empty statement keeps
/// compilers from folding the two.
template <std::uint32_t Words>
[[gnu::always_inline]] inline Stop branch_on(Regs& r, bool taken) noexcept {
  if (taken) {
    jump(r);
    asm volatile("");
    return Stop::branched;
  }
  next<Words>(r);
  return Stop::none;
}

/// A branch on some of the bits: `and` and the branch on it in one.
template <class T>
[[gnu::always_inline]] constexpr bool test(T a, T b) noexcept {
  return (a & b) != 0;
}
template <class T>
[[gnu::always_inline]] constexpr bool test_not(T a, T b) noexcept {
  return (a & b) == 0;
}

template <auto f>
[[gnu::always_inline]] inline Stop branch_if_ss(Regs& r) noexcept {
  return branch_on<2>(
      r, f(detail::slot_operand<f, 0>(r, a(r)), detail::slot_operand<f, 1>(r, low_half(r.pc[1]))));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_if_as(Regs& r) noexcept {
  return branch_on<1>(r, f(detail::acc_operand<f, 0>(r), detail::slot_operand<f, 1>(r, a(r))));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_if_si(Regs& r) noexcept {
  return branch_on<2>(r, f(detail::slot_operand<f, 0>(r, a(r)), detail::immediate<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_if_ai(Regs& r) noexcept {
  return branch_on<2>(r, f(detail::acc_operand<f, 0>(r), detail::immediate<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_unless_ss(Regs& r) noexcept {
  return branch_on<2>(
      r, !f(detail::slot_operand<f, 0>(r, a(r)), detail::slot_operand<f, 1>(r, low_half(r.pc[1]))));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_unless_as(Regs& r) noexcept {
  return branch_on<1>(r, !f(detail::acc_operand<f, 0>(r), detail::slot_operand<f, 1>(r, a(r))));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_unless_si(Regs& r) noexcept {
  return branch_on<2>(r, !f(detail::slot_operand<f, 0>(r, a(r)), detail::immediate<f, 1>(r)));
}
template <auto f>
[[gnu::always_inline]] inline Stop branch_unless_ai(Regs& r) noexcept {
  return branch_on<2>(r, !f(detail::acc_operand<f, 0>(r), detail::immediate<f, 1>(r)));
}

// --- results of two slots ------------------------------------------------------------------------

namespace detail {
[[gnu::always_inline]] inline void set_wide(Regs& r, numeric::Wide result) noexcept {
  r.fp[a(r)] = result.low;
  r.fp[a(r) + 1] = result.high;
}
}  // namespace detail

template <auto f>
[[gnu::always_inline]] inline void sum_128(Regs& r) noexcept {
  const numeric::Wide first{r.fp[b(r)], r.fp[c(r)]};
  const numeric::Wide second{r.fp[low_half(r.pc[1])], r.fp[high_half(r.pc[1])]};
  detail::set_wide(r, f(first, second));
  next<2>(r);
}
template <auto f>
[[gnu::always_inline]] inline void mul_wide(Regs& r) noexcept {
  detail::set_wide(r, f(r.fp[b(r)], r.fp[c(r)]));
  next<1>(r);
}

}  // namespace fermata
