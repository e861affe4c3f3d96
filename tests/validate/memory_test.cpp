// Loads, stores and the instructions on whole memories and data segments.
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

const MemoryType memory64{{1, {}}, AddressType::i64, false};

ModuleBuilder with_memory(const Body& body, const ResultType& results = {}) {
  ModuleBuilder m;
  m.memory(1);
  m.func({}, results, body);
  return m;
}

std::vector<WasmOp> accesses() {
  std::vector<WasmOp> ops;
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto op = static_cast<WasmOp>(i);
    if (info(op).immediate == Immediate::memarg) ops.push_back(op);
  }
  return ops;
}

/// Operands for an access, then the access, then `drop` if it gives something.
Body accessed(WasmOp op, std::uint32_t align_log2, ValType address) {
  const std::string_view signature = info(op).signature;
  Body body{const_of(address)};
  for (const char letter : signature.substr(1, signature.find(':') - 1)) {
    constexpr std::string_view letters = "ilfdv";
    constexpr ValType types[] = {i32, i64, f32, f64, v128};
    body.push_back(const_of(types[letters.find(letter)]));
  }
  body.push_back(memory_access(op, 0, align_log2));
  if (!signature.ends_with(':')) body.push_back(drop());
  return body;
}

TEST_CASE("Every access takes its operands at its natural alignment") {
  CHECK(accesses().size() > 80);
  for (const WasmOp op : accesses()) {
    INFO(info(op).text);
    CHECK(verdict(with_memory(accessed(op, info(op).natural_align, i32))) == "valid");
  }
}

TEST_CASE("No access may be aligned beyond its width") {
  for (const WasmOp op : accesses()) {
    INFO(info(op).text);
    CHECK_THAT(verdict(with_memory(accessed(op, info(op).natural_align + 1, i32))),
               starts_with("alignment must not be larger than natural"));
  }
  CHECK(verdict(with_memory(accessed(WasmOp::i64_load, 4, i32))) ==
        "alignment must not be larger than natural: expected at most 2^3, found 2^4 in i64.load");
}

TEST_CASE("A plain access may be aligned less than its width, an atomic one may not") {
  CHECK(verdict(with_memory(accessed(WasmOp::i64_load, 0, i32))) == "valid");
  CHECK_THAT(verdict(with_memory(accessed(WasmOp::i64_atomic_load, 0, i32))),
             starts_with("atomic alignment must be natural"));
}

TEST_CASE("An access takes the address type of its memory") {
  for (const WasmOp op : {WasmOp::i32_load, WasmOp::f64_store, WasmOp::v128_load}) {
    const auto with = [&](ValType address) {
      ModuleBuilder m;
      m.memory(memory64);
      m.func({}, {}, accessed(op, 0, address));
      return verdict(m);
    };
    CHECK(with(i64) == "valid");
    CHECK_THAT(with(i32), starts_with("type mismatch: expected i64, found i32"));
    CHECK_THAT(verdict(with_memory(accessed(op, 0, i64))),
               starts_with("type mismatch: expected i32, found i64"));
  }
}

TEST_CASE("An offset must fit the memory's addresses") {
  const auto with = [](const MemoryType& memory, ValType address, std::uint64_t offset) {
    ModuleBuilder m;
    m.memory(memory);
    m.func({}, {i32}, {const_of(address), load(WasmOp::i32_load, offset)});
    return verdict(m);
  };
  const std::uint64_t most = 0xFFFF'FFFF;
  CHECK(with({{1, {}}}, i32, most) == "valid");
  CHECK_THAT(with({{1, {}}}, i32, most + 1), starts_with("offset out of range"));
  CHECK(with(memory64, i64, most + 1) == "valid");
}

