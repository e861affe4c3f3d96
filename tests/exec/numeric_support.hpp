// What the tests of the numeric instructions share: operands, bit patterns, NaN classes.
//
// Owns no expectation about any instruction.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "interp/exec/numeric.hpp"
#include "tests/support/catch.hpp"

namespace fermata::test {

/// Hides a value from the compiler, so that the machine computes, as in the interpreter.
template <class T>
T opaque(T value) {
  volatile T hidden = value;
  return hidden;
}

template <class F>
using Bits = std::conditional_t<sizeof(F) == 4, std::uint32_t, std::uint64_t>;

template <class T>
constexpr auto bits_of(T value) {
  return std::bit_cast<Bits<T>>(value);
}

inline float f32(std::uint32_t bits) { return opaque(std::bit_cast<float>(bits)); }
inline double f64(std::uint64_t bits) { return opaque(std::bit_cast<double>(bits)); }

template <class F>
F from_bits(Bits<F> bits) {
  return opaque(std::bit_cast<F>(bits));
}

template <class F>
inline constexpr Bits<F> sign = Bits<F>{1} << (sizeof(F) * 8 - 1);
template <class F>
inline constexpr Bits<F> quiet = Bits<F>{1} << (std::numeric_limits<F>::digits - 2);
template <class F>
inline constexpr Bits<F> infinity = bits_of(std::numeric_limits<F>::infinity());
template <class F>
inline constexpr Bits<F> canonical_nan = infinity<F> | quiet<F>;
template <class F>
inline constexpr Bits<F> signalling_nan = infinity<F> | 1;
template <class F>
inline constexpr Bits<F> payload_nan = canonical_nan<F> | 0x1234;

template <class F>
bool is_canonical(F x) {
  return (bits_of(x) & ~sign<F>) == canonical_nan<F>;
}

/// The specification's "arithmetic NaN": a NaN whose quiet bit is set.
template <class F>
bool is_arithmetic(F x) {
  return (bits_of(x) & canonical_nan<F>) == canonical_nan<F>;
}

/// The same bits, or both a canonical NaN of whatever sign.
template <class F>
bool same_or_canonical(F a, F b) {
  return bits_of(a) == bits_of(b) || (is_canonical(a) && is_canonical(b));
}

/// A small generator with a fixed seed: a failure comes back.
class Random {
 public:
  std::uint64_t next() {
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }

  /// Any number of any width, with as many near a power of two or zero.
  template <class T>
  T integer() {
    const std::uint64_t shape = next();
    const T x = static_cast<T>(next() >> (shape & 63));
    const T near_power =
        static_cast<T>((std::uint64_t{1} << ((shape >> 8) & 63)) + (shape >> 16) % 5 - 2);
    return (shape & 64) != 0 ? x : near_power;
  }

  /// Any bit pattern, with as many of a magnitude that has a fraction.
  template <class F>
  F floating() {
    const Bits<F> bits = static_cast<Bits<F>>(next());
    constexpr int mantissa = std::numeric_limits<F>::digits - 1;
    constexpr Bits<F> bias = (Bits<F>{1} << (sizeof(F) * 8 - 2 - mantissa)) - 1;
    if ((next() & 1) != 0) return std::bit_cast<F>(bits);
    const Bits<F> exponent = bias - 3 + static_cast<Bits<F>>(next() % (mantissa + 14));
    const Bits<F> keep = sign<F> | ((Bits<F>{1} << mantissa) - 1);
    return std::bit_cast<F>((bits & keep) | (exponent << mantissa));
  }

 private:
  std::uint64_t state_ = 1;
};

/// Values at which floating-point instructions change what they do.
template <class F>
std::vector<F> edge_floats() {
  constexpr Bits<F> whole =
      bits_of(static_cast<F>(Bits<F>{1} << (std::numeric_limits<F>::digits - 1)));
  const Bits<F> magnitudes[] = {0,
                                1,
                                2,
                                quiet<F> - 1,
                                quiet<F> << 1,
                                bits_of(F{0.25}),
                                bits_of(F{0.5}) - 1,
                                bits_of(F{0.5}),
                                bits_of(F{0.5}) + 1,
                                bits_of(F{0.7f}),
                                bits_of(F{1}) - 1,
                                bits_of(F{1}),
                                bits_of(F{1}) + 1,
                                bits_of(F{1.5}),
                                bits_of(F{2}),
                                bits_of(F{2.5}),
                                bits_of(F{3.5}),
                                bits_of(F{7.75}),
                                whole - (Bits<F>{1} << (std::numeric_limits<F>::digits - 1)) - 1,
                                whole - 3,
                                whole - 2,
                                whole - 1,
                                whole,
                                whole + 1,
                                whole + 2,
                                bits_of(F{0x1p31f}) - 1,
                                bits_of(F{0x1p31f}),
                                bits_of(F{0x1p32f}) - 1,
                                bits_of(F{0x1p32f}),
                                bits_of(F{0x1p63f}) - 1,
                                bits_of(F{0x1p63f}),
                                bits_of(F{0x1p64f}) - 1,
                                bits_of(F{0x1p64f}),
                                infinity<F> - 1,
                                infinity<F>,
                                signalling_nan<F>,
                                canonical_nan<F> - 1,
                                canonical_nan<F>,
                                payload_nan<F>};
  std::vector<F> all;
  for (const Bits<F> magnitude : magnitudes) {
    all.push_back(std::bit_cast<F>(magnitude));
    all.push_back(std::bit_cast<F>(magnitude | sign<F>));
  }
  return all;
}

template <class T>
std::vector<T> edge_integers() {
  constexpr T top = T{1} << (sizeof(T) * 8 - 1);
  std::vector<T> all;
  for (const T base : {T{0}, static_cast<T>(top / 2), top, T{0x80}, T{0x8000}, T{0x1000000},
                       static_cast<T>(0x80000000u)}) {
    for (int step = -2; step <= 2; ++step)
      all.push_back(static_cast<T>(base + static_cast<T>(step)));
  }
  return all;
}

}  // namespace fermata::test
