// Progress: how far a script has come, for the OS thread that waits for it.
//
// A script's calls cannot be interrupted. One that takes too long is left running, and what is
// known of its script until then is its report.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "tools/fermata/wast/verdict.hpp"

namespace fermata::tool::wast {

class Progress {
 public:
  explicit Progress(const std::string& file) : report_{file, file, {}, {}} {}

  // --- for the script ---

  /// What the lines of the commands are of, if not the file.
  void name_script(std::string name);
  /// A command begins; `command` is a constant.
  void begin(std::uint32_t line, std::string_view command);
  /// The command that began last has ended.
  void end(Verdict verdict);
  /// All commands have ended.
  void finish();

  // --- for who waits ---

  struct Waited {
    FileReport report;
    bool is_finished = true;
  };
  /// Waits until the script has ended, at most until the limit after its begin. If it has not ended
  /// by then, the report has the commands so far and the one that runs as a failure; whatever the
  /// script does later is ignored. To be called once.
  [[nodiscard]] Waited wait(std::chrono::seconds limit);

 private:
  static constexpr std::string_view whole = "script";

  using Clock = std::chrono::steady_clock;

  std::mutex mutex_;
  std::condition_variable finished_;
  bool is_finished_ = false;
  FileReport report_;
  CommandReport current_{0, whole, {}};  // the last that began, if it has not ended
  Clock::time_point begin_ = Clock::now();
};

}  // namespace fermata::tool::wast
