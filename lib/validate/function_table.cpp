// The rules of instructions on tables and element segments.
//
// Specification: "Validation / Instructions / Table Instructions".
#include <algorithm>

#include "lib/validate/function_validator.hpp"

namespace fermata::validation {

bool FunctionValidator::find_table(std::uint32_t table, const TableType*& out) {
  const auto& tables = context_.module.tables;
  if (table >= tables.size()) return unknown("table", table, tables.size());
  out = &tables[table];
  return true;
}

bool FunctionValidator::find_elem(std::uint32_t segment, StackType& out) {
  const auto& elems = context_.module.data.elems;
  if (segment >= elems.size()) return unknown("elem segment", segment, elems.size());
  out = elems[segment].type;
  return true;
}

bool FunctionValidator::table(const Instruction& in) {
  StackType ignored;
  const TableType* table = nullptr;
  if (in.op == WasmOp::elem_drop) return find_elem(in.index, ignored);
  if (in.op == WasmOp::table_copy) return table_copy(in);
  if (in.op == WasmOp::table_init) return table_init(in);
  if (!find_table(in.index, table)) return false;
  const StackType address = address_type(table->address);
  const StackType element = table->element;
  switch (in.op) {
    case WasmOp::table_get:
      if (!stack_.pop(address)) return false;
      stack_.push(element);
      return true;
    case WasmOp::table_set:
      return stack_.pop(element) && stack_.pop(address);
    case WasmOp::table_fill:
      return stack_.pop(address) && stack_.pop(element) && stack_.pop(address);
    case WasmOp::table_grow:
      if (!stack_.pop(address) || !stack_.pop(element)) return false;
      break;
    default:  // table.size
      break;
  }
  stack_.push(address);
  return true;
}

bool FunctionValidator::table_copy(const Instruction& in) {
  const TableType* to = nullptr;
  const TableType* from = nullptr;
  const bool several = in.index != 0 || in.index2 != 0;
  if (several && !require(Feature::reference_types, "a table index other than 0")) return false;
  if (!find_table(in.index, to) || !find_table(in.index2, from)) return false;
  if (!expect_matches(from->element, to->element)) return false;
  return stack_.pop(address_type(std::min(to->address, from->address))) &&
         stack_.pop(address_type(from->address)) && stack_.pop(address_type(to->address));
}

bool FunctionValidator::table_init(const Instruction& in) {
  const TableType* to = nullptr;
  StackType from;
  if (in.index2 != 0 && !require(Feature::reference_types, "a table index other than 0"))
    return false;
  if (!find_table(in.index2, to) || !find_elem(in.index, from)) return false;
  if (!expect_matches(from, to->element)) return false;
  return stack_.pop(i32) && stack_.pop(i32) && stack_.pop(address_type(to->address));
}

}  // namespace fermata::validation
