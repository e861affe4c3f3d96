// Program: what `run` and `resume` share: their options, and a process run to its end, saved where
// that is wanted, with what came of it reported.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"
#include "tools/fermata/checkpoint/checkpoint.hpp"
#include "tools/fermata/engine_options.hpp"
#include "tools/fermata/entry.hpp"
#include "tools/fermata/guest.hpp"
#include "tools/fermata/option.hpp"
#include "tools/fermata/record/recorder.hpp"
#include "tools/fermata/sandbox/sandbox.hpp"
#include "tools/fermata/stubs.hpp"

namespace fermata::tool {

struct ProgramSettings {
  EngineSettings engine;
  Stubs stubs;  // bound to the module before the program runs
  GuestLimits limits;
  bool show_fuel = false;
  std::optional<std::string> checkpoint;  // the file
  bool compress = false;                  // that
  bool sandbox = false;                   // entered before the guest runs
  std::optional<std::chrono::nanoseconds> every;

  /// Whether the guest is stopped from outside.
  [[nodiscard]] bool need_bell() const { return limits.time || checkpoint; }
  /// What is wrong with them together.
  [[nodiscard]] Complaint complaint() const;
};

/// `--fuel`, `--show-fuel`, `--timeout`, `--checkpoint`, `--every`, `--compress`, `--sandbox`,
/// `--stub`, `--trap-unknown`.
[[nodiscard]] std::vector<Option> program_options(ProgramSettings& settings);
/// `--dir`, `--tmpfs`.
[[nodiscard]] std::vector<Option> directory_options(wasi::Config& config);
/// `--sandbox`.
[[nodiscard]] Option sandbox_option(bool& sandbox);
/// What is wrong with that option.
[[nodiscard]] Complaint sandbox_complaint(bool sandbox);

/// The directories of the host among those that a guest gets.
[[nodiscard]] std::vector<SandboxFolder> host_folders(std::span<const wasi::Directory> directories);

/// What a program begins with besides its main thread.
struct ProgramStart {
  std::optional<FuncIdx> initialize;  ///< of a reactor, in a thread of its own
  std::vector<Entry> calls;           ///< of a process without a main thread, one after the other
};

class Program {
 public:
  /// `folders`: those of the host in which the guest opens files.
  Program(const ProgramSettings& settings, std::vector<SandboxFolder> folders);

  /// Runs the process to its end. `state`: where the program comes from, and for one that goes on
  /// how far it has come. The recorder, if there is one, has begun. Returns the exit code.
  [[nodiscard]] int run(Process& process, wasi::Wasi& wasi, ProgramState state,
                        const ProgramStart& start = {}, Recorder* recorder = nullptr);

 private:
  [[nodiscard]] GuestPauses pauses();
  [[nodiscard]] Result<Ending> run_to_end(const ProgramStart& start);
  [[nodiscard]] Result<Ending> run_calls(std::span<const Entry> calls);
  [[nodiscard]] bool save();
  [[nodiscard]] int report(const Result<Ending>& ending);
  [[nodiscard]] int stopped(int code);

  const ProgramSettings& settings_;
  std::vector<SandboxFolder> folders_;
  std::optional<Bell> bell_;
  std::optional<StopSignals> signals_;
  Process* process_ = nullptr;
  wasi::Wasi* wasi_ = nullptr;
  ProgramState state_;
  std::optional<Guest> guest_;
};

/// Says what came of a guest: prints its results, or complains, with a backtrace. Returns the exit
/// code; of a guest that can go on, what `stopped` makes of it.
[[nodiscard]] int report_ending(const Ending& ending, const std::function<int(int code)>& stopped);
/// The innermost and the outermost frames, on stderr.
void print_trace(Thread thread);

/// Where a file can be found from another folder.
[[nodiscard]] std::string absolute_path(std::string_view path);

/// The module could not be loaded, or the process not be made. Returns the exit code.
[[nodiscard]] int not_run(std::string_view file, const Error& error);
[[nodiscard]] int not_run(std::string_view message);

}  // namespace fermata::tool
