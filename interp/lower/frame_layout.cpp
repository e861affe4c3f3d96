// Computes frame layouts from function types and local declarations.
#include "interp/lower/frame_layout.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace fermata {

FrameSizes frame_sizes(const ModuleImpl& module, FuncIdx function) {
  const FuncType& type = module.func_type(function);
  FrameSizes sizes;
  const std::uint32_t results = slots_of(type.results);
  sizes.header = std::max(slots_of(type.params), results > 1 ? results : 0);
  for (const LocalRun& run : module.locals(function)) {
    sizes.zeroed += run.count * run.type.slots();
  }
  sizes.caught = sizes.header + header_slots + sizes.zeroed;
  const std::uint32_t defined = function.value - module.imported_funcs;
  const auto caught = module.caught_slots.find(defined);
  if (caught != module.caught_slots.end()) sizes.caught_slots = caught->second;
  sizes.zeroed += sizes.caught_slots;
  sizes.first_operand = sizes.header + header_slots + sizes.zeroed;
  sizes.total = sizes.first_operand + module.max_operand_slots[defined];
  return sizes;
}

void FrameLayout::assign(const ModuleImpl& module, FuncIdx function) {
  sizes = frame_sizes(module, function);
  local_count_ = 0;
  laid_out_.clear();
  runs_.clear();
  std::uint32_t slot = 0;
  for (const ValType type : module.func_type(function).params) {
    add(1, type, slot);
    slot += type.slots();
  }
  slot = sizes.header + header_slots;
  for (const LocalRun& run : module.locals(function)) {
    add(run.count, run.type, slot);
    slot += run.count * run.type.slots();
  }
}

void FrameLayout::add(std::uint32_t count, ValType type, std::uint32_t slot) {
  std::uint32_t i = 0;
  for (; i < count && laid_out_.size() < max_laid_out; ++i) {
    laid_out_.push_back({slot + i * type.slots(), type});
  }
  if (i < count) runs_.push_back({local_count_ + i, {slot + i * type.slots(), type}});
  local_count_ += count;
}

FrameLayout::Local FrameLayout::search(std::uint32_t local) const {
  const auto next = std::ranges::upper_bound(runs_, local, {}, &Run::first);
  assert(next != runs_.begin());
  const auto& [first, begin] = *std::prev(next);
  return {begin.slot + (local - first) * begin.type.slots(), begin.type};
}

}  // namespace fermata
