// Recorder: writes the log of a run while the guest runs.
//
// Owns the file, and what a host call has seen and written since it was made. Each event is in the
// file before the guest goes on, so that whatever ends the command leaves all but the last.
#pragma once

#include <cstddef>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/wasi.hpp"
#include "tools/fermata/guest.hpp"
#include "tools/fermata/record/log.hpp"

namespace fermata::tool {

class Recorder final : public GuestWatcher {
 public:
  explicit Recorder(std::string path) : path_(std::move(path)) {}
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// What goes to these streams of the configuration is recorded. It must not outlive the recorder.
  void watch_streams(wasi::Config& config);
  /// The same one, for `Process::create`: the log names functions, not numbers.
  [[nodiscard]] Resolver resolver(Resolver inner);
  /// Makes the file and writes how the program begins. The process is metered. Errors: `io_failed`;
  /// also when the file is there and is no log.
  [[nodiscard]] Result<void> begin(Process& process, const LogHeader& header);

  void sees(std::uint64_t address, std::span<const std::byte> bytes) override;
  void ran(Thread thread, const Outcome& outcome) override;
  void answered(Thread thread, const HostCall& call, const wasi::Answer& answer) override;
  void stubbed(Thread thread, std::span<const Value> results) override;
  void timed_out(Thread thread) override;
  /// The guest has put this into the stream of this number.
  void wrote(std::uint8_t stream, std::span<const std::byte> bytes);
  void ended(const Ending& ending);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using FunctionName = std::pair<std::string, std::string>;

  void write(const LogEvent& event);
  void write(std::span<const std::byte> bytes);
  [[nodiscard]] std::vector<LoggedWrite> writes() const;

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;  // null: not begun, or it could not be written
  LogWriter log_;
  Process* process_ = nullptr;
  std::map<std::uint64_t, FunctionName> functions_;
  // Of the call that is being answered: what it has seen, by address, as it was. No two overlap.
  std::map<std::uint64_t, std::vector<std::byte>> seen_;
  std::vector<LoggedOutput> outputs_;
};

}  // namespace fermata::tool
