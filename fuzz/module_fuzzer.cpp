// Fuzz target: Module::load over arbitrary bytes, and every question that a module answers.
//
// Beyond not crashing: a module that is refused says why and where, and the same when each of its
// instructions is judged alone; one that loads has functions that lower in every mode (nothing is
// run). Seeds: any .wasm files.
#include <cstdint>
#include <span>
#include <utility>

#include "fermata/module.hpp"
#include "fuzz/check.hpp"
#include "interp/lower/disassemble.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/validate/validate.hpp"

namespace {

using namespace fermata;

constexpr std::size_t most_lowered = 20000;  // bytes of a module whose functions are all lowered

void ask(const Module& module) {
  for (const ImportType& import : module.imports()) static_cast<void>(import.name.size());
  for (const ExportType& exported : module.exports()) static_cast<void>(exported.name.size());
  static_cast<void>(module.custom_sections());
  for (std::uint32_t i = 0; i < module.function_count(); ++i) {
    static_cast<void>(module.function_type(FuncIdx{i}));
    static_cast<void>(module.function_name(FuncIdx{i}));
  }
}

void lower(const Module& module) {
  for (const bool fusion : {false, true}) {
    for (const bool debug : {false, true}) {
      for (std::uint32_t i = module.impl().imported_funcs; i < module.function_count(); ++i) {
        const CodeMode mode{.fusion = fusion, .debug = debug};
        check(!disassemble(module, FuncIdx{i}, mode).empty(), "a function has code");
      }
    }
  }
}

/// The verdict of the instructions' own rules, without PlainRun.
void judge_one_by_one(std::span<const std::uint8_t> bytes, Features features,
                      const Result<Module>& loaded) {
  auto data = decode({bytes.begin(), bytes.end()}, features);
  if (!data) return;
  const auto module = make_module(std::move(*data), features, {.plain_runs = false});
  check(module.has_value() == loaded.has_value(), "the verdicts are the same");
  if (module) {
    check(module->impl().max_operand_slots == loaded->impl().max_operand_slots,
          "the slots of operands are the same");
  } else {
    check(to_string(module.error()) == to_string(loaded.error()), "the errors are the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Everything that can be decoded first: most rules of the validator are about proposals.
  for (const Features features : {Features::all(), Features::executable(), Features::mvp()}) {
    const auto module = Module::load(std::span(data, size), {.features = features});
    judge_one_by_one(std::span(data, size), features, module);
    if (!module) {
      check(!module.error().message.empty(), "an error has a message");
      check(module.error().phase == Phase::malformed || module.error().phase == Phase::invalid,
            "loading says malformed or invalid");
      continue;
    }
    ask(*module);
    if (features == Features::executable() && size <= most_lowered) lower(*module);
  }
  return 0;
}
