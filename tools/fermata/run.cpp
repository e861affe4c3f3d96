// `fermata run`: runs a WASI command, or calls one exported function.
#include <fmt/format.h>

#include <algorithm>

#include "lib/module/module_impl.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/program.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {
namespace {

constexpr std::string_view initializer = "_initialize";  // of a WASI reactor

/// The function that is to run, with its arguments.
struct Entry {
  std::string name = "_start";
  std::vector<Value> arguments;
};

/// Whether the program may have several threads: one that spins must leave the others their turns.
/// Asks for no types, which may be long.
bool starts_threads(const Module& module) {
  return std::ranges::any_of(module.impl().data.imports, [](const Import& import) {
    return import.module == "wasi" && import.name == "thread-spawn";
  });
}

class Run final : public Command {
 public:
  Description describe() const override {
    return {
        .name = "run",
        .operands = "FILE [ARGUMENT...]",
        .summary = "run a WASI program, or call an exported function",
        .details =
            "Runs the program FILE (- for standard input) with these arguments; the exit code is "
            "the\n"
            "program's. With --invoke, calls an exported function instead, reads the arguments by\n"
            "the types of its parameters and prints its results, one a line. A trap is reported "
            "on\n"
            "stderr with a backtrace, exit code 134; 126 means that the program could not be run,\n"
            "124 that its fuel or its time was used up. With --checkpoint it is saved before it "
            "is\n"
            "stopped, and the exit code is 128 and the signal's number when one has stopped it, "
            "125\n"
            "when it could not be saved.\n"
            "\n"
            "  fermata run --dir .::/ --env LANG=C program.wasm --verbose input.txt\n"
            "  fermata run --invoke add math.wasm 2 -3\n"
            "  fermata run --checkpoint state --every 10s program.wasm",
        .operands_end_options = true};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = {
        directory_option(config_),
        {"--env", "NAME=VALUE", "set a variable of the guest's environment (may be repeated)",
         [this](std::string_view v) { return add_variable(v); }},
        {"--invoke", "FUNCTION", "call this exported function instead of _start",
         [this](std::string_view v) { return set_invoke(v); }},
        {"--random-seed", "NUMBER", "give the guest the same random numbers in every run",
         [this](std::string_view v) { return set_seed(v); }}};
    std::ranges::move(program_options(settings_), std::back_inserter(rows));
    for (auto more : {execution_options, lowering_options, module_options}) {
      std::ranges::move(more(settings_.engine), std::back_inserter(rows));
    }
    return rows;
  }

  int run(std::span<const std::string_view> operands) override {
    if (const auto wrong = settings_.complaint()) {
      complain(*wrong);
      return exit_usage;
    }
    const auto file = operands[0];
    const auto module = load_module(file, settings_.engine.module);
    if (!module) return not_run(file, module.error());
    if (starts_threads(*module)) settings_.engine.execution.metering = true;
    const auto entry = find_entry(*module, operands.subspan(1));
    if (!entry) return not_run(fmt::format("{}: {}", file, entry.error()));
    Program program(settings_);
    program.set_streams(config_);
    auto wasi = make_wasi(operands);
    if (!wasi) return not_run(wasi.error().message);
    auto process = Process::create(*module, wasi::Wasi::resolve, process_options(*entry));
    if (!process) return not_run(file, process.error());
    return program.run(*process, *wasi, {stored_path(file), settings_.engine.module.features, {}},
                       initialize(*module));
  }

 private:
  Complaint add_variable(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0)
      return fmt::format("'{}' is not NAME=VALUE", shortened(text));
    config_.environment.emplace_back(text);
    return std::nullopt;
  }

  Complaint set_invoke(std::string_view name) {
    invoke_ = name;
    return std::nullopt;
  }

  Complaint set_seed(std::string_view text) {
    config_.random_seed = parse_size(text);
    if (!config_.random_seed) return fmt::format("'{}' is not a number", shortened(text));
    return std::nullopt;
  }

  std::expected<Entry, std::string> find_entry(const Module& module,
                                               std::span<const std::string_view> words) const {
    if (!invoke_) return Entry{};
    const auto function = module.exported_function(*invoke_);
    if (!function) {
      return std::unexpected(
          fmt::format("there is no exported function '{}'", shortened(*invoke_)));
    }
    const auto& type = module.function_type(*function);
    if (words.size() != type.params.size()) {
      return std::unexpected(fmt::format("{} takes {} arguments, not {}: {}", shortened(*invoke_),
                                         type.params.size(), words.size(), to_string(type)));
    }
    Entry entry{std::string(*invoke_), {}};
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto value = parse_value(words[i], type.params[i]);
      if (!value) return std::unexpected(fmt::format("argument {}: {}", i + 1, value.error()));
      entry.arguments.push_back(*value);
    }
    return entry;
  }

  /// A function that is invoked has got its arguments already; a program gets them as strings.
  Result<wasi::Wasi> make_wasi(std::span<const std::string_view> operands) {
    const auto count = invoke_ ? 1 : operands.size();
    config_.arguments.assign(operands.begin(), operands.begin() + count);
    return wasi::Wasi::create(std::move(config_));
  }

  ProcessOptions process_options(const Entry& entry) const {
    ProcessOptions options;
    options.execution = settings_.engine.execution;
    options.allow_reexported_memory = true;  // as modules of wasi-threads need it
    options.entry = entry.name;
    options.arguments = entry.arguments;
    return options;
  }

  /// Of a reactor whose function is called.
  std::optional<FuncIdx> initialize(const Module& module) const {
    if (!invoke_ || *invoke_ == initializer) return std::nullopt;
    return module.exported_function(initializer);
  }

  /// Standard input cannot be found again.
  static std::string stored_path(std::string_view file) {
    return file == "-" ? std::string() : absolute_path(file);
  }

  ProgramSettings settings_;
  wasi::Config config_;
  std::optional<std::string> invoke_;
};

}  // namespace

std::unique_ptr<Command> make_run() { return std::make_unique<Run>(); }

}  // namespace fermata::tool
