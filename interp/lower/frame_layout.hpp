// FrameLayout: which slot of a function's frame is what.
//
//   | parameters, or results if more | return pc | locals | caught | operands |
//
// A single result goes straight to where the call instruction says; several are left at the frame's
// begin, which is where the caller's operand stack wants them.
//
// The one place that knows; the lowering, the call instructions (through FuncCode) and the reader
// of paused frames follow it.
#pragma once

#include <cstdint>
#include <vector>

#include "interp/lower/code.hpp"

namespace fermata {

/// The numbers alone, cheap to compute for every function of a module.
struct FrameSizes {
  std::uint32_t header = 0;  ///< slot of the return pc
  std::uint32_t zeroed = 0;  ///< slots of the locals, parameters not included, and of `caught`
  std::uint32_t caught = 0;  ///< first slot of the exceptions that catch and catch_all have caught
  std::uint32_t caught_slots = 0;   ///< one for each of these around an instruction
  std::uint32_t first_operand = 0;  ///< slot of the operand stack's bottom
  std::uint32_t total = 0;
};
[[nodiscard]] FrameSizes frame_sizes(const ModuleImpl& module, FuncIdx function);

/// With every local's slot and type, parameters included. Reusable: `assign` keeps the vectors'
/// memory.
///
/// A declaration of 50,000 locals takes four bytes of a module, so only the first few locals are
/// laid out; the others stay runs of one type.
class FrameLayout {
 public:
  FrameSizes sizes;

  void assign(const ModuleImpl& module, FuncIdx function);

  [[nodiscard]] std::uint32_t local_count() const { return local_count_; }
  // Precondition of both: `local < local_count()`.
  [[nodiscard]] std::uint32_t local_slot(std::uint32_t local) const { return at(local).slot; }
  [[nodiscard]] ValType local_type(std::uint32_t local) const { return at(local).type; }

 private:
  static constexpr std::uint32_t max_laid_out = 256;
  struct Local {
    std::uint32_t slot = 0;
    ValType type;
  };
  struct Run {
    std::uint32_t first = 0;  // local
    Local local;              // the first one
  };

  void add(std::uint32_t count, ValType type, std::uint32_t slot);
  [[nodiscard]] Local at(std::uint32_t local) const {
    return local < laid_out_.size() ? laid_out_[local] : search(local);
  }
  [[nodiscard]] Local search(std::uint32_t local) const;

  std::uint32_t local_count_ = 0;
  std::vector<Local> laid_out_;
  std::vector<Run> runs_;  // of the locals behind those
};

}  // namespace fermata
