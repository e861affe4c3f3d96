// The rules of instructions on structures and arrays.
//
// Specification: "Validation / Instructions / Structure Instructions", "Array Instructions".
#include <fmt/format.h>

#include <algorithm>

#include "lib/validate/function_validator.hpp"

namespace fermata::validation {
namespace {

ValType ref_to(std::uint32_t type, bool nullable) {
  return ValType::ref(HeapType::concrete({type}), nullable);
}

bool is_packed(const FieldType& field) { return field.packed != PackedType::none; }

}  // namespace

bool FunctionValidator::aggregate(const Instruction& in) {
  switch (in.op) {
    case WasmOp::struct_new:
    case WasmOp::struct_new_default:
    case WasmOp::struct_get:
    case WasmOp::struct_get_s:
    case WasmOp::struct_get_u:
    case WasmOp::struct_set:
      return structure(in);
    case WasmOp::array_len:
      if (!stack_.pop(ValType::ref({HeapKind::array}, true))) return false;
      stack_.push(i32);
      return true;
    default:
      return array(in);
  }
}

bool FunctionValidator::check_packing(const Instruction& in, const FieldType& field) {
  const bool plain = in.op == WasmOp::struct_get || in.op == WasmOp::array_get;
  if (plain && is_packed(field)) {
    return fail(
        fmt::format("type mismatch: expected {0}_s or {0}_u for a packed field", info(in.op).text));
  }
  return plain || is_packed(field) ||
         fail(fmt::format("type mismatch: expected a packed field, found {} in {}",
                          to_string(field.type), info(in.op).text));
}

// --- structures ----------------------------------------------------------------------------------

bool FunctionValidator::find_struct(std::uint32_t type, const StructType*& out) {
  const auto& types = context_.module.data.types;
  if (type >= types.size()) return unknown("type", type, types.size());
  out = std::get_if<StructType>(&types[type].composite);
  return out != nullptr ||
         fail(fmt::format("type mismatch: expected a structure type, type {} is not one", type));
}

bool FunctionValidator::structure(const Instruction& in) {
  const StructType* type = nullptr;
  if (!find_struct(in.index, type)) return false;
  if (in.op == WasmOp::struct_new) {
    if (!stack_.pop_types(context_.types.fields({in.index}))) return false;
  } else if (in.op == WasmOp::struct_new_default) {
    const bool defaultable = std::ranges::all_of(
        type->fields, [](const FieldType& field) { return is_defaultable(field.type); });
    if (!expect(defaultable, "type mismatch: expected fields with default values")) return false;
  } else {
    return struct_field(in, *type);
  }
  stack_.push(ref_to(in.index, false));
  return true;
}

bool FunctionValidator::struct_field(const Instruction& in, const StructType& type) {
  if (in.index2 >= type.fields.size()) return unknown("field", in.index2, type.fields.size());
  const FieldType& field = type.fields[in.index2];
  if (in.op == WasmOp::struct_set) {
    return expect(field.mutable_, "immutable field: struct.set needs a mutable one") &&
           stack_.pop(field.type) && stack_.pop(ref_to(in.index, true));
  }
  if (!check_packing(in, field) || !stack_.pop(ref_to(in.index, true))) return false;
  stack_.push(field.type);
  return true;
}

// --- arrays --------------------------------------------------------------------------------------

bool FunctionValidator::find_array(std::uint32_t type, const FieldType*& out) {
  const auto& types = context_.module.data.types;
  if (type >= types.size()) return unknown("type", type, types.size());
  const auto* array = std::get_if<ArrayType>(&types[type].composite);
  if (array == nullptr) {
    return fail(fmt::format("type mismatch: expected an array type, type {} is not one", type));
  }
  out = &array->field;
  return true;
}

bool FunctionValidator::array(const Instruction& in) {
  const FieldType* field = nullptr;
  if (!find_array(in.index, field)) return false;
  switch (in.op) {
    case WasmOp::array_new:
    case WasmOp::array_new_default:
    case WasmOp::array_new_fixed:
    case WasmOp::array_new_data:
    case WasmOp::array_new_elem:
      if (!array_new(in, *field)) return false;
      stack_.push(ref_to(in.index, false));
      return true;
    case WasmOp::array_get:
    case WasmOp::array_get_s:
    case WasmOp::array_get_u:
      if (!check_packing(in, *field)) return false;
      if (!stack_.pop(i32) || !stack_.pop(ref_to(in.index, true))) return false;
      stack_.push(field->type);
      return true;
    default:
      return expect(field->mutable_, "immutable array: its elements cannot be written") &&
             array_change(in, *field);
  }
}

bool FunctionValidator::array_new(const Instruction& in, const FieldType& field) {
  switch (in.op) {
    case WasmOp::array_new:
      return stack_.pop(i32) && stack_.pop(field.type);
    case WasmOp::array_new_default:
      return expect(is_defaultable(field.type),
                    "type mismatch: expected elements with a default value") &&
             stack_.pop(i32);
    case WasmOp::array_new_data:
      return check_data_source(in.index2, field) && stack_.pop(i32) && stack_.pop(i32);
    case WasmOp::array_new_elem:
      return check_elem_source(in.index2, field) && stack_.pop(i32) && stack_.pop(i32);
    default:  // array.new_fixed
      return stack_.pop_repeated(field.type, in.index2);
  }
}

bool FunctionValidator::array_change(const Instruction& in, const FieldType& field) {
  const StackType ref = ref_to(in.index, true);
  switch (in.op) {
    case WasmOp::array_set:
      return stack_.pop(field.type) && stack_.pop(i32) && stack_.pop(ref);
    case WasmOp::array_fill:
      return stack_.pop(i32) && stack_.pop(field.type) && stack_.pop(i32) && stack_.pop(ref);
    case WasmOp::array_copy:
      return array_copy(in, field);
    case WasmOp::array_init_data:
      if (!check_data_source(in.index2, field)) return false;
      break;
    default:  // array.init_elem
      if (!check_elem_source(in.index2, field)) return false;
      break;
  }
  return stack_.pop(i32) && stack_.pop(i32) && stack_.pop(i32) && stack_.pop(ref);
}

bool FunctionValidator::array_copy(const Instruction& in, const FieldType& to) {
  const FieldType* from = nullptr;
  if (!find_array(in.index2, from)) return false;
  if (from->packed != to.packed || !context_.types.matches(from->type, to.type)) {
    return fail(fmt::format("array types do not match: expected elements of {}, found {}",
                            to_string(to.type), to_string(from->type)));
  }
  return stack_.pop(i32) && stack_.pop(i32) && stack_.pop(ref_to(in.index2, true)) &&
         stack_.pop(i32) && stack_.pop(ref_to(in.index, true));
}

bool FunctionValidator::check_data_source(std::uint32_t segment, const FieldType& field) {
  return expect(!field.type.is_ref(), "array type is not numeric or vector") && check_data(segment);
}

bool FunctionValidator::check_elem_source(std::uint32_t segment, const FieldType& field) {
  StackType elements;
  return find_elem(segment, elements) && expect_matches(elements, field.type);
}

}  // namespace fermata::validation
