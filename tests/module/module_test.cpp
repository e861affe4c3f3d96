// Module: loading, and what an embedder can ask of it.
#include "fermata/module.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "lib/module/module_impl.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;

Module load(const ModuleBuilder& builder) {
  Result<Module> module = Module::load(builder.build());
  if (!module) FAIL(to_string(module.error()));
  return *module;
}

TEST_CASE("Imports are shown in order with their types") {
  ModuleBuilder m;
  const TypeIdx type = m.type({i32}, {f64});
  m.import_global("env", "g", {i64, false});
  m.import_func("env", "f", type);
  m.import_memory("", "", {{1, 2}});
  m.import_table("env", "t", {funcref, {3, {}}});
  const Module module = load(m);
  const std::vector<ImportType> imports = module.imports();
  REQUIRE(imports.size() == 4);
  CHECK(imports[0].module == "env");
  CHECK(imports[0].name == "g");
  CHECK(std::get<GlobalType>(imports[0].type) == GlobalType{i64, false});
  CHECK(std::get<FuncType>(imports[1].type) == FuncType{{i32}, {f64}});
  CHECK(imports[2].module.empty());
  CHECK(std::get<MemoryType>(imports[2].type) == MemoryType{{1, 2}});
  CHECK(std::get<TableType>(imports[3].type) == TableType{funcref, {3, {}}});
}

TEST_CASE("Exports are shown in order with their types") {
  ModuleBuilder m;
  const TypeIdx type = m.type({}, {i32});
  m.import_func("env", "f", type);
  const FuncIdx f = m.func({i64}, {}, {});
  m.table({funcref, {1, 1}});
  m.memory(1);
  m.global({f32, true}, {f32_const(1)});
  m.export_global("g").export_func("f", f).export_memory("memory").export_table("t");
  const Module module = load(m);
  const std::vector<ExportType> exports = module.exports();
  REQUIRE(exports.size() == 4);
  CHECK(exports[0].name == "g");
  CHECK(std::get<GlobalType>(exports[0].type) == GlobalType{f32, true});
  CHECK(std::get<FuncType>(exports[1].type) == FuncType{{i64}, {}});
  CHECK(std::get<MemoryType>(exports[2].type) == MemoryType{{1, {}}});
  CHECK(std::get<TableType>(exports[3].type) == TableType{funcref, {1, 1}});
}

TEST_CASE("Functions are counted with the imported ones first") {
  ModuleBuilder m;
  const TypeIdx type = m.type({i32}, {});
  m.import_func("env", "f", type);
  m.func({i64}, {i64}, {local_get(0)});
  const Module module = load(m);
  CHECK(module.function_count() == 2);
  CHECK(module.function_type({0}) == FuncType{{i32}, {}});
  CHECK(module.function_type({1}) == FuncType{{i64}, {i64}});
  CHECK(module.impl().is_imported({0}));
  CHECK_FALSE(module.impl().is_imported({1}));
}

TEST_CASE("A function's name comes from the name section, an export or the import, in this order") {
  ModuleBuilder m;
  const TypeIdx type = m.type({}, {});
  const FuncIdx imported = m.import_func("env", "log", type);
  const FuncIdx exported_import = m.import_func("env", "other", type);
  const FuncIdx named = m.func(type, {});
  const FuncIdx exported = m.func(type, {});
  const FuncIdx nameless = m.func(type, {});
  m.export_func("a", named).export_func("b", exported).export_func("c", exported);
  m.export_func("d", exported_import);
  m.name_func(named, "real");
  const Module module = load(m);
  CHECK(module.function_name(named) == "real");
  CHECK(module.function_name(exported) == "b");
  CHECK(module.function_name(imported) == "env.log");
  CHECK(module.function_name(exported_import) == "d");
  CHECK(module.function_name(nameless).empty());
}

TEST_CASE("Only functions are found as exported functions") {
  ModuleBuilder m;
  const FuncIdx f = m.func({}, {}, {});
  m.memory(1);
  m.export_func("f", f).export_memory("m");
  const Module module = load(m);
  CHECK(module.exported_function("f") == f);
  CHECK(module.exported_function("m") == std::nullopt);
  CHECK(module.exported_function("g") == std::nullopt);
}

