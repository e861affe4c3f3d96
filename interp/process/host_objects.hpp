// Objects that the host makes: structs and arrays of a module's types, and exceptions.
//
// Judges the values for them and makes room first, as an instruction of the guest does. All threads
// are paused meanwhile.
#pragma once

#include <cstddef>
#include <span>

#include "fermata/process.hpp"
#include "interp/runtime/store.hpp"

namespace fermata {

/// Whether this is the address of a struct or an array, for any bits and any type.
[[nodiscard]] bool is_struct_or_array(const Value& reference, const StoreObjects& objects);

/// How many elements of such an array so many bytes are. Errors: `wrong_value_type` for references,
/// `wrong_value_count` for a part of one.
[[nodiscard]] Result<std::size_t> elements_in(std::size_t bytes, const FieldType& element);

// A reference to a new object. The module outlives the object. Errors: as Process's functions of
// the same names.
[[nodiscard]] Result<Value> make_struct(StoreObjects& objects, const ModuleImpl& module,
                                        TypeIdx type, std::span<const Value> fields);
[[nodiscard]] Result<Value> make_array(StoreObjects& objects, const ModuleImpl& module,
                                       TypeIdx type, std::span<const Value> elements);
[[nodiscard]] Result<Value> make_array_from_bytes(StoreObjects& objects, const ModuleImpl& module,
                                                  TypeIdx type, std::span<const std::byte> bytes);

/// What was made, with a root of its process or store.
template <class Owner>
[[nodiscard]] Result<Root> rooted(Owner& owner, const Result<Value>& made) {
  if (!made) return std::unexpected(made.error());
  return owner.root(*made);
}

/// An exception with these values, which fit its tag; null when the heap has no room.
[[nodiscard]] Object* make_exception(StoreObjects& objects, const Tag& tag,
                                     std::span<const Value> values);

}  // namespace fermata
