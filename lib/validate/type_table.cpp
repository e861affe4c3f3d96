// Packing of signatures and matching of reference types; see type_table.hpp.
#include "lib/validate/type_table.hpp"

#include <unordered_map>
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

TypeTable::TypeTable(const ModuleImpl& module)
    : canonical_(&module.canonical), types_(&module.data.types) {
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

bool TypeTable::matches_abstract(HeapType sub, HeapType super) const {
  return fermata::matches(sub, *canonical_, super, *canonical_);
}

// --- the order of types --------------------------------------------------------------------------

/// Types that are equal have one place, the one of the first. A supertype comes before its subtypes
/// in a module, so one pass backwards counts the subtypes of each, and one forwards places them.
std::vector<TypeTable::Place> TypeTable::make_places() const {
  const auto count = static_cast<std::uint32_t>(types_->size());
  std::unordered_map<TypeId, std::uint32_t> firsts;
  std::vector<std::uint32_t> first(count), parent(count), size(count, 1);
  constexpr std::uint32_t none = UINT32_MAX;
  for (std::uint32_t i = 0; i < count; ++i) {
    first[i] = firsts.try_emplace(canonical_->id({i}), i).first->second;
    const auto& supers = (*types_)[i].supers;
    parent[i] = supers.empty() ? none : first[supers.front().value];
  }
  for (std::uint32_t i = count; i-- > 0;) {
    if (first[i] == i && parent[i] != none) size[parent[i]] += size[i];
  }
  std::vector<Place> places(count);
  std::vector<std::uint32_t> next(count);  // of the type's next subtype
  std::uint32_t next_root = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (first[i] != i) {
      places[i] = places[first[i]];
      continue;
    }
    std::uint32_t& at = parent[i] == none ? next_root : next[parent[i]];
    places[i] = {at, at + size[i], composite_kind(canonical_->id({i}))};
    next[i] = at + 1;
    at += size[i];
  }
  return places;
}

}  // namespace fermata::validation
