// Values at the embedder's edge: whether they fit a type, and their way into slots and out again.
//
// The one place that judges a value from outside. Numbers are judged by their kind; references
// by what they refer to, so that a forged one does not get in.
#pragma once

#include <optional>
#include <span>

#include "fermata/error.hpp"
#include "fermata/value.hpp"
#include "interp/runtime/store.hpp"

namespace fermata {

/// What types mean, and which functions and objects exist, where the value is to go.
struct ValueContext {
  const CanonicalTypes& types;  ///< of concrete types in the wanted type
  const StoreObjects& objects;
};

/// The slow part of `fits`, for reference types.
[[nodiscard]] bool reference_fits(const Value& value, ValType wanted, const ValueContext& context);

[[nodiscard]] inline bool fits(const Value& value, ValType wanted, const ValueContext& context) {
  if (!wanted.is_ref()) [[likely]]
    return value.type().kind == wanted.kind;
  return reference_fits(value, wanted, context);
}

/// Whether the values are numbers of the wanted types: all that most calls need to know.
[[nodiscard]] inline bool fit_as_numbers(std::span<const Value> values, const ResultType& wanted) {
  if (values.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ValKind kind = wanted[i].kind;
    if (values[i].type().kind != kind || kind == ValKind::ref) return false;
  }
  return true;
}

/// Whether the values are of the wanted types, in number and each.
[[nodiscard]] inline bool fit(std::span<const Value> values, const ResultType& wanted,
                              const ValueContext& context) {
  if (values.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!fits(values[i], wanted[i], context)) return false;
  }
  return true;
}

/// What a reference refers to: func, i31, struct_, array, exn, or extern_ for one of the host.
[[nodiscard]] std::optional<HeapKind> kind_of(const Value& reference, const StoreObjects& objects);

/// That a value is no reference that can be kept: `wrong_value_type`.
[[nodiscard]] Error not_a_reference(const Value& value);

/// Says why values do not fit: `wrong_value_count` or `wrong_value_type`. Precondition: they don't.
[[nodiscard]] Error misfit(std::span<const Value> values, const ResultType& wanted,
                           const ValueContext& context);
[[nodiscard]] Error misfit(const Value& value, ValType wanted);

[[nodiscard]] inline Slot* put(Slot* to, const Value& value) {
  *to++ = value.lo();
  if (value.type().kind == ValKind::v128) *to++ = value.hi();
  return to;
}
inline void put(Slot* to, std::span<const Value> values) {
  for (const Value& value : values) to = put(to, value);
}

/// The upper half of a slot that holds an i32 or f32 means nothing.
[[nodiscard]] inline Value get(const Slot* from, ValType type) {
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::f32:
      return Value::from_bits(type, static_cast<std::uint32_t>(from[0]));
    case ValKind::v128:
      return Value::from_bits(type, from[0], from[1]);
    default:
      return Value::from_bits(type, from[0]);
  }
}
/// Replaces `out` by the values of these types that lie at `from`.
inline void get(const Slot* from, const ResultType& types, std::vector<Value>& out) {
  out.clear();
  for (const ValType type : types) {
    out.push_back(get(from, type));
    from += type.slots();
  }
}

}  // namespace fermata
