// Numbering: what references mean in a snapshot, and values on their way out.
//
// Owns the numbers of instances and types, and of objects: these are numbered when they are first
// written, and then those that they refer to, so that their numbers depend on nothing but the
// process's state. docs/snapshot-format.md, "Values" and "Heap".
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "interp/process/process_impl.hpp"
#include "interp/runtime/object.hpp"
#include "interp/snapshot/output.hpp"

namespace fermata::snapshot {

class Numbering {
 public:
  explicit Numbering(const ProcessImpl& process);

  /// The first one, those of the threads alive in the order of their ids, then idle ones.
  [[nodiscard]] std::span<Instance* const> instances() const { return instances_; }
  [[nodiscard]] std::uint32_t instance(const Instance* instance) const;

  // --- values
  void function(Output& out, const Func& function) const;
  /// `traced`: it may refer to the heap, else to a function.
  void reference(Output& out, Slot bits, bool traced);
  /// Without a code for its type.
  void value(Output& out, ValType type, const Slot* from);
  void typed_value(Output& out, ValType type, const Slot* from);
  void typed_values(Output& out, const ResultType& types, const Slot* from);

  // --- objects
  /// Numbers all that the objects with numbers refer to.
  void reach();
  [[nodiscard]] std::span<const Object* const> objects() const { return objects_; }
  /// A struct's or an array's type: the first of the module that is equivalent.
  [[nodiscard]] std::uint32_t type(const ObjectType& type) const;
  [[nodiscard]] std::uint32_t tag(const ObjectType& type) const;

 private:
  [[nodiscard]] std::uint32_t object(const Object* object);
  void reach_from(const Object& object);

  const ModuleImpl& module_;
  std::vector<Instance*> instances_;
  std::unordered_map<const Instance*, std::uint32_t> instance_numbers_;
  std::unordered_map<TypeId, std::uint32_t> types_;
  std::unordered_map<const ObjectType*, std::uint32_t> tags_;
  std::vector<const Object*> objects_;
  std::unordered_map<const Object*, std::uint32_t> object_numbers_;
};

}  // namespace fermata::snapshot
