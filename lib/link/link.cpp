// The rules in their order: imports one by one, the memory, the exports with a meaning, the start
// section, the entry. The numbers in brackets are the sections of docs/process.md.
#include "lib/link/link.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/module/quoted.hpp"

namespace fermata {
namespace {

using Check = Result<void>;

constexpr std::string_view memory_export = "memory";
constexpr std::string_view indirect_table_export = "__indirect_function_table";

Error unlinkable(ErrorCode code, std::string message, std::optional<std::uint64_t> offset) {
  return {code, Phase::unlinkable, std::move(message), offset, std::nullopt, {}};
}

std::string_view to_string(ExternKind kind) {
  switch (kind) {
    case ExternKind::func:
      return "function";
    case ExternKind::table:
      return "table";
    case ExternKind::memory:
      return "memory";
    case ExternKind::global:
      return "global";
    case ExternKind::tag:
      return "tag";
  }
  return {};
}

std::string describe(const Import& import) {
  return fmt::format("import {}.{}", quoted(import.module), quoted(import.name));
}

class Linker {
 public:
  Linker(const ModuleImpl& module, const Resolver& resolver, const LinkPolicy& policy)
      : module_(module), data_(module.data), resolver_(resolver), policy_(policy) {}

  Result<LinkPlan> run() {
    if (auto ok = check_features(); !ok) return std::unexpected(ok.error());
    if (auto ok = check_imports(); !ok) return std::unexpected(ok.error());
    if (auto ok = check_memory(); !ok) return std::unexpected(ok.error());
    if (auto ok = check_exports(); !ok) return std::unexpected(ok.error());
    if (auto ok = check_start_section(); !ok) return std::unexpected(ok.error());
    if (auto ok = check_entry(); !ok) return std::unexpected(ok.error());
    return std::move(plan_);
  }

 private:
  // --- features [9.5] ----------------------------------------------------------------------------

  Check check_features() {
    if (!policy_.features) return {};
    std::string excess;
    for (std::uint8_t i = 0; i < feature_count; ++i) {
      const auto feature = static_cast<Feature>(i);
      if (!module_.features.has(feature) || policy_.features->has(feature)) continue;
      if (!excess.empty()) excess += ", ";
      excess += fermata::to_string(feature);
    }
    if (excess.empty()) return {};
    return std::unexpected(unlinkable(
        ErrorCode::feature_disabled,
        fmt::format("the module was loaded with features that the options switch off: {}; expected "
                    "one that was loaded with `ProcessOptions::module_options`",
                    excess),
        std::nullopt));
  }

  // --- imports [1] -------------------------------------------------------------------------------

  Check check_imports() {
    for (const Import& import : data_.imports) {
      if (auto ok = check_import(import); !ok) return ok;
    }
    return {};
  }

  Check check_import(const Import& import) {
    switch (import.kind()) {
      case ExternKind::func:
        return resolve(import);
      case ExternKind::memory:
        return check_imported_memory(import);
      case ExternKind::table:
        return refuse_import(import, ErrorCode::table_import);
      case ExternKind::global:
        return refuse_import(import, ErrorCode::global_import);
      case ExternKind::tag:
        return refuse_import(import, ErrorCode::tag_import);
    }
    return {};
  }

  static Check refuse_import(const Import& import, ErrorCode code) {
    return std::unexpected(
        unlinkable(code,
                   fmt::format("{} is a {}; expected functions and at most one memory",
                               describe(import), to_string(import.kind())),
                   import.offset));
  }

  Check resolve(const Import& import) {
    const TypeIdx index = std::get<TypeIdx>(import.desc);
    const FuncType& type = std::get<FuncType>(data_.types[index.value].composite);
    if (policy_.integer_imports_only) {
      if (auto ok = check_integer_type(import, type); !ok) return ok;
    }
    const auto number =
        resolver_ ? resolver_({import.module, import.name, type, next_function_}) : std::nullopt;
    if (!number) {
      return std::unexpected(
          unlinkable(ErrorCode::unresolved_function_import,
                     fmt::format("{} with the type {} was refused by the resolver",
                                 describe(import), fermata::to_string(type)),
                     import.offset));
    }
    plan_.import_numbers.push_back(*number);
    ++next_function_.value;
    return {};
  }

  static Check check_integer_type(const Import& import, const FuncType& type) {
    const auto is_integer = [](ValType t) { return t == i32 || t == i64; };
    const bool valid = std::ranges::all_of(type.params, is_integer) &&
                       std::ranges::all_of(type.results, is_integer) && type.results.size() <= 1;
    if (valid) return {};
    return std::unexpected(unlinkable(
        ErrorCode::bad_import_type,
        fmt::format("{} has the type {}; expected i32 and i64 only, and at most one result",
                    describe(import), fermata::to_string(type)),
        import.offset));
  }

