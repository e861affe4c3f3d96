// `fermata run`: runs a WASI command, or calls one exported function.
#include <fmt/format.h>

#include <algorithm>

#include "interp/snapshot/module_hash.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/checkpoint/checkpoint.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/entry.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/program.hpp"
#include "tools/fermata/record/recorder.hpp"

namespace fermata::tool {
namespace {

constexpr std::string_view initializer = "_initialize";  // of a WASI reactor
constexpr std::string_view program_entry = "_start";     // of any other program

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
            "the types of its parameters and prints its results, one a line; behind them --invoke\n"
            "begins the next call in the same process. A trap is reported on\n"
            "stderr with a backtrace, exit code 134; 126 means that the program could not be run,\n"
            "124 that its fuel or its time was used up. With --checkpoint it is saved before it "
            "is\n"
            "stopped, and the exit code is 128 and the signal's number when one has stopped it, "
            "125\n"
            "when it could not be saved. With --record it is recorded.\n"
            "\n"
            "  fermata run --dir .::/ --env LANG=C program.wasm --verbose input.txt\n"
            "  fermata run --invoke add math.wasm 2 -3\n"
            "  fermata run --invoke set state.wasm 5 --invoke get\n"
            "  fermata run --checkpoint state --every 10s program.wasm\n"
            "  fermata run --record log program.wasm",
        .operands_end_options = true};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = directory_options(config_);
    std::ranges::move(world_options(), std::back_inserter(rows));
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
    if (record_ && !settings_.engine.execution.metering) {
      complain("option --metering: must be on for --record");
      return exit_usage;
    }
    const auto calls = calls_of(operands.subspan(1));
    if (!calls) return exit_usage;
    const auto file = operands[0];
    const auto module = load_module(file, settings_.engine.module);
    if (!module) return not_run(file, module.error());
    if (starts_threads(*module)) settings_.engine.execution.metering = true;
    if (!settings_.stubs.bind(file, *module)) return exit_not_run;
    if (record_) {
      if (const auto wrong = settings_.stubs.unrecordable()) {
        return not_run(fmt::format("{}: --record: {}", file, *wrong));
      }
    }
    auto entries = entries_of(*module, *calls);
    if (!entries) return not_run(fmt::format("{}: {}", file, entries.error()));
    Program program(settings_, host_folders(config_.directories));
    std::optional<Recorder> recorder;
    if (record_) recorder.emplace(*record_).watch_streams(config_);
    auto wasi = make_wasi(operands);
    if (!wasi) return not_run(wasi.error().message);
    auto process = Process::create(
        *module,
        recorder ? recorder->resolver(settings_.stubs.resolver()) : settings_.stubs.resolver(),
        process_options(*module, *entries));
    if (!process) return not_run(file, process.error());
    if (recorder) {
      const auto begun = recorder->begin(*process, log_header(*module, *entries, operands));
      if (!begun) return not_run(*record_, begun.error());
    }
    ProgramStart start{initialize(*module, *entries), {}};
    if (is_library(*module, *entries)) start.calls = *std::move(entries);
    return program.run(*process, *wasi, {stored_path(file), settings_.engine.module.features, {}},
                       start, recorder ? &*recorder : nullptr);
  }

 private:
  std::vector<Option> world_options() {
    return {
        {"--argv0", "NAME", "the program's name as it sees it; otherwise FILE",
         [this](std::string_view v) { return set_name(v); }},
        {"--env", "NAME=VALUE", "set a variable of the guest's environment (may be repeated)",
         [this](std::string_view v) { return add_variable(v); }},
        {"--invoke", "FUNCTION",
         "call this exported function instead of _start; also behind its\narguments, to call "
         "another one",
         [this](std::string_view v) { return set_invoke(v); }},
        {"--random-seed", "NUMBER", "give the guest the same random numbers in every run",
         [this](std::string_view v) { return set_seed(v); }},
        {"--record", "LOG",
         "write down all that the guest is told; 'fermata replay LOG'\nrepeats the run with that",
         [this](std::string_view v) { return set_record(v); }}};
  }

  Complaint add_variable(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0)
      return fmt::format("'{}' is not NAME=VALUE", shortened(text));
    config_.environment.emplace_back(text);
    return std::nullopt;
  }

  Complaint set_record(std::string_view path) {
    if (path.empty() || path == "-") return "must be the name of a file";
    record_ = path;
    settings_.engine.execution.metering = true;
    return std::nullopt;
  }

  Complaint set_name(std::string_view name) {
    name_ = name;
    return std::nullopt;
  }

  Complaint set_invoke(std::string_view name) {
    if (invoke_) return "is there already: further calls stand behind FILE and the arguments";
    invoke_ = name;
    return std::nullopt;
  }

  Complaint set_seed(std::string_view text) {
    config_.random_seed = parse_size(text);
    if (!config_.random_seed) return fmt::format("'{}' is not a number", shortened(text));
    return std::nullopt;
  }

  /// The functions to call, none of a program. Nothing, and it is on stderr why, when the command
  /// line is wrong.
  std::optional<std::vector<CallWords>> calls_of(std::span<const std::string_view> words) const {
    if (!invoke_) return std::vector<CallWords>();
    auto calls = split_calls(*invoke_, words);
    if (!calls) {
      complain("option --invoke needs FUNCTION");
      return std::nullopt;
    }
    const bool is_kept = record_ || settings_.checkpoint;
    if (calls->size() == 1 || !is_kept) return calls;
    complain(fmt::format("option {}: takes one --invoke, not {}",
                         record_ ? "--record" : "--checkpoint", calls->size()));
    return std::nullopt;
  }

  /// At least one. A program gets its arguments from WASI.
  static std::expected<std::vector<Entry>, std::string> entries_of(
      const Module& module, std::span<const CallWords> calls) {
    if (calls.empty()) return std::vector{Entry{}};
    std::vector<Entry> entries;
    for (const CallWords& call : calls) {
      auto entry = find_entry(module, call.function, call.arguments);
      if (!entry && calls.size() == 1) return std::unexpected(entry.error());
      if (!entry) {
        return std::unexpected(fmt::format("call {}: {}", entries.size() + 1, entry.error()));
      }
      entries.push_back(*std::move(entry));
    }
    return entries;
  }

  /// A function that is invoked has got its arguments already; a program gets them as strings.
  Result<wasi::Wasi> make_wasi(std::span<const std::string_view> operands) {
    const auto count = invoke_ ? 1 : operands.size();
    config_.arguments.assign(operands.begin(), operands.begin() + count);
    if (name_) config_.arguments[0] = *name_;
    return wasi::Wasi::create(std::move(config_));
  }

  /// Several functions are called in a process without a main thread. So is the one of a reactor
  /// with a start section, which runs before `_initialize`; logs and checkpoints know only main
  /// threads.
  bool is_library(const Module& module, std::span<const Entry> entries) const {
    if (entries.size() > 1) return true;
    const bool is_kept = record_ || settings_.checkpoint;
    return !is_kept && module.impl().data.start && initialize(module, entries);
  }

  /// One entry is the main thread's.
  ProcessOptions process_options(const Module& module, std::span<const Entry> entries) const {
    ProcessOptions options;
    options.execution = settings_.engine.execution;
    options.allow_reexported_memory = true;  // as modules of wasi-threads need it
    if (is_library(module, entries)) {
      options.entry = std::nullopt;
    } else {
      options.entry = entries[0].name;
      options.arguments = entries[0].arguments;
    }
    return options;
  }

  LogHeader log_header(const Module& module, std::span<const Entry> entries,
                       std::span<const std::string_view> operands) const {
    LogHeader header;
    header.module = stored_path(operands[0]);
    header.hash = snapshot::hash_of(module.impl());
    header.features = names_of(settings_.engine.module.features);
    header.entry = entries[0].name;
    if (invoke_) header.arguments.assign(operands.begin() + 1, operands.end());
    if (const auto function = initialize(module, entries)) header.initialize = function->value;
    header.canonical_nan = settings_.engine.execution.canonical_nan;
    header.max_fuel = settings_.limits.fuel;
    const ExecutionOptions& limits = settings_.engine.execution;
    header.max_bytes = limits.max_bytes;
    header.max_stack_bytes = limits.max_stack_bytes;
    header.max_memory_pages = limits.max_memory_pages;
    header.max_heap_bytes = limits.max_heap_bytes;
    header.max_table_elements = limits.max_table_elements;
    return header;
  }

  /// Of a reactor whose functions are called, unless these are what it begins with.
  std::optional<FuncIdx> initialize(const Module& module, std::span<const Entry> entries) const {
    const bool begins_itself = std::ranges::any_of(entries, [](const Entry& entry) {
      return entry.name == initializer || entry.name == program_entry;
    });
    if (!invoke_ || begins_itself) return std::nullopt;
    const auto function = module.exported_function(initializer);
    if (!function) return std::nullopt;
    const FuncType& type = module.function_type(*function);
    return type.params.empty() && type.results.empty() ? function : std::nullopt;
  }

  /// Standard input cannot be found again.
  static std::string stored_path(std::string_view file) {
    return file == "-" ? std::string() : absolute_path(file);
  }

  ProgramSettings settings_;
  wasi::Config config_;
  std::optional<std::string> name_;
  std::optional<std::string> invoke_;
  std::optional<std::string> record_;
};

}  // namespace

std::unique_ptr<Command> make_run() { return std::make_unique<Run>(); }

}  // namespace fermata::tool
