// memory.fill and memory.copy, which may take long: in metered code in pieces, between which a
// thread may pause. What is left to be done is then in the operands' slots, so the paused frame is
// one of WebAssembly's.
#pragma once

#include "interp/exec/regs.hpp"

namespace fermata {

[[nodiscard]] Stop memory_fill(Regs& r) noexcept;
[[nodiscard]] Stop memory_copy(Regs& r) noexcept;

}  // namespace fermata