  Check check_imported_memory(const Import& import) {
    if (plan_.memory_is_imported) {
      return std::unexpected(unlinkable(
          ErrorCode::multiple_memories,
          fmt::format("{} is a second memory; expected one", describe(import)), import.offset));
    }
    const bool is_canonical = import.module == "env" && import.name == memory_export;
    if (policy_.require_canonical_memory && !is_canonical) {
      return std::unexpected(unlinkable(
          ErrorCode::bad_memory_name,
          fmt::format("{} is a memory; expected the name \"env\".\"memory\"", describe(import)),
          import.offset));
    }
    plan_.memory_is_imported = true;
    plan_.memory = MemIdx{0};
    return {};
  }

  // --- the memory [2] ----------------------------------------------------------------------------

  Check check_memory() {
    if (module_.memories.size() > 1) {
      return std::unexpected(unlinkable(
          ErrorCode::multiple_memories,
          fmt::format("the module has {} memories, imported ones included; expected at most one",
                      module_.memories.size()),
          data_.memories.empty() ? std::nullopt : std::optional(data_.memories.back().offset)));
    }
    for (const Export& item : data_.exports) {
      if (item.kind != ExternKind::memory) continue;
      if (auto ok = check_exported_memory(item); !ok) return ok;
    }
    if (policy_.require_canonical_memory && !plan_.memory) {
      return std::unexpected(unlinkable(
          ErrorCode::memory_required,
          "no memory is imported as \"env\".\"memory\" or exported as \"memory\"; expected one",
          std::nullopt));
    }
    return {};
  }

  Check check_exported_memory(const Export& item) {
    if (plan_.memory_is_imported && !policy_.allow_reexported_memory) {
      return std::unexpected(unlinkable(
          ErrorCode::multiple_memories,
          fmt::format("export {} is the imported memory; expected a memory that is imported or "
                      "exported, not both",
                      quoted(item.name)),
          item.offset));
    }
    if (item.name == memory_export) {
      plan_.memory = MemIdx{item.index};
      return {};
    }
    if (!policy_.require_canonical_memory) return {};
    return std::unexpected(unlinkable(
        ErrorCode::bad_memory_name,
        fmt::format("export {} is a memory; expected the name \"memory\" only", quoted(item.name)),
        item.offset));
  }

  // --- exports with a meaning [3] ----------------------------------------------------------------

  Check check_exports() {
    if (const Export* item = find(memory_export); item && item->kind != ExternKind::memory) {
      return wrong_kind(ErrorCode::memory_is_not_memory, *item, ExternKind::memory);
    }
    const Export* item = find(indirect_table_export);
    if (item == nullptr) return {};
    if (item->kind != ExternKind::table) {
      return wrong_kind(ErrorCode::indirect_table_is_not_table, *item, ExternKind::table);
    }
    plan_.indirect_table = TableIdx{item->index};
    return {};
  }

  static Check wrong_kind(ErrorCode code, const Export& item, ExternKind expected) {
    return std::unexpected(
        unlinkable(code,
                   fmt::format("export {} is a {}; expected a {}", quoted(item.name),
                               to_string(item.kind), to_string(expected)),
                   item.offset));
  }

  [[nodiscard]] const Export* find(std::string_view name) const {
    const auto found = module_.export_index.find(name);
    return found == module_.export_index.end() ? nullptr : &data_.exports[found->second];
  }

  // --- what runs first [4] -----------------------------------------------------------------------

  Check check_start_section() {
    plan_.start = data_.start;
    if (!data_.start || !policy_.forbid_start_section) return {};
    return std::unexpected(
        unlinkable(ErrorCode::start_section_forbidden,
                   fmt::format("the module has a start section, function {}; expected none",
                               data_.start->value),
                   data_.start_offset));
  }

  Check check_entry() {
    if (!policy_.entry) return {};
    const Export* item = find(*policy_.entry);
    if (item == nullptr)
      return bad_entry("expected an export of this name, found none", std::nullopt);
    if (item->kind != ExternKind::func) {
      return bad_entry(fmt::format("expected a function, found a {}", to_string(item->kind)),
                       item->offset);
    }
    const FuncType& type = module_.func_type(FuncIdx{item->index});
    if (!std::ranges::equal(type.params, policy_.arguments, {}, {}, &Value::type)) {
      ResultType given;
      for (const Value& argument : policy_.arguments) given.push_back(argument.type());
      return bad_entry(fmt::format("expected the parameters {} of the arguments, found {}",
                                   fermata::to_string(given), fermata::to_string(type.params)),
                       item->offset);
    }
    plan_.entry = FuncIdx{item->index};
    return {};
  }

  [[nodiscard]] Check bad_entry(std::string_view why, std::optional<std::uint64_t> offset) const {
    return std::unexpected(unlinkable(ErrorCode::bad_start_function,
                                      fmt::format("entry {}: {}", quoted(*policy_.entry), why),
                                      offset));
  }

  const ModuleImpl& module_;
  const ModuleData& data_;
  const Resolver& resolver_;
  const LinkPolicy& policy_;
  LinkPlan plan_;
  FuncIdx next_function_{};  // to be resolved
};

}  // namespace

Result<LinkPlan> link(const Module& module, const Resolver& resolver, const LinkPolicy& policy) {
  return Linker(module.impl(), resolver, policy).run();
}

}  // namespace fermata
