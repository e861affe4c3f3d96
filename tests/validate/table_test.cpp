// Instructions on tables and element segments.
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

/// Table 0 of funcref, table 1 of externref, table 2 of funcref with 64-bit indices.
std::string with_tables(const Body& body, const ResultType& results = {}) {
  ModuleBuilder m;
  m.table({funcref, {1, {}}});
  m.table({externref, {1, {}}});
  m.table({funcref, {1, {}}, AddressType::i64});
  const FuncIdx f = m.func({}, results, body);
  m.passive_elem({f});
  m.passive_elem(externref, {{ref_null({HeapKind::extern_})}});
  return verdict(m);
}

const Code null_func = ref_null({HeapKind::func});
const Code null_extern = ref_null({HeapKind::extern_});

TEST_CASE("table.get gives the element type") {
  CHECK(with_tables({i32_const(0), op(WasmOp::table_get, {0})}, {funcref}) == "valid");
  CHECK(with_tables({i32_const(0), op(WasmOp::table_get, {1})}, {externref}) == "valid");
  CHECK(with_tables({i64_const(0), op(WasmOp::table_get, {2})}, {funcref}) == "valid");
  CHECK_THAT(with_tables({i32_const(0), op(WasmOp::table_get, {1})}, {funcref}),
             starts_with("type mismatch: expected funcref, found externref"));
  CHECK_THAT(with_tables({i64_const(0), op(WasmOp::table_get, {0})}, {funcref}),
             starts_with("type mismatch: expected i32, found i64"));
}

TEST_CASE("table.set takes an index and an element") {
  CHECK(with_tables({i32_const(0), null_func, op(WasmOp::table_set, {0})}) == "valid");
  CHECK(with_tables({i64_const(0), null_func, op(WasmOp::table_set, {2})}) == "valid");
  CHECK_THAT(with_tables({i32_const(0), null_extern, op(WasmOp::table_set, {0})}),
             starts_with("type mismatch: expected funcref, found externref"));
  CHECK_THAT(with_tables({null_func, i32_const(0), op(WasmOp::table_set, {0})}),
             starts_with("type mismatch: expected funcref, found i32"));
}

TEST_CASE("table.size, table.grow and table.fill count in the table's index type") {
  CHECK(with_tables({op(WasmOp::table_size, {0})}, {i32}) == "valid");
  CHECK(with_tables({op(WasmOp::table_size, {2})}, {i64}) == "valid");
  CHECK(with_tables({null_func, i32_const(1), op(WasmOp::table_grow, {0})}, {i32}) == "valid");
  CHECK(with_tables({null_func, i64_const(1), op(WasmOp::table_grow, {2})}, {i64}) == "valid");
  CHECK_THAT(with_tables({null_extern, i32_const(1), op(WasmOp::table_grow, {0})}, {i32}),
             starts_with("type mismatch"));
  CHECK(with_tables({i32_const(0), null_func, i32_const(1), op(WasmOp::table_fill, {0})}) ==
        "valid");
  CHECK_THAT(with_tables({i32_const(0), null_func, i64_const(1), op(WasmOp::table_fill, {0})}),
             starts_with("type mismatch"));
}

TEST_CASE("table.copy copies elements that match") {
  const auto copy = [](std::uint32_t to, std::uint32_t from, const Body& operands) {
    Body body = operands;
    body.push_back(op(WasmOp::table_copy, {to, from}));
    return with_tables(body);
  };
  const Body narrow{i32_const(0), i32_const(0), i32_const(0)};
  CHECK(copy(0, 0, narrow) == "valid");
  CHECK(copy(1, 1, narrow) == "valid");
  CHECK(copy(2, 0, {i64_const(0), i32_const(0), i32_const(0)}) == "valid");
  CHECK(copy(0, 1, narrow) == "type mismatch: expected funcref, found externref");
  CHECK(copy(0, 3, narrow) == "unknown table 3: there are 3");
  CHECK(copy(3, 0, narrow) == "unknown table 3: there are 3");
}

TEST_CASE("table.init initialises with elements that match") {
  // The segment comes first in the binary format.
  const auto init = [](std::uint32_t elem, std::uint32_t table, const Code& address) {
    return with_tables(
        {address, i32_const(0), i32_const(0), op(WasmOp::table_init, {elem, table})});
  };
  CHECK(init(0, 0, i32_const(0)) == "valid");
  CHECK(init(1, 1, i32_const(0)) == "valid");
  CHECK(init(0, 2, i64_const(0)) == "valid");
  CHECK(init(1, 0, i32_const(0)) == "type mismatch: expected funcref, found externref");
  CHECK(init(2, 0, i32_const(0)) == "unknown elem segment 2: there are 2");
  CHECK(init(0, 3, i32_const(0)) == "unknown table 3: there are 3");
}

TEST_CASE("elem.drop names a segment") {
  CHECK(with_tables({op(WasmOp::elem_drop, {1})}) == "valid");
  CHECK(with_tables({op(WasmOp::elem_drop, {2})}) == "unknown elem segment 2: there are 2");
}

TEST_CASE("Every instruction on a table needs it") {
  CHECK_THAT(with_tables({i32_const(0), op(WasmOp::table_get, {3})}),
             starts_with("unknown table 3"));
  CHECK_THAT(with_tables({null_func, op(WasmOp::table_set, {3})}), starts_with("unknown table 3"));
  CHECK_THAT(with_tables({op(WasmOp::table_size, {3})}), starts_with("unknown table 3"));
  CHECK_THAT(with_tables({op(WasmOp::table_grow, {3})}), starts_with("unknown table 3"));
  CHECK_THAT(with_tables({op(WasmOp::table_fill, {3})}), starts_with("unknown table 3"));
}

}  // namespace
}  // namespace fermata
