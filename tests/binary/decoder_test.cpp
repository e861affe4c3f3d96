// The decoder on well-formed modules: every section and every variant of it.
#include "lib/binary/decoder.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;

ModuleData decoded(const Bytes& bytes, Features features = Features::all()) {
  Result<ModuleData> module = decode(bytes, features);
  if (!module) FAIL(to_string(module.error()));
  return std::move(*module);
}

/// The bytes of a range, for comparing with what was written.
Bytes at(const ModuleData& module, ByteRange range) {
  return {module.bytes.begin() + range.begin, module.bytes.begin() + range.end};
}

TEST_CASE("The empty module is well-formed") {
  const ModuleData module = decoded(module_of({}));
  CHECK(module.types.empty());
  CHECK(module.functions.empty());
  CHECK(module.bytes.size() == 8);
}

TEST_CASE("Every section may be empty") {
  using enum Section;
  const Bytes none = vec({});
  const ModuleData module = decoded(module_of({{type, none},
                                               {import, none},
                                               {function, none},
                                               {table, none},
                                               {memory, none},
                                               {tag, none},
                                               {global, none},
                                               {export_, none},
                                               {element, none},
                                               {data_count, {0}},
                                               {code, none},
                                               {Section::data, none}}));
  CHECK(module.data_count == 0u);
}

TEST_CASE("Function types keep their parameters and results") {
  ModuleBuilder m;
  m.type({i32, i64, f32}, {f64, v128, funcref, externref});
  const ModuleData module = decoded(m.build());
  REQUIRE(module.types.size() == 1);
  CHECK(module.types[0].final_);
  CHECK(std::get<FuncType>(module.types[0].composite) ==
        FuncType{{i32, i64, f32}, {f64, v128, funcref, externref}});
  CHECK(module.rec_groups == std::vector{RecGroup{0, 1}});
}

