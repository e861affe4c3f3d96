// The instruction table: every row is found by its code and by its text, and says what the
// specification says about a sample of each family.
#include "lib/isa/wasm_op.hpp"

#include <array>
#include <set>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"

namespace fermata {
namespace {

constexpr auto all_ops = [] {
  std::array<WasmOp, wasm_op_count> ops{};
  for (std::size_t i = 0; i < ops.size(); ++i) ops[i] = static_cast<WasmOp>(i);
  return ops;
}();

std::size_t rows_with_prefix(std::uint8_t prefix) {
  std::size_t count = 0;
  for (const WasmOp op : all_ops) count += info(op).prefix == prefix ? 1 : 0;
  return count;
}

TEST_CASE("The table has all instructions of WebAssembly 3.0 and of the proposals beside it") {
  // Counted in the specification's index of instructions: the rows that are not reserved, and five
  // that were not before exceptions became what they are in 3.0.
  CHECK(rows_with_prefix(0x00) == 194 + 5);
  CHECK(rows_with_prefix(0xFB) == 31);
  CHECK(rows_with_prefix(0xFC) == 22);
  CHECK(rows_with_prefix(0xFD) == 256);
  CHECK(rows_with_prefix(0xFE) == 67);
}

TEST_CASE("Every instruction is found by its encoding") {
  for (const WasmOp op : all_ops) {
    INFO(info(op).text);
    CHECK(find_wasm_op(info(op).prefix, info(op).code) == op);
  }
}

TEST_CASE("Every instruction is found by its text, but for those that share one") {
  const std::set<WasmOp> second{WasmOp::select_t, WasmOp::ref_test_null, WasmOp::ref_cast_null};
  for (const WasmOp op : all_ops) {
    INFO(info(op).text);
    if (!second.contains(op)) CHECK(find_wasm_op(info(op).text) == op);
  }
  CHECK(find_wasm_op("select") == WasmOp::select);
  CHECK(find_wasm_op("ref.test") == WasmOp::ref_test);
  CHECK(find_wasm_op("ref.cast") == WasmOp::ref_cast);
}

TEST_CASE("No two instructions have one encoding") {
  std::set<std::pair<std::uint8_t, std::uint32_t>> seen;
  for (const WasmOp op : all_ops) seen.emplace(info(op).prefix, info(op).code);
  CHECK(seen.size() == wasm_op_count);
}

TEST_CASE("What is no instruction is not found") {
  CHECK_FALSE(find_wasm_op(0x00, 0x27));
  CHECK_FALSE(find_wasm_op(0x00, 0xFF));
  CHECK_FALSE(find_wasm_op(0x00, 0xFC));  // a prefix alone
  CHECK_FALSE(find_wasm_op(0x00, 0x100));
  CHECK_FALSE(find_wasm_op(0xFB, 0x1F));
  CHECK_FALSE(find_wasm_op(0xFC, 0x12));
  CHECK_FALSE(find_wasm_op(0xFD, 0x9A));
  CHECK_FALSE(find_wasm_op(0xFD, 0x114));
  CHECK_FALSE(find_wasm_op(0xFD, 0xFFFF'FFFF));
  CHECK_FALSE(find_wasm_op(0xFE, 0x04));
  CHECK_FALSE(find_wasm_op(0x41, 0x00));
  CHECK_FALSE(find_wasm_op("i32.frobnicate"));
  CHECK_FALSE(find_wasm_op(""));
  CHECK_FALSE(find_wasm_op("zzz"));
}

struct Sample {
  WasmOp op;
  std::string text;
  std::uint8_t prefix;
  std::uint32_t code;
  std::string signature;
};

TEST_CASE("Rows agree with the specification's index of instructions") {
  const std::array samples{
      Sample{WasmOp::unreachable, "unreachable", 0, 0x00, ""},
      Sample{WasmOp::if_, "if", 0, 0x04, ""},
      Sample{WasmOp::return_, "return", 0, 0x0F, ""},
      Sample{WasmOp::local_tee, "local.tee", 0, 0x22, ""},
      Sample{WasmOp::i64_load32_u, "i64.load32_u", 0, 0x35, "a:l"},
      Sample{WasmOp::f32_store, "f32.store", 0, 0x38, "af:"},
      Sample{WasmOp::memory_grow, "memory.grow", 0, 0x40, "a:a"},
      Sample{WasmOp::i32_add, "i32.add", 0, 0x6A, "ii:i"},
      Sample{WasmOp::i64_eqz, "i64.eqz", 0, 0x50, "l:i"},
      Sample{WasmOp::f64_ge, "f64.ge", 0, 0x66, "dd:i"},
      Sample{WasmOp::f64_copysign, "f64.copysign", 0, 0xA6, "dd:d"},
      Sample{WasmOp::i64_trunc_f32_u, "i64.trunc_f32_u", 0, 0xAF, "f:l"},
      Sample{WasmOp::f64_reinterpret_i64, "f64.reinterpret_i64", 0, 0xBF, "l:d"},
      Sample{WasmOp::i64_extend32_s, "i64.extend32_s", 0, 0xC4, "l:l"},
      Sample{WasmOp::br_on_non_null, "br_on_non_null", 0, 0xD6, ""},
      Sample{WasmOp::array_init_elem, "array.init_elem", 0xFB, 0x13, ""},
      Sample{WasmOp::i31_get_u, "i31.get_u", 0xFB, 0x1E, ""},
      Sample{WasmOp::i64_trunc_sat_f64_u, "i64.trunc_sat_f64_u", 0xFC, 0x07, "d:l"},
      Sample{WasmOp::memory_fill, "memory.fill", 0xFC, 0x0B, "aia:"},
      Sample{WasmOp::table_fill, "table.fill", 0xFC, 0x11, ""},
      Sample{WasmOp::v128_load64_zero, "v128.load64_zero", 0xFD, 0x5D, "a:v"},
      Sample{WasmOp::i64x2_replace_lane, "i64x2.replace_lane", 0xFD, 0x1E, "vl:v"},
      Sample{WasmOp::v128_bitselect, "v128.bitselect", 0xFD, 0x52, "vvv:v"},
      Sample{WasmOp::i32x4_dot_i16x8_s, "i32x4.dot_i16x8_s", 0xFD, 0xBA, "vv:v"},
      Sample{WasmOp::f64x2_nearest, "f64x2.nearest", 0xFD, 0x94, "v:v"},
      Sample{WasmOp::f64x2_convert_low_i32x4_u, "f64x2.convert_low_i32x4_u", 0xFD, 0xFF, "v:v"},
      Sample{WasmOp::i32x4_relaxed_dot_i8x16_i7x16_add_s, "i32x4.relaxed_dot_i8x16_i7x16_add_s",
             0xFD, 0x113, "vvv:v"},
      Sample{WasmOp::memory_atomic_wait64, "memory.atomic.wait64", 0xFE, 0x02, "all:i"},
      Sample{WasmOp::i64_atomic_rmw32_cmpxchg_u, "i64.atomic.rmw32.cmpxchg_u", 0xFE, 0x4E, "all:l"},
  };
  for (const Sample& sample : samples) {
    INFO(sample.text);
    const WasmOpInfo& row = info(sample.op);
    CHECK(row.text == sample.text);
    CHECK(row.prefix == sample.prefix);
    CHECK(row.code == sample.code);
    CHECK(row.signature == sample.signature);
  }
}

TEST_CASE("Signatures use only the letters of operand types, around one colon") {
  for (const WasmOp op : all_ops) {
    const std::string signature(info(op).signature);
    INFO(info(op).text << " has " << signature);
    if (signature.empty()) continue;
    CHECK(signature.find_first_not_of("ilfdva:") == std::string::npos);
    CHECK(signature.find(':') == signature.rfind(':'));
    CHECK(signature.find(':') != std::string::npos);
  }
}

TEST_CASE("The natural alignment is the width of the access") {
  using enum WasmOp;
  const std::array<std::pair<WasmOp, int>, 22> widths{{
      {i32_load, 2},
      {i64_load, 3},
      {f32_store, 2},
      {f64_load, 3},
      {i32_load8_s, 0},
      {i64_load16_u, 1},
      {i64_store32, 2},
      {v128_load, 4},
      {v128_store, 4},
      {v128_load8x8_s, 3},
      {v128_load16x4_u, 3},
      {v128_load32x2_s, 3},
      {v128_load8_splat, 0},
      {v128_load64_zero, 3},
      {v128_store16_lane, 1},
      {v128_load64_lane, 3},
      {i32_atomic_load, 2},
      {i64_atomic_rmw_xchg, 3},
      {i64_atomic_rmw8_cmpxchg_u, 0},
      {i32_atomic_rmw16_xor_u, 1},
      {memory_atomic_notify, 2},
      {memory_atomic_wait64, 3},
  }};
  for (const auto& [op, log2] : widths) {
    INFO(info(op).text);
    CHECK(info(op).natural_align == log2);
  }
  CHECK(info(i32_add).natural_align == 0);
}

TEST_CASE("Instructions name the proposal that brought them") {
  CHECK(info(WasmOp::i32_add).feature == std::nullopt);
  CHECK(info(WasmOp::i32_extend8_s).feature == Feature::sign_extension);
  CHECK(info(WasmOp::memory_copy).feature == Feature::bulk_memory);
  CHECK(info(WasmOp::table_grow).feature == Feature::reference_types);
  CHECK(info(WasmOp::select_t).feature == Feature::reference_types);
  CHECK(info(WasmOp::i8x16_add).feature == Feature::simd);
  CHECK(info(WasmOp::i8x16_relaxed_swizzle).feature == Feature::relaxed_simd);
  CHECK(info(WasmOp::return_call).feature == Feature::tail_call);
  CHECK(info(WasmOp::call_ref).feature == Feature::function_references);
  CHECK(info(WasmOp::ref_eq).feature == Feature::gc);
  CHECK(info(WasmOp::try_table).feature == Feature::exceptions);
  CHECK(info(WasmOp::atomic_fence).feature == Feature::threads);
  CHECK(info(WasmOp::delegate).feature == Feature::legacy_exceptions);
}

TEST_CASE("What divides or closes a block may stand in blocks of one kind only") {
  using enum WasmOp;
  CHECK(opens_block(try_));
  for (const WasmOp part : {block, loop, if_, else_, try_, catch_, catch_all, try_table}) {
    INFO(info(part).text);
    CHECK(may_end_part(end, part));
    CHECK(may_end_part(else_, part) == (part == if_));
    CHECK(may_end_part(catch_, part) == (part == try_ || part == catch_));
    CHECK(may_end_part(catch_all, part) == (part == try_ || part == catch_));
    CHECK(may_end_part(delegate, part) == (part == try_));
  }
  for (const WasmOp op : {else_, catch_, catch_all})
    CHECK((divides_block(op) && !closes_block(op)));
  for (const WasmOp op : {end, delegate}) CHECK((closes_block(op) && !divides_block(op)));
  for (const WasmOp op : {rethrow, try_table, br}) {
    CHECK_FALSE((closes_block(op) || divides_block(op)));
  }
}

}  // namespace
}  // namespace fermata
