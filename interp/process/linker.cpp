// Linker: names for externals.

#include <fmt/format.h>

#include <vector>

#include "fermata/store.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/module/quoted.hpp"

namespace fermata {

void Linker::define(std::string_view module, std::string_view name, Extern external) {
  modules_[std::string(module)].insert_or_assign(std::string(name), external);
}

void Linker::define_instance(std::string_view module, const InstanceRef& instance) {
  const Module of = instance.module();
  for (const Export& item : of.impl().data.exports) {
    if (const auto external = instance.find_export(item.name)) define(module, item.name, *external);
  }
}

std::optional<Extern> Linker::find(std::string_view module, std::string_view name) const {
  const auto names = modules_.find(module);
  if (names == modules_.end()) return std::nullopt;
  const auto found = names->second.find(name);
  return found == names->second.end() ? std::nullopt : std::optional(found->second);
}

Result<InstanceRef> Linker::instantiate(Store& store, const Module& module) const {
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
}

}  // namespace fermata
