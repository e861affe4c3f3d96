// The order in which a module is judged: types, sections, then function bodies.
#include "lib/validate/validate.hpp"

#include "lib/validate/bodies.hpp"
#include "lib/validate/context.hpp"
#include "lib/validate/function_validator.hpp"
#include "lib/validate/module_validator.hpp"
#include "lib/validate/type_rules.hpp"

namespace fermata {

Result<void> validate(ModuleImpl& module, const ValidateOptions& options) {
  validation::Context context(module, options);
  if (auto ok = validation::check_types(context); !ok) return ok;
  validation::FunctionValidator functions(context, options);
  if (auto ok = validation::check_module(context, functions); !ok) return ok;
  return validation::check_bodies(context, functions, options);
}

}  // namespace fermata
