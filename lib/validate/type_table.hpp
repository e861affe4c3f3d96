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
  /// Makes what is otherwise made on first use, so that several OS threads may ask at once.
  void prepare() const { static_cast<void>(places()); }
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
  /// Where one of the two at least is no type of the module's.
  [[nodiscard]] bool matches_abstract(HeapType sub, HeapType super) const;

  /// Where a type and its subtypes stand in an order in which those of each type follow it: one
  /// instruction can ask of a thousand pairs of types whether they match.
  struct Place {
    std::uint32_t first = 0;  // its own
    std::uint32_t end = 0;    // behind its last subtype's
    HeapKind kind{};          // func, struct_ or array
  };
  [[nodiscard]] std::span<const Place> places() const {
    if (places_.empty()) places_ = make_places();
    return places_;
  }
  [[nodiscard]] std::vector<Place> make_places() const;

  const CanonicalTypes* canonical_ = nullptr;
  const std::vector<SubType>* types_ = nullptr;
  mutable std::vector<Place> places_;  // by type, made on first use
  std::vector<StackType> pool_;
  std::vector<Entry> entries_;
};

// Specification: "Validation / Matching / Reference Types".
inline bool TypeTable::matches_ref(StackType sub, StackType super) const {
  if (!sub.is_ref() || !super.is_ref()) return false;
  if (sub.is_nullable() && !super.is_nullable()) return false;
  if (sub.has_bottom_heap()) return true;
  if (super.has_bottom_heap()) return false;
  return matches_heap(sub.heap(), super.heap());
}

inline bool TypeTable::matches_heap(HeapType sub, HeapType super) const {
  if (!sub.is_concrete()) return matches_abstract(sub, super);
  const Place& of = places()[sub.index.value];
  if (!super.is_concrete()) return of.kind == super.kind || matches_abstract({of.kind}, super);
  const Place& in = places()[super.index.value];
  return in.first <= of.first && of.first < in.end;
}

}  // namespace fermata::validation
