// See program.hpp.
#include "tools/fermata/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "lib/module/quoted.hpp"
#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {

// --- options -------------------------------------------------------------------------------------

namespace {

Complaint set_fuel(std::string_view text, ProgramSettings& settings) {
  const auto units = parse_count(text);
  if (!units) return fmt::format("'{}' is not a number of units, such as 100M", shortened(text));
  settings.limits.fuel = *units;
  settings.engine.execution.metering = true;
  return std::nullopt;
}

/// `least`: the shortest.
Complaint set_time(std::string_view text, ProgramSettings& settings,
                   std::optional<std::chrono::nanoseconds>& time) {
  time = parse_duration(text);
  if (!time) return fmt::format("'{}' is not a time, such as 5s or 200ms", shortened(text));
  settings.engine.execution.metering = true;
  return std::nullopt;
}

Complaint set_checkpoint(std::string_view path, ProgramSettings& settings) {
  if (path.empty() || path == "-") return "must be the name of a file";
  settings.checkpoint = path;
  settings.engine.execution.metering = true;
  return std::nullopt;
}

Complaint add_directory(std::string_view text, wasi::Config& config) {
  const auto middle = text.find("::");
  const auto host = text.substr(0, middle);
  auto guest = middle == text.npos ? std::string_view() : text.substr(middle + 2);
  const bool is_read_only = guest.ends_with(":ro");
  if (is_read_only) guest.remove_suffix(3);
  if (host.empty() || guest.empty()) return fmt::format("'{}' is not HOST::GUEST", shortened(text));
  config.directories.push_back({std::string(host), std::string(guest), is_read_only});
  return std::nullopt;
}

Complaint add_memory_directory(std::string_view guest, wasi::Config& config) {
  constexpr std::size_t limit = std::size_t{1} << 30;
  if (guest.empty()) return "must be a name";
  config.directories.push_back(
      {.guest = std::string(guest), .root = wasi::memory_directory(limit)});
  return std::nullopt;
}

}  // namespace

Complaint ProgramSettings::complaint() const {
  if (compress && !checkpoint) return "option --compress: there is no --checkpoint";
  if (compress && !has_compression()) return "option --compress: this build does not have zstd";
  if (every && !checkpoint) return "option --every: there is no --checkpoint";
  if (auto wrong = sandbox_complaint(sandbox)) return wrong;
  const bool metered = engine.execution.metering;
  if (need_bell() && !metered)
    return "option --metering: must be on for --timeout and --checkpoint";
  return std::nullopt;
}

std::vector<Option> program_options(ProgramSettings& s) {
  std::vector<Option> rows = {
      {"--fuel", "UNITS", "stop the guest when it has used so much (docs/fuel.md), e.g. 100M",
       [&s](std::string_view v) { return set_fuel(v, s); }},
      {"--show-fuel", "", "say at the end how much fuel was used",
       [&s](std::string_view) -> Complaint {
         s.show_fuel = s.engine.execution.metering = true;
         return std::nullopt;
       }},
      {"--timeout", "TIME", "stop the guest after so long, e.g. 5s or 200ms",
       [&s](std::string_view v) { return set_time(v, s, s.limits.time); }},
      {"--checkpoint", "FILE",
       "save the program there when it is stopped: by its fuel or time,\nCtrl-C or SIGTERM; "
       "'fermata resume FILE' goes on with it",
       [&s](std::string_view v) { return set_checkpoint(v, s); }},
      {"--every", "TIME", "save it so often as well, e.g. 10s",
       [&s](std::string_view v) { return set_time(v, s, s.every); }},
      {"--compress", "", "save it compressed, with zstd", [&s](std::string_view) -> Complaint {
         s.compress = true;
         return std::nullopt;
       }}};
  rows.push_back(sandbox_option(s.sandbox));
  std::ranges::move(stub_options(s.stubs), std::back_inserter(rows));
  return rows;
}

std::vector<Option> directory_options(wasi::Config& config) {
  return {{"--dir", "HOST::GUEST[:ro]",
           "open the directory HOST for the guest as GUEST, with :ro to be\nread alone (may be "
           "repeated)",
           [&config](std::string_view v) { return add_directory(v, config); }},
          {"--tmpfs", "GUEST", "give the guest an empty directory in memory (may be repeated)",
           [&config](std::string_view v) { return add_memory_directory(v, config); }}};
}

