// The rules of sections: each with a module that keeps it and a neighbour that breaks it.
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

const ValType func_not_null = ValType::ref({HeapKind::func}, false);

TEST_CASE("The empty module is valid") { CHECK(verdict(ModuleBuilder{}) == "valid"); }

// --- indices and external types ------------------------------------------------------------------

TEST_CASE("Functions, imports and tags have function types that exist") {
  ModuleBuilder function;
  function.func(TypeIdx{0}, {});
  CHECK(verdict(function) == "unknown type 0: 0 types are defined");
  ModuleBuilder import;
  import.import_func("a", "b", TypeIdx{3});
  CHECK(verdict(import) == "unknown type 3: 0 types are defined");
  ModuleBuilder structure;
  structure.import_func("a", "b", structure.type(SubType{true, {}, StructType{}}));
  CHECK_THAT(verdict(structure), starts_with("type mismatch: expected a function type"));
  ModuleBuilder tag;
  tag.tag(TypeIdx{1});
  CHECK_THAT(verdict(tag), starts_with("unknown type 1"));
}

TEST_CASE("A tag's type has no results") {
  ModuleBuilder good;
  good.tag(good.type({i32}, {}));
  CHECK(verdict(good) == "valid");
  ModuleBuilder bad;
  bad.tag(bad.type({}, {i32}));
  CHECK(verdict(bad) == "non-empty tag result type: found [i32]");
}

TEST_CASE("A memory has at most 65536 pages and no less than its minimum") {
  const auto with = [](Limits limits) {
    ModuleBuilder defined;
    defined.memory({limits});
    ModuleBuilder imported;
    imported.import_memory("a", "b", {limits});
    CHECK(verdict(defined) == verdict(imported));
    return verdict(defined);
  };
  CHECK(with({65536, 65536}) == "valid");
  CHECK(with({65537, {}}) == "memory size must be at most 65536 pages (4GiB), found 65537");
  CHECK(with({0, 65537}) == "memory size must be at most 65536 pages (4GiB), found 65537");
  CHECK(with({2, 1}) == "size minimum must not be greater than maximum: found 2 and 1");
  CHECK(with({2, 2}) == "valid");
}

TEST_CASE("A 64-bit memory has at most 2^48 pages") {
  const auto with = [](std::uint64_t pages) {
    ModuleBuilder m;
    m.memory({{pages, {}}, AddressType::i64});
    return verdict(m);
  };
  const std::uint64_t most = std::uint64_t{1} << 48;
  CHECK(with(most) == "valid");
  CHECK_THAT(with(most + 1), starts_with("memory size"));
}

TEST_CASE("A shared memory has a maximum") {
  ModuleBuilder good;
  good.memory({{1, 2}, AddressType::i32, true});
  CHECK(verdict(good) == "valid");
  ModuleBuilder bad;
  bad.memory({{1, {}}, AddressType::i32, true});
  CHECK(verdict(bad) == "shared memory must have maximum");
}

TEST_CASE("A table's limits and element type are valid") {
  const auto with = [](const TableType& type) {
    ModuleBuilder m;
    m.table(type);
    return verdict(m);
  };
  CHECK(with({funcref, {0xFFFF'FFFF, 0xFFFF'FFFF}}) == "valid");
  CHECK_THAT(with({funcref, {0x1'0000'0000, {}}}), starts_with("table size"));
  CHECK_THAT(with({funcref, {3, 2}}), starts_with("size minimum must not be greater than maximum"));
  CHECK(with({funcref, {0x1'0000'0000, {}}, AddressType::i64}) == "valid");
  CHECK_THAT(with({ValType::ref(HeapType::concrete({0}), true), {0, {}}}),
             starts_with("unknown type 0"));
}

TEST_CASE("A table whose elements have no default needs an initial value") {
  ModuleBuilder without;
  without.table({func_not_null, {1, {}}});
  CHECK(verdict(without) == "type mismatch: expected an initial value for a table of (ref func)");
  ModuleBuilder with;
  const FuncIdx f = with.func({}, {}, {});
  with.table({func_not_null, {1, {}}}, {ref_func(f)});
  CHECK(verdict(with) == "valid");
}

// --- constant expressions ------------------------------------------------------------------------

