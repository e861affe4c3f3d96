// Tag: a tag instance, and what the exceptions that are thrown with it look like in the heap.
// Specification: "Execution / Runtime Structure / Tag Instances" and "Exception Instances".
#pragma once

#include "interp/runtime/object.hpp"

namespace fermata {

/// An exception is an object of the tag's type: identity and layout in one.
struct Tag : ObjectType {
  /// `signature` has no results; it and `types`, which say what concrete types in it are, outlive
  /// the tag.
  Tag(const FuncType& of, TypeId canonical, const CanonicalTypes& types);

  const FuncType* signature;
  const CanonicalTypes* types;
};

/// Precondition: an exception.
[[nodiscard]] inline const Tag& tag_of(const Object& exception) noexcept {
  return static_cast<const Tag&>(exception.type());
}

}  // namespace fermata
