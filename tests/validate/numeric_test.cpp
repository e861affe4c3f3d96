// Every instruction whose type the table fixes takes exactly its operands and gives its result.
#include <algorithm>
#include <string_view>

#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

ValType type_of(char letter) {
  constexpr std::string_view letters = "ilfdv";
  constexpr ValType types[] = {i32, i64, f32, f64, v128};
  return types[letters.find(letter)];
}

struct NumericType {
  ResultType operands;
  ResultType results;
};

NumericType type_of(WasmOp op) {
  NumericType type;
  bool results = false;
  for (const char letter : info(op).signature) {
    if (letter == ':') {
      results = true;
    } else {
      (results ? type.results : type.operands).push_back(type_of(letter));
    }
  }
  return type;
}

std::vector<WasmOp> numeric_ops() {
  std::vector<WasmOp> ops;
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto op = static_cast<WasmOp>(i);
    if (info(op).immediate == Immediate::none && !info(op).signature.empty()) ops.push_back(op);
  }
  return ops;
}

Body applied(WasmOp numeric, const ResultType& operands) {
  Body body;
  for (const ValType operand : operands) body.push_back(const_of(operand));
  body.push_back(op(numeric));
  return body;
}

ValType other_than(ValType type) { return type == i32 ? i64 : i32; }

TEST_CASE("A numeric instruction takes its operands and gives its result") {
  CHECK(numeric_ops().size() > 300);
  for (const WasmOp op : numeric_ops()) {
    INFO(info(op).text);
    const NumericType type = type_of(op);
    CHECK(verdict(type.results, applied(op, type.operands)) == "valid");
  }
}

TEST_CASE("A numeric instruction refuses each operand of another type") {
  for (const WasmOp op : numeric_ops()) {
    INFO(info(op).text);
    const NumericType type = type_of(op);
    for (std::size_t i = 0; i < type.operands.size(); ++i) {
      ResultType wrong = type.operands;
      wrong[i] = other_than(wrong[i]);
      const std::string message = "type mismatch: expected " + to_string(type.operands[i]) +
                                  ", found " + to_string(wrong[i]) + " on the operand stack in " +
                                  std::string(info(op).text);
      CHECK(verdict(type.results, applied(op, wrong)) == message);
    }
  }
}

TEST_CASE("A numeric instruction refuses to take operands that are not there") {
  for (const WasmOp op : numeric_ops()) {
    NumericType type = type_of(op);
    if (type.operands.empty()) continue;
    INFO(info(op).text);
    const ValType missing = type.operands.front();
    type.operands.erase(type.operands.begin());
    CHECK(verdict(type.results, applied(op, type.operands)) ==
          "type mismatch: expected " + to_string(missing) +
              ", found nothing on the operand stack in " + std::string(info(op).text));
  }
}

TEST_CASE("An operand may not come from outside of the block") {
  CHECK(verdict({i32}, {i32_const(1), block(i32), i32_const(1), i32_const(2), op(WasmOp::i32_add),
                        end(), op(WasmOp::i32_add)}) == "valid");
  CHECK(verdict({i32}, {i32_const(1), block(i32), i32_const(2), op(WasmOp::i32_add), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in i32.add");
}

TEST_CASE("An error names the function and the byte offset of the instruction") {
  ModuleBuilder m;
  m.func({}, {}, {});
  const FuncIdx bad = m.func({}, {i32}, {i64_const(1), op(WasmOp::i32_eqz)});
  m.export_func("negate", bad);
  const auto result = judged(m);
  REQUIRE_FALSE(result.has_value());
  const Error& error = result.error();
  CHECK(error.code == ErrorCode::invalid_module);
  CHECK(error.phase == Phase::invalid);
  CHECK(error.function == bad);
  CHECK(error.function_name == "negate");
  REQUIRE(error.offset.has_value());
  CHECK(m.build()[static_cast<std::size_t>(*error.offset)] == 0x45);
}

TEST_CASE("A lane must exist in the shape") {
  const auto extract = [](std::uint32_t lane) {
    return verdict({i32}, {v128_const({}), op(WasmOp::i16x8_extract_lane_s, {lane})});
  };
  CHECK(extract(7) == "valid");
  CHECK_THAT(extract(8), starts_with("invalid lane index"));
  const auto shuffle = [](std::uint32_t lane) {
    return verdict(
        {v128}, {v128_const({}), v128_const({}),
                 op(WasmOp::i8x16_shuffle, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, lane})});
  };
  CHECK(shuffle(31) == "valid");
  CHECK_THAT(shuffle(32), starts_with("invalid lane index"));
}

}  // namespace
}  // namespace fermata
