// The emitter: what the accumulators hold, what may still be changed, and where branches go.
#include "interp/lower/emitter.hpp"

#include "tests/support/catch.hpp"

namespace fermata {
namespace {

constexpr std::uint32_t no_slot = Emitter::no_slot;

Word add_into(std::uint32_t slot) { return make_word(Op::i32_add_ss, slot, 1, 2); }

/// Where the branch at `at` goes.
std::uint32_t target_of(const Emitter& emitter, std::uint32_t at) {
  return at + field_wide(emitter.code()[at]);
}

}  // namespace

// --- accumulators --------------------------------------------------------------------------------

TEST_CASE("an accumulator holds the slot of the last result of its type") {
  Emitter emitter;
  CHECK(emitter.held(Acc::integer) == no_slot);
  emitter.emit_result(Acc::integer, add_into(7));
  emitter.emit_result(Acc::f32, make_word(Op::f32_add_ss, 8, 1, 2));
  CHECK(emitter.held(Acc::integer) == 7);
  CHECK(emitter.held(Acc::f32) == 8);
  CHECK(emitter.held(Acc::f64) == no_slot);
  emitter.emit_result(Acc::integer, make_word(Op::i32_add_si, 9, 1), 5);
  CHECK(emitter.held(Acc::integer) == 9);
  CHECK(emitter.held(Acc::f32) == 8);
  emitter.forget_accumulators();
  CHECK(emitter.held(Acc::integer) == no_slot);
  CHECK(emitter.held(Acc::f32) == no_slot);
}

TEST_CASE("an accumulator no longer holds a slot that is written without it") {
  const auto held_after = [](void (*write)(Emitter&)) {
    Emitter emitter;
    emitter.emit_result(Acc::integer, add_into(7));
    write(emitter);
    return emitter.held(Acc::integer);
  };
  CHECK(held_after([](Emitter& e) { e.emit_move(7, make_word(Op::copy, 7, 1)); }) == no_slot);
  CHECK(held_after([](Emitter& e) { e.emit_move(8, make_word(Op::copy, 8, 1)); }) == 7);
  CHECK(held_after([](Emitter& e) { e.emit_move(7, make_word(Op::const64, 7), 1); }) == no_slot);
  CHECK(held_after([](Emitter& e) { e.emit_move(8, make_word(Op::const64, 8), 1); }) == 7);
  CHECK(held_after([](Emitter& e) {
          e.emit_result(std::nullopt, make_word(Op::table_index, 7, 1));
        }) == no_slot);
  CHECK(held_after([](Emitter& e) {
          e.emit_result(Acc::f32, make_word(Op::f32_add_ss, 7, 1, 2));
        }) == no_slot);
  // What takes two slots.
  for (const bool second : {false, true}) {
    Emitter emitter;
    emitter.emit_result(Acc::integer, add_into(second ? 8 : 7));
    const auto saved = emitter.save_accumulators();
    emitter.emit_move2(7, make_word(Op::copy2, 7, 1, 2));
    CHECK(emitter.held(Acc::integer) == no_slot);
    emitter.restore_accumulators(saved);
    CHECK(emitter.held(Acc::integer) == (second ? 8 : 7));
    emitter.emit_move2(7, make_word(Op::copy2, 7, 1, 2), 0);
    CHECK(emitter.held(Acc::integer) == no_slot);
    emitter.restore_accumulators(saved);
    emitter.emit_vector({make_word(Op::v128_and, 7, 1, 3)});
    CHECK(emitter.held(Acc::integer) == no_slot);
  }
}

TEST_CASE("an accumulator that holds what is copied stands for the copy") {
  Emitter emitter;
  emitter.emit_result(Acc::integer, add_into(7));
  emitter.alias(6, 20);
  CHECK(emitter.held(Acc::integer) == 7);
  emitter.alias(7, 20);
  CHECK(emitter.held(Acc::integer) == 20);
}

TEST_CASE("at a label nothing is held, unless the one way there is known") {
  Emitter emitter;
  emitter.emit_result(Acc::integer, add_into(7));
  const auto known = emitter.save_accumulators();
  emitter.label();
  CHECK(emitter.held(Acc::integer) == no_slot);
  CHECK_FALSE(emitter.last_writing(7));
  emitter.label(known);
  CHECK(emitter.held(Acc::integer) == 7);
  CHECK_FALSE(emitter.last_writing(7));
}

// --- the window ----------------------------------------------------------------------------------

TEST_CASE("the last instruction may be changed by who knows the slot of its result") {
  Emitter emitter;
  emitter.emit_result(Acc::integer, make_word(Op::i32_add_si, 7, 1), 5);
  const auto last = emitter.last_writing(7);
  REQUIRE(last);
  CHECK(last->word == make_word(Op::i32_add_si, 7, 1));
  CHECK(last->second == 5);
  CHECK_FALSE(emitter.last_writing(8));

  emitter.emit_result(Acc::integer, add_into(8));
  CHECK_FALSE(emitter.last_writing(7));
  REQUIRE(emitter.last_writing(8));
  CHECK(emitter.last_writing(8)->second == 0);  // it has one word

  emitter.emit(make_word(Op::global_set_s, 8));
  CHECK_FALSE(emitter.last_writing(8));
}

TEST_CASE("moves, and instructions without a result, are not changed any more") {
  Emitter emitter;
  emitter.emit_move(7, make_word(Op::copy, 7, 1));
  CHECK_FALSE(emitter.last_writing(7));
  emitter.emit_result(Acc::integer, add_into(7));
  emitter.emit(make_word(Op::v128_store8_lane), 0, 0);
  CHECK_FALSE(emitter.last_writing(7));
}

TEST_CASE("an instruction taken back leaves code, accumulators and the one before as they were") {
  Emitter emitter;
  emitter.emit_result(Acc::integer, add_into(7));
  emitter.emit_result(Acc::integer, make_word(Op::i32_add_si, 8, 1), 5);
  emitter.mark();
  CHECK(emitter.marked() == 3);

  emitter.drop_last();
  CHECK(emitter.here() == 1);
  CHECK(emitter.marked() == 1);  // never behind the code's end
  CHECK(emitter.held(Acc::integer) == 7);
  REQUIRE(emitter.last_writing(7));

  emitter.drop_last();
  CHECK(emitter.here() == 0);
  CHECK(emitter.held(Acc::integer) == no_slot);
  CHECK_FALSE(emitter.last_writing(7));
}

TEST_CASE("no more than two instructions can be taken back") {
  Emitter emitter;
  for (const std::uint32_t slot : {7U, 8U, 9U}) emitter.emit_result(Acc::integer, add_into(slot));
  emitter.drop_last();
  emitter.drop_last();
  CHECK(emitter.here() == 1);
  CHECK(emitter.held(Acc::integer) == 7);
  CHECK_FALSE(emitter.last_writing(7));
}

TEST_CASE("an instruction whose result goes elsewhere takes its accumulator along") {
  Emitter emitter;
  emitter.emit_result(Acc::f32, make_word(Op::f32_add_ss, 20, 1, 2));
  emitter.emit_result(Acc::integer, make_word(Op::i32_add_si, 7, 1), 5);
  emitter.retarget_last(20);
  CHECK(emitter.code()[1] == make_word(Op::i32_add_si, 20, 1));
  CHECK(emitter.code()[2] == 5);
  CHECK(emitter.held(Acc::integer) == 20);
  CHECK(emitter.held(Acc::f32) == no_slot);  // of slot 20, which is written now
  CHECK_FALSE(emitter.last_writing(7));
  CHECK(emitter.last_writing(20));

  emitter.emit_vector({make_word(Op::v128_and, 30, 1, 3)});
  emitter.retarget_last(40);
  CHECK(field_a(emitter.code()[3]) == 40);
  CHECK(emitter.held(Acc::integer) == 20);
}

// --- branches ------------------------------------------------------------------------------------

TEST_CASE("all branches of a list go to its label, forward and back") {
  Emitter emitter;
  PatchList list = no_patches;
  PatchList other = no_patches;
  const std::uint32_t first = emitter.emit(make_wide(Op::br_if_s, 3, 0));
  emitter.add_patch(list, first);
  const std::uint32_t stranger = emitter.emit(make_wide(Op::br, 0, 77));
  emitter.add_patch(other, stranger);
  const std::uint32_t second = emitter.emit(make_wide(Op::br_i32_eq_si, 4, 0), 9);
  emitter.add_patch(list, second);
  emitter.emit(make_word(Op::return_0));

  emitter.patch(list, emitter.here());
  CHECK(list == no_patches);
  CHECK(target_of(emitter, first) == 5);
  CHECK(target_of(emitter, second) == 5);
  CHECK(op_of(emitter.code()[second]) == Op::br_i32_eq_si);
  CHECK(field_a(emitter.code()[second]) == 4);
  CHECK(emitter.code()[second + 1] == 9);
  CHECK(field_wide(emitter.code()[stranger]) == 77);

  emitter.patch(other, 0);
  CHECK(static_cast<std::int32_t>(field_wide(emitter.code()[stranger])) == -1);
  emitter.set_offset(stranger, 4);
  CHECK(target_of(emitter, stranger) == 4);
}

TEST_CASE("entries of a br_table count from its first word, negative ones in all 64 bits") {
  Emitter emitter;
  PatchList forward = no_patches;
  PatchList back = no_patches;
  emitter.emit(make_word(Op::copy, 1, 2));
  const std::uint32_t table = emitter.emit(make_wide(Op::br_table_s, 3, 1));
  for (PatchList* const list : {&back, &forward}) {
    emitter.append(0);
    emitter.add_table_patch(*list, emitter.here() - 1, table);
  }
  const std::uint32_t branch = emitter.emit(make_wide(Op::br, 0, 0));
  emitter.add_patch(forward, branch);  // of the same list, and counted from its own word

  emitter.patch(back, 0);
  emitter.patch(forward, emitter.here());
  CHECK(static_cast<std::int64_t>(emitter.code()[table + 1]) == -1);
  CHECK(emitter.code()[table + 2] == 4);
  CHECK(target_of(emitter, branch) == 5);
}

TEST_CASE("an emitter that is cleared knows nothing of the last function") {
  Emitter emitter;
  PatchList list = no_patches;
  emitter.add_patch(list, emitter.emit(make_wide(Op::br, 0, 0)));
  emitter.emit_result(Acc::integer, add_into(7));
  emitter.mark();
  emitter.clear();
  CHECK(emitter.here() == 0);
  CHECK(emitter.marked() == 0);
  CHECK(emitter.held(Acc::integer) == no_slot);
  CHECK_FALSE(emitter.last_writing(7));
  PatchList fresh = no_patches;
  emitter.emit(make_word(Op::copy, 1, 2));
  emitter.add_patch(fresh, emitter.emit(make_wide(Op::br, 0, 0)));
  emitter.patch(fresh, 0);
  CHECK(emitter.code()[0] == make_word(Op::copy, 1, 2));
  CHECK(target_of(emitter, 1) == 0);
}

// --- pairs ---------------------------------------------------------------------------------------

TEST_CASE("instructions that follow each other become pairs in their opcodes alone") {
  const Op both = paired(Op::br, Op::copy, Way::next);
  REQUIRE(both != Op::absent);
  Emitter emitter;
  emitter.emit(make_wide(Op::br, 0, 3));
  emitter.emit(make_word(Op::unreachable));
  emitter.emit(make_word(Op::unreachable));
  emitter.emit(make_word(Op::copy, 1, 2));
  emitter.emit(make_word(Op::return_0));
  emitter.pair_successors();
  CHECK(first_part(op_of(emitter.code()[0])) == Op::br);
  CHECK(parts(op_of(emitter.code()[0])) >= 2);  // with the copy, and what a pair of both begins
  CHECK(field_wide(emitter.code()[0]) == 3);
  CHECK(emitter.code()[1] == make_word(Op::unreachable));
  CHECK(first_part(op_of(emitter.code()[3])) == Op::copy);
  CHECK(emitter.here() == 5);
}

TEST_CASE("a branch past the end of the code makes no pair") {
  Emitter emitter;
  emitter.emit(make_word(Op::return_0));
  emitter.emit(make_word(Op::copy, 1, 2));
  emitter.clear();  // the copy may still be there, behind the end
  emitter.emit(make_wide(Op::br, 0, 1));
  emitter.pair_successors();
  CHECK(emitter.code()[0] == make_wide(Op::br, 0, 1));
}

}  // namespace fermata
