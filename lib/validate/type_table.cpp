// Packing of signatures and matching of reference types; see type_table.hpp.
#include "lib/validate/type_table.hpp"

#include <variant>

namespace fermata::validation {

std::string to_string(StackType type) {
  if (type.is_bottom()) return "any type";
  if (type.is_ref() && type.has_bottom_heap()) return "a reference";
  return to_string(type.val_type());
}

namespace {

/// How many value types the pool has for a type.
std::size_t pooled(const SubType& type) {
  if (const auto* func = std::get_if<FuncType>(&type.composite)) {
    return func->params.size() + func->results.size();
  }
  const auto* structure = std::get_if<StructType>(&type.composite);
  return structure == nullptr ? 0 : structure->fields.size();
}

}  // namespace

TypeTable::TypeTable(const ModuleImpl& module) : canonical_(&module.canonical) {
  entries_.reserve(module.data.types.size());
  std::size_t total = 0;
  for (const SubType& type : module.data.types) total += pooled(type);
  pool_.reserve(total);
  const auto position = [this] { return static_cast<std::uint32_t>(pool_.size()); };
  for (const SubType& type : module.data.types) {
    Entry entry{position(), position(), position()};
    if (const auto* func = std::get_if<FuncType>(&type.composite)) {
      pool_.insert(pool_.end(), func->params.begin(), func->params.end());
      entry.results = position();
      pool_.insert(pool_.end(), func->results.begin(), func->results.end());
    } else if (const auto* structure = std::get_if<StructType>(&type.composite)) {
      for (const FieldType& field : structure->fields) pool_.push_back(field.type);
      entry.results = position();
    }
    entry.end = position();
    entries_.push_back(entry);
  }
}

// Specification: "Validation / Matching / Reference Types".
bool TypeTable::matches_ref(StackType sub, StackType super) const {
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.is_nullable() && !super.is_nullable()) return false;
  if (sub.has_bottom_heap()) return true;
  if (super.has_bottom_heap()) return false;
  const HeapType from = sub.heap(), to = super.heap();
  // First what is true of types defined twice: an instruction can ask it of a thousand types.
  if (from.is_concrete() && to.is_concrete() &&
      canonical_->id(from.index) == canonical_->id(to.index)) {
    return true;
  }
  return fermata::matches(from, *canonical_, to, *canonical_);
}

}  // namespace fermata::validation
