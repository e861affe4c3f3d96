// Listings of register code beside the WebAssembly that it came from, for `fermata disasm` and the
// golden tests of the lowering.
#pragma once

#include <string>

#include "fermata/module.hpp"
#include "interp/lower/code.hpp"
#include "interp/lower/lowerer.hpp"
#include "lib/module/text_sink.hpp"

namespace fermata {

/// Keeps its buffers from one function to the next. The module outlives it.
class Disassembler {
 public:
  Disassembler(const Module& module, CodeMode mode);

  /// Writes the listing to `out` while it is made, and stops where that is full. Precondition: a
  /// defined function of the module.
  void list(FuncIdx function, TextSink& out);

 private:
  const ModuleImpl& module_;
  Lowerer lowerer_;
};

/// The listing of one function, cut off after `max_text_size`.
[[nodiscard]] std::string disassemble(const Module& module, FuncIdx function, CodeMode mode);

}  // namespace fermata
