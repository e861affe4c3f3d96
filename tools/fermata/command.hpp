// Command: what main needs of a subcommand, and the exit codes that they share.
//
// Owns the shape of a subcommand; its options are rows (option.hpp) from which both the parser and
// `--help` are made. A new subcommand is one file and one row in main.cpp.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/fermata/option.hpp"

namespace fermata::tool {

/// Exit codes. `fermata run` gives the guest's own where the guest ended itself.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed = 1,       ///< a file cannot be read, is malformed, or is refused
  exit_usage = 2,        ///< the command line is wrong
  exit_diverged = 123,   ///< `replay`: the program did something else than the log has
  exit_stopped = 124,    ///< `run`: its fuel or its time was used up; what `timeout` gives
  exit_not_saved = 125,  ///< `run`: likewise, and the checkpoint could not be written
  exit_not_run = 126,    ///< `run`: as exit_failed; the guest has not run
  exit_trapped =
      134,  ///< `run`: the guest trapped or waits for ever; what a shell shows for a native abort
  exit_signalled = 128,  ///< `run`: and the signal's number: it was saved and stopped by that
};

struct Description {
  std::string_view name;
  std::string_view operands;     ///< as the synopsis shows them, e.g. "FILE..."; FILE comes first
  std::string_view summary;      ///< one line, for the list of commands
  std::string_view details;      ///< for the command's own --help
  std::size_t min_operands = 1;  ///< 0 or 1
  std::size_t max_operands = SIZE_MAX;
  /// Everything after the first operand is an operand, even if it looks like an option.
  bool operands_end_options = false;
};

class Command {
 public:
  virtual ~Command() = default;
  [[nodiscard]] virtual Description describe() const = 0;
  /// The rows set members of this command.
  [[nodiscard]] virtual std::vector<Option> options() = 0;
  /// Returns the exit code. Precondition: the number of operands is as described.
  [[nodiscard]] virtual int run(std::span<const std::string_view> operands) = 0;
};

/// Reads the arguments behind the subcommand's name, and runs it; returns the exit code.
[[nodiscard]] int run_command(Command& command, std::span<const std::string_view> arguments);

/// Says what is wrong with the arguments, and where help is: `command` is the subcommand's name and
/// a space, or empty.
[[nodiscard]] int usage_error(std::string_view command, std::string_view message);

[[nodiscard]] std::unique_ptr<Command> make_run();
[[nodiscard]] std::unique_ptr<Command> make_resume();
[[nodiscard]] std::unique_ptr<Command> make_replay();
[[nodiscard]] std::unique_ptr<Command> make_snapshot();
[[nodiscard]] std::unique_ptr<Command> make_validate();
[[nodiscard]] std::unique_ptr<Command> make_dump();
[[nodiscard]] std::unique_ptr<Command> make_extract();
[[nodiscard]] std::unique_ptr<Command> make_disasm();
[[nodiscard]] std::unique_ptr<Command> make_wat2wasm();
[[nodiscard]] std::unique_ptr<Command> make_wasm2wat();
[[nodiscard]] std::unique_ptr<Command> make_wast();

}  // namespace fermata::tool
