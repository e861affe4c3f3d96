// ValueReader: values on their way in, each judged by the type that it is to have.
//
// Owns what numbers in references mean: which instances and objects there are. Whatever it lets in
// the guest could have put there. docs/snapshot-format.md, "Values".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "interp/runtime/object.hpp"
#include "interp/runtime/store.hpp"
#include "interp/snapshot/input.hpp"

namespace fermata::snapshot {

class ValueReader {
 public:
  ValueReader(Input& in, const ModuleImpl& module, const StoreObjects& store)
      : in_(in), module_(module), store_(store) {}

  std::vector<Instance*> instances;
  std::vector<Object*> objects;

  /// In their slots, without a code for the type. A null reference is one of every type where
  /// `unset` says so.
  void value(ValType type, Slot* to, bool unset = false);
  /// The same behind the code of the type.
  void typed_value(ValType type, Slot* to, bool unset = false);
  /// As many as there are types; the slots.
  [[nodiscard]] std::vector<Slot> typed_values(const ResultType& types);
  /// Of whatever type there is.
  [[nodiscard]] Value any_value();
  [[nodiscard]] Slot reference(ValType type, bool unset = false);
  /// Null after an error only.
  [[nodiscard]] Func* function();
  [[nodiscard]] Instance* instance();
  /// The code of a type or of a way to store it; an error if it is another.
  void code(std::uint8_t wanted);

 private:
  [[nodiscard]] Slot bits();

  Input& in_;
  const ModuleImpl& module_;
  const StoreObjects& store_;
};

}  // namespace fermata::snapshot
