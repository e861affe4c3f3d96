// ObjectRef: a struct or an array of the guest, while its process (or store) is paused.
//
// Fields and elements are read and written by their index, arrays of numbers as bytes too, without
// any WebAssembly code for it. Who makes objects is Process and Store. docs/process.md, section 12.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fermata/error.hpp"
#include "fermata/module.hpp"
#include "fermata/value.hpp"

namespace fermata {

struct Object;        // interp/runtime/object.hpp
struct StoreObjects;  // interp/runtime/store.hpp

/// A handle: a reference to a struct or an array, and where that is. As valid as the process (or
/// store); it keeps nothing alive. Each use asks anew whether the object is there: if it was
/// collected, the error is `wrong_value_type`. An example, a host call with a string, which is an
/// array of i8, and another string as the answer:
///
///     const ObjectRef argument = *process.object(call.arguments[0]);
///     std::string text(*argument.size(), '\0');
///     static_cast<void>(argument.read(0, std::as_writable_bytes(std::span(text))));
///     const std::span answer(std::string_view("hello"));
///     const Root made = *process.make_array_from_bytes(string_type, std::as_bytes(answer));
///     outcome = thread.run({made.value()});
class ObjectRef {
 public:
  [[nodiscard]] const Value& reference() const { return reference_; }
  /// Whether it is of this type of a module, or of a subtype, as ref.test says. False as well when
  /// the object is gone.
  [[nodiscard]] bool is_a(const Module& module, TypeIdx type) const;

  /// Fields of a struct, elements of an array.
  [[nodiscard]] Result<std::uint32_t> size() const;
  /// A field or an element. A packed one (i8, i16) is an i32, zero-extended. Concrete types in its
  /// type are those of the module that has the object's type. Error: `object_out_of_bounds`.
  [[nodiscard]] Result<Value> get(std::uint32_t index) const;
  /// Of an i32 a packed one keeps the lower bits. Errors: `object_out_of_bounds`,
  /// `field_immutable`, `wrong_value_type`.
  [[nodiscard]] Result<void> set(std::uint32_t index, const Value& value);

  // Elements of an array of numbers or vectors, as many as the bytes are, from `begin` on; of each
  // the lowest byte first. Past the end nothing is read or written. Errors: `object_out_of_bounds`;
  // `wrong_value_count` for a part of an element; `wrong_value_type` for structs and for
  // references.
  [[nodiscard]] Result<void> read(std::uint32_t begin, std::span<std::byte> out) const;
  /// Error: `field_immutable`.
  [[nodiscard]] Result<void> write(std::uint32_t begin, std::span<const std::byte> bytes);

 private:
  friend class Process;
  friend class Store;
  ObjectRef(const StoreObjects& objects, const Value& reference)
      : objects_(&objects), reference_(reference) {}
  [[nodiscard]] Result<Object*> find() const;

  const StoreObjects* objects_;
  Value reference_;
};

}  // namespace fermata
