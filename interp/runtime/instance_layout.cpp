// InstanceLayout: one pass over a module's element segments and globals.

#include "interp/runtime/instance_layout.hpp"

#include <memory>

#include "lib/binary/instruction_reader.hpp"

namespace fermata {

InstanceLayout::InstanceLayout(const ModuleImpl& module) {
  const std::span<const std::uint8_t> bytes = module.data.bytes;
  Instruction instruction;
  for (const ElemSegment& segment : module.data.elems) {
    if (const auto* functions = std::get_if<std::vector<FuncIdx>>(&segment.items)) {
      for (const FuncIdx function : *functions) list(module, function);
      continue;
    }
    for (const ConstExpr& item : std::get<std::vector<ConstExpr>>(segment.items)) {
      InstructionReader reader(bytes, item.code, module.features);
      if (reader.next(instruction) && instruction.op == WasmOp::ref_func) {
        list(module, FuncIdx{instruction.index});
      }
    }
  }
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    if (places_[i] == not_listed) continue;
    places_[i] = static_cast<std::uint32_t>(listed_.size());
    listed_.push_back(i);
  }

  std::uint32_t slot = 0;
  global_slots_.reserve(module.data.globals.size() + 1);
  for (const GlobalDef& global : module.data.globals) {
    global_slots_.push_back(slot);
    slot += global.type.value.slots();
  }
  global_slots_.push_back(slot);
}

void InstanceLayout::list(const ModuleImpl& module, FuncIdx function) {
  if (module.is_imported(function)) return;
  if (places_.empty()) places_.resize(module.func_types.size(), not_listed);
  places_[function.value] = 0;
}

const InstanceLayout& InstanceLayout::of(const ModuleImpl& module) {
  return static_cast<const InstanceLayout&>(module.attachments.get_or_make(
      AttachmentKey::instance_layout,
      [&module] { return std::make_unique<InstanceLayout>(module); }));
}

}  // namespace fermata
