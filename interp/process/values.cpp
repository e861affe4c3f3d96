// The judgement of references, and the words for what does not fit.

#include "interp/process/values.hpp"

#include <fmt/format.h>

#include <bit>

namespace fermata {
namespace {

enum class Hierarchy : std::uint8_t { func, extern_, any, exn };

Hierarchy hierarchy(HeapType heap) {
  switch (heap.kind) {
    case HeapKind::func:
    case HeapKind::nofunc:
    case HeapKind::concrete:
      return Hierarchy::func;
    case HeapKind::extern_:
    case HeapKind::noextern:
      return Hierarchy::extern_;
    case HeapKind::exn:
    case HeapKind::noexn:
      return Hierarchy::exn;
    default:
      return Hierarchy::any;
  }
}

bool is_function(const Value& value, HeapType wanted, const ValueContext& context) {
  const void* const address = value.as_funcref().identity;
  if (!context.funcs.owns(address)) return false;
  if (wanted.kind == HeapKind::func) return true;
  return wanted.is_concrete() &&
         is_subtype(static_cast<const Func*>(address)->type, context.types.id(wanted.index));
}

// An ExternRef's bits say `value << 2 | 2`; what does not fit into them is in the upper half.
bool is_extern(const Value& value, HeapType wanted) {
  return wanted.kind == HeapKind::extern_ && (value.lo() & 3) == 2 && value.hi() == 0;
}

}  // namespace

bool reference_fits(const Value& value, ValType wanted, const ValueContext& context) {
  const ValType type = value.type();
  if (!type.is_ref() || hierarchy(type.heap) != hierarchy(wanted.heap)) return false;
  if (value.is_null()) return wanted.nullable;
  switch (hierarchy(wanted.heap)) {
    case Hierarchy::func:
      return is_function(value, wanted.heap, context);
    case Hierarchy::extern_:
      return is_extern(value, wanted.heap);
    default:
      return false;
  }
}

Error misfit(std::span<const Value> values, const ResultType& wanted, const ValueContext& context) {
  if (values.size() != wanted.size()) {
    return {ErrorCode::wrong_value_count,
            Phase::usage,
            fmt::format("expected {} values, found {}", wanted.size(), values.size()),
            {},
            {},
            {}};
  }
  std::size_t i = 0;
  while (i + 1 < values.size() && fits(values[i], wanted[i], context)) ++i;
  Error error = misfit(values[i], wanted[i]);
  error.message = fmt::format("value {}: {}", i, error.message);
  return error;
}

Error misfit(const Value& value, ValType wanted) {
  const bool same = value.type() == wanted;
  return {
      ErrorCode::wrong_value_type,
      Phase::usage,
      same ? fmt::format("expected a {} of this store, found a foreign reference or one past the "
                         "limit of 2^62",
                         to_string(wanted))
           : fmt::format("expected {}, found {}", to_string(wanted), to_string(value.type())),
      {},
      {},
      {}};
}

}  // namespace fermata
