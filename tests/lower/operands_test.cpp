// The lowering's operand stack: where operands are, and what it knows of those in their own slots.
#include "interp/lower/operands.hpp"

#include <vector>

#include "tests/support/catch.hpp"

namespace fermata::test {
namespace {

OperandStack empty_stack() {
  OperandStack stack;
  stack.clear(10, 4);
  return stack;
}

/// Notes the slots of operands that begin to lie there, and of those that end to, negative.
struct Noted final : StoredOperands {
  std::vector<int> slots;
  void stored(const Operand& operand) override { slots.push_back(static_cast<int>(operand.slot)); }
  void gone(const Operand& operand) override { slots.push_back(-static_cast<int>(operand.slot)); }
};

}  // namespace

TEST_CASE("each operand knows its slot, its type and where its value is") {
  OperandStack stack = empty_stack();
  CHECK(stack.next_slot() == 10);
  stack.push_local(v128, 2);
  stack.push_sum(3, 0xFFFF'FFFF);
  stack.push_constant(i64, 0x1'0000'0002);
  stack.push_slot(f32);
  CHECK(stack[0].kind == Operand::Kind::local);
  CHECK(stack[0].type == v128);
  CHECK(stack[0].local == 2);
  CHECK(stack[0].slot == 10);
  CHECK(stack[1].kind == Operand::Kind::sum);
  CHECK(stack[1].type == i32);
  CHECK(stack[1].local == 3);
  CHECK(stack[1].bits == 0xFFFF'FFFF);
  CHECK(stack[1].slot == 12);
  CHECK(stack[2].kind == Operand::Kind::constant);
  CHECK(stack[2].bits == 0x1'0000'0002);
  CHECK(stack[2].slot == 13);
  CHECK(stack.top().kind == Operand::Kind::slot);
  CHECK(stack.top().type == f32);
  CHECK(stack.next_slot() == 15);

  const Operand popped = stack.pop();
  CHECK(popped.slot == 14);
  CHECK(stack.top().kind == Operand::Kind::constant);
}

TEST_CASE("the operands in one local are found from the topmost down") {
  OperandStack stack = empty_stack();
  stack.push_local(i32, 1);
  stack.push_local(i32, 0);
  stack.push_sum(1, 4);
  CHECK(stack.topmost_in(1) == 2);
  CHECK(stack.topmost_in(0) == 1);
  CHECK(stack.topmost_in(2) == OperandStack::none);

  stack.settle_topmost(1);
  CHECK(stack[2].kind == Operand::Kind::slot);
  CHECK(stack.topmost_in(1) == 0);
  stack.settle_topmost(1);
  CHECK(stack[0].kind == Operand::Kind::slot);
  CHECK(stack.topmost_in(1) == OperandStack::none);
  CHECK(stack[1].kind == Operand::Kind::local);  // of another local

  stack.push_local(i32, 0);
  CHECK(stack.topmost_in(0) == 3);
  static_cast<void>(stack.pop());
  CHECK(stack.topmost_in(0) == 1);
}

TEST_CASE("how far operands are settled is forgotten with those that are dropped") {
  OperandStack stack = empty_stack();
  stack.push_slots(ResultType(6, i32));
  stack.set_settled();
  CHECK(stack.settled() == 6);
  stack.push_local(i32, 0);
  CHECK(stack.settled() == 6);
  static_cast<void>(stack.pop());
  static_cast<void>(stack.pop());
  CHECK(stack.settled() == 5);
  stack.push_local(i32, 0);
  CHECK(stack.settled() == 5);
  stack.shrink(2);
  CHECK(stack.settled() == 2);
  stack.clear(10, 4);
  CHECK(stack.settled() == 0);
}

TEST_CASE("who watches is told of every operand that begins or ends to lie in its slot") {
  Noted noted;
  OperandStack stack = empty_stack();
  stack.watch(&noted);
  stack.push_slot(i32);
  stack.push_slots(ResultType{v128, i32});
  CHECK(noted.slots == std::vector{10, 11, 13});

  noted.slots.clear();
  stack.push_local(i32, 0);
  stack.push_constant(i32, 5);
  stack.push_sum(0, 1);
  static_cast<void>(stack.pop());
  CHECK(noted.slots.empty());  // none of these lies in its slot
  stack.settle_from(0, false);
  CHECK(noted.slots == std::vector{14});
  stack.settle_from(0, true);
  CHECK(noted.slots == std::vector{14, 15});

  noted.slots.clear();
  stack.push_local(i32, 0);
  stack.settle_topmost(0);
  CHECK(noted.slots == std::vector{16});
  static_cast<void>(stack.pop());
  CHECK(noted.slots == std::vector{16, -16});
  noted.slots.clear();
  stack.push_local(i32, 0);
  stack.shrink(1);
  CHECK(noted.slots == std::vector{-15, -14, -13, -11});
}

TEST_CASE("operands that are pushed as slots are stored") {
  OperandStack stack = empty_stack();
  stack.push_slots(ResultType{i32, i64, v128, f32});
  stack.push_slot(f64);
  CHECK(stack.size() == 5);
  CHECK(stack[2].slot == 12);
  CHECK(stack[3].slot == 14);
  CHECK(stack.next_slot() == 16);
  CHECK(stack.unstored_from(0) == 5);
  CHECK(stack.ends_with(2, ResultType{v128, f32, f64}));
  CHECK_FALSE(stack.ends_with(2, ResultType{v128, f32}));
  CHECK_FALSE(stack.ends_with(2, ResultType{v128, f32, i64}));
}

TEST_CASE("a constant or a local in between is not stored until it is settled") {
  OperandStack stack = empty_stack();
  stack.push_slot(i32);
  stack.push_local(i32, 3);
  stack.push_constant(i32, 7);
  stack.push_slot(i32);
  CHECK(stack.unstored_from(0) == 1);
  CHECK(stack.unstored_from(1) == 1);
  CHECK_FALSE(stack.ends_with(0, ResultType{i32, i32, i32, i32}));

  stack.settle_from(1, false);
  CHECK(stack[1].kind == Operand::Kind::slot);
  CHECK(stack[2].kind == Operand::Kind::constant);
  CHECK(stack.unstored_from(1) == 1);

  stack.settle_from(1, true);
  CHECK(stack.unstored_from(0) == 4);
  CHECK(stack.ends_with(0, ResultType{i32, i32, i32, i32}));
  CHECK(stack.topmost_in(3) == OperandStack::none);
}

TEST_CASE("what is pushed after a pop is looked at again") {
  OperandStack stack = empty_stack();
  stack.push_slots(ResultType(100, i32));
  static_cast<void>(stack.pop());
  stack.push_local(i32, 0);
  CHECK(stack.unstored_from(0) == 99);
  CHECK(stack.unstored_from(99) == 99);
  stack.settle_from(0, true);
  CHECK(stack.unstored_from(50) == 100);
}

TEST_CASE("operands settled above others that are not say nothing of those") {
  OperandStack stack = empty_stack();
  stack.push_constant(i32, 1);
  stack.push_constant(i32, 2);
  stack.push_constant(i32, 3);
  stack.settle_from(2, true);
  CHECK(stack.unstored_from(2) == 3);
  CHECK(stack.unstored_from(1) == 1);
  static_cast<void>(stack.pop());
  static_cast<void>(stack.pop());
  stack.push_local(i32, 1);
  CHECK(stack.unstored_from(1) == 1);
  stack.shrink(0);
  stack.push_constant(i32, 4);
  CHECK(stack.unstored_from(0) == 0);
}

TEST_CASE("dropping many operands forgets which of them were in locals") {
  OperandStack stack = empty_stack();
  stack.push_local(i32, 2);
  stack.push_slots(ResultType(1000, i64));
  stack.push_local(i32, 2);
  stack.shrink(500);
  CHECK(stack.size() == 500);
  CHECK(stack.topmost_in(2) == 0);
  CHECK(stack.next_slot() == 10 + 500);
  stack.shrink(0);
  CHECK(stack.topmost_in(2) == OperandStack::none);
}

TEST_CASE("a stack that is cleared for the next function is empty, and so are its locals") {
  OperandStack stack = empty_stack();
  stack.push_local(i32, 3);
  stack.push_slots(ResultType(10, i64));
  stack.clear(20, 2);
  CHECK(stack.size() == 0);
  stack.clear(20, 4);
  CHECK(stack.topmost_in(3) == OperandStack::none);
  CHECK(stack.next_slot() == 20);
}

}  // namespace fermata::test
