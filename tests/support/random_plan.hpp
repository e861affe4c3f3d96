// RandomPlan: what the functions of a random module may use, decided before any body is written.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "tests/support/choices.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

inline constexpr ValType anyref = ValType::ref({HeapKind::any}, true);
inline constexpr ValType exnref = ValType::ref({HeapKind::exn}, true);
inline constexpr ValType eqref = ValType::ref({HeapKind::eq}, true);
inline constexpr ValType i31ref = ValType::ref({HeapKind::i31}, true);

[[nodiscard]] constexpr ValType reference_to(HeapType heap, bool nullable = true) {
  return ValType::ref(heap, nullable);
}
[[nodiscard]] constexpr ValType reference_to(TypeIdx type, bool nullable = true) {
  return ValType::ref(HeapType::concrete(type), nullable);
}
/// Whether it is of the hierarchy `any`: concrete types are never functions' here.
[[nodiscard]] constexpr bool is_object(ValType type) {
  return type.is_ref() && type.heap.kind != HeapKind::func && type.heap.kind != HeapKind::extern_ &&
         type.heap.kind != HeapKind::exn;
}

/// A field of a struct, or any element of an array.
struct Place {
  TypeIdx type;
  std::uint32_t field = 0;
  FieldType storage;
  bool is_element = false;
};

/// Elements of an array that a segment has.
struct SegmentPart {
  std::uint32_t segment = 0;
  std::uint32_t offset = 0;
  std::uint32_t count = 0;
};

struct RandomPlan {
  static constexpr std::uint32_t fuel = 0;        ///< the global that loops and calls spend
  static constexpr std::uint32_t same_typed = 4;  ///< so many table elements have function 0's type

  Choices& choices;
  ModuleBuilder& module;
  bool for_any_engine = false;  ///< Engines::any

  std::vector<FuncType> functions = {};  ///< types by function index, imported ones first
  std::uint32_t imported = 0;            ///< so many of them are the host's
  std::vector<GlobalType> globals = {};
  std::vector<AddressType> memories = {};
  std::vector<bool> shared = {};     ///< by memory
  std::vector<ValType> tables = {};  ///< element types; table 0 is for call_indirect
  std::uint32_t first_same = 0;      ///< index in table 0 of the elements of one type
  std::vector<std::uint32_t> data_sizes = {};
  std::vector<ValType> elem_types = {};
  std::vector<std::uint32_t> elem_sizes = {};
  std::vector<SubType> objects = {};     ///< struct and array types; each one's index is its place
  std::vector<ValType> references = {};  ///< those to objects that values are of
  std::vector<ResultType> tags = {};     ///< their values
  std::uint32_t trap_percent = 0;        ///< how often what may trap is left unguarded

  [[nodiscard]] TypeIdx type_of(std::uint32_t function) {
    return module.type(functions[function].params, functions[function].results);
  }
  [[nodiscard]] bool has_memory() const { return !memories.empty(); }
  /// Mostly number 0. Precondition: there is one.
  [[nodiscard]] std::uint32_t any_memory();
  [[nodiscard]] ValType any_type();
  [[nodiscard]] ResultType any_types(std::uint32_t most);
  [[nodiscard]] ValType any_reference();
  [[nodiscard]] std::vector<std::uint32_t> all_tags() const;
  /// What some clause that catches takes along.
  [[nodiscard]] ResultType any_caught();

  // Objects (random_object_types.cpp).
  void plan_objects();
  /// The object types of this heap type: none for i31.
  [[nodiscard]] std::vector<TypeIdx> objects_of(HeapType heap) const;
  [[nodiscard]] const ArrayType* array(TypeIdx type) const {
    return std::get_if<ArrayType>(&objects[type.value].composite);
  }
  [[nodiscard]] std::vector<TypeIdx> arrays() const { return objects_of({HeapKind::array}); }
  /// Whether each of its fields has a default value.
  [[nodiscard]] bool is_defaultable(TypeIdx type) const;
  /// All that hold values of this type.
  [[nodiscard]] std::vector<Place> places(ValType value) const;
  /// Of a segment that an array with such elements may be made from, if there is one.
  [[nodiscard]] std::optional<SegmentPart> any_part(const FieldType& element, std::uint32_t most);
  /// A constant expression, as `interesting_constant`; a reference is null or to something new.
  [[nodiscard]] Code constant(ValType type);

 private:
  [[nodiscard]] bool is_of(TypeIdx type, HeapType heap) const;
  [[nodiscard]] FieldType any_field();
  [[nodiscard]] SubType any_struct(TypeIdx first_struct);
  [[nodiscard]] Code object_constant(TypeIdx type);
};

/// An instruction that takes numbers and gives one, by its row in the table of instructions.
struct NumericOp {
  WasmOp op;
  ResultType params;
  ValType result;
  bool may_trap;
};
/// Those with this result.
[[nodiscard]] const std::vector<NumericOp>& numeric_ops(ValType result);

/// A load (`value` is its result) or a store (`value` is what it stores).
struct AccessOp {
  WasmOp op;
  ValType value;
};
[[nodiscard]] const std::vector<AccessOp>& loads();
[[nodiscard]] const std::vector<AccessOp>& stores();

/// A constant that is often one of those that matter: limits, powers of two, NaNs, zeros. A
/// reference is null.
[[nodiscard]] Code interesting_constant(Choices& choices, ValType type);

}  // namespace fermata::test
