// The `fermata` command: the table of subcommands, `--help` and `--version`.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lib/module/quoted.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/host.hpp"
#include "tools/version.hpp"

namespace fermata::tool {
namespace {

constexpr std::array commands = {make_run,      make_resume,   make_replay,  make_snapshot,
                                 make_validate, make_dump,     make_extract, make_disasm,
                                 make_wat2wasm, make_wasm2wat, make_wast};

constexpr std::string_view general_help =
    "usage: fermata COMMAND [OPTIONS] OPERANDS\n"
    "\n"
    "commands:\n"
    "{}"
    "\n"
    "  fermata COMMAND --help    options and examples of a command\n"
    "  fermata --version         the version\n"
    "\n"
    "exit codes: 0 all went well, 1 a file was refused, 2 the command line is wrong;\n"
    "of `run` and `resume`: the guest's own, 124 it was stopped, 126 it could not be run,\n"
    "134 it trapped.\n";

std::string command_list() {
  std::string text;
  for (const auto make : commands) {
    const auto d = make()->describe();
    text += fmt::format("  {:<10}{}\n", d.name, d.summary);
  }
  return text;
}

int dispatch(std::span<const std::string_view> arguments) {
  if (arguments.empty()) return usage_error("", "a command is missing");
  const auto word = arguments[0];
  if (word == "--help" || word == "-h" || word == "help") {
    print(fmt::format(fmt::runtime(general_help), command_list()));
    return exit_ok;
  }
  if (word == "--version") {
    print(fmt::format("fermata {}\n", version));
    return exit_ok;
  }
  for (const auto make : commands) {
    const auto command = make();
    if (command->describe().name == word) return run_command(*command, arguments.subspan(1));
  }
  return usage_error("", fmt::format("unknown command '{}'", shortened(word)));
}

}  // namespace
}  // namespace fermata::tool

int main(int argc, char** argv) {
  using namespace fermata::tool;
  if (!prepare_streams()) return exit_failed;
  const std::vector<std::string_view> arguments(argv + std::min(argc, 1), argv + argc);
  return finish_printing(dispatch(arguments));
}
