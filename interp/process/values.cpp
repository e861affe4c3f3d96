// The judgement of references, and the words for what does not fit.

#include "interp/process/values.hpp"

#include <fmt/format.h>

#include <utility>

#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

enum class Hierarchy : std::uint8_t { func, extern_, any, exn };

/// Of a type whose concrete types are the context's.
Hierarchy hierarchy(HeapType heap, const ValueContext& context) {
  switch (heap.kind) {
    case HeapKind::func:
    case HeapKind::nofunc:
      return Hierarchy::func;
    case HeapKind::extern_:
    case HeapKind::noextern:
      return Hierarchy::extern_;
    case HeapKind::exn:
    case HeapKind::noexn:
      return Hierarchy::exn;
    case HeapKind::concrete:
      return composite_kind(context.types.id(heap.index)) == HeapKind::func ? Hierarchy::func
                                                                            : Hierarchy::any;
    default:
      return Hierarchy::any;
  }
}

/// Whether the types have nothing in common. Of which module a value's concrete type is nobody
/// knows: it says nothing.
bool differ(const Value& value, HeapType wanted, const ValueContext& context) {
  const HeapType heap = value.type().heap;
  return !heap.is_concrete() && hierarchy(heap, context) != hierarchy(wanted, context);
}

bool is_function(const Value& value, HeapType wanted, const ValueContext& context) {
  const void* const address = value.as_funcref().identity;
  if (!context.objects.funcs.owns(address)) return false;
  if (wanted.kind == HeapKind::func) return true;
  return wanted.is_concrete() &&
         is_subtype(static_cast<const Func*>(address)->type, context.types.id(wanted.index));
}

bool is_any(const Value& value, HeapType wanted, const ValueContext& context) {
  const auto kind = kind_of(value, context.objects);
  if (!kind || *kind == HeapKind::func || *kind == HeapKind::exn) return false;
  switch (wanted.kind) {
    case HeapKind::any:
    case HeapKind::extern_:
      return true;
    case HeapKind::eq:
      return *kind != HeapKind::extern_;
    case HeapKind::i31:
    case HeapKind::struct_:
    case HeapKind::array:
      return *kind == wanted.kind;
    case HeapKind::concrete:
      return is_object(value.lo()) &&
             is_subtype(object_of(value.lo())->type().id, context.types.id(wanted.index));
    default:
      return false;
  }
}

}  // namespace

bool reference_fits(const Value& value, ValType wanted, const ValueContext& context) {
  if (!value.type().is_ref() || differ(value, wanted.heap, context)) return false;
  if (value.is_null()) return wanted.nullable;
  switch (hierarchy(wanted.heap, context)) {
    case Hierarchy::func:
      return is_function(value, wanted.heap, context);
    case Hierarchy::extern_:
    case Hierarchy::any:
      return is_any(value, wanted.heap, context);
    case Hierarchy::exn:
      return wanted.heap.kind == HeapKind::exn && kind_of(value, context.objects) == HeapKind::exn;
  }
  std::unreachable();
}

// An ExternRef's bits say `value << 2 | 2`; what does not fit into them is in the upper half.
std::optional<HeapKind> kind_of(const Value& reference, const StoreObjects& objects) {
  const Slot bits = reference.lo();
  if (!reference.type().is_ref() || reference.hi() != 0) return std::nullopt;
  if (is_i31(bits)) return bits <= UINT32_MAX ? std::optional(HeapKind::i31) : std::nullopt;
  if (is_host(bits)) return HeapKind::extern_;
  if (objects.has_object(bits)) {
    const ObjectType& type = object_of(bits)->type();
    if (type.is_exception) return HeapKind::exn;
    return type.is_array ? HeapKind::array : HeapKind::struct_;
  }
  if (objects.funcs.owns(reference.as_funcref().identity)) return HeapKind::func;
  return std::nullopt;
}

Error not_a_reference(const Value& value) {
  return usage_error(
      ErrorCode::wrong_value_type,
      fmt::format("expected a reference to something in this store, found {}", to_string(value)));
}

Error misfit(std::span<const Value> values, const ResultType& wanted, const ValueContext& context) {
  if (values.size() != wanted.size()) {
    return usage_error(ErrorCode::wrong_value_count,
                       fmt::format("expected {} values, found {}", wanted.size(), values.size()));
  }
  std::size_t i = 0;
  while (i + 1 < values.size() && fits(values[i], wanted[i], context)) ++i;
  Error error = misfit(values[i], wanted[i]);
  error.message = fmt::format("value {}: {}", i, error.message);
  return error;
}

Error misfit(const Value& value, ValType wanted) {
  const bool same = value.type() == wanted;
  return usage_error(
      ErrorCode::wrong_value_type,
      same ? fmt::format("expected a {} of this store, found a foreign reference or one past the "
                         "limit of 2^62",
                         to_string(wanted))
           : fmt::format("expected {}, found {}", to_string(wanted), to_string(value.type())));
}

}  // namespace fermata