std::string global_init(GlobalType type, const Body& init) {
  ModuleBuilder m;
  m.import_global("a", "constant", {i32, false});
  m.import_global("a", "variable", {i32, true});
  m.global({i32, false}, {i32_const(1)});
  m.func({}, {}, {});
  m.global(type, init);
  return verdict(m);
}

TEST_CASE("A constant expression has the type that is expected") {
  CHECK(global_init({i32, false}, {i32_const(1)}) == "valid");
  CHECK(global_init({v128, false}, {v128_const({})}) == "valid");
  CHECK(global_init({funcref, true}, {ref_func(FuncIdx{0})}) == "valid");
  CHECK(global_init({externref, false}, {ref_null({HeapKind::extern_})}) == "valid");
  CHECK_THAT(global_init({i32, false}, {i64_const(1)}), starts_with("type mismatch"));
  CHECK_THAT(global_init({i32, false}, {}), starts_with("type mismatch"));
  CHECK_THAT(global_init({i32, false}, {i32_const(1), i32_const(1)}), starts_with("type mismatch"));
  CHECK_THAT(global_init({funcref, false}, {ref_func(FuncIdx{7})}),
             starts_with("unknown function 7"));
}

TEST_CASE("A constant expression has constant instructions only") {
  CHECK(global_init({i32, false}, {i32_const(1), i32_const(2), op(WasmOp::i32_mul)}) == "valid");
  CHECK(global_init({i32, false}, {i32_const(1), i32_const(2), op(WasmOp::i32_div_s)}) ==
        "constant expression required: found i32.div_s");
  CHECK_THAT(global_init({i32, false}, {nop(), i32_const(1)}),
             starts_with("constant expression required"));
  CHECK_THAT(global_init({i32, false}, {i32_const(1), drop(), i32_const(1)}),
             starts_with("constant expression required"));
  CHECK_THAT(global_init({i32, false}, {call(0)}), starts_with("constant expression required"));
}

TEST_CASE("A constant expression reads immutable globals before it") {
  CHECK(global_init({i32, false}, {global_get(0)}) == "valid");
  CHECK(global_init({i32, false}, {global_get(2)}) == "valid");
  CHECK(global_init({i32, false}, {global_get(1)}) ==
        "constant expression required: global 1 is mutable");
  CHECK(global_init({i32, false}, {global_get(3)}) == "unknown global 3: there are 3");
}

// --- exports and the start function --------------------------------------------------------------

TEST_CASE("Exports name something that exists") {
  const auto with = [](std::uint32_t index, const auto& add_export) {
    ModuleBuilder m;
    m.func({}, {}, {});
    m.table({funcref, {0, {}}});
    m.memory(0);
    m.global({i32, false}, {i32_const(0)});
    m.tag(m.type({}, {}));
    add_export(m, index);
    return verdict(m);
  };
  const auto func = [](ModuleBuilder& m, std::uint32_t i) { m.export_func("x", {i}); };
  const auto table = [](ModuleBuilder& m, std::uint32_t i) { m.export_table("x", {i}); };
  const auto memory = [](ModuleBuilder& m, std::uint32_t i) { m.export_memory("x", {i}); };
  const auto global = [](ModuleBuilder& m, std::uint32_t i) { m.export_global("x", {i}); };
  const auto tag = [](ModuleBuilder& m, std::uint32_t i) { m.export_tag("x", {i}); };
  CHECK(with(0, func) == "valid");
  CHECK(with(0, table) == "valid");
  CHECK(with(0, memory) == "valid");
  CHECK(with(0, global) == "valid");
  CHECK(with(0, tag) == "valid");
  CHECK(with(1, func) == "unknown function 1: export \"x\" names it, there are 1");
  CHECK_THAT(with(1, table), starts_with("unknown table 1"));
  CHECK_THAT(with(1, memory), starts_with("unknown memory 1"));
  CHECK_THAT(with(1, global), starts_with("unknown global 1"));
  CHECK_THAT(with(1, tag), starts_with("unknown tag 1"));
}

TEST_CASE("No two exports have one name, whatever they are") {
  ModuleBuilder m;
  m.func({}, {}, {});
  m.memory(0);
  m.export_func("a", {0}).export_func("b", {0}).export_memory("c");
  CHECK(verdict(m) == "valid");
  m.export_memory("b");
  CHECK(verdict(m) == "duplicate export name \"b\"");
}

