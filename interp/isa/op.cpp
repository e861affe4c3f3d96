// The tables of Op: names and layouts, expanded from ops.def.
#include "interp/isa/op.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <unordered_map>

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

std::unordered_map<std::uint32_t, Op> index_pairs() {
  std::unordered_map<std::uint32_t, Op> index;
  for (const Pair& p : std::span(pairs).subspan(1)) {
    index.emplace(key(p.first, p.second, p.way), p.both);
  }
  return index;
}

constexpr std::array<std::string_view, op_count> names{
#define FERMATA_OP(id, layout, ...) #id,
#include "interp/isa/ops.def"
};

}  // namespace

Layout layout(Op op) noexcept { return layouts[at(op)]; }

Op paired(Op first, Op second, Way way) noexcept {
  static const auto index = index_pairs();
  const auto found = index.find(key(first, second, way));
  return found == index.end() ? Op::absent : found->second;
}

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