TEST_CASE("Every instruction on a memory needs one") {
  for (const Body& body :
       {Body{i32_const(0), load(WasmOp::i32_load), drop()},
        Body{i32_const(0), i32_const(0), store(WasmOp::i32_store)},
        Body{op(WasmOp::memory_size, {0}), drop()},
        Body{i32_const(0), op(WasmOp::memory_grow, {0}), drop()},
        Body{i32_const(0), i32_const(0), i32_const(0), op(WasmOp::memory_fill, {0})},
        Body{i32_const(0), i32_const(0), i32_const(0), op(WasmOp::memory_copy, {0, 0})}}) {
    CHECK(verdict({}, body) == "unknown memory 0: there are 0");
    CHECK(verdict(with_memory(body)) == "valid");
  }
}

TEST_CASE("Instructions on whole memories take its address type for addresses and sizes") {
  const auto with = [](const Body& body, const ResultType& results) {
    ModuleBuilder m;
    m.memory(memory64);
    m.memory(1);
    m.func({}, results, body);
    return verdict(m);
  };
  CHECK(with({op(WasmOp::memory_size, {0})}, {i64}) == "valid");
  CHECK(with({op(WasmOp::memory_size, {1})}, {i32}) == "valid");
  CHECK(with({i64_const(1), op(WasmOp::memory_grow, {0})}, {i64}) == "valid");
  CHECK_THAT(with({i32_const(1), op(WasmOp::memory_grow, {0})}, {i64}),
             starts_with("type mismatch"));
  CHECK(with({i64_const(0), i32_const(0), i64_const(0), op(WasmOp::memory_fill, {0})}, {}) ==
        "valid");
  CHECK_THAT(with({i64_const(0), i32_const(0), i32_const(0), op(WasmOp::memory_fill, {0})}, {}),
             starts_with("type mismatch"));
}

TEST_CASE("memory.copy between memories takes the smaller size type") {
  const auto with = [](const Body& operands, std::uint32_t to, std::uint32_t from) {
    ModuleBuilder m;
    m.memory(memory64);
    m.memory(1);
    Body body = operands;
    body.push_back(op(WasmOp::memory_copy, {to, from}));
    m.func({}, {}, body);
    return verdict(m);
  };
  CHECK(with({i64_const(0), i32_const(0), i32_const(0)}, 0, 1) == "valid");
  CHECK(with({i32_const(0), i64_const(0), i32_const(0)}, 1, 0) == "valid");
  CHECK(with({i64_const(0), i64_const(0), i64_const(0)}, 0, 0) == "valid");
  CHECK_THAT(with({i64_const(0), i64_const(0), i32_const(0)}, 0, 0), starts_with("type mismatch"));
}

TEST_CASE("memory.init and data.drop name a segment, which the data count section announces") {
  const auto with = [](const Body& body, bool counted) {
    ModuleBuilder m;
    m.memory(1);
    m.passive_data("x");
    if (counted) m.data_count();
    m.func({}, {}, body);
    return judged(m);
  };
  const Body init{i32_const(0), i32_const(0), i32_const(0), op(WasmOp::memory_init, {0, 0})};
  const Body drop{op(WasmOp::data_drop, {0})};
  CHECK(with(init, true).has_value());
  CHECK(with(drop, true).has_value());
  for (const Body& body : {init, drop}) {
    const auto result = with(body, false);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().phase == Phase::malformed);
    CHECK_THAT(result.error().message, starts_with("data count section required"));
  }
  CHECK(with({op(WasmOp::data_drop, {1})}, true).error().message ==
        "unknown data segment 1: there is 1");
}

TEST_CASE("A vector lane access names a lane of its width") {
  // v128.load32_lane align=2 offset=0 lane
  const auto with = [](std::uint32_t lane) {
    return verdict(with_memory(
        {i32_const(0), v128_const({}), op(WasmOp::v128_load32_lane, {2, 0, lane})}, {v128}));
  };
  CHECK(with(3) == "valid");
  CHECK_THAT(with(4), starts_with("invalid lane index: expected below 4, found 4"));
}

}  // namespace
}  // namespace fermata
