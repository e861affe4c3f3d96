// The instructions of the register code: how many words each has, what follows it, what pairs are
// made of.
#include "interp/isa/op.hpp"

#include "tests/support/catch.hpp"

namespace fermata {
namespace {

struct PairRow {
  Op id, first, second;
  Way way;
};
constexpr PairRow pair_rows[] = {
#define FERMATA_OP(id, layout, ...)
#define FERMATA_PAIR(id, first, second, way) {Op::id, Op::first, Op::second, Way::way},
#include "interp/isa/ops.def"
};

constexpr std::uint32_t minus(std::uint32_t words) { return 0U - words; }

}  // namespace

TEST_CASE("the fields of a word are read as they were written") {
  const Word word = make_word(Op::i32_add_ss, 0x1234, 0xFFFF, 0x8001);
  CHECK(op_of(word) == Op::i32_add_ss);
  CHECK(field_a(word) == 0x1234);
  CHECK(field_b(word) == 0xFFFF);
  CHECK(field_c(word) == 0x8001);
  CHECK(field_wide(word) == 0x8001'FFFF);

  const Word wide = make_wide(Op::const32, 0xFFFE, 0x89AB'CDEF);
  CHECK(op_of(wide) == Op::const32);
  CHECK(field_a(wide) == 0xFFFE);
  CHECK(field_wide(wide) == 0x89AB'CDEF);

  const Word halves = make_halves(0x8765'4321, 0xFEDC'BA98);
  CHECK(halves == 0xFEDC'BA98'8765'4321);
  CHECK(low_half(halves) == 0x8765'4321);
  CHECK(high_half(halves) == 0xFEDC'BA98);
}

TEST_CASE("an instruction has one, two or three words, as its layout says") {
  const auto words_of = [](Op op) {
    const Word code[] = {make_wide(op, 1, 40), 0, 0};
    return words_at(code);
  };
  CHECK(words_of(Op::copy) == 1);
  CHECK(words_of(Op::i32_add_ss) == 1);
  CHECK(words_of(Op::i32_add_si) == 2);
  CHECK(words_of(Op::const32) == 1);
  CHECK(words_of(Op::const64) == 2);
  CHECK(words_of(Op::const_v) == 3);
  CHECK(words_of(Op::br) == 1);
  CHECK(words_of(Op::br_i32_eq_ss) == 2);
  CHECK(words_of(Op::br_i32_eq_as) == 1);
  CHECK(words_of(Op::return_i) == 2);
  for (const Op call :
       {Op::call, Op::call_import, Op::call_indirect_s, Op::call_indirect_a, Op::call_ref}) {
    INFO(to_string(call));
    CHECK(words_of(call) == call_words);
  }
}

TEST_CASE("a br_table has a word for each target and one for all other numbers") {
  for (const Op op : {Op::br_table_s, Op::br_table_a}) {
    for (const std::uint32_t targets : {0U, 1U, 60'000U}) {
      const Word word = make_wide(op, 0, targets);
      CHECK(words_at(&word) == 1 + targets + 1);
    }
  }
}

TEST_CASE("behind an instruction without a branch comes the next one") {
  const auto next = [](Op op, std::uint32_t wide) {
    const auto to = successor(op, make_wide(op, 1, wide));
    REQUIRE(to);
    CHECK(to->way == Way::next);
    return to->offset;
  };
  CHECK(next(Op::copy, minus(9)) == 1);
  CHECK(next(Op::i32_add_si, minus(9)) == 2);
  CHECK(next(Op::const_v, 0) == 3);
}

TEST_CASE("a branch is followed by where it goes, a conditional one by what it is expected to do") {
  const auto after = [](Op op, std::uint32_t offset) {
    const auto to = successor(op, make_wide(op, 1, offset));
    REQUIRE(to);
    return *to;
  };
  CHECK(after(Op::br, 7).offset == 7);
  CHECK(after(Op::br, 7).way == Way::next);
  CHECK(after(Op::br, minus(7)).offset == -7);
  CHECK(after(Op::br, minus(7)).way == Way::next);

  CHECK(after(Op::br_if_s, 7).offset == 1);
  CHECK(after(Op::br_if_s, 7).way == Way::next);
  CHECK(after(Op::br_i32_lt_s_ss, 7).offset == 2);
  CHECK(after(Op::br_i32_lt_s_ss, 7).way == Way::next);
  CHECK(after(Op::br_if_s, minus(7)).offset == -7);
  CHECK(after(Op::br_if_s, minus(7)).way == Way::jump);
  CHECK(after(Op::br_if_s, 0).offset == 0);
  CHECK(after(Op::br_if_s, 0).way == Way::jump);
}

TEST_CASE("nothing follows an instruction that goes elsewhere or is executed outside") {
  for (const Op op :
       {Op::return_0, Op::return_n, Op::call, Op::call_import, Op::call_indirect_a, Op::return_call,
        Op::br_table_s, Op::br_table_a, Op::throw_, Op::memory_grow, Op::table_fill, Op::lower}) {
    INFO(to_string(op));
    CHECK_FALSE(successor(op, make_wide(op, 0, 1)));
  }
}

TEST_CASE("every pair is found by its parts, and known by them") {
  for (const PairRow& row : pair_rows) {
    INFO(to_string(row.id));
    CHECK(paired(row.first, row.second, row.way) == row.id);
    CHECK(parts(row.id) == parts(row.first) + 1);
    CHECK(parts(row.second) == 1);
    CHECK(first_part(row.id) == first_part(row.first));
    CHECK(parts(first_part(row.id)) == 1);
    CHECK(layout(row.id) == layout(first_part(row.id)));
    CHECK(to_string(row.id).starts_with(to_string(first_part(row.id))));
  }
}

TEST_CASE("instructions that are no pair are their own first part, and most make none") {
  CHECK(first_part(Op::i32_add_si) == Op::i32_add_si);
  CHECK(parts(Op::i32_add_si) == 1);
  CHECK(parts(Op::call) == 1);
  for (const Way way : {Way::next, Way::jump}) {
    CHECK(paired(Op::call, Op::copy, way) == Op::absent);
    CHECK(paired(Op::absent, Op::absent, way) == Op::absent);
  }
  // The same two are another pair, or none, where the branch is not taken.
  for (const PairRow& row : pair_rows) {
    const Way other = row.way == Way::next ? Way::jump : Way::next;
    CHECK(paired(row.first, row.second, other) != row.id);
  }
}

}  // namespace fermata
