// FrameLayout: which slot of a function's frame is what.
//
//   | parameters, or results if more | return pc | locals | operands |
//
// A single result goes straight to where the call instruction says; several are left at the frame's
// begin, which is where the caller's operand stack wants them.
//
// The one place that knows; the lowering, the call instructions (through FuncCode) and the reader
// of paused frames follow it.
#pragma once

#include <cstdint>
#include <vector>

#include "interp/runtime/code.hpp"

namespace fermata {

/// The numbers alone, cheap to compute for every function of a module.
struct FrameSizes {
  std::uint32_t header = 0;         ///< slot of the return pc
  std::uint32_t zeroed = 0;         ///< slots of the locals, parameters not included
  std::uint32_t first_operand = 0;  ///< slot of the operand stack's bottom
  std::uint32_t total = 0;
};
[[nodiscard]] FrameSizes frame_sizes(const ModuleImpl& module, FuncIdx function);

/// With every local's slot and type. Reusable: `assign` keeps the vectors' memory.
struct FrameLayout {
  FrameSizes sizes;
  std::vector<std::uint32_t> local_slots;
  std::vector<ValType> local_types;

  void assign(const ModuleImpl& module, FuncIdx function);
};

}  // namespace fermata
