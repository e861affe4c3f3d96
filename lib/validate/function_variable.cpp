// The rules of parametric instructions and of those on locals and globals.
//
// Specification: "Validation / Instructions / Parametric Instructions", "Variable Instructions".
#include <fmt/format.h>

#include "lib/validate/function_validator.hpp"

namespace fermata::validation {

bool FunctionValidator::parametric(const Instruction& in) {
  StackType ignored;
  if (in.op == WasmOp::drop) return stack_.pop_any(ignored);
  if (in.op == WasmOp::select) return select();
  if (in.select_count != 1) {
    return fail(
        fmt::format("invalid result arity: expected 1 type in select, found {}", in.select_count));
  }
  const StackType type = in.select_type;
  if (!check(context_.check_value_type(in.select_type, {}))) return false;
  if (!stack_.pop(i32) || !stack_.pop(type) || !stack_.pop(type)) return false;
  stack_.push(type);
  return true;
}

bool FunctionValidator::select() {
  StackType second;
  StackType first;
  if (!stack_.pop(i32) || !stack_.pop_any(second) || !stack_.pop_any(first)) return false;
  if (first.is_ref() || second.is_ref()) {
    return fail(
        "type mismatch: expected a number or vector, found a reference in select without a type");
  }
  if (first != second && !first.is_bottom() && !second.is_bottom()) {
    return fail(
        fmt::format("type mismatch: expected two operands of one type, found {} and {} in select",
                    to_string(first), to_string(second)));
  }
  stack_.push(first.is_bottom() ? second : first);
  return true;
}

bool FunctionValidator::local(const Instruction& in) {
  if (in.index >= locals_.count()) return unknown("local", in.index, locals_.count());
  const StackType type = locals_.type(in.index);
  if (in.op == WasmOp::local_get) {
    if (!locals_.is_initialised(in.index)) [[unlikely]]
      return uninitialised(in.index);
    stack_.push(type);
    return true;
  }
  if (!stack_.pop(type)) return false;
  locals_.initialise(in.index);
  if (in.op == WasmOp::local_tee) stack_.push(type);
  return true;
}

bool FunctionValidator::uninitialised(std::uint32_t local) {
  return fail(fmt::format("uninitialized local {}: its type {} has no default value", local,
                          to_string(locals_.type(local))));
}

bool FunctionValidator::global(const Instruction& in) {
  const auto& globals = context_.module.globals;
  if (in.index >= globals.size()) return unknown("global", in.index, globals.size());
  const GlobalType& type = globals[in.index];
  if (in.op == WasmOp::global_get) {
    stack_.push(type.value);
    return true;
  }
  return expect(type.mutable_, "immutable global: global.set needs a mutable one") &&
         stack_.pop(type.value);
}

bool FunctionValidator::check_constant_global(std::uint32_t index) {
  if (index >= constant_globals_) return unknown("global", index, constant_globals_);
  if (context_.module.globals[index].mutable_) {
    return fail(fmt::format("constant expression required: global {} is mutable", index));
  }
  // Up to 2.0 only imported globals could be read.
  return index < context_.module.imported_globals ||
         require(Feature::gc, "a constant expression that reads a defined global");
}

}  // namespace fermata::validation
