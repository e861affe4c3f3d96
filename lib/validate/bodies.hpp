// The function bodies of a module, one after the other or by several OS threads at once.
//
// Functions are judged independently of each other: what they look at is complete before, and is
// only read. Owns how they are shared out, and which error is the module's: that of the first
// function that has one, as if they had been judged in their order.
#pragma once

#include "lib/validate/context.hpp"
#include "lib/validate/function_validator.hpp"

namespace fermata::validation {

/// Judges all bodies, and fills in `max_operand_slots` and `caught_slots`. `functions` is used
/// where they are not shared out. Precondition: the rest of the module is judged.
[[nodiscard]] Result<void> check_bodies(Context& context, FunctionValidator& functions,
                                        const ValidateOptions& options);

}  // namespace fermata::validation
