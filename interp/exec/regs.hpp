// Regs: the interpreter's state while it runs, and how handlers reach their operands.
//
// One local variable of the loop, so that its members live in machine registers: its address must
// never leave the inlined handlers. What has to call a function is in slow.hpp.
#pragma once

#include <bit>
#include <cassert>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "interp/exec/guest_thread.hpp"
#include "interp/exec/vector.hpp"
#include "interp/isa/op.hpp"

namespace fermata {

/// How a handler ends. Those up to the last trap are Trap's.
enum class Stop : std::uint8_t {
  none = 0,        ///< goes on; of a conditional branch: it was not taken
  paused = 249,    ///< at a safe point: the meter says why
  waiting = 250,   ///< at an address of a shared memory
  slow = 251,      ///< nothing is done yet: execute_slowly does it
  parted = 252,    ///< goes on where a pair's first instruction went, without its second
  branched = 253,  ///< goes on where a conditional branch went that was taken
  host_call = 254,
  finished = 255,
};
static_assert(static_cast<unsigned>(Trap::out_of_memory) < static_cast<unsigned>(Stop::paused));

[[nodiscard]] constexpr Stop stop(Trap trap) noexcept { return static_cast<Stop>(trap); }

struct Regs {
  const Word* pc;
  Slot* fp;
  std::byte* memory;  // of memory 0
  std::uint64_t memory_size;
  Slot acc;  // accumulator of i32, i64 and references
  GuestThread* thread;
  float acc_f32;
  double acc_f64;
  vector::U64x2 acc_v128;  // as its two slots

  /// Whose code pc is in.
  [[nodiscard, gnu::always_inline]] Instance* instance() const noexcept { return thread->instance; }
};

/// Writes the state back to where unwinding, collections and paused threads are read from.
[[gnu::always_inline]] inline void write_back(const Regs& r) noexcept {
  r.thread->pc = r.pc;
  r.thread->fp = static_cast<std::uint32_t>(r.fp - r.thread->stack());
}

// --- typed slots and accumulators --------------------------------------------------------------

/// A slot's value as C++ type T: an i32 or f32 is its low half, whatever the high half holds.
template <class T>
[[gnu::always_inline]] inline T from_slot(Slot s) noexcept {
  if constexpr (std::same_as<T, float>)
    return std::bit_cast<float>(static_cast<std::uint32_t>(s));
  else if constexpr (std::same_as<T, double>)
    return std::bit_cast<double>(s);
  else
    return static_cast<T>(s);
}

template <class T>
[[gnu::always_inline]] inline Slot to_slot(T v) noexcept {
  if constexpr (std::same_as<T, float>)
    return std::bit_cast<std::uint32_t>(v);
  else if constexpr (std::same_as<T, double>)
    return std::bit_cast<std::uint64_t>(v);
  else
    return static_cast<Slot>(v);
}

/// Reads no more than the value from where its bytes lie: a float needs no way through an integer
/// register, an i32 no truncation.
template <class T>
[[gnu::always_inline]] inline T get(const Regs& r, std::uint32_t slot) noexcept {
  using Aliasing [[gnu::may_alias]] = T;
  if constexpr (std::endian::native == std::endian::little) {
    return *reinterpret_cast<const Aliasing*>(&r.fp[slot]);
  } else {
    return from_slot<T>(r.fp[slot]);
  }
}

template <class T>
[[gnu::always_inline]] inline T get_acc(const Regs& r) noexcept {
  if constexpr (std::same_as<T, float>)
    return r.acc_f32;
  else if constexpr (std::same_as<T, double>)
    return r.acc_f64;
  else if constexpr (std::same_as<T, vector::U64x2>)
    return r.acc_v128;
  else
    return static_cast<T>(r.acc);
}

/// Writes a result: to its slot and to the accumulator of its type.
template <class T>
[[gnu::always_inline]] inline void set(Regs& r, std::uint32_t slot, T v) noexcept {
  if constexpr (std::same_as<T, float>)
    r.acc_f32 = v;
  else if constexpr (std::same_as<T, double>)
    r.acc_f64 = v;
  else
    r.acc = static_cast<Slot>(v);
  r.fp[slot] = to_slot(v);
}

/// Copies slots to lower ones; they may overlap.
[[gnu::always_inline]] inline void copy_down(Slot* to, const Slot* from,
                                             std::uint32_t count) noexcept {
  assert(to <= from);
  for (std::uint32_t i = 0; i < count; ++i) to[i] = from[i];
}

/// Runs a handler; one that returns nothing always goes on.
template <class Run>
[[gnu::always_inline]] inline Stop answer(Run run, Regs& r) noexcept {
  if constexpr (std::is_void_v<decltype(run(r))>) {
    run(r);
    return Stop::none;
  } else {
    return run(r);
  }
}

// --- the instruction at pc ---------------------------------------------------------------------

/// A field of word 0, read alone: fewer instructions than taking the word apart.
template <std::size_t Index>
[[gnu::always_inline]] inline std::uint32_t field(const Regs& r) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    std::uint16_t bits;
    std::memcpy(&bits, reinterpret_cast<const std::byte*>(r.pc) + 2 * Index, sizeof bits);
    return bits;
  } else {
    return static_cast<std::uint32_t>(*r.pc >> (16 * Index)) & 0xFFFF;
  }
}
[[gnu::always_inline]] inline std::uint32_t a(const Regs& r) noexcept { return field<1>(r); }
[[gnu::always_inline]] inline std::uint32_t b(const Regs& r) noexcept { return field<2>(r); }
[[gnu::always_inline]] inline std::uint32_t c(const Regs& r) noexcept { return field<3>(r); }
[[gnu::always_inline]] inline std::uint32_t wide(const Regs& r) noexcept {
  return field_wide(*r.pc);
}

template <std::uint32_t Words>
[[gnu::always_inline]] inline void next(Regs& r) noexcept {
  r.pc += Words;
}

/// Takes the branch whose offset is in the instruction's wide field.
[[gnu::always_inline]] inline void jump(Regs& r) noexcept {
  r.pc += static_cast<std::int32_t>(field_wide(*r.pc));
}

/// The handler of what is executed outside of the dispatchers.
[[gnu::always_inline]] inline Stop leave_to_slow(Regs&) noexcept { return Stop::slow; }

/// Of an instruction whose cost depends on a size: what it costs beside the one of its block.
[[gnu::always_inline]] inline void charge_for_bytes(const Regs& r, std::uint64_t bytes) noexcept {
  if (r.thread->meter != nullptr) r.thread->meter->charge_for_bytes(bytes);
}

/// After anything that may have changed the memory or the instance.
[[gnu::always_inline]] inline void reload_memory(Regs& r) noexcept {
  const Memory* m = r.instance()->memory0();
  r.memory = m ? m->data() : nullptr;
  r.memory_size = m ? m->size() : 0;
}

}  // namespace fermata
