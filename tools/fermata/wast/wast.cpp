// `fermata wast`: runs WebAssembly test scripts.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <thread>

#include "lib/module/quoted.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/engine_options.hpp"
#include "tools/fermata/wast/progress.hpp"
#include "tools/fermata/wast/report.hpp"
#include "tools/fermata/wast/script_files.hpp"
#include "tools/fermata/wast/script_runner.hpp"

namespace fermata::tool {
namespace {

using namespace wast;

/// Of a script's modules together, unless the command line says otherwise: a script that asks for
/// instances without end is stopped before the machine is.
constexpr std::uint64_t script_budget = 500u << 20;

class Wast final : public Command {
 public:
  Wast() { settings_.execution.max_bytes = script_budget; }

  Description describe() const override {
    return {.name = "wast",
            .operands = "FILE|FOLDER...",
            .summary = "run WebAssembly test scripts",
            .details =
                "Runs scripts (.wast, or .json as wast2json writes it), of a folder all in it and\n"
                "below. Prints each command that fails with what was expected and what was found, "
                "then\n"
                "how many passed, failed and were skipped. Skipped are only commands about a\n"
                "proposal that is not judged, counted by its name. Modules may use\n"
                "WebAssembly 3.0, below a folder proposals/NAME that proposal instead.\n"
                "\n"
                "A script that does not end within the time limit counts as failed there.\n"
                "Exit code 0 when nothing failed.\n"
                "\n"
                "  fermata wast testsuite/i32.wast\n"
                "  fermata wast --dispatch switch --lowering debug --jobs 4 testsuite"};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = {
        {"--jobs", "NUMBER", "how many files to run at once (default: as many as processors)",
         [this](std::string_view v) { return set_jobs(v); }},
        {"--time-limit", "SECONDS",
         "give up a script that has not ended so long after its begin (default: 300)",
         [this](std::string_view v) { return set_time_limit(v); }},
        {"--json", "FILE", "write a report as JSON",
         [this](std::string_view v) { return set(json_, v); }},
        {"--junit", "FILE", "write a report as JUnit XML",
         [this](std::string_view v) { return set(junit_, v); }}};
    for (auto more : {execution_options, lowering_options}) {
      std::ranges::move(more(settings_), std::back_inserter(rows));
    }
    auto features = module_options(settings_);
    features[0].set = [this](std::string_view v) { return set_features(v); };
    std::ranges::move(features, std::back_inserter(rows));
    return rows;
  }

  // What was left running is left to its end with the process; nothing may be destroyed under it.
  int run(std::span<const std::string_view> operands) override {
    const int code = run_scripts(operands);
    if (left_running_) std::_Exit(finish_printing(code));
    return code;
  }

 private:
  int run_scripts(std::span<const std::string_view> operands) {
    const auto files = find_scripts(operands);
    if (!files) {
      complain(files.error().message);
      return exit_failed;
    }
    const auto reports = run_all(*files);
    print(summary_text(reports));
    return write_reports(reports) && count(reports).failed == 0 ? exit_ok : exit_failed;
  }

  static Complaint set(std::string& out, std::string_view value) {
    out = value;
    return std::nullopt;
  }

  Complaint set_jobs(std::string_view text) {
    const auto* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, jobs_);
    if (read.ec == std::errc{} && read.ptr == end && jobs_ > 0) return std::nullopt;
    return fmt::format("'{}' is not a number of jobs", shortened(text));
  }

  Complaint set_time_limit(std::string_view text) {
    constexpr std::uint64_t longest = 1'000'000'000;
    const auto seconds = parse_size(text);
    if (!seconds || *seconds == 0 || *seconds > longest) {
      return fmt::format("'{}' is not a number of seconds", shortened(text));
    }
    time_limit_ = std::chrono::seconds(*seconds);
    return std::nullopt;
  }

  Complaint set_features(std::string_view list) {
    if (!features_) features_ = Features::wasm3();
    return parse_features(list, *features_);
  }

  /// One file a job, in the order given; reports in the order of the files.
  std::vector<FileReport> run_all(std::span<const std::string> files) {
    std::vector<FileReport> reports(files.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
      for (std::size_t i; (i = next++) < files.size();) reports[i] = run_file(files[i]);
    };
    const auto count = std::min<std::size_t>(jobs_, files.size());
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < count; ++i) others.emplace_back(work);
    work();
    others.clear();  // joins
    return reports;
  }

  /// In an OS thread of its own, which is left alone when the time is up.
  FileReport run_file(const std::string& path) {
    const auto progress = std::make_shared<Progress>(path);
    const ScriptOptions options{features_.value_or(rule_of(path).features), settings_.execution};
    std::thread thread([path, options, progress] {
      run_script(path, options, *progress);
      progress->finish();
    });
    auto [report, is_finished] = progress->wait(time_limit_);
    if (is_finished) {
      thread.join();
    } else {
      thread.detach();
      left_running_ = true;
    }
    return std::move(report);
  }

  static void run_script(const std::string& path, const ScriptOptions& options,
                         Progress& progress) {
    auto file = read_script(path);
    if (const FolderRule rule = rule_of(path); !rule.unknown_proposal.empty()) {
      for (std::size_t n = file ? file->script.commands.size() : 1; n > 0; --n) {
        progress.end(skipped(rule.unknown_proposal));
      }
    } else if (file) {
      progress.name_script(std::move(file->source));
      ScriptRunner(options).run(file->script, progress);
    } else {
      progress.begin(line_of(file.error()), "script");
      progress.end(unread(file.error()));
    }
  }

  static std::uint32_t line_of(const Error& error) {
    return error.position ? error.position->line : 0;
  }

  static Verdict unread(const Error& error) {
    const bool usage = error.phase == Phase::usage;
    return failed(usage ? error.message : to_string(error));
  }

  bool write_reports(std::span<const FileReport> reports) const {
    bool written = true;
    if (!json_.empty()) written = write_file(json_, json_text(reports)) && written;
    if (!junit_.empty()) written = write_file(junit_, junit_text(reports)) && written;
    return written;
  }

  EngineSettings settings_;
  std::optional<Features> features_;
  std::chrono::seconds time_limit_{300};
  std::atomic<bool> left_running_{false};
  std::size_t jobs_ = std::max(1u, std::thread::hardware_concurrency());
  std::string json_;
  std::string junit_;
};

}  // namespace

std::unique_ptr<Command> make_wast() { return std::make_unique<Wast>(); }

}  // namespace fermata::tool
