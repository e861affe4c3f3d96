// The validator: the specification's judgement of a decoded module.
//
// Specification: "Validation". Split in two: the rules of the index spaces, types and segments
// (module_validator), and the algorithm over a function's operand and control stacks
// (function_validator, with the stack algorithm alone in operand_stack). Knows nothing of lowering.
#pragma once

#include "fermata/error.hpp"
#include "fermata/executor.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata {

struct ValidateOptions {
  /// Refuses with `unimplemented_feature` what the module's features allow and these lack. With all
  /// of them everything that the features allow is judged by its rules; what is not executable must
  /// not be run then.
  Features executable = Features::executable();
  /// Without it every instruction is judged by its own rule, which takes longer and must come to
  /// the same; for tests.
  bool plain_runs = true;
  /// See ModuleOptions.
  Executor* executor = nullptr;
  /// How many bytes of function bodies are worth being handed to an OS thread; less for tests.
  std::uint64_t share_bytes = std::uint64_t{1} << 16;
};

/// Judges `module` (its index spaces are filled in), and fills in `canonical` and
/// `max_operand_slots`. Errors: `invalid_module`, `feature_disabled`, `unimplemented_feature`,
/// `implementation_limit`; and `malformed_binary` for instruction bytes, which are decoded here
/// for the first time.
[[nodiscard]] Result<void> validate(ModuleImpl& module, const ValidateOptions& options = {});

}  // namespace fermata
