// `fermata replay`: repeats a run that was recorded, as far as is wanted.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "interp/snapshot/module_hash.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/checkpoint/checkpoint.hpp"
#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/entry.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/program.hpp"
#include "tools/fermata/record/player.hpp"

namespace fermata::tool {
namespace {

class Replay final : public Command {
 public:
  Replay() { settings_.execution.metering = true; }

  Description describe() const override {
    return {
        .name = "replay",
        .operands = "LOG [MODULE]",
        .summary = "repeat a run that was recorded",
        .details =
            "Repeats the run that `run --record LOG` has recorded, with what the log says and\n"
            "nothing else of the world: the program computes the same, prints the same, ends in\n"
            "the same way. The module is the one that was run, or MODULE; it must be the same.\n"
            "With --to it goes to where `run --fuel` would have stopped; --snapshot saves what "
            "the\n"
            "program is there, or at its end. What a log does not have, because it was cut off, "
            "is\n"
            "not repeated.\n"
            "Exit codes are those of the run; 0 when --to was reached and 1 when the program ends\n"
            "before; 123 when it does not do what the log says; 124 when the log ends before the\n"
            "program; 126 when the log or the module cannot be used.\n"
            "\n"
            "  fermata run --record log program.wasm\n"
            "  fermata replay --calls log\n"
            "  fermata replay --to 5M --snapshot state log",
        .max_operands = 2};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = {
        {"--to", "UNITS", "go until so much fuel is used (docs/fuel.md), e.g. 100M",
         [this](std::string_view v) { return set_to(v); }},
        {"--snapshot", "FILE", "save what the program is there or at its end",
         [this](std::string_view v) { return set_snapshot(v); }},
        {"--quiet", "", "do not print what the program prints",
         [this](std::string_view) { return set(quiet_); }},
        {"--calls", "", "say on stderr which calls the program makes",
         [this](std::string_view) { return set(calls_); }},
        {"--show-fuel", "", "say at the end how much fuel was used",
         [this](std::string_view) { return set(show_fuel_); }},
        {"--any-module", "", "take another module, to see where it does something else",
         [this](std::string_view) { return set(any_module_); }},
        sandbox_option(sandbox_)};
    std::ranges::move(execution_options(settings_), std::back_inserter(rows));
    for (Option& option : lowering_options(settings_)) {
      const bool is_free = option.name != "--metering" && option.name != "--canonical-nan";
      if (is_free) rows.push_back(std::move(option));
    }
    return rows;
  }

  int run(std::span<const std::string_view> operands) override {
    if (const auto wrong = sandbox_complaint(sandbox_)) {
      complain(*wrong);
      return exit_usage;
    }
    const std::string_view file = operands[0];
    const auto source = FileSource::open(std::string(file));
    if (!source) return not_run(file, source.error());
    LogReader log(**source);
    const auto header = log.header();
    if (!header) return not_run(file, header.error());
    const auto features = features_of(header->features);
    if (!features) return not_run(fmt::format("{}: needs a feature of a later version", file));
    if (const auto wrong = set_limits(*header)) {
      return not_run(fmt::format("{}: {}", file, *wrong));
    }
    settings_.module.features = *features;
    state_ = {operands.size() > 1 ? std::string(operands[1]) : header->module, *features, {}};
    if (state_.module.empty()) {
      return not_run(fmt::format("{}: does not say where its module is: name it behind", file));
    }
    const auto module = load_module(state_.module, settings_.module);
    if (!module) return not_run(state_.module, module.error());
    if (!any_module_ && snapshot::hash_of(module->impl()) != header->hash) {
      return not_run(fmt::format("{}: the log is of a module with another hash", state_.module));
    }
    return replay(file, log, *header, *module);
  }

 private:
  Complaint set_to(std::string_view text) {
    to_ = parse_count(text);
    if (!to_) return fmt::format("'{}' is not a number of units, such as 100M", shortened(text));
    return std::nullopt;
  }

  Complaint set_snapshot(std::string_view path) {
    if (path.empty() || path == "-") return "must be the name of a file";
    snapshot_ = path;
    return std::nullopt;
  }

  static Complaint set(bool& flag) {
    flag = true;
    return std::nullopt;
  }

