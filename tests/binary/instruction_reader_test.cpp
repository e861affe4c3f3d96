// InstructionReader: every immediate kind, both its paths, and malformed instructions.
#include "lib/binary/instruction_reader.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;  // the builder's instructions

/// Reads the one instruction that `code` is.
Instruction read_one(const Code& code, Features features = Features::all()) {
  InstructionReader reader(code.bytes, {0, static_cast<std::uint32_t>(code.bytes.size())},
                           features);
  Instruction instruction;
  REQUIRE(reader.next(instruction));
  CHECK(reader.at_end());
  CHECK(instruction.offset == 0);
  return instruction;
}

Error error_of(const Code& code, Features features = Features::all()) {
  InstructionReader reader(code.bytes, {0, static_cast<std::uint32_t>(code.bytes.size())},
                           features);
  Instruction instruction;
  while (reader.next(instruction)) {
  }
  return reader.error();
}

Code raw_op(WasmOp opcode, const Bytes& immediates) {
  return {concat({op(opcode).bytes, immediates})};
}

TEST_CASE("Every instruction of the table is read from its shortest encoding") {
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto opcode = static_cast<WasmOp>(i);
    INFO(info(opcode).text);
    // Zeros are well-formed immediates for all but types, which have the 0x7F of i32 here.
    Code code = op(opcode);
    const Immediate immediate = info(opcode).immediate;
    if (immediate == Immediate::value_types) code.bytes.insert(code.bytes.end(), {1, 0x7F});
    const std::size_t opcode_size = code.bytes.size();
    code.bytes.resize(opcode_size + 20, 0);
    InstructionReader reader(code.bytes, {0, static_cast<std::uint32_t>(code.bytes.size())},
                             Features::all());
    Instruction instruction;
    REQUIRE(reader.next(instruction));
    CHECK(instruction.op == opcode);
    if (immediate == Immediate::none) CHECK(reader.offset() == opcode_size);
  }
}

TEST_CASE("The prefix's number may be padded") {
  CHECK(read_one(raw({0xFC, 0x87, 0x80, 0x00})).op == WasmOp::i64_trunc_sat_f64_u);
}

