// InitialisedLocals: where in a function its locals without a default value have one.
//
// Such a local, of a non-nullable reference type, holds null until the function sets it; the
// validator lets nothing read it before. Takes space in proportion to the function. Specification:
// "Appendix / Validation Algorithm / Stacks" (set_local, reset_locals).
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/module/module_impl.hpp"

namespace fermata::snapshot {

class InitialisedLocals {
 public:
  InitialisedLocals(const ModuleImpl& module, FuncIdx function);
  /// Whether the local is set where the instruction at `offset` stands. Precondition: a local that
  /// is no parameter, of a non-nullable reference type.
  [[nodiscard]] bool contain(std::uint32_t local, std::uint32_t offset) const;

 private:
  void walk(const ModuleImpl& module, FuncIdx function, const std::vector<bool>& tracked);
  void end_until(std::size_t height, std::uint32_t offset);

  struct Set {
    std::uint32_t local = 0;
    std::uint32_t offset = 0;  // of the instruction
  };
  std::vector<Set> open_;
  std::vector<bool> is_set_;
  /// By local: it is set behind the first offset and up to the second, ascending.
  std::unordered_map<std::uint32_t, std::vector<std::pair<std::uint32_t, std::uint32_t>>> spans_;
};

}  // namespace fermata::snapshot
