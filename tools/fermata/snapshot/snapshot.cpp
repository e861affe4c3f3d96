// `fermata snapshot`: shows what is in a snapshot, or what is not the same in two.
#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "interp/snapshot/module_hash.hpp"
#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/engine_options.hpp"
#include "tools/fermata/input.hpp"
#include "tools/fermata/snapshot/report.hpp"

namespace fermata::tool {
namespace {

class Snapshot final : public Command {
 public:
  Description describe() const override {
    return {
        .name = "snapshot",
        .operands = "FILE [MODULE|FILE...]",
        .summary = "show what is in a snapshot of a program",
        .details =
            "Shows the threads with their frames, what they wait for, the memory that is kept,\n"
            "globals, tables and the heap, as the file has them; whether they can be so only\n"
            "`resume` finds out. Functions have names when the module is where it was, or is\n"
            "given. With --diff, what is not the same in two snapshots; the exit code is 0 when\n"
            "that is nothing and 1 when it is something. With --fold, a snapshot and deltas "
            "behind\n"
            "it, each to the one before, are written as one snapshot.\n"
            "\n"
            "  fermata snapshot --json state\n"
            "  fermata snapshot --diff before after\n"
            "  fermata snapshot --fold whole base delta1 delta2"};
  }

  std::vector<Option> options() override {
    std::vector<Option> rows = {
        {"--json", "", "as JSON", [this](std::string_view) { return set(json_); }},
        {"--diff", "", "compare two snapshots", [this](std::string_view) { return set(diff_); }},
        {"--fold", "OUT", "write a snapshot and its deltas as one", [this](std::string_view out) {
           fold_ = out;
           return Complaint();
         }}};
    rows.push_back(module_options(settings_)[0]);
    return rows;
  }

  int run(std::span<const std::string_view> operands) override {
    if (diff_ && (json_ || operands.size() != 2)) {
      complain("option --diff: two files are compared, and not as JSON");
      return exit_usage;
    }
    if (!fold_.empty() && (json_ || diff_)) {
      complain("option --fold: a file is written, and nothing shown");
      return exit_usage;
    }
    if (diff_) return compare(operands[0], operands[1]);
    if (!fold_.empty()) return fold(operands);
    if (operands.size() > 2) {
      complain(fmt::format("one file too many: '{}'", operands[2]));
      return exit_usage;
    }
    auto shown = read(operands[0]);
    if (!shown) return refused(operands[0], shown.error());
    const bool named = operands.size() > 1;
    const std::string path = named ? std::string(operands[1]) : stored_path(*shown);
    if (auto found = find_module(path, *shown); !found && named)
      return refused(path, found.error());
    print(json_ ? json_of(*shown) : text_of(*shown));
    return exit_ok;
  }

 private:
  static Complaint set(bool& flag) {
    flag = true;
    return std::nullopt;
  }

  static int refused(std::string_view path, const Error& error) {
    complain(path, error);
    return exit_failed;
  }

  static Result<Shown> read(std::string_view path) {
    const auto source = SnapshotFile::open(std::string(path));
    if (!source) return std::unexpected(source.error());
    auto checkpoint = read_checkpoint(**source);
    if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
    if (auto done = (*source)->begin_again(); !done)
      return std::unexpected(std::move(done.error()));
    auto view = read_view(**source);
    if (!view) return std::unexpected(std::move(view.error()));
    return Shown{*std::move(view), *std::move(checkpoint), {}};
  }

  /// Empty: it says nothing.
  static std::string stored_path(const Shown& shown) {
    return shown.checkpoint.program.value_or(ProgramState()).module;
  }

  Result<void> find_module(const std::string& path, Shown& shown) const {
    if (path.empty()) return {};
    auto module = load_module(path, settings_.module);
    if (!module) return std::unexpected(std::move(module.error()));
    if (snapshot::hash_of(module->impl()) != shown.view.module_hash) {
      Error error;
      error.code = ErrorCode::snapshot_mismatch;
      error.phase = Phase::usage;
      error.message = "the snapshot is of another module";
      return std::unexpected(std::move(error));
    }
    shown.module = *std::move(module);
    return {};
  }

  int compare(std::string_view before, std::string_view after) const {
    auto a = read(before);
    if (!a) return refused(before, a.error());
    auto b = read(after);
    if (!b) return refused(after, b.error());
    for (Shown* shown : {&*a, &*b}) static_cast<void>(find_module(stored_path(*shown), *shown));
    const std::string text = difference(*a, *b);
    print(text);
    return text.empty() ? exit_ok : exit_failed;
  }

  int fold(std::span<const std::string_view> paths) const {
    std::vector<std::unique_ptr<SnapshotFile>> sources;
    std::vector<SnapshotSource*> files;
    for (const std::string_view path : paths) {
      auto source = SnapshotFile::open(std::string(path));
      if (!source) return refused(path, source.error());
      files.push_back(sources.emplace_back(*std::move(source)).get());
    }
    if (!may_replace(fold_)) {
      complain(fmt::format("{}: is a file, and no snapshot", fold_));
      return exit_failed;
    }
    const auto written =
        replace_file(fold_, [&files](SnapshotSink& sink) { return fold_snapshots(files, sink); });
    return written ? exit_ok : refused(fold_, written.error());
  }

  EngineSettings settings_;
  std::string fold_;  // where to, if it is to be done
  bool json_ = false;
  bool diff_ = false;
};

}  // namespace

std::unique_ptr<Command> make_snapshot() { return std::make_unique<Snapshot>(); }

}  // namespace fermata::tool
