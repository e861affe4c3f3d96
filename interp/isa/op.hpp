// Op: the instructions of the register code, and how their words are laid out.
//
// Owns the encoding: what the lowering writes, the handlers read and the listing shows. Knows
// nothing of what an instruction does. The tables are ops.def and layouts.def.
//
//   word 0:  | op 16 | a 16 | b 16 | c 16 |      slots, counts, small immediates
//            | op 16 | a 16 |    wide 32    |    wide: a branch offset, an index, a constant
//   word 1:  | 64-bit immediate |  or  | low 32 | high 32 |   (some layouts only)
//   word 2:  the same (vectors' constants, lanes in memory)
//
// A slot is an index from the frame pointer. A branch offset counts words from the branch's own
// word 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "interp/isa/word.hpp"

namespace fermata {

enum class Op : std::uint16_t {
#define FERMATA_OP(id, layout, ...) id,
#include "interp/isa/ops.def"
  count_,
};

inline constexpr std::uint32_t op_count = static_cast<std::uint32_t>(Op::count_);

/// What is executed after an instruction.
enum class Flow : std::uint8_t {
  next,         ///< what stands behind it
  conditional,  ///< that, or where it branches to
  jump,         ///< where it branches to
  away,         ///< elsewhere: a return, a call, a br_table
};

/// Which words an instruction has and what stands in them.
enum class Layout : std::uint8_t {
#define FERMATA_LAYOUT(id, words, flow, text) id,
#include "interp/isa/layouts.def"
#undef FERMATA_LAYOUT
};

namespace detail {
inline constexpr std::uint8_t layout_words[] = {
#define FERMATA_LAYOUT(id, words, flow, text) words,
#include "interp/isa/layouts.def"
#undef FERMATA_LAYOUT
};
inline constexpr Flow layout_flows[] = {
#define FERMATA_LAYOUT(id, words, flow, text) Flow::flow,
#include "interp/isa/layouts.def"
#undef FERMATA_LAYOUT
};
}  // namespace detail

/// Words of an instruction with this layout; a br_table's offsets not counted.
[[nodiscard]] constexpr std::uint32_t words(Layout layout) noexcept {
  return detail::layout_words[static_cast<std::size_t>(layout)];
}
[[nodiscard]] constexpr Flow flow(Layout layout) noexcept {
  return detail::layout_flows[static_cast<std::size_t>(layout)];
}
/// Whether an instruction's words are followed by a table of `wide` + 1 branch offsets.
[[nodiscard]] constexpr bool is_br_table(Layout layout) noexcept {
  return layout == Layout::br_table_s || layout == Layout::br_table_a;
}

/// Where the second instruction of a pair is.
enum class Way : std::uint8_t {
  next,  ///< behind the first; after an unconditional branch, where that goes
  jump,  ///< where the first goes, a conditional branch, when it is taken
};

/// Of a pair, its first instruction's.
[[nodiscard]] Layout layout(Op op) noexcept;
/// The instruction that does both, one after the other, or Op::absent. It takes the place of the
/// first's opcode; the second keeps its words, so a branch may still go there.
[[nodiscard]] Op paired(Op first, Op second, Way way) noexcept;
/// The first instruction of a pair (of a pair's pair, too); any other instruction itself.
[[nodiscard]] Op first_part(Op op) noexcept;
/// How many instructions it does.
[[nodiscard]] std::uint32_t parts(Op op) noexcept;
/// The enumerator's name.
[[nodiscard]] std::string_view to_string(Op op) noexcept;

/// Words of the instruction at `at`, a br_table's offsets counted.
[[nodiscard]] std::uint32_t words_at(const Word* at) noexcept;
/// Where the second instruction of a pair must be whose first, no pair itself, has this op and
/// word. A conditional branch that goes back is expected to be taken, one that goes on is not.
/// Nothing after a call, a return or a br_table.
struct Successor {
  std::int32_t offset = 0;  ///< in words, from the first's word 0
  Way way = Way::next;
};
[[nodiscard]] std::optional<Successor> successor(Op op, Word word) noexcept;

/// Whether the instruction does nothing but to charge fuel.
[[nodiscard]] constexpr bool charges_fuel(Op op) noexcept {
  return op == Op::charge || op == Op::charge_or_pause;
}

/// Words of every call instruction.
inline constexpr std::uint32_t call_words = 2;

// --- fields ------------------------------------------------------------------------------------

[[nodiscard]] constexpr Op op_of(Word w) noexcept { return static_cast<Op>(w & 0xFFFF); }
[[nodiscard]] constexpr std::uint32_t field_a(Word w) noexcept { return (w >> 16) & 0xFFFF; }
[[nodiscard]] constexpr std::uint32_t field_b(Word w) noexcept { return (w >> 32) & 0xFFFF; }
[[nodiscard]] constexpr std::uint32_t field_c(Word w) noexcept {
  return static_cast<std::uint32_t>(w >> 48);
}
[[nodiscard]] constexpr std::uint32_t field_wide(Word w) noexcept {
  return static_cast<std::uint32_t>(w >> 32);
}
[[nodiscard]] constexpr std::uint32_t low_half(Word w) noexcept {
  return static_cast<std::uint32_t>(w);
}
[[nodiscard]] constexpr std::uint32_t high_half(Word w) noexcept {
  return static_cast<std::uint32_t>(w >> 32);
}

[[nodiscard]] constexpr Word make_word(Op op, std::uint32_t a = 0, std::uint32_t b = 0,
                                       std::uint32_t c = 0) noexcept {
  return static_cast<Word>(op) | Word{a} << 16 | Word{b} << 32 | Word{c} << 48;
}
[[nodiscard]] constexpr Word make_wide(Op op, std::uint32_t a, std::uint32_t wide) noexcept {
  return static_cast<Word>(op) | Word{a} << 16 | Word{wide} << 32;
}
[[nodiscard]] constexpr Word make_halves(std::uint32_t low, std::uint32_t high) noexcept {
  return Word{low} | Word{high} << 32;
}

}  // namespace fermata