Option sandbox_option(bool& sandbox) {
  return {"--sandbox", "",
          "give up, before the guest runs, what the command does not need of\nthe system (Linux; "
          "docs/cli.md)",
          [&sandbox](std::string_view) -> Complaint {
            sandbox = true;
            return std::nullopt;
          }};
}

Complaint sandbox_complaint(bool sandbox) {
  if (sandbox && !has_sandbox()) return "option --sandbox: this build does not have it";
  return std::nullopt;
}

std::vector<SandboxFolder> host_folders(std::span<const wasi::Directory> directories) {
  std::vector<SandboxFolder> folders;
  for (const wasi::Directory& directory : directories) {
    if (!directory.host.empty()) folders.push_back({directory.host, directory.read_only});
  }
  return folders;
}

// --- running -------------------------------------------------------------------------------------

namespace {

void print_results(const Returned& returned) {
  for (const auto& value : returned.results) print(fmt::format("{}\n", value_text(value)));
}

}  // namespace

int not_run(std::string_view file, const Error& error) {
  complain(file, error);
  return exit_not_run;
}

int not_run(std::string_view message) {
  complain(message);
  return exit_not_run;
}

std::string absolute_path(std::string_view path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(std::filesystem::path(path), error);
  return error ? std::string(path) : absolute.string();
}

Program::Program(const ProgramSettings& settings, std::vector<SandboxFolder> folders)
    : settings_(settings), folders_(std::move(folders)) {
  if (settings.need_bell()) bell_.emplace();
}

int Program::run(Process& process, wasi::Wasi& wasi, ProgramState state, const ProgramStart& start,
                 Recorder* recorder) {
  if (settings_.checkpoint && !may_replace(*settings_.checkpoint)) {
    return not_run(
        fmt::format("{}: is there and is no checkpoint: not replaced", *settings_.checkpoint));
  }
  // All is open, and no other OS thread has begun.
  if (settings_.sandbox) {
    const auto done = enter_sandbox({folders_, settings_.checkpoint});
    if (!done) return not_run("--sandbox", done.error());
  }
  process_ = &process;
  wasi_ = &wasi;
  state_ = std::move(state);
  guest_.emplace(process, wasi, settings_.stubs, settings_.limits, pauses(), recorder);
  if (settings_.checkpoint) signals_.emplace(*bell_);
  const auto ending = run_to_end(start);
  if (recorder != nullptr && ending) recorder->ended(*ending);
  const int code = report(ending);
  if (settings_.show_fuel) {
    print_error(fmt::format("fuel: {} units used\n", process.fuel()->used()));
  }
  return code;
}

GuestPauses Program::pauses() {
  if (!bell_) return {};
  return {&*bell_, settings_.every, [this] { static_cast<void>(save()); }};
}

/// First the start section of a process without a main thread, the thread whose end was wanted, or
/// the one that initialises; then the main thread, or the calls.
Result<Ending> Program::run_to_end(const ProgramStart& start) {
  if (auto done = guest_->set_state(state_.guest); !done) {
    return std::unexpected(std::move(done.error()));
  }
  ThreadId target = state_.guest.target;
  if (!start.calls.empty() && !process_->threads().empty()) {
    auto ending = guest_->run_to_end(process_->thread(process_->threads().front()));
    if (!ending || !std::holds_alternative<Returned>(*ending)) return ending;
  }
  if (start.initialize) {
    const auto thread = process_->start_thread(*start.initialize);
    if (!thread) return std::unexpected(thread.error());
    target = thread->id();
  }
  if (target != 0) {
    auto ending = guest_->run_to_end(process_->thread(target));
    if (!ending || !std::holds_alternative<Returned>(*ending)) return ending;
  }
  if (!start.calls.empty()) return run_calls(start.calls);
  return guest_->run_to_end(process_->main_thread());
}

/// Until one does not return. The results of the last one are left to be reported.
Result<Ending> Program::run_calls(std::span<const Entry> calls) {
  for (const Entry& call : calls) {
    const auto thread = process_->start_thread(call.name, call.arguments);
    if (!thread) return std::unexpected(thread.error());
    auto ending = guest_->run_to_end(*thread);
    const auto* returned = ending ? std::get_if<Returned>(&*ending) : nullptr;
    if (returned == nullptr || &call == &calls.back()) return ending;
    print_results(*returned);
  }
  return Returned{};
}

