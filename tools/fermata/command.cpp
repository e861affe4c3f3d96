// How a subcommand's arguments are read. See command.hpp.
#include "tools/fermata/command.hpp"

#include <fmt/format.h>

#include "lib/module/quoted.hpp"
#include "tools/fermata/console.hpp"

namespace fermata::tool {
namespace {

std::string command_help(Command& command) {
  const auto d = command.describe();
  const auto options = command.options();
  return fmt::format("usage: fermata {} [OPTIONS] {}\n\n{}\n\noptions:\n{}", d.name, d.operands,
                     d.details, describe_options(options));
}

}  // namespace

int usage_error(std::string_view command, std::string_view message) {
  complain(message);
  complain(fmt::format("'fermata {}--help' says how it goes", command));
  return exit_usage;
}

int run_command(Command& command, std::span<const std::string_view> arguments) {
  const auto d = command.describe();
  const auto name = fmt::format("{} ", d.name);
  const auto options = command.options();
  const auto line = parse_command_line(arguments, options, d.operands_end_options);
  if (!line) return usage_error(name, line.error());
  if (line->help) {
    print(command_help(command));
    return exit_ok;
  }
  const auto count = line->operands.size();
  if (count < d.min_operands) return usage_error(name, "FILE is missing");
  if (count > d.max_operands) {
    return usage_error(name, fmt::format("'{}' is too much: only {} can be given",
                                         shortened(line->operands[d.max_operands]), d.operands));
  }
  return command.run(line->operands);
}

}  // namespace fermata::tool
