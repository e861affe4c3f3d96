// Whether what is supplied matches what a module imports.
// Specification: "Validation / Matching / External Types".

#include <fmt/format.h>

#include "interp/runtime/instantiate.hpp"
#include "lib/module/quoted.hpp"

namespace fermata {
namespace {

bool limits_match(std::uint64_t size, const std::optional<std::uint64_t>& max,
                  const Limits& wanted) {
  return size >= wanted.min && (!wanted.max || (max && *max <= *wanted.max));
}

bool same_type(ValType a, const CanonicalTypes& at, ValType b, const CanonicalTypes& bt) {
  return matches(a, at, b, bt) && matches(b, bt, a, at);
}

struct Matcher {
  const CanonicalTypes& types;  // of the importing module

  bool operator()(TypeIdx wanted, Func* func) const {
    return is_subtype(func->type, types.id(wanted));
  }
  bool operator()(const TableType& wanted, Table* table) const {
    const TableType& type = table->type();
    return type.address == wanted.address &&
           limits_match(table->size(), type.limits.max, wanted.limits) &&
           same_type(type.element, table->types(), wanted.element, types);
  }
  bool operator()(const MemoryType& wanted, Memory* memory) const {
    const MemoryType& type = memory->type();
    return type.address == wanted.address && type.shared == wanted.shared &&
           type.page_size_log2 == wanted.page_size_log2 &&
           limits_match(memory->pages(), type.limits.max, wanted.limits);
  }
  bool operator()(const GlobalType& wanted, const GlobalExtern& global) const {
    const GlobalType& type = *global.type;
    if (type.mutable_ != wanted.mutable_) return false;
    if (wanted.mutable_) return same_type(type.value, *global.types, wanted.value, types);
    return matches(type.value, *global.types, wanted.value, types);
  }
  bool operator()(const TagDef& wanted, Tag* tag) const { return tag->id == types.id(wanted.type); }
  template <class Wanted, class Given>
  bool operator()(const Wanted&, const Given&) const {
    return false;  // different kinds
  }
};

Error mismatch(ErrorCode code, std::string_view what, const Import& import) {
  return {code,
          Phase::unlinkable,
          fmt::format("{}: {}.{}", what, quoted(import.module), quoted(import.name)),
          import.offset,
          {},
          {}};
}

}  // namespace

Result<void> match_imports(const ModuleImpl& module, std::span<const ExternVal> imports) {
  const auto& wanted = module.data.imports;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (i >= imports.size()) {
      return std::unexpected(mismatch(ErrorCode::unknown_import, "unknown import", wanted[i]));
    }
    if (!std::visit(Matcher{module.canonical}, wanted[i].desc, imports[i])) {
      return std::unexpected(
          mismatch(ErrorCode::incompatible_import, "incompatible import type", wanted[i]));
    }
  }
  return {};
}

}  // namespace fermata
