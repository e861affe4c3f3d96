// Bytes from outside are hostile: every truncation and every changed byte of a module that has all
// sections must be judged, never crash (run under the sanitizers by .ci/run).
#include <string>

#include "fermata/module.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;

/// A module with every section, custom sections among them, and instructions of every family.
Bytes full_module() {
  ModuleBuilder m;
  const TypeIdx type = m.type({i32}, {i32});
  const TypeIdx nullary = m.type({}, {});
  m.rec_group({{false, {}, StructType{{{i64, PackedType::i8, true}}}},
               {true, {}, ArrayType{{ValType::ref(HeapType::concrete({2}), true)}}}});
  m.import_func("env", "f", type);
  m.import_memory("env", "memory", {{1, 2}, AddressType::i32, false});
  m.import_global("env", "g", {i32, false});
  const TableIdx table = m.table({funcref, {2, 10}});
  m.table({externref, {0, {}}}, {ref_null({HeapKind::extern_})});
  m.memory(1);
  m.tag(nullary);
  m.global({i64, true}, {i64_const(-1)});
  const FuncIdx f = m.func(type,
                           {block(i32),
                            local_get(0),
                            br_table({0, 0}, 0),
                            end(),
                            drop(),
                            loop(),
                            local_get(1),
                            br_if(0),
                            end(),
                            if_(),
                            nop(),
                            else_(),
                            end(),
                            i32_const(70'000),
                            load(WasmOp::i32_load8_u, 1'000),
                            drop(),
                            v128_const({}),
                            drop(),
                            select_t({i32}),
                            call(0u),
                            call_indirect(type),
                            op(WasmOp::memory_init, {1, 0}),
                            ref_null({HeapKind::func}),
                            drop(),
                            f64_const(0.5),
                            drop(),
                            raw({0x1F, 0x40, 1, 2, 0}),
                            end(),
                            op(WasmOp::i32_atomic_load, {2, 0})},
                           {{2, i32}, {1, f64}});
  m.export_func("run", f).export_table("table", table).export_memory("memory");
  m.start(f);
  m.elem({{i32_const(0)}}, {f});
  m.passive_elem(funcref, {{ref_func(f)}});
  m.data({{i32_const(16)}}, "hello");
  m.passive_data("there");
  m.data_count();
  m.custom("note", {1, 2, 3}, Section::type);
  m.name_module("m").name_func(f, "f").name_local(f, 0, "x");
  return m.build();
}

/// Decodes, reads all instructions, and loads. Whether it is well-formed.
bool judge(const Bytes& bytes) {
  // What the verdict is does not matter; that every path of the loader is walked does.
  (void)Module::load(bytes, {Features::all()});
  const Result<ModuleData> module = decode(bytes, Features::all());
  if (!module) {
    CHECK_FALSE(module.error().message.empty());
    CHECK(module.error().offset.value_or(bytes.size()) <= bytes.size());
    return false;
  }
  for (const FuncDef& function : module->functions) {
    InstructionReader reader(module->bytes, function.body, Features::all());
    Instruction instruction;
    while (!reader.at_end()) {
      if (!reader.next(instruction)) return false;
    }
  }
  return true;
}

TEST_CASE("A module with everything in it is well-formed") { CHECK(judge(full_module())); }

TEST_CASE("A module cut off at any byte is refused, or ends at a section") {
  const Bytes whole = full_module();
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    accepted +=
        judge(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))) ? 1 : 0;
  }
  // The ends of the preamble, the type section, the custom section after it and the imports, where
  // no function is declared yet, and the one before the name section.
  CHECK(accepted == 5);
}

TEST_CASE("A module with any one byte changed is judged without harm") {
  const Bytes whole = full_module();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned change : {0x01u, 0x40u, 0x80u, 0xFFu}) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(changed[at] ^ change);
      (void)judge(changed);
    }
    for (const unsigned value : {0x00u, 0x7Fu, 0x0Bu}) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      (void)judge(changed);
    }
  }
  SUCCEED("nothing crashed");
}

TEST_CASE("Deeply nested blocks in a constant expression take no stack") {
  Body nest(200'000, block());
  for (int i = 0; i < 200'000; ++i) nest.push_back(end());
  ModuleBuilder m;
  m.global({i32}, nest);
  CHECK(judge(m.build()));
}

}  // namespace
}  // namespace fermata
