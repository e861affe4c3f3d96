// `fermata validate`: decodes and validates modules, and says what is wrong with them.
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/engine_options.hpp"
#include "tools/fermata/input.hpp"

namespace fermata::tool {
namespace {

class Validate final : public Command {
 public:
  Description describe() const override {
    return {.name = "validate",
            .operands = "FILE...",
            .summary = "check that modules are well-formed and valid",
            .details =
                "Prints nothing for a module that is valid, and one line on stderr for one that\n"
                "is not. FILE may be - for standard input. Exit code 0 when all are valid, 1\n"
                "when one is not or cannot be read.\n"
                "\n"
                "  fermata validate a.wasm b.wasm\n"
                "  fermata validate --features mvp old.wasm"};
  }

  std::vector<Option> options() override { return module_options(settings_); }

  int run(std::span<const std::string_view> files) override {
    int code = exit_ok;
    for (const auto file : files) {
      const auto module = load_module(file, settings_.module);
      if (module) continue;
      complain(file, module.error());
      code = exit_failed;
    }
    return code;
  }

 private:
  EngineSettings settings_;
};

}  // namespace

std::unique_ptr<Command> make_validate() { return std::make_unique<Validate>(); }

}  // namespace fermata::tool
