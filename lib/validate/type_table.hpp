// TypeTable: a module's function types and structures as spans of StackType, and matching.
//
// Made once per module after its type section is known to be valid. Owns the packed signatures; the
// subtype relation itself is the type registry's. Specification: "Validation / Matching".
#pragma once

#include <span>
#include <vector>

#include "lib/module/module_impl.hpp"
#include "lib/validate/stack_type.hpp"

namespace fermata::validation {

struct Signature {
  std::span<const StackType> params;
  std::span<const StackType> results;
};

class TypeTable {
 public:
  TypeTable() = default;
  /// Precondition: the type section is valid and `module.canonical` is built. Keeps a reference.
  explicit TypeTable(const ModuleImpl& module);

  /// Precondition: the type is a function type.
  [[nodiscard]] Signature signature(TypeIdx type) const {
    const Entry entry = entries_[type.value];
    const StackType* const pool = pool_.data();
    return {{pool + entry.begin, pool + entry.results}, {pool + entry.results, pool + entry.end}};
  }
  /// What struct.new takes. Precondition: the type is a structure type.
  [[nodiscard]] std::span<const StackType> fields(TypeIdx type) const {
    return signature(type).params;
  }
  /// Whether a value of type `sub` can be used where `super` is expected.
  [[nodiscard]] bool matches(StackType sub, StackType super) const {
    return sub == super || sub.is_bottom() || matches_ref(sub, super);
  }

 private:
  struct Entry {
    std::uint32_t begin = 0, results = 0, end = 0;  // into pool_
  };
  [[nodiscard]] bool matches_ref(StackType sub, StackType super) const;
  [[nodiscard]] bool matches_heap(HeapType sub, HeapType super) const;

  /// Where a type and its subtypes stand in an order in which those of each type follow it: one
  /// instruction can ask of a thousand pairs of types whether they match.
  struct Place {
    std::uint32_t first = 0;  // its own
    std::uint32_t end = 0;    // behind its last subtype's
    HeapKind kind{};          // func, struct_ or array
  };
  [[nodiscard]] std::span<const Place> places() const;
  [[nodiscard]] std::vector<Place> make_places() const;

  const CanonicalTypes* canonical_ = nullptr;
  const std::vector<SubType>* types_ = nullptr;
  mutable std::vector<Place> places_;  // by type, made on first use
  std::vector<StackType> pool_;
  std::vector<Entry> entries_;
};

}  // namespace fermata::validation
