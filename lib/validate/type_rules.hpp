// The rules of the type section: well-formed groups, supertypes, declared subtyping.
//
// Judges types in the order of their definition and makes the module's canonical types on the way,
// because subtyping is decided on them. Specification: "Validation / Types".
#pragma once

#include "lib/validate/context.hpp"

namespace fermata::validation {

/// Judges all types; fills in `module.canonical` and `context.types`.
[[nodiscard]] Result<void> check_types(Context& context);

}  // namespace fermata::validation
