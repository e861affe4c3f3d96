// The tables of Op: names and layouts, expanded from ops.def.
#include "interp/isa/op.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

namespace fermata {

namespace {

constexpr std::size_t at(Op op) { return static_cast<std::size_t>(op); }

// A pair stands in its first instruction's word, the second's words follow unchanged.
constexpr auto layouts = [] {
  std::array<Layout, op_count> t{};
#define FERMATA_OP(id, layout, ...) t[at(Op::id)] = Layout::layout;
#define FERMATA_PAIR(id, first, second, way) t[at(Op::id)] = t[at(Op::first)];
#include "interp/isa/ops.def"
  return t;
}();

struct Pair {
  Op first{}, second{}, both{};
  Way way{};
};
constexpr Pair pairs[] = {
    {},
#define FERMATA_OP(id, layout, ...)
#define FERMATA_PAIR(id, first, second, way) {Op::first, Op::second, Op::id, Way::way},
#include "interp/isa/ops.def"
};

struct Parts {
  Op first{};
  Op last{};
  std::uint32_t count = 0;
};
constexpr auto parts_table = [] {
  std::array<Parts, op_count> t{};
  for (std::uint32_t i = 0; i < op_count; ++i) t[i] = {static_cast<Op>(i), static_cast<Op>(i), 1};
  for (const Pair& p : pairs) {
    if (p.both == Op::absent) continue;
    const Parts& first = t[at(p.first)];
    t[at(p.both)] = {first.first, p.second, first.count + 1};
  }
  return t;
}();

constexpr auto is_slow = [] {
  std::array<bool, op_count> t{};
#define FERMATA_OP(id, layout, ...)
#define FERMATA_SLOW(id, layout, handler) t[at(Op::id)] = true;
#include "interp/isa/ops.def"
  return t;
}();

constexpr bool ends(Op op) { return flow(layouts[at(op)]) == Flow::away || is_slow[at(op)]; }

constexpr bool well_formed(const Pair& p) {
  const Op last = parts_table[at(p.first)].last;
  return parts_table[at(p.second)].count == 1 && !ends(last) &&
         (p.way == Way::next || flow(layouts[at(last)]) == Flow::conditional);
}
static_assert(std::ranges::all_of(pairs, well_formed),
              "a pair's second part is one instruction, and something follows its first");

constexpr std::uint32_t key(Op first, Op second, Way way) {
  return static_cast<std::uint32_t>(at(first) << 16 | at(second) << 1) |
         static_cast<std::uint32_t>(way);
}

/// The pairs by their keys, in a table with more than twice as many places: nothing is made when it
/// is asked, which the interpreter does where it must not fail.
class PairTable {
 public:
  constexpr PairTable() {
    for (const Pair& p : std::span(pairs).subspan(1)) {
      const std::uint32_t wanted = key(p.first, p.second, p.way);
      places_[find(wanted)] = {wanted, p.both};
    }
  }
  [[nodiscard]] constexpr Op operator[](std::uint32_t wanted) const {
    return places_[find(wanted)].both;
  }

 private:
  struct Place {
    std::uint32_t key = 0;
    Op both = Op::absent;  // it is free
  };
  static constexpr std::size_t bits = std::bit_width(2 * std::size(pairs));

  /// Where the key is, or the free place where it would be.
  [[nodiscard]] constexpr std::size_t find(std::uint32_t wanted) const {
    std::size_t i = wanted * 0x9E37'79B1u >> (32 - bits);
    while (places_[i].both != Op::absent && places_[i].key != wanted) i = (i + 1) % places_.size();
    return i;
  }

  std::array<Place, std::size_t{1} << bits> places_{};
};

constexpr PairTable pair_table;

constexpr std::array<std::string_view, op_count> names{
#define FERMATA_OP(id, layout, ...) #id,
#include "interp/isa/ops.def"
};

}  // namespace

Layout layout(Op op) noexcept { return layouts[at(op)]; }

Op paired(Op first, Op second, Way way) noexcept { return pair_table[key(first, second, way)]; }

Op first_part(Op op) noexcept { return parts_table[at(op)].first; }

std::uint32_t parts(Op op) noexcept { return parts_table[at(op)].count; }

std::uint32_t words_at(const Word* at) noexcept {
  const Layout shape = layout(op_of(*at));
  return words(shape) + (is_br_table(shape) ? field_wide(*at) + 1 : 0);
}

std::optional<Successor> successor(Op op, Word word) noexcept {
  const Layout shape = layout(op);
  if (ends(op)) return std::nullopt;
  const auto target = static_cast<std::int32_t>(field_wide(word));
  if (flow(shape) == Flow::jump) return Successor{target, Way::next};
  if (flow(shape) == Flow::conditional && target <= 0) return Successor{target, Way::jump};
  return Successor{static_cast<std::int32_t>(words(shape)), Way::next};
}

std::string_view to_string(Op op) noexcept { return names[at(op)]; }

}  // namespace fermata
