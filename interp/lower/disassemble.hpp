// Listings of register code beside the WebAssembly that it came from, for `fermata disasm` and the
// golden tests of the lowering.
#pragma once

#include <string>

#include "fermata/module.hpp"
#include "interp/runtime/code.hpp"

namespace fermata {

/// Precondition: a defined function of the module.
[[nodiscard]] std::string disassemble(const Module& module, FuncIdx function, CodeMode mode);

}  // namespace fermata
