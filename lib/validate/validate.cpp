// The order in which a module is judged: types, sections, then function bodies.
#include "lib/validate/validate.hpp"

#include "lib/validate/context.hpp"
#include "lib/validate/function_validator.hpp"
#include "lib/validate/module_validator.hpp"
#include "lib/validate/type_rules.hpp"

namespace fermata {
namespace {

Result<void> check_bodies(ModuleImpl& module, validation::FunctionValidator& functions) {
  const auto count = static_cast<std::uint32_t>(module.data.functions.size());
  module.max_operand_slots.clear();
  module.caught_slots.clear();
  module.max_operand_slots.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const FuncIdx function{module.imported_funcs + i};
    auto slots = functions.check_body(function);
    if (!slots) {
      slots.error().function = function;
      return std::unexpected(std::move(slots.error()));
    }
    module.max_operand_slots.push_back(*slots);
    if (functions.most_caught() != 0) module.caught_slots.emplace(i, functions.most_caught());
  }
  return {};
}

}  // namespace

Result<void> validate(ModuleImpl& module, const ValidateOptions& options) {
  validation::Context context(module, options);
  if (auto ok = validation::check_types(context); !ok) return ok;
  validation::FunctionValidator functions(context, options);
  if (auto ok = validation::check_module(context, functions); !ok) return ok;
  return check_bodies(module, functions);
}

}  // namespace fermata
