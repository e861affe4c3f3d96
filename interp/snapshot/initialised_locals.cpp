#include "interp/snapshot/initialised_locals.hpp"

#include <algorithm>
#include <iterator>

#include "lib/binary/instruction_reader.hpp"

namespace fermata::snapshot {

InitialisedLocals::InitialisedLocals(const ModuleImpl& module, FuncIdx function) {
  std::vector<bool> tracked(module.func_type(function).params.size());
  bool any = false;
  for (const LocalRun& run : module.locals(function)) {
    const bool has_default = !run.type.is_ref() || run.type.nullable;
    tracked.insert(tracked.end(), run.count, !has_default);
    any |= !has_default && run.count != 0;
  }
  if (any) walk(module, function, tracked);
}

void InitialisedLocals::walk(const ModuleImpl& module, FuncIdx function,
                             const std::vector<bool>& tracked) {
  is_set_.resize(tracked.size());
  std::vector<std::size_t> heights{0};  // of open_, by block
  InstructionReader reader(module.data.bytes, module.definition(function).body, module.features);
  Instruction in;
  while (!heights.empty() && reader.next(in)) {
    if (opens_block(in.op)) {
      heights.push_back(open_.size());
    } else if (divides_block(in.op)) {
      end_until(heights.back(), in.offset);
    } else if (closes_block(in.op)) {
      end_until(heights.back(), in.offset);
      heights.pop_back();
    } else if ((in.op == WasmOp::local_set || in.op == WasmOp::local_tee) && tracked[in.index] &&
               !is_set_[in.index]) {
      is_set_[in.index] = true;
      open_.push_back({in.index, in.offset});
    }
  }
}

void InitialisedLocals::end_until(std::size_t height, std::uint32_t offset) {
  for (; open_.size() > height; open_.pop_back()) {
    const auto [local, begin] = open_.back();
    is_set_[local] = false;
    spans_[local].emplace_back(begin, offset);
  }
}

bool InitialisedLocals::contain(std::uint32_t local, std::uint32_t offset) const {
  const auto found = spans_.find(local);
  if (found == spans_.end()) return false;
  const auto after = std::ranges::lower_bound(found->second, offset, {},
                                              [](const auto& span) { return span.first; });
  return after != found->second.begin() && offset <= std::prev(after)->second;
}

}  // namespace fermata::snapshot
