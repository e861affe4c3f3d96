// Object words: references to objects in words that mean the same in every run of a module.
//
// An address says nothing, so an object is told by its type and what it holds, as deep as is asked.
#pragma once

#include <functional>
#include <string>

#include "fermata/value.hpp"
#include "interp/runtime/object.hpp"

namespace fermata::test {

/// Tells numbers, vectors and references to functions.
using OtherWords = std::function<std::string(const Value&)>;

/// The reference is null or to what is there, of a type of the module. At depth 0 an object is told
/// without what it holds.
[[nodiscard]] std::string object_words(const ModuleImpl& module, Slot reference,
                                       const OtherWords& others, int depth = 2);

}  // namespace fermata::test
