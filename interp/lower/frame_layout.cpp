// Computes frame layouts from function types and local declarations.
#include "interp/lower/frame_layout.hpp"

#include <algorithm>

namespace fermata {

namespace {

std::uint32_t slots_of(const ResultType& types) {
  std::uint32_t slots = 0;
  for (const ValType type : types) slots += type.slots();
  return slots;
}

}  // namespace

FrameSizes frame_sizes(const ModuleImpl& module, FuncIdx function) {
  const FuncType& type = module.func_type(function);
  FrameSizes sizes;
  const std::uint32_t results = slots_of(type.results);
  sizes.header = std::max(slots_of(type.params), results > 1 ? results : 0);
  for (const LocalRun& run : module.locals(function)) {
    sizes.zeroed += run.count * run.type.slots();
  }
  sizes.first_operand = sizes.header + header_slots + sizes.zeroed;
  sizes.total =
      sizes.first_operand + module.max_operand_slots[function.value - module.imported_funcs];
  return sizes;
}

void FrameLayout::assign(const ModuleImpl& module, FuncIdx function) {
  sizes = frame_sizes(module, function);
  local_slots.clear();
  local_types.clear();
  std::uint32_t slot = 0;
  const auto add = [&](ValType type) {
    local_slots.push_back(slot);
    local_types.push_back(type);
    slot += type.slots();
  };
  for (const ValType type : module.func_type(function).params) add(type);
  slot = sizes.header + header_slots;
  for (const LocalRun& run : module.locals(function)) {
    for (std::uint32_t i = 0; i < run.count; ++i) add(run.type);
  }
}

}  // namespace fermata
