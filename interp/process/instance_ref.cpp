// InstanceRef: an instance's exports by name.

#include <fmt/format.h>

#include "interp/process/store_impl.hpp"
#include "interp/runtime/usage_error.hpp"
#include "lib/module/quoted.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {

Module InstanceRef::module() const { return instance_->module_handle(); }

std::optional<Extern> InstanceRef::find_export(std::string_view name) const {
  const ModuleImpl& module = *instance_->module;
  const auto found = module.export_index.find(name);
  if (found == module.export_index.end()) return std::nullopt;
  const Export& item = module.data.exports[found->second];
  const ExternVal external = extern_of(*instance_, item.kind, item.index);
  switch (item.kind) {
    case ExternKind::func:
      return FuncRef{std::get<Func*>(external)};
    case ExternKind::table:
      return TableRef(store_->objects, *std::get<Table*>(external));
    case ExternKind::memory:
      return MemoryRef(*std::get<Memory*>(external));
    case ExternKind::global: {
      const auto& global = std::get<GlobalExtern>(external);
      return GlobalRef(*store_, global.cell, *global.type, global.types);
    }
    case ExternKind::tag:
      return TagRef{std::get<Tag*>(external)};
  }
  return std::nullopt;
}

namespace {

template <class Ref>
Result<Ref> export_as(const InstanceRef& instance, std::string_view name, std::string_view kind) {
  const std::optional<Extern> external = instance.find_export(name);
  if (external) {
    if (const auto* ref = std::get_if<Ref>(&*external)) return *ref;
  }
  return std::unexpected(usage_error(
      ErrorCode::no_such_export, fmt::format("expected an exported {} {}", kind, quoted(name))));
}

}  // namespace

Result<FuncRef> InstanceRef::function(std::string_view name) const {
  return or_out_of_memory([&] { return export_as<FuncRef>(*this, name, "function"); });
}
Result<TableRef> InstanceRef::table(std::string_view name) const {
  return export_as<TableRef>(*this, name, "table");
}
Result<MemoryRef> InstanceRef::memory(std::string_view name) const {
  return export_as<MemoryRef>(*this, name, "memory");
}
Result<GlobalRef> InstanceRef::global(std::string_view name) const {
  return export_as<GlobalRef>(*this, name, "global");
}

Result<TagRef> InstanceRef::tag(std::string_view name) const {
  return export_as<TagRef>(*this, name, "tag");
}

std::optional<FuncRef> InstanceRef::start_function() const {
  const auto& start = instance_->module->data.start;
  if (!start) return std::nullopt;
  return FuncRef{instance_->func(*start)};
}

}  // namespace fermata
