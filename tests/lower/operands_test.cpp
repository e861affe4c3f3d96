// The lowering's operand stack: what it knows of operands that lie in their own slots.
#include "interp/lower/operands.hpp"

#include "tests/support/catch.hpp"

namespace fermata::test {
namespace {

OperandStack empty_stack() {
  OperandStack stack;
  stack.clear(10, 4);
  return stack;
}

}  // namespace

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
