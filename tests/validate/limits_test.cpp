// What the validator measures and where it refuses for size; nothing hostile costs much.
#include "fermata/limits.hpp"

#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

std::uint32_t slots(const ResultType& params, const ResultType& results, const Body& body) {
  ModuleBuilder m;
  m.func(params, results, body);
  const auto module = judged(m);
  REQUIRE(module.has_value());
  return module->impl().max_operand_slots.at(0);
}

/// A limit says that it is one of this implementation, not a rule of the specification.
void check_limit(const Result<Module>& refused) {
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::implementation_limit);
  CHECK_THAT(refused.error().message, starts_with("implementation limit: "));
}

Body repeated(const Code& code, std::size_t count) { return Body(count, code); }

TEST_CASE("The most operands at once are counted in slots") {
  CHECK(slots({i32}, {}, {}) == 0);
  CHECK(slots({}, {}, {i32_const(1), drop(), i32_const(1), drop()}) == 1);
  CHECK(slots({}, {}, {i32_const(1), i64_const(1), drop(), drop()}) == 2);
  CHECK(slots({}, {}, {i32_const(1), i32_const(1), op(WasmOp::i32_add), drop()}) == 2);
  CHECK(slots({}, {}, {v128_const({}), drop()}) == 2);
  CHECK(slots({}, {}, {v128_const({}), i32_const(1), v128_const({}), drop(), drop(), drop()}) == 5);
  CHECK(slots({}, {}, {v128_const({}), drop(), i32_const(1), i32_const(1), drop(), drop()}) == 2);
  CHECK(slots({v128}, {}, {local_get(0), unreachable(), i32_const(1), drop()}) == 2);
}

TEST_CASE("A call's results are counted when they are pushed") {
  ModuleBuilder m;
  m.func({}, {i32, i32, i32}, {unreachable()});
  m.func({}, {i32, i32, i32}, {call(0)});
  const auto module = judged(m);
  REQUIRE(module.has_value());
  CHECK(module->impl().max_operand_slots == std::vector<std::uint32_t>{0, 3});
}

TEST_CASE("The values that an exception brings are counted at their label") {
  ModuleBuilder m;
  m.tag(m.type({i32, i32}, {}));
  const TypeIdx two = m.type({}, {i32, i32});
  const Code try_table = raw({0x1F, 0x40, 0x01, 0x00, 0x00, 0x00});  // catch 0 to label 0
  m.func({}, {i32, i32}, {try_table, end(), unreachable()});
  m.func({}, {}, {i32_const(1), block(two), try_table, end(), unreachable(), end(), return_()});
  const auto module = judged(m);
  REQUIRE(module.has_value());
  CHECK(module->impl().max_operand_slots == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("A frame has room for so many slots and not one more") {
  const std::uint32_t left = limits::frame_slots - limits::frame_reserve_slots;
  const auto with = [](std::uint32_t locals, std::uint32_t operands) {
    ModuleBuilder m;
    Body body = repeated(i32_const(0), operands);
    body.push_back(unreachable());
    m.func({}, {}, body, {{locals, i64}});
    return judged(m);
  };
  CHECK(with(50'000, left - 50'000).has_value());
  check_limit(with(50'000, left - 50'000 + 1));
  CHECK(with(0, left).has_value());
  CHECK_FALSE(with(0, left + 1).has_value());
}

TEST_CASE("Vector locals take two slots of the frame") {
  const auto with = [](std::uint32_t vectors) {
    ModuleBuilder m;
    m.func({}, {}, {}, {{vectors, v128}});
    return judged(m);
  };
  CHECK(with((limits::frame_slots - limits::frame_reserve_slots) / 2).has_value());
  check_limit(with((limits::frame_slots - limits::frame_reserve_slots) / 2 + 1));
}

TEST_CASE("Calls that push thousands of results stop at the frame's limit") {
  ModuleBuilder m;
  m.func({}, ResultType(limits::function_results, i32), {unreachable()});
  Body body = repeated(call(0), 100'000);
  body.push_back(unreachable());
  m.func({}, {}, body);
  check_limit(judged(m));
}

TEST_CASE("Function types have at most 1000 parameters and 1000 results") {
  const auto with = [](std::size_t params, std::size_t results) {
    ModuleBuilder m;
    m.type(ResultType(params, i32), ResultType(results, i32));
    return judged(m);
  };
  CHECK(with(1'000, 1'000).has_value());
  check_limit(with(1'001, 0));
  check_limit(with(0, 1'001));
}

TEST_CASE("A struct has at most 10,000 fields") {
  const auto with = [](std::size_t fields) {
    ModuleBuilder m;
    const FieldType field{i32, PackedType::none, true};
    m.type(SubType{true, {}, StructType{std::vector<FieldType>(fields, field)}});
    return judged(m);
  };
  CHECK(with(10'000).has_value());
  check_limit(with(10'001));
}

TEST_CASE("A module has at most 10,000 memories, imported ones included") {
  const auto with = [](std::uint32_t imported, std::uint32_t own) {
    ModuleBuilder m;
    for (std::uint32_t i = 0; i < imported; ++i) m.import_memory("m", "m", MemoryType{});
    for (std::uint32_t i = 0; i < own; ++i) m.memory(0);
    return judged(m);
  };
  CHECK(with(5'000, 5'000).has_value());
  check_limit(with(5'000, 5'001));
}

TEST_CASE("A chain of supertypes has at most 63 links") {
  const auto with = [](std::uint32_t links) {
    ModuleBuilder m;
    m.type(SubType{false, {}, StructType{}});
    for (std::uint32_t i = 0; i < links; ++i) m.type(SubType{false, {{i}}, StructType{}});
    return judged(m);
  };
  CHECK(with(63).has_value());
  check_limit(with(64));
}

TEST_CASE("Huge counts in unreachable code cost nothing") {
  ModuleBuilder m;
  m.type(SubType{true, {}, ArrayType{{i32, PackedType::none, true}}});
  Body body{unreachable()};
  for (int i = 0; i < 100'000; ++i) {
    body.push_back(op(WasmOp::array_new_fixed, {0, 0xFFFF'FFFF}));
    body.push_back(drop());
  }
  m.func({}, {}, body);
  CHECK(verdict(m) == "valid");
}

TEST_CASE("Blocks may be nested as deep as the bytes go") {
  Body body = repeated(block(), 200'000);
  const Body ends = repeated(end(), 200'000);
  body.insert(body.end(), ends.begin(), ends.end());
  CHECK(verdict({}, body) == "valid");
}

}  // namespace
}  // namespace fermata
