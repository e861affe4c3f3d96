// `fermata disasm`: the register code of functions beside the WebAssembly that it came from.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "interp/lower/disassemble.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/engine_options.hpp"
#include "tools/fermata/input.hpp"

namespace fermata::tool {
namespace {

bool is_defined(const Module& module, std::uint32_t function) {
  return function < module.function_count() && !module.impl().is_imported(FuncIdx{function});
}

/// By index, else by name: an export's, or the one that the name section has.
std::optional<FuncIdx> find_function(const Module& module, std::string_view text) {
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  if (error == std::errc() && end == text.data() + text.size()) return FuncIdx{index};
  if (const auto exported = module.exported_function(text)) return exported;
  for (std::uint32_t i = 0; i < module.function_count(); ++i) {
    if (module.function_name(FuncIdx{i}) == text) return FuncIdx{i};
  }
  return std::nullopt;
}

class Disasm final : public Command {
 public:
  Description describe() const override {
    return {.name = "disasm",
            .operands = "FILE [FUNCTION]",
            .summary = "list the register code of a module's functions",
            .details =
                "Lists what the interpreter executes beside the WebAssembly that it was made of:\n"
                "the code of FUNCTION (an index or a name), or of every function in FILE.\n"
                "\n"
                "  fermata disasm program.wasm main\n"
                "  fermata disasm --fusion off program.wasm 17",
            .max_operands = 2};
  }

  std::vector<Option> options() override {
    auto rows = lowering_options(settings_);
    std::ranges::move(module_options(settings_), std::back_inserter(rows));
    return rows;
  }

  int run(std::span<const std::string_view> operands) override {
    const auto module = load_module(operands[0], settings_.module);
    if (!module) {
      complain(operands[0], module.error());
      return exit_failed;
    }
    TextSink out(max_text_size(module->impl().data.bytes.size()), [](std::string_view piece) {
      print(piece);
      return true;
    });
    if (operands.size() > 1) {
      if (!list_one(*module, operands[1], out)) return exit_failed;
    } else {
      list_all(*module, out);
    }
    const auto printed = out.finish();
    if (printed) return exit_ok;
    complain(operands[0], printed.error());
    return exit_failed;
  }

 private:
  [[nodiscard]] CodeMode mode() const {
    return {.fusion = settings_.execution.fusion,
            .debug = settings_.execution.lowering == Lowering::debug,
            .metered = settings_.execution.metering};
  }

  void list_all(const Module& module, TextSink& out) const {
    Disassembler disassembler(module, mode());
    for (std::uint32_t i = 0; i < module.function_count() && !out.full(); ++i) {
      if (is_defined(module, i)) disassembler.list(FuncIdx{i}, out);
    }
  }

  /// False, and the reason is on stderr, when there is no such function.
  bool list_one(const Module& module, std::string_view name, TextSink& out) const {
    const auto function = find_function(module, name);
    if (!function || function->value >= module.function_count()) {
      complain(fmt::format("there is no function '{}'", shortened(name)));
      return false;
    }
    if (!is_defined(module, function->value)) {
      complain(fmt::format("function '{}' is imported and has no code", shortened(name)));
      return false;
    }
    Disassembler(module, mode()).list(*function, out);
    return true;
  }

  EngineSettings settings_;
};

}  // namespace

std::unique_ptr<Command> make_disasm() { return std::make_unique<Disasm>(); }

}  // namespace fermata::tool