TEST_CASE("Indices of one and of several bytes are read") {
  for (const std::uint32_t index : {0u, 127u, 128u, 0xFFFF'FFFFu}) {
    CHECK(read_one(local_get(index)).index == index);
    CHECK(read_one(global_set(index)).index == index);
    CHECK(read_one(br_if(index)).index == index);
    CHECK(read_one(call(index)).index == index);
    CHECK(read_one(op(WasmOp::table_size, {index})).index == index);
    CHECK(read_one(op(WasmOp::throw_, {index})).index == index);
    CHECK(read_one(op(WasmOp::catch_, {index})).index == index);
    CHECK(read_one(op(WasmOp::rethrow, {index})).index == index);
    CHECK(read_one(op(WasmOp::delegate, {index})).index == index);
    CHECK(read_one(op(WasmOp::elem_drop, {index})).index == index);
    CHECK(read_one(op(WasmOp::array_new, {index})).index == index);
  }
}

TEST_CASE("Two indices come in the binary format's order") {
  const auto indices = [](WasmOp opcode) {
    const Instruction read = read_one(op(opcode, {300, 7}));
    return std::pair{read.index, read.index2};
  };
  const std::pair expected{300u, 7u};
  CHECK(indices(WasmOp::call_indirect) == expected);
  CHECK(indices(WasmOp::return_call_indirect) == expected);
  CHECK(indices(WasmOp::memory_copy) == expected);
  CHECK(indices(WasmOp::memory_init) == expected);
  CHECK(indices(WasmOp::table_copy) == expected);
  CHECK(indices(WasmOp::table_init) == expected);
  CHECK(indices(WasmOp::struct_set) == expected);
  CHECK(indices(WasmOp::array_new_fixed) == expected);
  CHECK(indices(WasmOp::array_new_data) == expected);
  CHECK(indices(WasmOp::array_init_elem) == expected);
  CHECK(indices(WasmOp::array_copy) == expected);
}

TEST_CASE("Constants keep their bits") {
  for (const std::int32_t value : {0, 63, -64, 64, -65, INT32_MAX, INT32_MIN}) {
    CHECK(read_one(i32_const(value)).i32 == value);
  }
  for (const std::int64_t value : {std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    CHECK(read_one(i64_const(value)).i64 == value);
  }
  CHECK(read_one(f32_const(-0.0f)).f32_bits == 0x8000'0000);
  CHECK(read_one(f64_const(1.5)).f64_bits == 0x3FF8'0000'0000'0000);
  const std::array<std::uint8_t, 16> lanes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255};
  CHECK(read_one(v128_const(lanes)).v128 == lanes);
  CHECK(
      read_one(raw_op(WasmOp::i8x16_shuffle, Bytes(16, 31))).v128 ==
      std::array<std::uint8_t, 16>{31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31});
}

TEST_CASE("A memory argument has alignment, memory and offset") {
  const Instruction plain = read_one(memory_access(WasmOp::i32_load, 12, 1));
  CHECK(plain.memarg.align_log2 == 1);
  CHECK(plain.memarg.memory == MemIdx{0});
  CHECK(plain.memarg.offset == 12);

  const Instruction far = read_one(memory_access(WasmOp::i64_store, 0xFFFF'FFFF'FFFF'FFFF, 3, 130));
  CHECK(far.memarg.align_log2 == 3);
  CHECK(far.memarg.memory == MemIdx{130});
  CHECK(far.index == 130);
  CHECK(far.memarg.offset == 0xFFFF'FFFF'FFFF'FFFF);

  const Instruction lane =
      read_one({concat({memory_access(WasmOp::v128_load8_lane, 5).bytes, {15}})});
  CHECK(lane.memarg.offset == 5);
  CHECK(lane.lane == 15);
}

TEST_CASE("Block types are empty, a value type or a type index") {
  CHECK(read_one(block()).block.kind == BlockType::Kind::empty);
  CHECK(read_one(loop(f64)).block.kind == BlockType::Kind::value);
  CHECK(read_one(loop(f64)).block.value == f64);
  CHECK(read_one(if_(externref)).block.value == externref);
  CHECK(read_one(try_(i64)).block.value == i64);
  const ValType concrete = ValType::ref(HeapType::concrete({5}), false);
  CHECK(read_one(block(concrete)).block.value == concrete);
  for (const std::uint32_t index : {0u, 63u, 64u, 0xFFFF'FFFFu}) {
    const Instruction indexed = read_one(block(TypeIdx{index}));
    CHECK(indexed.block.kind == BlockType::Kind::type);
    CHECK(indexed.block.type == TypeIdx{index});
  }
}

TEST_CASE("A branch table gives its labels, the default one last") {
  std::vector<std::uint32_t> labels;
  const Code code = br_table({3, 200, 0}, 70'000);
  const Instruction table = read_one(code);
  table.labels.each([&](LabelIdx label) { labels.push_back(label.value); });
  CHECK(table.labels.count == 3);
  CHECK(labels == std::vector<std::uint32_t>{3, 200, 0, 70'000});
}

TEST_CASE("A try_table gives its block type and catch clauses") {
  const Code whole = {concat(
      {op(WasmOp::try_table).bytes, {0x7F, 4, 0x00, 0xC8, 0x01, 1, 0x01, 2, 3, 0x02, 4, 0x03, 5}})};
  const Instruction instruction = read_one(whole);
  CHECK(instruction.block.value == i32);
  std::vector<CatchClause> clauses;
  instruction.catches.each([&](CatchClause clause) { clauses.push_back(clause); });
  REQUIRE(clauses.size() == 4);
  CHECK(clauses[0].kind == CatchClause::Kind::catch_);
  CHECK(clauses[0].tag == TagIdx{200});
  CHECK(clauses[0].label == LabelIdx{1});
  CHECK(clauses[1].kind == CatchClause::Kind::catch_ref);
  CHECK(clauses[1].label == LabelIdx{3});
  CHECK(clauses[2].kind == CatchClause::Kind::catch_all);
  CHECK(clauses[2].label == LabelIdx{4});
  CHECK(clauses[3].kind == CatchClause::Kind::catch_all_ref);
  CHECK(clauses[3].has_ref());
}

TEST_CASE("select with types gives the one type, or how many there are") {
  CHECK(read_one(select_t({funcref})).select_count == 1);
  CHECK(read_one(select_t({funcref})).select_type == funcref);
  CHECK(read_one(select_t({})).select_count == 0);
  CHECK(read_one(select_t({i32, i64})).select_count == 2);
}

TEST_CASE("Casts and null references carry heap types") {
  CHECK(read_one(ref_null({HeapKind::noextern})).heap == HeapType{HeapKind::noextern});
  CHECK(read_one(ref_null(HeapType::concrete({300}))).heap == HeapType::concrete({300}));
  CHECK(read_one(raw_op(WasmOp::ref_test_null, {0x6B})).heap == HeapType{HeapKind::struct_});
  const Instruction cast = read_one(raw_op(WasmOp::br_on_cast_fail, {0x02, 9, 0x6E, 0x05}));
  CHECK(cast.index == 9);
  CHECK_FALSE(cast.cast.from_nullable);
  CHECK(cast.cast.to_nullable);
  CHECK(cast.cast.from == HeapType{HeapKind::any});
  CHECK(cast.cast.to == HeapType::concrete({5}));
}

TEST_CASE("Offsets count from the start of the bytes, not of the range") {
  const Bytes bytes = concat({{0xAA, 0xAA}, i32_const(1).bytes, drop().bytes, end().bytes});
  InstructionReader reader(bytes, {2, 6}, Features::mvp());
  Instruction instruction;
  REQUIRE(reader.next(instruction));
  CHECK(instruction.offset == 2);
  REQUIRE(reader.next(instruction));
  CHECK(instruction.op == WasmOp::drop);
  CHECK(instruction.offset == 4);
  REQUIRE(reader.next(instruction));
  CHECK(instruction.op == WasmOp::end);
  CHECK(reader.at_end());
}

TEST_CASE("Malformed instructions say what and where") {
  const auto check = [](const Code& code, std::uint64_t offset, const std::string& text) {
    const Error error = error_of(code);
    CHECK(error.phase == Phase::malformed);
    CHECK(error.code == ErrorCode::malformed_binary);
    CHECK(error.offset == offset);
    CHECK_THAT(error.message, has_text(text));
  };
  check(raw({0x01, 0xFF}), 1, "illegal opcode ff");
  check(raw({0x27, 0x40}), 0, "illegal opcode 27");
  check(raw({0xFC, 0x12}), 0, "illegal opcode fc 12");
  check(raw({0xFD, 0xFF, 0xFF, 0x03}), 0, "illegal opcode fd ffff");
  check(raw({0xFD}), 1, "unexpected end of section or function");
  check(raw({}), 0, "unexpected end of section or function");
  check(raw({0x20}), 1, "unexpected end of section or function");
  check(raw({0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}), 6, "integer representation too long");
  check(raw({0x41, 0x80, 0x80, 0x80, 0x80, 0x70}), 5, "integer too large");
  check(raw({0x28, 0x80, 0x01, 0x00}), 1, "malformed memop flags");
  check(raw({0x02, 0x41}), 1, "malformed reference type");
  check(raw({0x02, 0xFF, 0x7F}), 1, "malformed block type");
  check(raw({0xD0, 0x40}), 1, "malformed heap type");
  check(raw({0x1C, 0x01, 0x40}), 2, "malformed reference type");
  check(raw({0xFB, 0x18, 0x04, 0x00, 0x6E, 0x6E}), 2, "malformed br_on_cast flags");
  check(raw({0x1F, 0x40, 0x01, 0x04, 0x00}), 3, "malformed catch clause");
  check(raw({0x0E, 0x7F, 0x00}), 1, "length out of bounds");
  check(raw({0x0E, 0x01, 0x00}), 3, "unexpected end of section or function");
  check(raw({0xFE, 0x03, 0x01}), 2, "zero byte expected");
  check(raw({0xFD, 0x15, 0x80, 0x02}), 3, "integer too large");
  check(raw({0x43, 0, 0, 0}), 1, "unexpected end of section or function");
}

TEST_CASE("Without the proposal, what it made an index is one reserved byte") {
  const Features all = Features::all();
  const Code padded_size = raw({0x3F, 0x80, 0x00});
  CHECK(read_one(padded_size).index == 0);
  CHECK_THAT(error_of(padded_size, all.without(Feature::multi_memory)).message,
             has_text("zero byte expected"));
  const Code padded_table = raw({0x11, 0x00, 0x80, 0x00});
  CHECK(read_one(padded_table).index2 == 0);
  CHECK_THAT(error_of(padded_table, all.without(Feature::reference_types)).message,
             has_text("zero byte expected"));
  // One byte is still read as an index, for the validator to name the proposal.
  CHECK(read_one(raw({0x3F, 0x01}), Features::mvp()).index == 1);
}

TEST_CASE("Without memory64, offsets have 32 bits") {
  const Code far = memory_access(WasmOp::i32_load, 0x1'0000'0000);
  CHECK(read_one(far).memarg.offset == 0x1'0000'0000);
  CHECK_THAT(error_of(far, Features::wasm2()).message, has_text("integer too large"));
}

}  // namespace
}  // namespace fermata
