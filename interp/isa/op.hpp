// Op: the instructions of the register code, and how their words are laid out.
//
// Owns the encoding: what the lowering writes, the handlers read and the listing shows. Knows
// nothing of what an instruction does. The table is ops.def.
//
//   word 0:  | op 16 | a 16 | b 16 | c 16 |      slots, counts, small immediates
//            | op 16 | a 16 |    wide 32    |    wide: a branch offset, an index, a constant
//   word 1:  | 64-bit immediate |  or  | low 32 | high 32 |   (some layouts only)
//
// A slot is an index from the frame pointer. A branch offset counts words from the branch's own
// word 0.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "interp/runtime/code.hpp"

namespace fermata {

enum class Op : std::uint16_t {
#define FERMATA_OP(id, layout, ...) id,
#include "interp/isa/ops.def"
  count_,
};

inline constexpr std::uint32_t op_count = static_cast<std::uint32_t>(Op::count_);

/// Which words an instruction has and what stands in them. d: destination slot, s: source slot,
/// a: accumulator (no field), i: immediate in word 1. In order: the conditional branches stand
/// together, and at the end stands what nothing follows in the same dispatch.
enum class Layout : std::uint8_t {
  none,
  d,             // a = d
  ds,            // a = d, b = s
  da,            // a = d
  dss,           // a = d, b = s, c = s
  das,           // a = d, b = second operand
  dsa,           // a = d, b = first operand
  dsi,           // a = d, b = s, word 1 = second operand
  dai,           // a = d, word 1 = second operand
  dis,           // a = d, b = s, word 1 = first operand
  dia,           // a = d, word 1 = first operand
  dss_shift,     // a = d, b = s, c = s; word 1 = shift of the second
  dsa_shift,     // a = d, b = s; word 1 = shift of the accumulator
  sss,           // a, b, c
  sss_index,     // a, b, c; word 1 = index
  const32,       // a = d (or slot), wide = constant or index
  const64,       // a = d, word 1 = constant
  copy2,         // a = d and d + 1, b, c = s
  move_n,        // a = d, b = s, c = count
  select_s,      // a = d, b, c = s; word 1 = slot of the condition
  select_a,      // a = d, b, c = s
  global_get,    // a = d, wide = slot of the global
  global_set_s,  // a = s, wide = slot of the global
  global_set_a,  // wide = slot of the global
  table_get,     // a = d, b = index slot; word 1 = table
  table_set,     // a = index slot, b = s; word 1 = table
  table_three,   // a, b, c = slots; word 1 = table
  table_copy,    // a, b, c = slots; word 1 low, high = two indices
  load_s,        // a = d, b = address; word 1 = offset
  load_a,        // a = d; word 1 = offset
  load_i,        // a = d, b = address; word 1 low = offset, high = added to the address
  load_k,        // a = d; word 1 = address
  load_x,        // a = d, b = base, c = index; word 1 low = offset, high = shift
  load_ax,       // a = d, b = base; word 1 low = offset, high = shift
  store_ss,      // a = address, b = value; word 1 = offset
  store_sa,      // a = address; word 1 = offset
  store_as,      // b = value; word 1 = offset
  store_si,      // a = address; word 1 low = offset, high = value, sign-extended
  store_is,      // a = address, b = value; word 1 low = offset, high = added to the address
  store_ia,      // a = address; word 1 the same
  store_ii,      // a = address, wide = value; word 1 the same
  store_ks,      // b = value; word 1 = address
  store_ka,      // word 1 = address
  store_xs,      // a = base, b = index, c = value; word 1 low = offset, high = shift
  store_xa,      // a = base, b = index; word 1 low = offset, high = shift
  store_xi,      // a = base, b = index, c = value; word 1 low = offset, high = shift
  branch,        // wide = offset
  branch_s,      // a = condition, wide = offset
  branch_a,      // wide = offset
  branch_ss,     // a = s, wide = offset; word 1 = second operand's slot
  branch_as,     // a = second operand, wide = offset
  branch_si,     // a = s, wide = offset; word 1 = second operand
  branch_ai,     // wide = offset; word 1 = second operand
  br_table_s,    // a = index, wide = count; then count + 1 words of offsets from word 0
  br_table_a,    // wide = count; the same
  return_0,      // b = header
  return_s,      // a = s, b = header
  return_a,      // b = header
  return_i,      // b = header; word 1 = the result
  return_n,      // a = first source slot, b = header, c = count
  // Calls have two words: a return finds word 0 two words before where it returns to.
  // a = d of a single result, else as c; c = callee's frame
  call,             // word 1 = its FuncCode's address
  call_import,      // word 1 = function index
  call_indirect_s,  // b = index; word 1 low = canonical type id, high = table
  call_indirect_a,  // word 1 likewise
};

[[nodiscard]] constexpr bool is_conditional_branch(Layout layout) noexcept {
  return layout >= Layout::branch_s && layout <= Layout::branch_ai;
}

/// Words of an instruction with this layout; a br_table's offsets not counted.
[[nodiscard]] constexpr std::uint32_t words(Layout layout) noexcept {
  switch (layout) {
    case Layout::dsi:
    case Layout::dai:
    case Layout::dis:
    case Layout::dia:
    case Layout::dss_shift:
    case Layout::dsa_shift:
    case Layout::sss_index:
    case Layout::const64:
    case Layout::select_s:
    case Layout::table_three:
    case Layout::table_copy:
    case Layout::load_s:
    case Layout::load_a:
    case Layout::load_k:
    case Layout::load_x:
    case Layout::load_ax:
    case Layout::store_ss:
    case Layout::store_sa:
    case Layout::store_as:
    case Layout::store_si:
    case Layout::store_ks:
    case Layout::store_ka:
    case Layout::load_i:
    case Layout::store_is:
    case Layout::store_ia:
    case Layout::store_ii:
    case Layout::store_xi:
    case Layout::store_xs:
    case Layout::store_xa:
    case Layout::branch_ss:
    case Layout::branch_si:
    case Layout::branch_ai:
    case Layout::return_i:
    case Layout::call:
    case Layout::call_indirect_s:
    case Layout::call_indirect_a:
    case Layout::call_import:
    case Layout::table_get:
    case Layout::table_set:
      return 2;
    default:
      return 1;
  }
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
