// Canonical type ids: one number per equivalence class of recursive types, across all modules.
//
// Owns the process-wide registry of recursive groups (specification: "Validation / Types /
// Recursive Types", rolling and unrolling). Two defined types are equivalent exactly when their ids
// are equal, so a call_indirect compares one number. Groups are counted and leave with the last
// module that uses them. Thread-safe; the questions about ids take no lock.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lib/module/module_data.hpp"

namespace fermata {

using TypeId = std::uint32_t;  // canonical

struct RegisteredGroup;  // type_registry.cpp

/// The canonical ids of one module's types, held for as long as this lives.
class CanonicalTypes {
 public:
  CanonicalTypes() = default;
  /// Preconditions: `groups` cover `types` in order; every type index in `types` refers into its
  /// own or an earlier group, every supertype to an earlier type. Linear in the size of the types.
  CanonicalTypes(std::span<const SubType> types, std::span<const RecGroup> groups);
  CanonicalTypes(CanonicalTypes&&) noexcept;
  CanonicalTypes& operator=(CanonicalTypes&&) noexcept;
  ~CanonicalTypes();

  [[nodiscard]] TypeId id(TypeIdx type) const { return ids_[type.value]; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(ids_.size()); }

 private:
  std::vector<TypeId> ids_;
  std::vector<RegisteredGroup*> groups_;  // one per recursive group, each counted
};

/// Whether canonical type `sub` is `super` or declares it as a (transitive) supertype. Both must be
/// held by some CanonicalTypes. Logarithmic in the depth of the hierarchy.
[[nodiscard]] bool is_subtype(TypeId sub, TypeId super);

/// Which of the composite types a canonical type is: `func`, `struct_` or `array`.
[[nodiscard]] HeapKind composite_kind(TypeId type);

// Whether type `a` of a module with canonical types `at` matches `b` of one with `bt`
// (specification: "Validation / Matching").
[[nodiscard]] bool matches(HeapType a, const CanonicalTypes& at, HeapType b,
                           const CanonicalTypes& bt);
[[nodiscard]] bool matches(ValType a, const CanonicalTypes& at, ValType b,
                           const CanonicalTypes& bt);
[[nodiscard]] bool matches(const ResultType& a, const CanonicalTypes& at, const ResultType& b,
                           const CanonicalTypes& bt);
[[nodiscard]] bool matches(const FuncType& a, const CanonicalTypes& at, const FuncType& b,
                           const CanonicalTypes& bt);

/// How many canonical types are held just now; for tests.
[[nodiscard]] std::size_t registered_type_count();

}  // namespace fermata
