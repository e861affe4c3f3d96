// ExecutionOptions::canonical_nan: every NaN that is computed is the canonical one.
#include <fmt/format.h>

#include <bit>
#include <cstdint>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t canonical32 = 0x7FC0'0000;
constexpr std::uint64_t canonical64 = 0x7FF8'0000'0000'0000;

std::vector<ExecutionOptions> canonical_modes() {
  std::vector<ExecutionOptions> modes;
  for (const auto lowering : {Lowering::optimized, Lowering::debug}) {
    for (const bool fusion : {true, false}) {
      for (const bool metering : {true, false}) {
        for (const auto dispatch : {Dispatch::auto_, Dispatch::switch_}) {
          ExecutionOptions mode{.dispatch = dispatch, .lowering = lowering, .fusion = fusion};
          mode.metering = metering;
          mode.canonical_nan = true;
          modes.push_back(mode);
        }
      }
    }
  }
  return modes;
}

std::vector<Value> results_of(const std::string& text, std::vector<Value> arguments,
                              const ExecutionOptions& mode) {
  ProcessOptions options;
  options.execution = mode;
  options.arguments = std::move(arguments);
  Process process = ok(Process::create(ok(parse_text(text)), no_imports, options));
  return expect_finish(process.main_thread());
}

/// A function of one parameter and one result; `body` computes it from $x.
std::string function(std::string_view type, std::string_view result, std::string_view body) {
  return fmt::format("(module (func (export \"_start\") (param $x {}) (result {}) {}))", type,
                     result, body);
}

Value payload32(std::uint64_t bits) { return Value::from_bits(f32, bits); }

}  // namespace

TEST_CASE("each instruction that computes a NaN gives the canonical one") {
  struct Case {
    const char* type;
    const char* other;
    const char* canonical;
    const char* lanes;
    std::uint64_t payload;
    std::uint64_t expected;
  };
  for (const Case& c :
       {Case{"f32", "f64", "f32.demote_f64", "f32x4", 0xFFA1'2345, canonical32},
        Case{"f64", "f32", "f64.promote_f32", "f64x2", 0xFFF4'5678'9ABC'DEF0, canonical64}}) {
    const std::string type = c.type;
    const ValType value_type = type == "f32" ? f32 : f64;
    const Value payload = Value::from_bits(value_type, c.payload);
    for (const ExecutionOptions& mode : canonical_modes()) {
      for (const char* op : {"ceil", "floor", "trunc", "nearest", "sqrt"}) {
        INFO(type << "." << op);
        const auto text = function(type, type, fmt::format("({}.{} (local.get $x))", type, op));
        CHECK(results_of(text, {payload}, mode)[0].lo() == c.expected);
        const auto vector = function(
            type, type,
            fmt::format("({0}.extract_lane 1 ({0}.{1} ({0}.splat (local.get $x))))", c.lanes, op));
        CHECK(results_of(vector, {payload}, mode)[0].lo() == c.expected);
      }
      for (const char* op : {"add", "sub", "mul", "div", "min", "max"}) {
        INFO(type << "." << op);
        for (const char* operands : {"(local.get $x) ({0}.const 1)", "({0}.const 1) (local.get $x)",
                                     "(local.get $x) ({0}.neg (local.get $x))"}) {
          const auto two = fmt::format(fmt::runtime(operands), type);
          // Through a local, too, and straight into the next instruction.
          const auto text = function(
              type, type, fmt::format("(local.set $x ({0}.{1} {2})) ({0}.{1} {2})", type, op, two));
          CHECK(results_of(text, {payload}, mode)[0].lo() == c.expected);
        }
        const auto vector = function(
            type, type,
            fmt::format(
                "({0}.extract_lane 1 ({0}.{1} ({0}.splat (local.get $x)) (v128.const i64x2 0 0)))",
                c.lanes, op));
        CHECK(results_of(vector, {payload}, mode)[0].lo() == c.expected);
      }
      const auto converted =
          function(c.other, type, fmt::format("({} (local.get $x))", c.canonical));
      const Value other =
          type == "f32" ? Value::from_bits(f64, 0xFFF4'5678'9ABC'DEF0) : payload32(0xFFA1'2345);
      CHECK(results_of(converted, {other}, mode)[0].lo() == c.expected);
    }
  }
}

TEST_CASE("what computes no NaN keeps its bits, numbers too") {
  for (const ExecutionOptions& mode : canonical_modes()) {
    const Value payload = payload32(0xFFA1'2345);
    const auto result = [&](std::string_view body) {
      return results_of(function("f32", "f32", body), {payload}, mode)[0].lo();
    };
    CHECK(result("(local.get $x)") == 0xFFA1'2345);
    CHECK(result("(f32.abs (local.get $x))") == 0x7FA1'2345);
    CHECK(result("(f32.neg (local.get $x))") == 0x7FA1'2345);
    CHECK(result("(f32.copysign (local.get $x) (f32.const 1))") == 0x7FA1'2345);
    CHECK(result("(f32x4.extract_lane 0 (f32x4.pmin (f32x4.splat (local.get $x)) (v128.const i64x2 "
                 "0 0)))") == 0xFFA1'2345);
    CHECK(result("(f32.add (f32.const 1.5) (f32.const 2))") == std::bit_cast<std::uint32_t>(3.5F));
    CHECK(result("(f32.mul (f32.const -0) (f32.const 2))") == 0x8000'0000);
    CHECK(result("(f32.div (f32.const 1) (f32.const 0))") == 0x7F80'0000);
  }
}

TEST_CASE("a fork and a restored process compute canonical NaNs as they are asked to") {
  const Module module = ok(parse_text(R"((module
    (import "env" "zero" (func $zero (result f32)))
    (func (export "_start") (result i32) (i32.reinterpret_f32 (f32.div (call $zero) (call $zero))))))"));
  ProcessOptions options;
  options.execution.canonical_nan = true;
  Process process = ok(Process::create(module, in_order(), options));
  static_cast<void>(expect_call(process.main_thread(), 0));
  Process fork = ok(process.fork());
  Process again = ok(Process::restore(module, ok(process.snapshot()), in_order(), options));
  for (Process* each : {&process, &fork, &again}) {
    static_cast<void>(expect_call(each->main_thread(), 0, {Value::f32(0)}));
    CHECK(expect_finish(each->main_thread(), {Value::f32(0)})[0].as_i32() == 0x7FC0'0000);
  }
}
