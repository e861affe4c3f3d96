// The rules of sections, in the binary format's order; see module_validator.hpp.
#include "lib/validate/module_validator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "fermata/limits.hpp"
#include "lib/module/limit_error.hpp"
#include "lib/module/quoted.hpp"

namespace fermata::validation {
namespace {

using Check = Result<void>;

Check refuse(std::string message, Offset offset) {
  return std::unexpected(invalid(std::move(message), offset));
}

// --- external types (specification: "Validation / Types / External Types") -----------------------

Check check_limits(const Limits& limits, std::uint64_t most, std::string_view too_large,
                   Offset offset) {
  const std::uint64_t largest = std::max(limits.min, limits.max.value_or(0));
  if (largest > most) return refuse(fmt::format("{}, found {}", too_large, largest), offset);
  if (limits.max && *limits.max < limits.min) {
    return refuse(fmt::format("size minimum must not be greater than maximum: found {} and {}",
                              limits.min, *limits.max),
                  offset);
  }
  return {};
}

/// Of a memory whose pages are not of the usual size: they must be of one byte.
Check check_small_pages(const Context& context, const MemoryType& type, Offset offset) {
  if (auto ok = context.require(Feature::custom_page_sizes, "a page size", offset); !ok) return ok;
  if (type.page_size_log2 != 0) {
    return refuse(
        fmt::format("invalid custom page size: expected 1 or 65536, found {}", type.page_size()),
        offset);
  }
  const std::uint64_t most = type.address == AddressType::i64
                                 ? std::numeric_limits<std::uint64_t>::max()
                                 : std::numeric_limits<std::uint32_t>::max();
  return check_limits(type.limits, most, "memory size must be at most 2^32-1 pages of a byte",
                      offset);
}

Check check_memory(const Context& context, const MemoryType& type, Offset offset) {
  const bool is_64 = type.address == AddressType::i64;
  if (is_64) {
    if (auto ok = context.require(Feature::memory64, "a memory with 64-bit addresses", offset); !ok)
      return ok;
  }
  if (type.shared) {
    if (auto ok = context.require(Feature::threads, "a shared memory", offset); !ok) return ok;
    if (!type.limits.max) return refuse("shared memory must have maximum", offset);
  }
  if (!type.has_custom_page_size()) {
    const std::uint64_t most = std::uint64_t{1} << (is_64 ? 48 : 16);
    return check_limits(type.limits, most,
                        is_64 ? "memory size must be at most 2^48 pages"
                              : "memory size must be at most 65536 pages (4GiB)",
                        offset);
  }
  return check_small_pages(context, type, offset);
}

Check check_table(const Context& context, const TableType& type, Offset offset) {
  const bool is_64 = type.address == AddressType::i64;
  if (is_64) {
    if (auto ok = context.require(Feature::memory64, "a table with 64-bit indices", offset); !ok)
      return ok;
  }
  const std::uint64_t most =
      is_64 ? std::numeric_limits<std::uint64_t>::max() : std::numeric_limits<std::uint32_t>::max();
  if (auto ok =
          check_limits(type.limits, most, "table size must be at most 2^32-1 elements", offset);
      !ok) {
    return ok;
  }
  // funcref as the element type is older than funcref as a value.
  return type.element == funcref ? Check{} : context.check_value_type(type.element, offset);
}

Check check_tag(const Context& context, TypeIdx type, Offset offset) {
  if (auto ok = context.require_tags("a tag", offset); !ok) return ok;
  const auto func = context.func_type(type, offset);
  if (!func) return std::unexpected(func.error());
  if ((*func)->results.empty()) return {};
  return refuse(fmt::format("non-empty tag result type: found {}", to_string((*func)->results)),
                offset);
}

// --- imports -------------------------------------------------------------------------------------

class ImportRules {
 public:
  ImportRules(const Context& context, const Import& import) : context_(context), import_(import) {}

  Check operator()(TypeIdx type) const {
    const auto func = context_.func_type(type, import_.offset);
    return func ? Check{} : std::unexpected(func.error());
  }
  Check operator()(const TableType& type) const {
    return check_table(context_, type, import_.offset);
  }
  Check operator()(const MemoryType& type) const {
    return check_memory(context_, type, import_.offset);
  }
  Check operator()(const GlobalType& type) const {
    if (type.mutable_) {
      const auto ok = context_.require(Feature::mutable_globals, "the import of a mutable global",
                                       import_.offset);
      if (!ok) return ok;
    }
    return context_.check_value_type(type.value, import_.offset);
  }
  Check operator()(const TagDef& tag) const {
    return check_tag(context_, tag.type, import_.offset);
  }