  /// Takes those of the log, so far as the options allow. What is wrong with them.
  std::optional<std::string> set_limits(const LogHeader& log) {
    ExecutionOptions& e = settings_.execution;
    const std::pair<std::string_view, bool> allowed[] = {
        {"--budget", log.max_bytes <= e.max_bytes},
        {"--max-stack", log.max_stack_bytes <= e.max_stack_bytes},
        {"--max-memory", log.max_memory_pages <= e.max_memory_pages},
        {"--max-heap", log.max_heap_bytes <= e.max_heap_bytes},
        {"tables", log.max_table_elements <= e.max_table_elements}};
    for (const auto& [name, ok] : allowed) {
      if (!ok) return fmt::format("was recorded with a higher limit: {}", name);
    }
    e.canonical_nan = log.canonical_nan;
    e.max_bytes = log.max_bytes;
    e.max_stack_bytes = static_cast<std::size_t>(log.max_stack_bytes);
    e.max_memory_pages = log.max_memory_pages;
    e.max_heap_bytes = log.max_heap_bytes;
    e.max_table_elements = log.max_table_elements;
    return std::nullopt;
  }

  int replay(std::string_view file, LogReader& log, const LogHeader& header, const Module& module) {
    const std::vector<std::string_view> words(header.arguments.begin(), header.arguments.end());
    auto entry = find_entry(module, header.entry, words);
    if (!entry) return not_run(fmt::format("{}: {}", file, entry.error()));
    ProcessOptions options;
    options.execution = settings_.execution;
    options.allow_reexported_memory = true;
    options.entry = entry->name;
    options.arguments = std::move(entry->arguments);
    auto process = Process::create(module, Player::resolver(), options);
    if (!process) return not_run(state_.module, process.error());
    if (sandbox_) {
      const auto done = enter_sandbox({{}, snapshot_});
      if (!done) return not_run("--sandbox", done.error());
    }
    Player player(*process, log, player_options());
    const auto played = player.play(header.initialize);
    int code = 0;
    if (played) {
      const std::uint64_t limit = to_ ? *to_ : header.max_fuel;
      code = report(file, log, *played, *process, player, limit);
    } else {
      code = not_run(file, played.error());
    }
    if (show_fuel_) {
      print_error(fmt::format("fuel: {} units used\n", process->fuel()->used()));
    }
    return code;
  }

  PlayerOptions player_options() const {
    PlayerOptions options;
    options.to = to_.value_or(FuelRef::unlimited);
    options.output = [quiet = quiet_](const LoggedOutput& output) {
      if (quiet) return;
      const std::string_view text(reinterpret_cast<const char*>(output.bytes.data()),
                                  output.bytes.size());
      if (output.stream == 1) return print(text);
      std::fflush(stdout);  // so that they mix as they did
      print_error(text);
    };
    if (calls_) options.call = [](std::string_view line) { complain(line); };
    return options;
  }

  int report(std::string_view file, const LogReader& log, const Played& played, Process& process,
             Player& player, std::uint64_t limit) {
    const std::uint64_t used = process.fuel()->used();
    process.fuel()->set_limit(limit);
    if (const auto* diverged = std::get_if<Diverged>(&played)) {
      complain(fmt::format("{}: diverged {}", file, diverged->message));
      return exit_diverged;
    }
    if (const auto* reached = std::get_if<Reached>(&played)) {
      complain(fmt::format("{} units used", used));
      print_trace(reached->thread);
      return save(process, player, exit_ok);
    }
    if (const auto* ends = std::get_if<LogEnds>(&played)) {
      complain(fmt::format("{}: ends before the program does, at offset {:#x}{}: {} units used",
                           file, log.offset(), log.is_cut() ? ", where an event is cut off" : "",
                           used));
      if (ends->thread) print_trace(*ends->thread);
      return to_ ? int{exit_stopped} : save(process, player, exit_stopped);
    }
    const int code = report_ending(std::get<Ending>(played), [](int stopped) { return stopped; });
    if (!to_) return save(process, player, code);
    complain(fmt::format("the program ends before it can be stopped there: {} units used", used));
    return exit_failed;
  }

  /// If that is wanted. Returns the exit code, which is else this one.
  int save(const Process& process, Player& player, int code) {
    if (!snapshot_) return code;
    state_.module = absolute_path(state_.module);
    state_.guest = player.state();
    if (!may_replace(*snapshot_)) {
      complain(fmt::format("{}: is there and is no checkpoint: not replaced", *snapshot_));
      return exit_not_saved;
    }
    const auto done = replace_file(*snapshot_, [&](SnapshotSink& sink) {
      return write_checkpoint(sink, process, nullptr, state_);
    });
    if (done) return code;
    complain(*snapshot_, done.error());
    return exit_not_saved;
  }

  EngineSettings settings_;
  ProgramState state_;
  std::optional<std::uint64_t> to_;
  std::optional<std::string> snapshot_;
  bool quiet_ = false;
  bool calls_ = false;
  bool show_fuel_ = false;
  bool any_module_ = false;
  bool sandbox_ = false;
};

}  // namespace

std::unique_ptr<Command> make_replay() { return std::make_unique<Replay>(); }

}  // namespace fermata::tool
