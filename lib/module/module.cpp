// Module: from bytes to a validated module, and what an embedder may ask of one.
//
// Owns the filling of the index spaces between decoding and validation. Must not judge anything.
#include "fermata/module.hpp"

#include <utility>

#include "lib/binary/decoder.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/out_of_memory.hpp"
#include "lib/validate/validate.hpp"

namespace fermata {
namespace {

/// Appends one import to its index space.
struct AddImport {
  ModuleImpl& module;

  void operator()(TypeIdx type) const {
    module.func_types.push_back(type);
    ++module.imported_funcs;
  }
  void operator()(const TableType& type) const {
    module.tables.push_back(type);
    ++module.imported_tables;
  }
  void operator()(const MemoryType& type) const {
    module.memories.push_back(type);
    ++module.imported_memories;
  }
  void operator()(const GlobalType& type) const {
    module.globals.push_back(type);
    ++module.imported_globals;
  }
  void operator()(const TagDef& tag) const {
    module.tags.push_back(tag.type);
    ++module.imported_tags;
  }
};

// Specification: "Validation / Modules": the context's index spaces, imports first.
void fill_index_spaces(ModuleImpl& module) {
  const ModuleData& data = module.data;
  module.func_types.reserve(data.functions.size());
  for (std::uint32_t i = 0; i < data.imports.size(); ++i) {
    if (data.imports[i].kind() == ExternKind::func) module.func_imports.push_back(i);
    std::visit(AddImport{module}, data.imports[i].desc);
  }
  for (const FuncDef& function : data.functions) module.func_types.push_back(function.type);
  for (const TableDef& table : data.tables) module.tables.push_back(table.type);
  for (const MemoryDef& memory : data.memories) module.memories.push_back(memory.type);
  module.global_slots.assign(1, 0);
  for (const GlobalDef& global : data.globals) {
    module.globals.push_back(global.type);
    module.global_slots.push_back(module.global_slots.back() + global.type.value.slots());
  }
  for (const TagDef& tag : data.tags) module.tags.push_back(tag.type);

  for (std::uint32_t i = 0; i < data.exports.size(); ++i) {
    const Export& export_ = data.exports[i];
    module.export_index.try_emplace(export_.name, i);
    if (export_.kind == ExternKind::func) module.func_exports.try_emplace(export_.index, i);
  }
}

struct ReadNames final : Attachment {
  explicit ReadNames(Names read) : names(std::move(read)) {}
  Names names;
};

/// Reads a name section that was left for later when the first name is asked for.
const Names& names_of(const ModuleImpl& module) {
  if (!module.data.unread_names) return module.data.names;
  Attachment& names = module.attachments.get_or_make(
      AttachmentKey::names, [&] { return std::make_unique<ReadNames>(read_names(module.data)); });
  return static_cast<ReadNames&>(names).names;
}

/// What imported functions are called that have no other name.
struct ImportNames final : Attachment {
  explicit ImportNames(const ModuleImpl& module) {
    names.reserve(module.func_imports.size());
    for (const std::uint32_t i : module.func_imports) {
      const Import& import = module.data.imports[i];
      names.push_back(import.module + "." + import.name);
    }
  }
  std::vector<std::string> names;
};

std::string_view import_name(const ModuleImpl& module, FuncIdx function) {
  Attachment& names = module.attachments.get_or_make(
      AttachmentKey::import_names, [&] { return std::make_unique<ImportNames>(module); });
  return static_cast<ImportNames&>(names).names[function.value];
}

const FuncType& func_type_at(const ModuleImpl& module, TypeIdx type) {
  return std::get<FuncType>(module.data.types[type.value].composite);
}

/// The type of an import as the public surface shows it.
struct ImportedType {
  const ModuleImpl& module;