TEST_CASE("A hostile export name is shown on one line") {
  ModuleBuilder m;
  m.export_func("a\n\"b\x1b" + std::string(1'000, 'x'), {0});
  const std::string message = verdict(m);
  CHECK_THAT(message, has_text("\"a\\0a\\\"b\\1bxxx"));
  CHECK_THAT(message, has_text("x...\""));
  CHECK(message.size() < 200);
}

TEST_CASE("The start function exists and takes and gives nothing") {
  const auto with = [](const ResultType& params, const ResultType& results, std::uint32_t index) {
    ModuleBuilder m;
    m.func(params, results, {unreachable()});
    m.start({index});
    return verdict(m);
  };
  CHECK(with({}, {}, 0) == "valid");
  CHECK(with({i32}, {}, 0) == "start function: expected [] -> [], found [i32] -> []");
  CHECK(with({}, {i32}, 0) == "start function: expected [] -> [], found [] -> [i32]");
  CHECK_THAT(with({}, {}, 1), starts_with("unknown function 1"));
}

// --- segments ------------------------------------------------------------------------------------

TEST_CASE("An active element segment fits its table") {
  const auto with = [](ValType element, const ActiveAt& at) {
    ModuleBuilder m;
    m.table({element, {1, {}}});
    const FuncIdx f = m.func({}, {}, {});
    m.elem(at, {f});
    return verdict(m);
  };
  CHECK(with(funcref, {{i32_const(0)}}) == "valid");
  CHECK(with(externref, {{i32_const(0)}}) ==
        "type mismatch: expected elements of externref, found (ref func)");
  CHECK_THAT(with(funcref, {{i64_const(0)}}),
             starts_with("type mismatch: expected i32, found i64"));
  CHECK_THAT(with(funcref, {{i32_const(0)}, 1}), starts_with("unknown table 1"));
  CHECK_THAT(with(funcref, {{nop(), i32_const(0)}}), starts_with("constant expression required"));
}

TEST_CASE("An element segment's items are functions that exist, or constants of its type") {
  ModuleBuilder functions;
  functions.passive_elem({FuncIdx{0}});
  CHECK_THAT(verdict(functions), starts_with("unknown function 0"));
  const auto with = [](ValType type, const Body& item) {
    ModuleBuilder m;
    m.passive_elem(type, {item});
    return verdict(m);
  };
  CHECK(with(funcref, {ref_null({HeapKind::func})}) == "valid");
  CHECK_THAT(with(funcref, {ref_null({HeapKind::extern_})}), starts_with("type mismatch"));
  CHECK_THAT(with(funcref, {i32_const(0)}), starts_with("type mismatch"));
  CHECK_THAT(with(ValType::ref(HeapType::concrete({2}), true), {}), starts_with("unknown type 2"));
}

TEST_CASE("An active data segment fits its memory") {
  const auto with = [](const MemoryType& memory, const ActiveAt& at) {
    ModuleBuilder m;
    m.memory(memory);
    m.data(at, "x");
    return verdict(m);
  };
  const MemoryType memory64{{1, {}}, AddressType::i64};
  CHECK(with({{1, {}}}, {{i32_const(0)}}) == "valid");
  CHECK(with(memory64, {{i64_const(0)}}) == "valid");
  CHECK_THAT(with(memory64, {{i32_const(0)}}), starts_with("type mismatch"));
  CHECK_THAT(with({{1, {}}}, {{i64_const(0)}}), starts_with("type mismatch"));
  CHECK_THAT(with({{1, {}}}, {{i32_const(0)}, 1}), starts_with("unknown memory 1"));
  ModuleBuilder none;
  none.data({{i32_const(0)}}, "x");
  CHECK_THAT(verdict(none), starts_with("unknown memory 0"));
}

TEST_CASE("A passive data segment needs no memory") {
  ModuleBuilder m;
  m.passive_data("x");
  CHECK(verdict(m) == "valid");
}

TEST_CASE("A module has ten thousand memories at most, imported ones too") {
  const auto with = [](std::uint32_t defined) {
    ModuleBuilder m;
    for (int i = 0; i < 9'999; ++i) m.import_memory("m", "", {{0, {}}});
    for (std::uint32_t i = 0; i < defined; ++i) m.memory({{0, {}}});
    return judged(m, Features::all());
  };
  CHECK(with(1).has_value());
  REQUIRE_FALSE(with(2).has_value());
  CHECK(with(2).error().code == ErrorCode::implementation_limit);
}

}  // namespace
}  // namespace fermata
