// The atomic instructions, executed outside of the dispatchers.
//
// Only one guest thread of a store runs at a time, and no other can look at its memories meanwhile:
// an access is an ordinary one. Specification: threads proposal, "Atomic Memory Accesses".
#pragma once

#include "interp/exec/regs.hpp"

namespace fermata {

[[nodiscard]] Stop atomic_access(Regs& r) noexcept;
[[nodiscard]] Stop atomic_notify(Regs& r) noexcept;
[[nodiscard]] Stop atomic_wait(Regs& r) noexcept;

}  // namespace fermata
