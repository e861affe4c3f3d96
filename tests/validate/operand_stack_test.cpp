// The stack algorithm alone, without instructions.
#include "lib/validate/operand_stack.hpp"

#include <array>

#include "tests/support/catch.hpp"

namespace fermata::validation {
namespace {

constexpr std::uint32_t slot_limit = 100;

/// A stack with the frame of a function without results.
class Fixture {
 public:
  Fixture() : stack(types) {
    stack.reset(slot_limit);
    REQUIRE(stack.push_control(WasmOp::block, BlockSignature(Signature{}), 0));
  }
  TypeTable types;
  OperandStack stack;
};

TEST_CASE_METHOD(Fixture, "What is pushed is popped in reverse order") {
  stack.push(i32);
  stack.push(f64);
  CHECK(stack.pop(f64));
  CHECK(stack.pop(i32));
}

TEST_CASE_METHOD(Fixture, "A fault says what was expected and found") {
  stack.push(f32);
  CHECK_FALSE(stack.pop(i64));
  CHECK(stack.fault().kind == StackFault::Kind::mismatch);
  CHECK(stack.fault().expected == StackType(i64));
  CHECK(stack.fault().found == StackType(f32));
  CHECK(stack.pop(f32));
  CHECK_FALSE(stack.pop(f32));
  CHECK(stack.fault().kind == StackFault::Kind::missing);
}

TEST_CASE_METHOD(Fixture,
                 "A fixed type pops its operands and pushes its result, or changes nothing") {
  const FixedType compare{{ValKind::i64, ValKind::i64}, 2, true, false, ValKind::i32};
  stack.push(i64);
  stack.push(i64);
  CHECK(stack.apply(compare));
  CHECK(stack.pop(i32));
  stack.push(i32);
  stack.push(i64);
  CHECK_FALSE(stack.apply(compare));
  CHECK(stack.fault().expected == StackType(i64));
  CHECK(stack.fault().found == StackType(i32));
}

TEST_CASE_METHOD(Fixture, "A popped operand leaves nothing behind for a masked comparison") {
  const FixedType unary{{ValKind::i32}, 1, true, false, ValKind::i32};
  stack.push(i32);
  stack.push(f64);
  CHECK(stack.pop(f64));
  CHECK(stack.apply(unary));
  CHECK(stack.pop(i32));
  CHECK_FALSE(stack.apply(unary));
}

TEST_CASE_METHOD(Fixture,
                 "After set_unreachable the frame gives bottoms and keeps what is pushed") {
  stack.push(i32);
  stack.set_unreachable();
  StackType type;
  CHECK(stack.pop_any(type));
  CHECK(type.is_bottom());
  CHECK(stack.pop_ref(type));
  CHECK(type == StackType::bottom_ref());
  stack.push(f32);
  CHECK_FALSE(stack.pop(i32));
}

TEST_CASE_METHOD(Fixture, "A frame hides the operands below it") {
  stack.push(i32);
  REQUIRE(stack.push_control(WasmOp::block, BlockSignature(StackType(i64)), 0));
  CHECK_FALSE(stack.pop(i32));
  stack.push(i64);
  ControlFrame closed;
  CHECK(stack.pop_control(closed));
  CHECK(closed.op == WasmOp::block);
  CHECK(stack.depth() == 1);
  CHECK(stack.pop(i32));
}

TEST_CASE_METHOD(Fixture, "A frame closes only with exactly its results") {
  ControlFrame closed;
  REQUIRE(stack.push_control(WasmOp::block, BlockSignature(StackType(i64)), 0));
  CHECK_FALSE(stack.pop_control(closed));
  stack.push(i32);
  stack.push(i64);
  CHECK_FALSE(stack.pop_control(closed));
  CHECK(stack.fault().kind == StackFault::Kind::leftover);
  CHECK(stack.fault().count == 1);
}

TEST_CASE_METHOD(Fixture, "A loop's label takes parameters, a block's takes results") {
  const std::array<StackType, 1> params{StackType(f32)};
  const std::array<StackType, 2> results{StackType(i32), StackType(i64)};
  const BlockSignature type(Signature{params, results});
  REQUIRE(stack.push_control(WasmOp::loop, type, 0));
  CHECK(stack.frame(0).label_types().size() == 1);
  REQUIRE(stack.push_control(WasmOp::block, type, 0));
  CHECK(stack.frame(0).label_types().size() == 2);
}

TEST_CASE_METHOD(Fixture, "Vectors count two slots as long as they lie there") {
  stack.push(v128);
  stack.push(v128);
  CHECK(stack.max_slots() == 4);
  stack.set_unreachable();
  stack.push(i32);
  CHECK(stack.max_slots() == 4);
  CHECK(stack.pop(i32));
  for (int i = 0; i < 5; ++i) stack.push(i32);
  CHECK(stack.max_slots() == 5);
}

TEST_CASE_METHOD(Fixture, "Pushing past the limit is refused at once") {
  const std::vector<StackType> many(slot_limit, StackType(i32));
  CHECK(stack.push_types(many));
  CHECK_FALSE(stack.push_types(std::array{StackType(i32)}));
  CHECK(stack.fault().kind == StackFault::Kind::too_deep);
}

TEST_CASE_METHOD(Fixture, "check_top changes nothing") {
  stack.push(i32);
  stack.push(i64);
  CHECK(stack.check_top(std::array{StackType(i32), StackType(i64)}));
  CHECK_FALSE(stack.check_top(std::array{StackType(i64), StackType(i64)}));
  CHECK_FALSE(stack.check_top(std::array{StackType(i32), StackType(i32), StackType(i64)}));
  CHECK(stack.pop(i64));
  CHECK(stack.pop(i32));
}

TEST_CASE("A stack type keeps a value type's every part") {
  for (const ValType type :
       {i32, i64, f32, f64, v128, funcref, externref, ValType::ref({HeapKind::noexn}, false),
        ValType::ref(HeapType::concrete({0xFFFF'FFFF}), true)}) {
    CHECK(StackType(type).val_type() == type);
    CHECK_FALSE(StackType(type).is_bottom());
  }
}

}  // namespace
}  // namespace fermata::validation
