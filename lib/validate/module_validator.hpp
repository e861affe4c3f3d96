// The rules of a module's sections apart from types and function bodies: imports, tables, memories,
// globals, tags, exports, the start function and segments.
//
// Knows the index spaces, and FunctionValidator for constant expressions. Specification:
// "Validation / Modules".
#pragma once

#include "lib/validate/context.hpp"
#include "lib/validate/function_validator.hpp"

namespace fermata::validation {

/// Judges everything but types (judged before) and bodies (judged after). Declares the functions
/// that bodies may reference.
[[nodiscard]] Result<void> check_module(Context& context, FunctionValidator& functions);

}  // namespace fermata::validation