 private:
  const Context& context_;
  const Import& import_;
};

Check check_imports(const Context& context) {
  for (const Import& import : context.module.data.imports) {
    if (auto ok = std::visit(ImportRules(context, import), import.desc); !ok) return ok;
  }
  return {};
}

// --- definitions ---------------------------------------------------------------------------------

Check check_functions(const Context& context) {
  for (const FuncDef& function : context.module.data.functions) {
    const auto type = context.func_type(function.type, function.offset);
    if (!type) return std::unexpected(type.error());
    for (const LocalRun& run : context.module.data.locals(function)) {
      if (auto ok = context.check_value_type(run.type, function.offset); !ok) return ok;
    }
  }
  return {};
}

template <class Definition>
Offset last_offset(const std::vector<Definition>& definitions) {
  return definitions.empty() ? Offset{} : Offset{definitions.back().offset};
}

Check check_counts(const Context& context) {
  const ModuleImpl& module = context.module;
  if (module.tables.size() > 1) {
    const auto offset = last_offset(module.data.tables);
    const auto ok =
        context.require(Feature::reference_types, "multiple tables: more than one table", offset);
    if (!ok) return ok;
  }
  if (module.memories.size() > 1) {
    const auto offset = last_offset(module.data.memories);
    if (module.memories.size() > limits::memories) {
      return std::unexpected(
          limit_error(fmt::format("at most {} memories, imported ones too: found {}",
                                  limits::memories, module.memories.size()),
                      offset));
    }
    return context.require(Feature::multi_memory, "multiple memories: more than one memory",
                           offset);
  }
  return {};
}

Check check_tables(const Context& context, FunctionValidator& functions) {
  for (const TableDef& table : context.module.data.tables) {
    if (auto ok = check_table(context, table.type, table.offset); !ok) return ok;
    if (!table.init) {
      if (is_defaultable(table.type.element)) continue;
      return refuse(fmt::format("type mismatch: expected an initial value for a table of {}",
                                to_string(table.type.element)),
                    table.offset);
    }
    auto ok = context.require(Feature::function_references, "a table with an initial value",
                              table.offset);
    if (!ok) return ok;
    ok = functions.check_constant(*table.init, table.type.element, context.module.imported_globals);
    if (!ok) return ok;
  }
  return {};
}

Check check_memories(const Context& context) {
  for (const MemoryDef& memory : context.module.data.memories) {
    if (auto ok = check_memory(context, memory.type, memory.offset); !ok) return ok;
  }
  return {};
}

Check check_tags(const Context& context) {
  for (const TagDef& tag : context.module.data.tags) {
    if (auto ok = check_tag(context, tag.type, tag.offset); !ok) return ok;
  }
  return {};
}

/// A global may read those before it.
Check check_globals(const Context& context, FunctionValidator& functions) {
  std::uint32_t defined = context.module.imported_globals;
  for (const GlobalDef& global : context.module.data.globals) {
    if (auto ok = context.check_value_type(global.type.value, global.offset); !ok) return ok;
    if (auto ok = functions.check_constant(global.init, global.type.value, defined); !ok) return ok;
    ++defined;
  }
  return {};
}

// --- exports and the start function --------------------------------------------------------------

struct Space {
  std::string_view name;
  std::size_t size = 0;
};

std::array<Space, 5> index_spaces(const ModuleImpl& module) {  // in the order of ExternKind
  return {{{"function", module.func_types.size()},
           {"table", module.tables.size()},
           {"memory", module.memories.size()},
           {"global", module.globals.size()},
           {"tag", module.tags.size()}}};
}

Check check_export(Context& context, const Export& item) {
  const Space space = index_spaces(context.module)[static_cast<std::size_t>(item.kind)];
  if (item.index >= space.size) {
    return refuse(fmt::format("unknown {} {}: export {} names it, there are {}", space.name,
                              item.index, quoted(item.name), space.size),
                  item.offset);
  }
  if (item.kind == ExternKind::func) context.declare_function(item.index);
  if (item.kind == ExternKind::global && context.module.globals[item.index].mutable_) {
    return context.require(Feature::mutable_globals, "the export of a mutable global", item.offset);
  }
  return {};
}

Check check_exports(Context& context) {
  const auto& exports = context.module.data.exports;
  for (const Export& item : exports) {
    if (auto ok = check_export(context, item); !ok) return ok;
  }
  std::vector<const Export*> by_name;
  by_name.reserve(exports.size());
  for (const Export& item : exports) by_name.push_back(&item);
  std::ranges::sort(by_name, [](const Export* a, const Export* b) {
    return a->name != b->name ? a->name < b->name : a < b;
  });
  const auto same = std::ranges::adjacent_find(
      by_name, [](const Export* a, const Export* b) { return a->name == b->name; });
  if (same == by_name.end()) return {};
  return refuse(fmt::format("duplicate export name {}", quoted((*same)->name)),
                (*(same + 1))->offset);
}

Check check_start(const Context& context) {
  const ModuleImpl& module = context.module;
  if (!module.data.start) return {};
  const FuncIdx start = *module.data.start;
  if (start.value >= module.func_types.size()) {
    return refuse(fmt::format("unknown function {}: it is the start function, there are {}",
                              start.value, module.func_types.size()),
                  module.data.start_offset);
  }
  const FuncType& type = module.func_type(start);
  if (type.params.empty() && type.results.empty()) return {};
  return refuse(fmt::format("start function: expected [] -> [], found {}", to_string(type)),
                module.data.start_offset);
}

// --- segments ------------------------------------------------------------------------------------

/// The proposal that brought a variant of the element section, by its flags; nothing for the MVP's.
std::optional<Feature> feature_of_elem_flags(std::uint8_t flags) {
  if (flags == 0) return std::nullopt;
  const bool declarative = (flags & 3) == 3;
  return declarative ? Feature::reference_types : Feature::bulk_memory;
}

Check check_elem_items(Context& context, FunctionValidator& functions, const ElemSegment& segment) {
  const auto globals = static_cast<std::uint32_t>(context.module.globals.size());
  if (const auto* exprs = std::get_if<std::vector<ConstExpr>>(&segment.items)) {
    // funcref as the element type is older than funcref as a value.
    if (segment.type != funcref) {
      if (auto ok = context.check_value_type(segment.type, segment.offset); !ok) return ok;
    }
    for (const ConstExpr& expr : *exprs) {
      if (auto ok = functions.check_constant(expr, segment.type, globals); !ok) return ok;
    }
    return {};
  }
  const std::size_t count = context.module.func_types.size();
  for (const FuncIdx function : std::get<std::vector<FuncIdx>>(segment.items)) {
    if (function.value >= count) {
      return refuse(fmt::format("unknown function {}: an element segment names it, there are {}",
                                function.value, count),
                    segment.offset);
    }
    context.declare_function(function.value);
  }
  return {};
}

Check check_elem(Context& context, FunctionValidator& functions, const ElemSegment& segment) {
  const ModuleImpl& module = context.module;
  if (const auto feature = feature_of_elem_flags(segment.flags)) {
    if (auto ok = context.require(*feature, "this form of element segment", segment.offset); !ok)
      return ok;
  }
  if (auto ok = check_elem_items(context, functions, segment); !ok) return ok;
  if (segment.mode != SegmentMode::active) return {};
  if (segment.table.value >= module.tables.size()) {
    return refuse(fmt::format("unknown table {}: an element segment names it, there are {}",
                              segment.table.value, module.tables.size()),
                  segment.offset);
  }
  const TableType& table = module.tables[segment.table.value];
  if (!context.types.matches(segment.type, table.element)) {
    return refuse(fmt::format("type mismatch: expected elements of {}, found {}",
                              to_string(table.element), to_string(segment.type)),
                  segment.offset);
  }
  return functions.check_constant(segment.offset_expr, address_type(table.address).val_type(),
                                  static_cast<std::uint32_t>(module.globals.size()));
}

Check check_data(const Context& context, FunctionValidator& functions, const DataSegment& segment) {
  const ModuleImpl& module = context.module;
  if (segment.flags != 0) {
    const auto ok =
        context.require(Feature::bulk_memory, "this form of data segment", segment.offset);
    if (!ok) return ok;
  }
  if (segment.mode != SegmentMode::active) return {};
  if (segment.memory.value >= module.memories.size()) {
    return refuse(fmt::format("unknown memory {}: a data segment names it, there are {}",
                              segment.memory.value, module.memories.size()),
                  segment.offset);
  }
  const MemoryType& memory = module.memories[segment.memory.value];
  return functions.check_constant(segment.offset_expr, address_type(memory.address).val_type(),
                                  static_cast<std::uint32_t>(module.globals.size()));
}

Check check_segments(Context& context, FunctionValidator& functions) {
  const ModuleData& data = context.module.data;
  for (const ElemSegment& segment : data.elems) {
    if (auto ok = check_elem(context, functions, segment); !ok) return ok;
  }
  if (data.data_count) {
    const Offset offset = data.data_count_offset;
    if (auto ok = context.require(Feature::bulk_memory, "a data count section", offset); !ok)
      return ok;
  }
  for (const DataSegment& segment : data.datas) {
    if (auto ok = check_data(context, functions, segment); !ok) return ok;
  }
  return {};
}

}  // namespace

Result<void> check_module(Context& context, FunctionValidator& functions) {
  if (auto ok = check_imports(context); !ok) return ok;
  if (auto ok = check_functions(context); !ok) return ok;
  if (auto ok = check_counts(context); !ok) return ok;
  if (auto ok = check_tables(context, functions); !ok) return ok;
  if (auto ok = check_memories(context); !ok) return ok;
  if (auto ok = check_tags(context); !ok) return ok;
  if (auto ok = check_globals(context, functions); !ok) return ok;
  if (auto ok = check_exports(context); !ok) return ok;
  if (auto ok = check_start(context); !ok) return ok;
  return check_segments(context, functions);
}

}  // namespace fermata::validation
