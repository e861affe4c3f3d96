// The tables of Op: names and layouts, expanded from ops.def.
#include "interp/isa/op.hpp"

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
#define FERMATA_PAIR(id, first, second) t[at(Op::id)] = t[at(Op::first)];
#include "interp/isa/ops.def"
  return t;
}();

struct Pair {
  Op first{}, second{}, both{};
};
constexpr Pair pairs[] = {
    {},
#define FERMATA_OP(id, layout, ...)
#define FERMATA_BINARY(...)
#define FERMATA_COMMUTATIVE(...)
#define FERMATA_COMPARE(...)
#define FERMATA_FLOAT_COMPARE(...)
#define FERMATA_UNARY(...)
#define FERMATA_LOAD(...)
#define FERMATA_STORE(...)
#define FERMATA_PAIR(id, first, second) {Op::first, Op::second, Op::id},
#include "interp/isa/ops.def"
};

std::unordered_map<std::uint32_t, Op> index_pairs() {
  std::unordered_map<std::uint32_t, Op> index;
  for (const Pair& p : std::span(pairs).subspan(1)) {
    index.emplace(static_cast<std::uint32_t>(at(p.first) << 16 | at(p.second)), p.both);
  }
  return index;
}

constexpr std::array<std::string_view, op_count> names{
#define FERMATA_OP(id, layout, ...) #id,
#include "interp/isa/ops.def"
};

}  // namespace

Layout layout(Op op) noexcept { return layouts[at(op)]; }

Op paired(Op first, Op second) noexcept {
  static const auto index = index_pairs();
  const auto found = index.find(static_cast<std::uint32_t>(at(first) << 16 | at(second)));
  return found == index.end() ? Op::absent : found->second;
}

std::string_view to_string(Op op) noexcept { return names[at(op)]; }

}  // namespace fermata