TEST_CASE("Every reference type is read") {
  ResultType types;
  for (int kind = 0; kind < static_cast<int>(HeapKind::concrete); ++kind) {
    types.push_back(ValType::ref({static_cast<HeapKind>(kind)}, true));
    types.push_back(ValType::ref({static_cast<HeapKind>(kind)}, false));
  }
  types.push_back(ValType::ref(HeapType::concrete({0}), true));
  types.push_back(ValType::ref(HeapType::concrete({1'000}), false));
  ModuleBuilder m;
  m.type(types, {});
  CHECK(std::get<FuncType>(decoded(m.build()).types[0].composite).params == types);
}

TEST_CASE("Recursive groups, subtypes, structures and arrays are read") {
  const SubType base{false, {}, StructType{{{i32, PackedType::i8, true}, {externref}}}};
  const SubType derived{true, {{0}}, StructType{{{i32, PackedType::i16, false}}}};
  const SubType array{true, {}, ArrayType{{ValType::ref(HeapType::concrete({1}), true)}}};
  ModuleBuilder m;
  m.type(base);
  m.rec_group({derived, array});
  m.rec_group({});
  m.type({}, {});
  const ModuleData module = decoded(m.build());
  REQUIRE(module.types.size() == 4);
  CHECK(module.types[0] == base);
  CHECK(module.types[1] == derived);
  CHECK(module.types[2] == array);
  CHECK(module.rec_groups == std::vector<RecGroup>{{0, 1}, {1, 2}, {3, 0}, {3, 1}});
}

TEST_CASE("Imports of every kind are read") {
  ModuleBuilder m;
  const TypeIdx type = m.type({}, {});
  const TableType table{externref, {1, 5}, AddressType::i64};
  const MemoryType memory{{2, 3}, AddressType::i32, true};
  m.import_func("a", "f", type);
  m.import_table("a", "t", table);
  m.import_memory("", "m", memory);
  m.import_global("b", "", {f64, true});
  m.import_tag("b", "e", type);
  const ModuleData module = decoded(m.build());
  REQUIRE(module.imports.size() == 5);
  CHECK(module.imports[0].module == "a");
  CHECK(module.imports[0].name == "f");
  CHECK(std::get<TypeIdx>(module.imports[0].desc) == type);
  CHECK(std::get<TableType>(module.imports[1].desc) == table);
  CHECK(module.imports[2].module.empty());
  CHECK(std::get<MemoryType>(module.imports[2].desc) == memory);
  CHECK(std::get<GlobalType>(module.imports[3].desc) == GlobalType{f64, true});
  CHECK(module.imports[4].kind() == ExternKind::tag);
  CHECK(std::get<TagDef>(module.imports[4].desc).type == type);
}

TEST_CASE("Functions have types, locals and a body up to its end") {
  ModuleBuilder m;
  m.func({i32}, {i32}, {local_get(0), i32_const(1), op(WasmOp::i32_add)}, {{2, i64}, {1, f32}});
  m.func({}, {}, {}, {{3, f64}});
  const ModuleData module = decoded(m.build());
  REQUIRE(module.functions.size() == 2);
  const FuncDef& first = module.functions[0];
  CHECK(first.type == TypeIdx{0});
  const auto locals = module.locals(first);
  REQUIRE(locals.size() == 2);
  CHECK(locals[0].count == 2);
  CHECK(locals[0].type == i64);
  CHECK(locals[1].type == f32);
  CHECK(at(module, first.body) == Bytes{0x20, 0x00, 0x41, 0x01, 0x6A, 0x0B});
  CHECK(module.bytes[first.offset] == 11);  // the size: locals take 5 bytes, instructions 6
  CHECK(module.functions[1].type == TypeIdx{1});
  REQUIRE(module.locals(module.functions[1]).size() == 1);
  CHECK(module.locals(module.functions[1])[0].count == 3);
  CHECK(at(module, module.functions[1].body) == Bytes{0x0B});
}

TEST_CASE("Tables may have an initializer") {
  ModuleBuilder m;
  m.table({funcref, {10, {}}});
  m.table({externref, {1, 2}}, {ref_null({HeapKind::extern_})});
  const ModuleData module = decoded(m.build());
  REQUIRE(module.tables.size() == 2);
  CHECK(module.tables[0].type == TableType{funcref, {10, {}}});
  CHECK_FALSE(module.tables[0].init);
  REQUIRE(module.tables[1].init);
  CHECK(at(module, module.tables[1].init->code) == Bytes{0xD0, 0x6F, 0x0B});
}

TEST_CASE("Limits of memories may be shared, bounded and of 64 bits") {
  ModuleBuilder m;
  const std::vector<MemoryType> types{
      {{1, {}}, AddressType::i32, false},
      {{0, 65536}, AddressType::i32, false},
      {{1, 2}, AddressType::i32, true},
      {{0x1'0000'0000, 0xFFFF'FFFF'FFFF'FFFF}, AddressType::i64, false},
      {{1, {}}, AddressType::i64, true},
  };
  for (const MemoryType& type : types) m.memory(type);
  const ModuleData module = decoded(m.build());
  REQUIRE(module.memories.size() == types.size());
  for (std::size_t i = 0; i < types.size(); ++i) CHECK(module.memories[i].type == types[i]);
}

TEST_CASE("Globals, tags, exports and the start function are read") {
  ModuleBuilder m;
  const TypeIdx type = m.type({}, {});
  m.tag(type);
  const GlobalIdx global = m.global({i64, true}, {i64_const(-5)});
  const FuncIdx function = m.func(type, {});
  m.memory(1);
  m.export_func("f", function).export_global("", global).export_tag("t").export_memory("m");
  m.start(function);
  const ModuleData module = decoded(m.build());
  REQUIRE(module.tags.size() == 1);
  CHECK(module.tags[0].type == type);
  REQUIRE(module.globals.size() == 1);
  CHECK(module.globals[0].type == GlobalType{i64, true});
  CHECK(at(module, module.globals[0].init.code) == Bytes{0x42, 0x7B, 0x0B});
  REQUIRE(module.exports.size() == 4);
  CHECK(module.exports[0].name == "f");
  CHECK(module.exports[0].kind == ExternKind::func);
  CHECK(module.exports[1].name.empty());
  CHECK(module.exports[2].kind == ExternKind::tag);
  CHECK(module.start == function);
  CHECK(module.bytes[module.start_offset] == 0);
}

TEST_CASE("Constant expressions end with the end that closes them") {
  ModuleBuilder m;
  m.global({i32}, {block(i32), i32_const(11), end()});
  m.global({i32}, {i32_const(2), i32_const(3), op(WasmOp::i32_add)});
  const ModuleData module = decoded(m.build());
  REQUIRE(module.globals.size() == 2);
  CHECK(at(module, module.globals[0].init.code) == Bytes{0x02, 0x7F, 0x41, 0x0B, 0x0B, 0x0B});
  CHECK(module.globals[1].init.code.size() == 6);
}

TEST_CASE("All eight variants of element segments are read") {
  const Bytes zero{0x41, 0x00, 0x0B};             // i32.const 0, end
  const Bytes functions = vec({{3}, {4}});        // two function indices
  const Bytes exprs = vec({{0xD2, 0x03, 0x0B}});  // one expression: ref.func 3
  const Bytes segments =
      vec({concat({{0}, zero, functions}), concat({{1, 0x00}, functions}),
           concat({{2, 7}, zero, {0x00}, functions}), concat({{3, 0x00}, functions}),
           concat({{4}, zero, exprs}), concat({{5, 0x6F}, exprs}),
           concat({{6, 7}, zero, {0x70}, exprs}), concat({{7, 0x70}, exprs})});
  const ModuleData module = decoded(module_of({{Section::element, segments}}));
  REQUIRE(module.elems.size() == 8);
  const ValType func_items = ValType::ref({HeapKind::func}, false);
  for (std::uint8_t flags = 0; flags < 8; ++flags) {
    INFO("variant " << int{flags});
    const ElemSegment& segment = module.elems[flags];
    CHECK(segment.flags == flags);
    const SegmentMode inactive = (flags & 2) != 0 ? SegmentMode::declarative : SegmentMode::passive;
    CHECK(segment.mode == ((flags & 1) != 0 ? inactive : SegmentMode::active));
    CHECK(segment.table == TableIdx{flags == 2 || flags == 6 ? 7u : 0u});
    if (segment.mode == SegmentMode::active) CHECK(at(module, segment.offset_expr.code) == zero);
    CHECK(segment.type == (flags < 4 ? func_items : flags == 5 ? externref : funcref));
    CHECK(segment.items.index() == (flags < 4 ? 0 : 1));
  }
  CHECK(std::get<0>(module.elems[3].items) == std::vector{FuncIdx{3}, FuncIdx{4}});
  CHECK(at(module, std::get<1>(module.elems[7].items)[0].code) == Bytes{0xD2, 0x03, 0x0B});
}

TEST_CASE("All three variants of data segments are read") {
  ModuleBuilder m;
  m.data({{i32_const(8)}}, "abc");
  m.passive_data("");
  m.data({{i32_const(0)}, 5}, "x");
  m.data_count();
  const ModuleData module = decoded(m.build());
  REQUIRE(module.datas.size() == 3);
  CHECK(module.data_count == 3u);
  CHECK(module.datas[0].mode == SegmentMode::active);
  CHECK(at(module, module.datas[0].bytes) == Bytes{'a', 'b', 'c'});
  CHECK(at(module, module.datas[0].offset_expr.code) == Bytes{0x41, 0x08, 0x0B});
  CHECK(module.datas[1].mode == SegmentMode::passive);
  CHECK(module.datas[1].bytes.size() == 0);
  CHECK(module.datas[2].memory == MemIdx{5});
  CHECK(module.datas[2].flags == 2);
}

TEST_CASE("Custom sections are kept with their place") {
  ModuleBuilder m;
  m.type({}, {});
  m.memory(1);
  m.custom("first", {1, 2}, Section::custom);
  m.custom("after type", {}, Section::type);
  m.custom("last", {3}, Section::data);
  const ModuleData module = decoded(m.build());
  REQUIRE(module.customs.size() == 3);
  CHECK(module.customs[0].name == "first");
  CHECK(module.customs[0].after == 0);
  CHECK(module.customs[0].offset == 8);
  CHECK(at(module, module.customs[0].bytes) == Bytes{1, 2});
  CHECK(module.customs[1].after == 1);
  CHECK(module.customs[2].name == "last");
  CHECK(module.customs[2].after == 5);  // the memory section
}

TEST_CASE("Without memory64, limits have 32 bits") {
  const Bytes limits{0x00, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  const Bytes bytes = module_of({{Section::memory, vec({limits})}});
  CHECK(decoded(bytes).memories.size() == 1);
  const Result<ModuleData> narrow = decode(bytes, Features::wasm2());
  REQUIRE_FALSE(narrow);
  CHECK_THAT(narrow.error().message, has_text("integer representation too long"));
}

}  // namespace
}  // namespace fermata
