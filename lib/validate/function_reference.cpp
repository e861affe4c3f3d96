// The rules of instructions on references: null, functions, casts, i31 and conversions.
//
// Specification: "Validation / Instructions / Reference Instructions", "Scalar Reference
// Instructions", "External Reference Instructions".
#include <fmt/format.h>

#include "lib/validate/function_validator.hpp"

namespace fermata::validation {
namespace {

/// The supertype of all heap types of the hierarchy. Specification: "Appendix / Validation
/// Algorithm".
HeapKind top_of(HeapType type, const ModuleData& module) {
  switch (type.kind) {
    case HeapKind::func:
    case HeapKind::nofunc:
      return HeapKind::func;
    case HeapKind::extern_:
    case HeapKind::noextern:
      return HeapKind::extern_;
    case HeapKind::exn:
    case HeapKind::noexn:
      return HeapKind::exn;
    case HeapKind::concrete:
      return std::holds_alternative<FuncType>(module.types[type.index.value].composite)
                 ? HeapKind::func
                 : HeapKind::any;
    default:
      return HeapKind::any;
  }
}

}  // namespace

bool FunctionValidator::reference(const Instruction& in) {
  StackType ref;
  switch (in.op) {
    case WasmOp::ref_null:
      if (!check(context_.check_heap_type(in.heap, {}))) return false;
      stack_.push(ValType::ref(in.heap, true));
      return true;
    case WasmOp::ref_func:
      return ref_func(in.index);
    case WasmOp::ref_is_null:
      if (!stack_.pop_ref(ref)) return false;
      stack_.push(i32);
      return true;
    case WasmOp::ref_as_non_null:
      if (!stack_.pop_ref(ref)) return false;
      stack_.push(ref.with_nullable(false));
      return true;
    case WasmOp::ref_eq: {
      const ValType eqref = ValType::ref({HeapKind::eq}, true);
      if (!stack_.pop(eqref) || !stack_.pop(eqref)) return false;
      stack_.push(i32);
      return true;
    }
    case WasmOp::ref_i31:
      if (!stack_.pop(i32)) return false;
      stack_.push(ValType::ref({HeapKind::i31}, false));
      return true;
    case WasmOp::i31_get_s:
    case WasmOp::i31_get_u:
      if (!stack_.pop(ValType::ref({HeapKind::i31}, true))) return false;
      stack_.push(i32);
      return true;
    case WasmOp::any_convert_extern:
      return convert(HeapKind::extern_, HeapKind::any);
    case WasmOp::extern_convert_any:
      return convert(HeapKind::any, HeapKind::extern_);
    default:
      return ref_cast(in);
  }
}

bool FunctionValidator::ref_func(std::uint32_t function) {
  const auto& funcs = context_.module.func_types;
  if (function >= funcs.size()) return unknown("function", function, funcs.size());
  if (constant_) {
    context_.declare_function(function);
  } else if (!context_.is_declared(function)) {
    return fail(
        fmt::format("undeclared function reference: function {} is not exported and occurs in no "
                    "element segment or global",
                    function));
  }
  stack_.push(ValType::ref(HeapType::concrete(funcs[function]), false));
  return true;
}

bool FunctionValidator::ref_cast(const Instruction& in) {
  const bool to_nullable = in.op == WasmOp::ref_test_null || in.op == WasmOp::ref_cast_null;
  const bool is_test = in.op == WasmOp::ref_test || in.op == WasmOp::ref_test_null;
  if (!check(context_.check_heap_type(in.heap, {}))) return false;
  if (!stack_.pop(ValType::ref({top_of(in.heap, context_.module.data)}, true))) return false;
  stack_.push(is_test ? i32 : ValType::ref(in.heap, to_nullable));
  return true;
}

/// Nullability is kept.
bool FunctionValidator::convert(HeapKind from, HeapKind to) {
  StackType ref;
  if (!stack_.pop_ref(ref) || !expect_matches(ref, ValType::ref({from}, true))) return false;
  stack_.push(ValType::ref({to}, ref.is_nullable()));
  return true;
}

}  // namespace fermata::validation