namespace {

template <class Write>
Result<void> write_compressed(SnapshotSink& sink, Write write) {
  auto compressed = CompressedSink::create(sink);
  if (!compressed) return std::unexpected(std::move(compressed.error()));
  if (auto written = write(*compressed); !written) return written;
  return compressed->finish();
}

/// Directories can be found from another folder.
wasi::State stored(wasi::State world) {
  for (auto& directory : world.directories) {
    if (!directory.host.empty()) directory.host = absolute_path(directory.host);
  }
  return world;
}

}  // namespace

/// False when it could not be; that was complained of.
bool Program::save() {
  const std::string& path = *settings_.checkpoint;
  state_.guest = guest_->state();
  const auto write = [this](SnapshotSink& sink) {
    const wasi::State world = stored(wasi_->state());
    return write_checkpoint(sink, *process_, &world, state_);
  };
  const auto done = replace_file(path, [&](SnapshotSink& sink) {
    return settings_.compress ? write_compressed(sink, write) : write(sink);
  });
  if (!done) complain(path, done.error());
  return done.has_value();
}

// --- what came of it -----------------------------------------------------------------------------

namespace {

/// Up to `count` frames, the first of which has this depth.
void print_frames(Thread thread, std::size_t count, std::size_t depth) {
  for (const auto& entry : thread.backtrace(count, depth).value_or(std::vector<TraceEntry>{})) {
    const auto name = entry.function_name.empty() ? "?" : printable(shortened(entry.function_name));
    print_error(fmt::format("  #{} {} (function {}, offset {:#x})\n", depth++, name,
                            entry.function.value, entry.offset));
  }
}

}  // namespace

/// Asked for alone: there may be millions in between.
void print_trace(Thread thread) {
  constexpr std::size_t innermost = 20;
  constexpr std::size_t outermost = 5;
  const auto count = static_cast<std::size_t>(thread.frame_count().value_or(0));
  if (count <= innermost + outermost + 1) return print_frames(thread, count, 0);
  print_frames(thread, innermost, 0);
  print_error(fmt::format("  ... {} more\n", count - innermost - outermost));
  print_frames(thread, outermost, count - outermost);
}

namespace {

/// The option of a limit that the guest has, or may have, come to.
std::string_view limit_option(Trap trap) {
  switch (trap) {
    case Trap::call_stack_exhausted:
      return "; see --max-stack";
    case Trap::heap_exhausted:
      return "; see --max-heap";
    case Trap::out_of_memory:
      return " (of the system, or of --budget)";
    default:
      return "";
  }
}

void complain_at(std::string_view why, Thread thread) {
  complain(why);
  print_trace(thread);
}

}  // namespace

int report_ending(const Ending& ending, const std::function<int(int code)>& stopped) {
  if (const auto* exited = std::get_if<wasi::Exited>(&ending)) {
    return static_cast<int>(exited->code & 0xff);  // all that a process can give on
  }
  if (const auto* at = std::get_if<TrappedAt>(&ending)) {
    complain_at(fmt::format("trap: {}{}", to_string(at->trap), limit_option(at->trap)), at->thread);
    return exit_trapped;
  }
  if (const auto* at = std::get_if<CalledUnknownAt>(&ending)) {
    complain_at(fmt::format("trap: call of {}, which nothing answers", at->import), at->thread);
    return exit_trapped;
  }
  if (const auto* at = std::get_if<Deadlocked>(&ending)) {
    complain_at("deadlock: every thread waits for another to notify it", at->thread);
    return exit_trapped;
  }
  if (const auto* at = std::get_if<OutOfFuelAt>(&ending)) {
    complain_at(fmt::format("out of fuel: {} units used", at->used), at->thread);
    return stopped(exit_stopped);
  }
  if (const auto* at = std::get_if<OutOfTimeAt>(&ending)) {
    complain_at("the time is over", at->thread);
    return stopped(exit_stopped);
  }
  if (const auto* at = std::get_if<SignalledAt>(&ending)) {
    complain_at(fmt::format("stopped by signal {}", at->signal), at->thread);
    return stopped(exit_signalled + at->signal);
  }
  print_results(std::get<Returned>(ending));
  return exit_ok;
}

/// A guest that can go on is saved.
int Program::stopped(int code) {
  if (!settings_.checkpoint) return code;
  if (!save()) return exit_not_saved;
  complain(fmt::format("saved in {}", *settings_.checkpoint));
  return code;
}

int Program::report(const Result<Ending>& ending) {
  if (ending) return report_ending(*ending, [this](int code) { return stopped(code); });
  complain(to_string(ending.error()));
  return exit_failed;
}

}  // namespace fermata::tool
