// `fermata run`: runs a WASI command, or calls one exported function.
#include <fmt/format.h>

#include <algorithm>

#include "lib/module/quoted.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/engine_options.hpp"
#include "tools/fermata/guest.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {
namespace {

constexpr std::string_view initializer = "_initialize";  // of a WASI reactor

/// Up to `count` frames, the first of which has this depth.
void print_frames(Thread thread, std::size_t count, std::size_t depth) {
  for (const auto& entry : thread.backtrace(count, depth).value_or(std::vector<TraceEntry>{})) {
    const auto name = entry.function_name.empty() ? "?" : printable(shortened(entry.function_name));
    print_error(fmt::format("  #{} {} (function {}, offset {:#x})\n", depth++, name,
                            entry.function.value, entry.offset));
  }
}

/// The innermost and the outermost frames: asked for alone, there may be millions in between.
void print_trace(Thread thread) {
  constexpr std::size_t innermost = 20;
  constexpr std::size_t outermost = 5;
  const auto count = static_cast<std::size_t>(thread.frame_count().value_or(0));
  if (count <= innermost + outermost + 1) return print_frames(thread, count, 0);
  print_frames(thread, innermost, 0);
  print_error(fmt::format("  ... {} more\n", count - innermost - outermost));
  print_frames(thread, outermost, count - outermost);
}

/// The function that is to run, with its arguments.
struct Entry {
  std::string name = "_start";
  std::vector<Value> arguments;
};

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
            "124 that its fuel or its time was used up.\n"
            "\n"
            "  fermata run --dir .::/ --env LANG=C program.wasm --verbose input.txt\n"
            "  fermata run --invoke add math.wasm 2 -3",
        .operands_end_options = true};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = {
        {"--dir", "HOST::GUEST", "open the directory HOST for the guest as GUEST (may be repeated)",
         [this](std::string_view v) { return add_directory(v); }},
        {"--env", "NAME=VALUE", "set a variable of the guest's environment (may be repeated)",
         [this](std::string_view v) { return add_variable(v); }},
        {"--invoke", "FUNCTION", "call this exported function instead of _start",
         [this](std::string_view v) { return set_invoke(v); }},
        {"--fuel", "UNITS", "stop the guest when it has used so much (docs/fuel.md), e.g. 100M",
         [this](std::string_view v) { return set_fuel(v); }},
        {"--show-fuel", "", "say at the end how much fuel was used",
         [this](std::string_view) { return set_show_fuel(); }},
        {"--timeout", "TIME", "stop the guest after so long, e.g. 5s or 200ms",
         [this](std::string_view v) { return set_timeout(v); }},
        {"--random-seed", "NUMBER", "give the guest the same random numbers in every run",
         [this](std::string_view v) { return set_seed(v); }}};
    for (auto more : {execution_options, lowering_options, module_options}) {
      std::ranges::move(more(settings_), std::back_inserter(rows));
    }
    return rows;
  }

  int run(std::span<const std::string_view> operands) override {
    const auto file = operands[0];
    const auto module = load_module(file, settings_.module);
    if (!module) return not_run(file, module.error());
    const auto entry = find_entry(*module, operands.subspan(1));
    if (!entry) {
      complain(fmt::format("{}: {}", file, entry.error()));
      return exit_not_run;
    }
    auto wasi = make_wasi(operands);
    if (!wasi) {
      complain(wasi.error().message);
      return exit_not_run;
    }
    auto process = Process::create(*module, wasi::Wasi::resolve, process_options(*entry));
    if (!process) return not_run(file, process.error());
    const int code = run_process(*process, *wasi);
    if (show_fuel_) print_error(fmt::format("fuel: {} units used\n", process->fuel()->used()));
    return code;
  }

 private:
  Complaint add_directory(std::string_view text) {
    const auto middle = text.find("::");
    const auto host = text.substr(0, middle);
    const auto guest = middle == text.npos ? std::string_view() : text.substr(middle + 2);
    if (host.empty() || guest.empty())
      return fmt::format("'{}' is not HOST::GUEST", shortened(text));
    config_.directories.push_back({std::string(host), std::string(guest)});
    return std::nullopt;
  }

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

  Complaint set_fuel(std::string_view text) {
    const auto units = parse_count(text);
    if (!units) return fmt::format("'{}' is not a number of units, such as 100M", shortened(text));
    limits_.fuel = *units;
    settings_.execution.metering = true;
    return std::nullopt;
  }

  Complaint set_show_fuel() {
    show_fuel_ = true;
    settings_.execution.metering = true;
    return std::nullopt;
  }

  Complaint set_timeout(std::string_view text) {
    limits_.time = parse_duration(text);
    if (!limits_.time)
      return fmt::format("'{}' is not a time, such as 5s or 200ms", shortened(text));
    settings_.execution.metering = true;
    return std::nullopt;
  }

  static int not_run(std::string_view file, const Error& error) {
    complain(file, error);
    return exit_not_run;
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
    options.execution = settings_.execution;
    options.allow_reexported_memory = true;  // as modules of wasi-threads need it
    options.entry = entry.name;
    options.arguments = entry.arguments;
    return options;
  }

  /// A reactor is initialised, in a thread of its own, before its function is called.
  int run_process(Process& process, wasi::Wasi& wasi) {
    Guest guest(process, wasi, limits_);
    const auto initialize = process.module().exported_function(initializer);
    if (invoke_ && *invoke_ != initializer && initialize) {
      auto thread = process.start_thread(*initialize);
      if (!thread) return report(std::unexpected(std::move(thread.error())));
      const auto ending = guest.run_to_end(*thread);
      if (!ending || !std::holds_alternative<Returned>(*ending)) return report(ending);
    }
    return report(guest.run_to_end(process.main_thread()));
  }

  int report(const Result<Ending>& ending) const {
    if (!ending) {
      complain(to_string(ending.error()));
      return exit_failed;
    }
    if (const auto* exited = std::get_if<wasi::Exited>(&*ending)) {
      return static_cast<int>(exited->code & 0xff);  // all that a process can give on
    }
    if (const auto* trapped = std::get_if<TrappedAt>(&*ending)) {
      complain(fmt::format("trap: {}", to_string(trapped->trap)));
      print_trace(trapped->thread);
      return exit_trapped;
    }
    if (const auto* deadlock = std::get_if<Deadlocked>(&*ending)) {
      complain("deadlock: every thread waits for another to notify it");
      print_trace(deadlock->thread);
      return exit_trapped;
    }
    if (const auto* stopped = std::get_if<OutOfFuelAt>(&*ending)) {
      complain(fmt::format("out of fuel: {} units used", stopped->used));
      print_trace(stopped->thread);
      return exit_stopped;
    }
    if (const auto* stopped = std::get_if<OutOfTimeAt>(&*ending)) {
      complain("the time is over");
      print_trace(stopped->thread);
      return exit_stopped;
    }
    for (const auto& value : std::get<Returned>(*ending).results) {
      print(fmt::format("{}\n", value_text(value)));
    }
    return exit_ok;
  }

  EngineSettings settings_;
  wasi::Config config_;
  std::optional<std::string> invoke_;
  GuestLimits limits_;
  bool show_fuel_ = false;
};

}  // namespace

std::unique_ptr<Command> make_run() { return std::make_unique<Run>(); }

}  // namespace fermata::tool
