// Linker: names for externals.

#include <fmt/format.h>

#include <vector>

#include "fermata/store.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/module/quoted.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {

void Linker::define(std::string_view module, std::string_view name, Extern external) {
  Names& names = modules_[std::string(module)];
  Definitions& latest = names.instance ? names.after_instance : names.before_instance;
  latest.insert_or_assign(std::string(name), external);
}

void Linker::define_instance(std::string_view module, const InstanceRef& instance) {
  Names& names = modules_[std::string(module)];
  for (const auto& [name, external] : names.after_instance) {
    names.before_instance.insert_or_assign(name, external);
  }
  names.after_instance.clear();
  names.instance = instance;
}

std::optional<Extern> Linker::find(std::string_view module, std::string_view name) const {
  const auto found = modules_.find(module);
  if (found == modules_.end()) return std::nullopt;
  const auto look_up = [name](const Definitions& among) {
    const auto definition = among.find(name);
    return definition == among.end() ? std::nullopt : std::optional(definition->second);
  };
  const Names& names = found->second;
  std::optional<Extern> external = look_up(names.after_instance);
  if (!external && names.instance) external = names.instance->find_export(name);
  return external ? external : look_up(names.before_instance);
}

Result<InstanceRef> Linker::instantiate(Store& store, const Module& module) const {
  return or_out_of_memory([&]() -> Result<InstanceRef> {
    std::vector<Extern> imports;
    for (const Import& import : module.impl().data.imports) {
      const auto external = find(import.module, import.name);
      if (!external) {
        return std::unexpected(
            Error{ErrorCode::unknown_import,
                  Phase::unlinkable,
                  fmt::format("unknown import: {}.{}", quoted(import.module), quoted(import.name)),
                  import.offset,
                  {},
                  {}});
      }
      imports.push_back(*external);
    }
    return store.instantiate(module, imports);
  });
}

}  // namespace fermata
