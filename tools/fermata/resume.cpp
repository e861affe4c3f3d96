// `fermata resume`: goes on with a program that was saved.
#include <fmt/format.h>

#include <algorithm>

#include "lib/module/quoted.hpp"
#include "tools/fermata/checkpoint/checkpoint.hpp"
#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/program.hpp"

namespace fermata::tool {
namespace {

class Resume final : public Command {
 public:
  Resume() { settings_.engine.execution.metering = true; }  // as whatever it goes on with

  Description describe() const override {
    return {
        .name = "resume",
        .operands = "FILE [MODULE]",
        .summary = "go on with a program that was saved",
        .details =
            "Goes on with the program that `run --checkpoint FILE` has saved, where it was. It "
            "has\n"
            "its arguments, its environment and its directories again, and the streams of this\n"
            "command. The module is the one that it was started from, or MODULE; it must be the\n"
            "same. Nothing is saved unless --checkpoint says so, which may name the same FILE.\n"
            "Exit codes are those of `run`.\n"
            "\n"
            "  fermata run --checkpoint state --timeout 1h program.wasm\n"
            "  fermata resume --checkpoint state --timeout 1h state",
        .max_operands = 2};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = program_options(settings_);
    std::ranges::move(directory_options(config_), std::back_inserter(rows));
    for (auto more : {execution_options, lowering_options}) {
      std::ranges::move(more(settings_.engine), std::back_inserter(rows));
    }
    // Without it, what the program was loaded with.
    Option features = module_options(settings_.engine)[0];
    features.set = [this, set = features.set](std::string_view v) {
      features_given_ = true;
      return set(v);
    };
    rows.push_back(std::move(features));
    return rows;
  }

  int run(std::span<const std::string_view> operands) override {
    if (const auto wrong = settings_.complaint()) {
      complain(*wrong);
      return exit_usage;
    }
    const std::string_view file = operands[0];
    const auto source = SnapshotFile::open(std::string(file));
    if (!source) return not_run(file, source.error());
    auto checkpoint = read_checkpoint(**source);
    if (!checkpoint) return not_run(file, checkpoint.error());
    ProgramState state = checkpoint->program.value_or(ProgramState());
    if (operands.size() > 1) state.module = operands[1];
    if (state.module.empty()) {
      return not_run(fmt::format("{}: does not say where its module is: name it behind", file));
    }
    if (checkpoint->program && !features_given_) settings_.engine.module.features = state.features;
    state.features = settings_.engine.module.features;
    const auto module = load_module(state.module, settings_.engine.module);
    if (!module) return not_run(state.module, module.error());
    if (!settings_.stubs.bind(state.module, *module)) return exit_not_run;
    return go_on(file, **source, *module, std::move(checkpoint->world), std::move(state));
  }

 private:
  int go_on(std::string_view file, SnapshotFile& source, const Module& module,
            std::optional<wasi::State> world, ProgramState state) {
    Program program(settings_, host_folders(world ? directories(*world) : config_.directories));
    if (!world) config_.arguments = {state.module};
    auto wasi = world ? wasi::Wasi::restore(std::move(*world), config_)
                      : wasi::Wasi::create(std::move(config_));
    if (!wasi) return not_run(file, wasi.error());
    ProcessOptions options;
    options.execution = settings_.engine.execution;
    options.allow_reexported_memory = true;
    if (const auto done = source.begin_again(); !done) return not_run(file, done.error());
    auto process = Process::restore(module, source, settings_.stubs.resolver(), options);
    if (!process) return not_run(file, process.error());
    if (process->poisoned()) return not_run(fmt::format("{}: the program has ended", file));
    return program.run(*process, *wasi, std::move(state));
  }

  /// Those that the guest had, each with what the options have in its place.
  std::vector<wasi::Directory> directories(const wasi::State& world) const {
    std::vector<wasi::Directory> all;
    for (const auto& saved : world.directories) {
      all.push_back({saved.host, saved.guest, saved.read_only});
      for (const auto& other : config_.directories) {
        if (other.guest == saved.guest) all.back() = other;
      }
    }
    return all;
  }

  ProgramSettings settings_;
  wasi::Config config_;
  bool features_given_ = false;
};

}  // namespace

std::unique_ptr<Command> make_resume() { return std::make_unique<Resume>(); }

}  // namespace fermata::tool