  ExternType operator()(TypeIdx type) const { return func_type_at(module, type); }
  ExternType operator()(const TagDef& tag) const { return TagType{func_type_at(module, tag.type)}; }
  template <class T>
  ExternType operator()(const T& type) const {
    return type;
  }
};

ExternType exported_type(const ModuleImpl& module, const Export& export_) {
  switch (export_.kind) {
    case ExternKind::table:
      return module.tables[export_.index];
    case ExternKind::memory:
      return module.memories[export_.index];
    case ExternKind::global:
      return module.globals[export_.index];
    case ExternKind::tag:
      return TagType{func_type_at(module, module.tags[export_.index])};
    case ExternKind::func:
      break;
  }
  return module.func_type({export_.index});
}

}  // namespace

Result<Module> make_module(ModuleData data, Features features, const ValidateOptions& options) {
  auto impl = std::make_shared<ModuleImpl>();
  impl->data = std::move(data);
  impl->features = features;
  fill_index_spaces(*impl);
  if (Result<void> verdict = validate(*impl, options); !verdict) {
    Error error = std::move(verdict.error());
    if (error.function && error.function_name.empty()) {
      error.function_name = function_name(*impl, *error.function);
    }
    return std::unexpected(std::move(error));
  }
  return Module(std::move(impl));
}

Result<Module> make_module(ModuleData data, Features features) {
  return make_module(std::move(data), features, {});
}

std::string_view function_name(const ModuleImpl& module, FuncIdx function) {
  const Names& names = names_of(module);
  if (const auto named = names.functions.find(function.value); named != names.functions.end()) {
    return named->second;
  }
  if (const auto exported = module.func_exports.find(function.value);
      exported != module.func_exports.end()) {
    return module.data.exports[exported->second].name;
  }
  return module.is_imported(function) ? import_name(module, function) : std::string_view();
}

Result<Module> Module::load(std::vector<std::uint8_t> bytes, const ModuleOptions& options) {
  return or_out_of_memory([&]() -> Result<Module> {
    Result<ModuleData> data = decode(std::move(bytes), options.features, NameReading::later);
    if (!data) return std::unexpected(std::move(data.error()));
    return make_module(std::move(*data), options.features, {.executor = options.executor});
  });
}

Result<Module> Module::load(std::span<const std::uint8_t> bytes, const ModuleOptions& options) {
  return or_out_of_memory([&]() -> Result<Module> {
    return load(std::vector<std::uint8_t>(bytes.begin(), bytes.end()), options);
  });
}

std::vector<ImportType> Module::imports() const {
  std::vector<ImportType> result;
  result.reserve(impl_->data.imports.size());
  for (const Import& import : impl_->data.imports) {
    result.push_back({import.module, import.name, std::visit(ImportedType{*impl_}, import.desc)});
  }
  return result;
}

std::vector<ExportType> Module::exports() const {
  std::vector<ExportType> result;
  result.reserve(impl_->data.exports.size());
  for (const Export& export_ : impl_->data.exports) {
    result.push_back({export_.name, exported_type(*impl_, export_)});
  }
  return result;
}

std::vector<CustomSectionView> Module::custom_sections() const {
  std::vector<CustomSectionView> result;
  const std::span<const std::uint8_t> bytes(impl_->data.bytes);
  for (const CustomSection& custom : impl_->data.customs) {
    result.push_back({custom.name, bytes.subspan(custom.bytes.begin, custom.bytes.size())});
  }
  return result;
}

std::uint32_t Module::function_count() const {
  return static_cast<std::uint32_t>(impl_->func_types.size());
}

const FuncType& Module::function_type(FuncIdx function) const { return impl_->func_type(function); }

std::string_view Module::function_name(FuncIdx function) const {
  return fermata::function_name(*impl_, function);
}

std::optional<FuncIdx> Module::exported_function(std::string_view name) const {
  const auto found = impl_->export_index.find(name);
  if (found == impl_->export_index.end()) return std::nullopt;
  const Export& export_ = impl_->data.exports[found->second];
  if (export_.kind != ExternKind::func) return std::nullopt;
  return FuncIdx{export_.index};
}

std::string_view Module::name() const {
  const Names& names = names_of(*impl_);
  return names.module ? std::string_view(*names.module) : std::string_view();
}

Features Module::features() const { return impl_->features; }

}  // namespace fermata
