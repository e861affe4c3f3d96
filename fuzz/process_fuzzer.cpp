// Fuzz target: the life of a process over arbitrary bytes: link, pause, run, answer, look, reset.
//
// The first bytes are the embedder's: options and answers (process_life.hpp). The rest is a module;
// it is metered when a function has a loop or calls one of the module's own functions, since
// nothing else bounds a run then. Beyond not crashing: what a paused process says about itself fits
// together. Seeds: .wasm files with `header_bytes` bytes in front.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuzz/process_life.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "lib/module/module_impl.hpp"

namespace {

using namespace fermata;

bool is_bounded(const Module& module, const FuncDef& function) {
  const ModuleImpl& impl = module.impl();
  InstructionReader reader(impl.data.bytes, function.body, impl.features);
  Instruction in;
  while (reader.next(in)) {
    if (in.op == WasmOp::loop || in.op == WasmOp::call_indirect) return false;
    if (in.op == WasmOp::call && !impl.is_imported(FuncIdx{in.index})) return false;
  }
  return true;
}

bool is_bounded(const Module& module) {
  for (const FuncDef& function : module.impl().data.functions) {
    if (!is_bounded(module, function)) return false;
  }
  return true;
}

/// The embedder enters by any exported function without parameters.
std::string entry_of(const Module& module, std::uint8_t number) {
  std::vector<std::string> names;
  for (const ExportType& exported : module.exports()) {
    const auto* type = std::get_if<FuncType>(&exported.type);
    if (type != nullptr && type->params.empty()) names.emplace_back(exported.name);
  }
  return names.empty() ? "_start" : names[number % names.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < fuzz::header_bytes) return -1;
  const std::span header(data, fuzz::header_bytes);
  const auto module = Module::load(std::span(data, size).subspan(fuzz::header_bytes));
  if (!module) return 0;
  const bool metered = (header[0] & 32) != 0 || !is_bounded(*module);
  fuzz::live(*module, header, entry_of(*module, header[1]), metered);
  return 0;
}