TEST_CASE("Custom sections, the module's name and its features can be read") {
  ModuleBuilder m;
  m.custom("note", {4, 5}, Section::custom);
  m.name_module("song");
  const Module module = load(m);
  CHECK(module.name() == "song");
  CHECK(module.features() == Features::defaults());
  const std::vector<CustomSectionView> customs = module.custom_sections();
  REQUIRE(customs.size() == 2);
  CHECK(customs[0].name == "note");
  CHECK(Bytes(customs[0].bytes.begin(), customs[0].bytes.end()) == Bytes{4, 5});
  CHECK(customs[1].name == "name");
  CHECK(load(ModuleBuilder()).name().empty());
}

TEST_CASE("Copies of a module share it, and outlive the first") {
  ModuleBuilder m;
  m.name_module("shared");
  std::optional<Module> first = load(m);
  const Module second = *first;
  CHECK(&second.impl() == &first->impl());
  first.reset();
  CHECK(second.name() == "shared");
}

TEST_CASE("Loading a copy of the bytes and loading the bytes give the same module") {
  ModuleBuilder m;
  m.export_func("f", m.func({}, {}, {}));
  const Bytes bytes = m.build();
  const Result<Module> copied = Module::load(std::span<const std::uint8_t>(bytes));
  REQUIRE(copied);
  CHECK(copied->impl().data.bytes == bytes);
}

TEST_CASE("A module is loaded from a file, and what the system says is in the error") {
  ModuleBuilder m;
  m.export_func("f", m.func({}, {}, {}));
  const std::vector<std::uint8_t> bytes = m.build();
  const auto name = "fermata-" + std::to_string(std::random_device{}()) + ".wasm";
  const std::string path = (std::filesystem::temp_directory_path() / name).string();
  const Result<Module> missing = Module::load_file(path);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().code == ErrorCode::io_failed);
  CHECK(missing.error().message == path + ": cannot be opened: No such file or directory");

  const auto write = [&](std::size_t size) {
    std::ofstream file(path, std::ios::binary);
    for (std::size_t i = 0; i < size; ++i) file.put(static_cast<char>(bytes[i]));
  };
  write(bytes.size());
  const Result<Module> module = Module::load_file(path);
  REQUIRE(module.has_value());
  CHECK(module->exported_function("f") == FuncIdx{0});
  write(bytes.size() - 1);
  const Result<Module> cut = Module::load_file(path);
  std::filesystem::remove(path);
  REQUIRE_FALSE(cut.has_value());
  CHECK(cut.error().code == ErrorCode::malformed_binary);
}

TEST_CASE("Equivalent types of two modules have one canonical id") {
  ModuleBuilder a;
  a.type({i32, f64, i64}, {i32});
  ModuleBuilder b;
  b.type({}, {});
  b.type({i32, f64, i64}, {i32});
  const Module first = load(a);
  const Module second = load(b);
  CHECK(first.impl().canonical.id({0}) == second.impl().canonical.id({1}));
  CHECK(first.impl().canonical.id({0}) != second.impl().canonical.id({0}));
}

TEST_CASE("A malformed module is refused with the place, an invalid one with the function's name") {
  const Result<Module> malformed = Module::load(Bytes{0, 'a', 's', 'n'});
  REQUIRE_FALSE(malformed);
  CHECK(malformed.error().phase == Phase::malformed);
  CHECK(malformed.error().offset == 0);

  ModuleBuilder m;
  const FuncIdx f = m.func({}, {i32}, {i64_const(1)});
  m.name_func(f, "wrong");
  const Result<Module> invalid = Module::load(m.build());
  REQUIRE_FALSE(invalid);
  CHECK(invalid.error().phase == Phase::invalid);
  CHECK(invalid.error().code == ErrorCode::invalid_module);
  CHECK(invalid.error().function == f);
  CHECK(invalid.error().function_name == "wrong");
}

struct Counted : Attachment {};

TEST_CASE("An attachment is made once per key") {
  const Module module = load(ModuleBuilder());
  int made = 0;
  const auto make = [&made] {
    ++made;
    return std::make_unique<Counted>();
  };
  Attachment& one = module.impl().attachments.get_or_make(AttachmentKey::memory_pool, make);
  CHECK(&module.impl().attachments.get_or_make(AttachmentKey::memory_pool, make) == &one);
  CHECK(&module.impl().attachments.get_or_make(AttachmentKey::code, make) != &one);
  CHECK(made == 2);
}

}  // namespace
}  // namespace fermata
