// Teller: a module under construction that tells values, whatever their types, to `log`.`note`.
//
// Begins with the guest's types, under the same indices, so that references of these types have
// names here too.
#pragma once

#include <map>
#include <string>

#include "fuzz/engines/companions.hpp"
#include "lib/module/module_data.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

/// Proposals that a module uses, so that its companions may.
struct Uses {
  bool gc = false;
  bool exceptions = false;
};
[[nodiscard]] Uses uses_of(const Bytes& guest);

/// At most one of these for each module.
class Teller {
 public:
  /// Imports `note`, and nothing else yet.
  Teller(const ModuleData& guest, Uses uses);

  [[nodiscard]] ModuleBuilder& module() { return module_; }
  [[nodiscard]] const ModuleData& guest() const { return guest_; }
  [[nodiscard]] Uses uses() const { return uses_; }

  // --- code. Not before all imports are made.
  /// Tells two numbers.
  [[nodiscard]] Body note(Note what, const Body& high, const Body& low) const;
  [[nodiscard]] Body note(Note what, std::uint32_t low) const;
  /// Takes a value of the type from the stack and tells it.
  [[nodiscard]] Body tell(ValType type);
  /// Takes values of these types from the stack and tells them, the first one first. Needs
  /// locals from `first_local` on, one for each type.
  [[nodiscard]] Body tell_all(const ResultType& types, std::uint32_t first_local);
  /// Takes an i32 from the stack and gives a value of the type that depends on it. `function` is
  /// what a function reference may refer to.
  [[nodiscard]] Body invent(ValType type, FuncIdx function);

  /// A local's type for each of these: what has no default is told as its nullable type.
  [[nodiscard]] static std::vector<LocalRun> locals(const ResultType& types);

 private:
  [[nodiscard]] FuncIdx teller_of(ValType type);
  [[nodiscard]] Body of_any();
  [[nodiscard]] Body of_func();
  [[nodiscard]] Body struct_fields(TypeIdx type, const StructType& fields);
  [[nodiscard]] Body array_elements(TypeIdx type, const ArrayType& array);
  [[nodiscard]] Body stored(const FieldType& field);
  [[nodiscard]] FuncIdx number_maker();
  [[nodiscard]] FuncIdx exception_maker();
  [[nodiscard]] bool is_function(HeapType heap) const;

  const ModuleData& guest_;
  Uses uses_;
  ModuleBuilder module_;
  FuncIdx note_{};
  std::map<Bytes, FuncIdx> tellers_;  // by what they take
  std::optional<FuncIdx> number_maker_;
  std::optional<FuncIdx> exception_maker_;
};

/// One after another.
[[nodiscard]] Body joined(std::initializer_list<Body> parts);
void append(Body& to, const Body& from);

}  // namespace fermata::test
