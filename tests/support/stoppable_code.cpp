// Takes the code apart into instructions and pairs once, and writes back whichever opcodes the
// stops leave.
#include "tests/support/stoppable_code.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

namespace fermata::test {

namespace {

/// A pair without its second part; the first may be a pair itself.
std::optional<Op> without_second(Op op) {
  switch (op) {
#define FERMATA_PAIR(id, first, ...) \
  case Op::id:                       \
    return Op::first;
#include "interp/isa/pairs.def"
#undef FERMATA_PAIR
    default:
      return std::nullopt;
  }
}

bool is_call(Layout layout) {
  return layout == Layout::call || layout == Layout::call_import ||
         layout == Layout::call_indirect_s || layout == Layout::call_indirect_a ||
         layout == Layout::call_ref || layout == Layout::tail_call ||
         layout == Layout::tail_call_import || layout == Layout::tail_call_indirect ||
         layout == Layout::tail_call_ref;
}

bool is_branch(Layout layout) {
  return flow(layout) == Flow::jump || flow(layout) == Flow::conditional;
}

/// By its name: whether its result may be a vector, which is in an accumulator that a pause loses.
bool may_leave_vector(Op op) {
  static constexpr std::string_view shapes[] = {"i8x16", "i16x8", "i32x4", "i64x2",
                                                "f32x4", "f64x2", "v128"};
  return std::ranges::any_of(
      shapes, [op](std::string_view shape) { return to_string(op).starts_with(shape); });
}

std::int32_t branch_offset(Word word) { return static_cast<std::int32_t>(field_wide(word)); }

}  // namespace

StoppableCode::StoppableCode(Word* code, std::uint32_t size) : code_(code), stops_(size) {
  for (std::uint32_t word = 0; word < size; word += words_at(&code[word])) {
    places_.push_back(describe(word));
  }
}

StoppableCode::Place StoppableCode::describe(std::uint32_t word) const {
  std::vector<Op> ops{op_of(code_[word])};
  while (const auto first = without_second(ops.back())) ops.push_back(*first);
  Place place{word, {{ops.back(), word}}};
  for (auto op = ops.rbegin() + 1; op != ops.rend(); ++op) {
    const std::uint32_t last = place.parts.back().word;
    const auto to = successor(first_part(op_of(code_[last])), code_[last]);
    place.parts.push_back({*op, last + static_cast<std::uint32_t>(to->offset)});
  }
  return place;
}

Op StoppableCode::longest(const Place& place, const Stops& stops) {
  Op op = place.parts.front().op;
  for (const Part& part : std::span(place.parts).subspan(1)) {
    if (stops[part.word]) break;
    op = part.op;
  }
  return op;
}

void StoppableCode::write(const Stops& stops) const {
  for (const Place& place : places_) {
    const Op op = stops[place.word] ? Op::unreachable : longest(place, stops);
    code_[place.word] = (code_[place.word] & ~Word{0xFFFF}) | static_cast<Word>(op);
  }
}

void StoppableCode::stop_after(std::uint32_t word) const {
  Stops stops(stops_.size(), true);
  stops[word] = false;
  write(stops);
}

bool StoppableCode::can_stop_after(std::uint32_t word) const {
  const auto place = std::ranges::lower_bound(places_, word, {}, &Place::word);
  const Op first = place->parts.front().op;
  if (may_leave_vector(first)) return false;
  const Layout shape = layout(first);
  if (is_branch(shape)) return branch_offset(code_[word]) != 0;
  return word != 0 || !is_call(shape);
}

}  // namespace fermata::test
