// See print_names.hpp.
#include "lib/text/print/print_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "lib/binary/reader.hpp"
#include "lib/keyed_hash.hpp"
#include "lib/text/lex/strings.hpp"

namespace fermata::text {
namespace {

bool is_id_char(char c) {
  constexpr std::string_view others = "\"(),;[]{}";
  return c > ' ' && c < 0x7F && others.find(c) == std::string_view::npos;
}

std::string annotation(std::string_view name) {
  return fmt::format(" (@name {})", quote(name, true));
}

}  // namespace

bool can_be_id(std::string_view name) {
  constexpr std::size_t longest = 1000;  // printed at every use
  return !name.empty() && name.size() <= longest && is_utf8(name);
}

std::string print_id(std::string_view name) {
  if (std::ranges::all_of(name, is_id_char)) return fmt::format("${}", name);
  return "$" + quote(name, true);
}

PrintSpace::PrintSpace(const Names::Map& names, std::uint32_t size) {
  std::unordered_set<std::string_view, KeyedHash, std::equal_to<>> seen;
  for (const auto& [index, name] : names) {
    if (index >= size) {
      is_complete_ = false;
    } else if (can_be_id(name) && seen.insert(name).second) {
      const std::string& id = ids_[index] = print_id(name);
      bindings_[index] = " " + id;
    } else {
      bindings_[index] = annotation(name);
    }
  }
}

std::string PrintSpace::use(std::uint32_t index) const {
  const auto found = ids_.find(index);
  return found == ids_.end() ? fmt::format("{}", index) : found->second;
}

std::string PrintSpace::binding(std::uint32_t index) const {
  const auto found = bindings_.find(index);
  return found == bindings_.end() ? std::string() : found->second;
}

namespace {

const PrintSpace no_names;

/// The function types of the index space of functions; null where it is no function type.
std::vector<const FuncType*> function_types(const ModuleData& m) {
  std::vector<const FuncType*> types;
  const auto add = [&](TypeIdx type) {
    types.push_back(type.value < m.types.size()
                        ? std::get_if<FuncType>(&m.types[type.value].composite)
                        : nullptr);
  };
  for (const Import& import : m.imports) {
    if (import.kind() == ExternKind::func) add(std::get<TypeIdx>(import.desc));
  }
  for (const FuncDef& function : m.functions) add(function.type);
  return types;
}

/// How many imports of a kind there are.
std::uint32_t count_imports(const ModuleData& m, ExternKind kind) {
  return static_cast<std::uint32_t>(std::ranges::count(m.imports, kind, &Import::kind));
}

/// Parameters and locals of a function; 0 when its type is unknown, for then none can be named.
std::uint32_t count_locals(const ModuleData& m, std::span<const FuncType* const> types,
                           std::uint32_t function) {
  if (function >= types.size() || types[function] == nullptr) return 0;
  std::uint64_t count = types[function]->params.size();
  const auto imported = static_cast<std::uint32_t>(types.size() - m.functions.size());
  if (function >= imported) {
    for (const LocalRun& run : m.locals(m.functions[function - imported])) count += run.count;
  }
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
}

std::uint32_t count_fields(const ModuleData& m, std::uint32_t type) {
  if (type >= m.types.size()) return 0;
  const auto* fields = std::get_if<StructType>(&m.types[type].composite);
  return fields == nullptr ? 0 : static_cast<std::uint32_t>(fields->fields.size());
}

template <class Definitions>
PrintSpace make_space(const ModuleData& m, const Names::Map& names, ExternKind kind,
                      const Definitions& definitions) {
  return {names, count_imports(m, kind) + static_cast<std::uint32_t>(definitions.size())};
}

// Labels have no annotations: each name must be an id, and its block must exist.
bool labels_are_complete(const ModuleData& m, std::span<const std::uint32_t> counts,
                         std::uint32_t imported) {
  return std::ranges::all_of(m.names.labels, [&](const auto& group) {
    const auto& [function, names] = group;
    return std::ranges::all_of(names, [&, function](const auto& entry) {
      return function >= imported && function - imported < counts.size() &&
             entry.first < counts[function - imported] && can_be_id(entry.second);
    });
  });
}

}  // namespace

PrintNames::PrintNames(const ModuleData& m, std::span<const std::uint32_t> label_counts)
    : types(m.names.types, static_cast<std::uint32_t>(m.types.size())),
      funcs(make_space(m, m.names.functions, ExternKind::func, m.functions)),
      tables(make_space(m, m.names.tables, ExternKind::table, m.tables)),
      memories(make_space(m, m.names.memories, ExternKind::memory, m.memories)),
      globals(make_space(m, m.names.globals, ExternKind::global, m.globals)),
      tags(make_space(m, m.names.tags, ExternKind::tag, m.tags)),
      elems(m.names.elems, static_cast<std::uint32_t>(m.elems.size())),
      datas(m.names.datas, static_cast<std::uint32_t>(m.datas.size())) {
  const std::vector<const FuncType*> func_types = function_types(m);
  for (const auto& [function, names] : m.names.locals) {
    locals.emplace(function, PrintSpace(names, count_locals(m, func_types, function)));
  }
  for (const auto& [type, names] : m.names.fields) {
    fields.emplace(type, PrintSpace(names, count_fields(m, type)));
  }
  if (m.names.module) {
    const std::string& name = *m.names.module;
    module = can_be_id(name) ? " " + print_id(name) : annotation(name);
  }
  const auto complete = [](const auto& entry) { return entry.second.is_complete(); };
  is_complete = std::ranges::all_of(
                    std::array{&types, &funcs, &tables, &memories, &globals, &tags, &elems, &datas},
                    [](const PrintSpace* space) { return space->is_complete(); }) &&
                std::ranges::all_of(locals, complete) && std::ranges::all_of(fields, complete) &&
                labels_are_complete(m, label_counts, count_imports(m, ExternKind::func));
}

const PrintSpace& PrintNames::locals_of(std::uint32_t function) const {
  const auto found = locals.find(function);
  return found == locals.end() ? no_names : found->second;
}

const PrintSpace& PrintNames::fields_of(std::uint32_t type) const {
  const auto found = fields.find(type);
  return found == fields.end() ? no_names : found->second;
}

}  // namespace fermata::text
