// What types, values, errors and features are called in messages.
#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "fermata/types.hpp"
#include "fermata/value.hpp"
#include "tests/support/catch.hpp"

namespace fermata {
namespace {

TEST_CASE("Types read as in the text format") {
  CHECK(to_string(i32) == "i32");
  CHECK(to_string(v128) == "v128");
  CHECK(to_string(funcref) == "funcref");
  CHECK(to_string(externref) == "externref");
  CHECK(to_string(ValType::ref({HeapKind::none}, true)) == "nullref");
  CHECK(to_string(ValType::ref({HeapKind::noextern}, true)) == "nullexternref");
  CHECK(to_string(ValType::ref({HeapKind::func}, false)) == "(ref func)");
  CHECK(to_string(ValType::ref(HeapType::concrete({3}), true)) == "(ref null 3)");
  CHECK(to_string(ValType::ref(HeapType::concrete({3}), false)) == "(ref 3)");
  CHECK(to_string(HeapType{HeapKind::struct_}) == "struct");
  CHECK(to_string(FuncType{{i32, i64}, {f32}}) == "[i32 i64] -> [f32]");
  CHECK(to_string(FuncType{}) == "[] -> []");
}

TEST_CASE("Values read with their type") {
  CHECK(to_string(Value::i32(-7)) == "i32 -7");
  CHECK(to_string(Value::i64(INT64_MIN)) == "i64 -9223372036854775808");
  CHECK(to_string(Value::f32(0.1f)) == "f32 0.1");
  CHECK(to_string(Value::f64(-0.0)) == "f64 -0");
  CHECK(to_string(Value::f64_bits(0x7FF8'0000'0000'0000)) == "f64 nan:0x8000000000000");
  CHECK(to_string(Value::f32_bits(0xFFC0'0001)) == "f32 -nan:0x400001");
  CHECK(to_string(Value::f32_bits(0xFF80'0000)) == "f32 -inf");
  CHECK(to_string(Value::null(funcref)) == "ref.null func");
  CHECK(to_string(Value::externref({7})) == "ref.extern 7");
  CHECK(
      to_string(Value::v128({1, 0xFF})) ==
      "v128 i8x16 0x01 0xff 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00 0x00");
}

TEST_CASE("An error in one line says phase, message, function and offset") {
  Error error{ErrorCode::invalid_module,
              Phase::invalid,
              "type mismatch: expected i32, found i64",
              42,
              FuncIdx{3},
              "f"};
  CHECK(to_string(error) ==
        "invalid: type mismatch: expected i32, found i64 (function 3 \"f\", at offset 0x2a)");
  error.function_name.clear();
  CHECK(to_string(error) ==
        "invalid: type mismatch: expected i32, found i64 (function 3, at offset 0x2a)");
  error.function.reset();
  CHECK(to_string(error) == "invalid: type mismatch: expected i32, found i64 (at offset 0x2a)");
  error.offset.reset();
  CHECK(to_string(error) == "invalid: type mismatch: expected i32, found i64");
}

TEST_CASE("Codes, phases and traps have the names that they are declared with") {
  CHECK(to_string(ErrorCode::malformed_binary) == "malformed_binary");
  CHECK(to_string(ErrorCode::unresolved_function_import) == "unresolved_function_import");
  CHECK(to_string(ErrorCode::process_poisoned) == "process_poisoned");
  CHECK(to_string(ErrorCode::io_failed) == "io_failed");
  CHECK(to_string(Phase::exhaustion) == "exhaustion");
  CHECK(to_string(Trap::integer_divide_by_zero) == "integer divide by zero");
  CHECK(to_string(Trap::uninitialized_element) == "uninitialized element");
  CHECK(to_string(Trap::call_stack_exhausted) == "call stack exhausted");
}

TEST_CASE("Features are known by their proposal's name") {
  CHECK(to_string(Feature::multi_value) == "multi-value");
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    INFO(to_string(feature));
    CHECK_FALSE(to_string(feature).empty());
    CHECK(parse_feature(to_string(feature)) == feature);
  }
  CHECK(parse_feature("flying") == std::nullopt);
  CHECK(parse_feature("") == std::nullopt);
}

TEST_CASE("Feature sets are what their releases had, and each can be switched off alone") {
  CHECK_FALSE(Features::mvp().has(Feature::mutable_globals));
  CHECK(Features::wasm2().has(Feature::simd));
  CHECK_FALSE(Features::wasm2().has(Feature::extended_const));
  CHECK(Features::wasm3().has(Feature::relaxed_simd));
  CHECK_FALSE(Features::wasm3().has(Feature::threads));
  CHECK(Features::all().has(Feature::threads));
  CHECK_FALSE(Features::wasm3().has(Feature::legacy_exceptions));
  CHECK(Features::all().has(Feature::legacy_exceptions));
  const Features without = Features::all().without(Feature::gc);
  CHECK_FALSE(without.has(Feature::gc));
  CHECK(without.has(Feature::exceptions));
  CHECK(without.with(Feature::gc) == Features::all());
}

}  // namespace
}  // namespace fermata
