// See report.hpp.
#include "tools/fermata/wast/report.hpp"

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "tools/fermata/console.hpp"
#include "tools/fermata/output.hpp"

namespace fermata::tool::wast {
namespace {

const Failed* failure(const CommandReport& report) {
  return report.verdict ? nullptr : std::get_if<Failed>(&report.verdict.error());
}

const Skipped* skip(const CommandReport& report) {
  return report.verdict ? nullptr : std::get_if<Skipped>(&report.verdict.error());
}

/// Where a command stands: `i32.wast:12`, or `i32.json: i32.wast:12`.
std::string place(const FileReport& file, const CommandReport& command) {
  auto place = file.file;
  if (file.script != file.file) place += fmt::format(": {}", file.script);
  if (command.line != 0) place += fmt::format(":{}", command.line);
  return place;
}

/// Printable lines, the first of a message's at the margin.
std::string lines(std::string_view message) {
  std::string out;
  for (;;) {
    const auto end = message.find('\n');
    out += printable(message.substr(0, end)) + '\n';
    if (end == message.npos) return out;
    message.remove_prefix(end + 1);
  }
}

void add(Tally& tally, const FileReport& file) {
  for (const CommandReport& command : file.commands) {
    if (command.verdict) {
      ++tally.passed;
    } else if (const Skipped* skipped = skip(command)) {
      ++tally.skipped;
      ++tally.by_proposal[skipped->proposal];
    } else {
      ++tally.failed;
    }
  }
}

}  // namespace

Tally count(const FileReport& report) { return count(std::span(&report, 1)); }

Tally count(std::span<const FileReport> reports) {
  Tally tally;
  for (const FileReport& file : reports) add(tally, file);
  return tally;
}

// --- text
// -----------------------------------------------------------------------------------------

std::string summary_text(std::span<const FileReport> reports) {
  std::string text;
  for (const FileReport& file : reports) {
    for (const CommandReport& command : file.commands) {
      const Failed* failed = failure(command);
      if (failed == nullptr) continue;
      text += lines(fmt::format("{}: {}: {}", place(file, command), command.command, failed->why));
    }
  }
  const Tally tally = count(reports);
  for (const auto& [proposal, skipped] : tally.by_proposal) {
    text += lines(fmt::format("skipped, not judged: {}: {}", proposal, skipped));
  }
  return text + fmt::format("{} passed, {} failed, {} skipped\n", tally.passed, tally.failed,
                            tally.skipped);
}

// --- JSON
// -----------------------------------------------------------------------------------------

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Tally& tally) {
  return {{"passed", tally.passed}, {"failed", tally.failed}, {"skipped", tally.by_proposal}};
}

Json json_of(const FileReport& file) {
  Json json = {{"file", file.file}, {"seconds", file.time.count()}};
  json.update(json_of(count(file)));
  Json failures = Json::array();
  for (const CommandReport& command : file.commands) {
    if (const Failed* failed = failure(command)) {
      failures.push_back(
          {{"line", command.line}, {"command", command.command}, {"message", failed->why}});
    }
  }
  json["failures"] = std::move(failures);
  return json;
}

}  // namespace

std::string json_text(std::span<const FileReport> reports) {
  Json json = json_of(count(reports));
  Json files = Json::array();
  for (const FileReport& file : reports) files.push_back(json_of(file));
  json["files"] = std::move(files);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

// --- JUnit
// ----------------------------------------------------------------------------------------

namespace {

/// In an attribute. XML has no way to write most control characters.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string test_case(const FileReport& file, const CommandReport& command) {
  auto text = fmt::format("  <testcase classname=\"{}\" name=\"{}:{}\"", escape(file.file),
                          command.command, command.line);
  if (const Failed* failed = failure(command)) {
    return text + fmt::format("><failure message=\"{}\"/></testcase>\n", escape(failed->why));
  }
  if (const Skipped* skipped = skip(command)) {
    return text + fmt::format("><skipped message=\"{}\"/></testcase>\n", escape(skipped->proposal));
  }
  return text + "/>\n";
}

}  // namespace

std::string junit_text(std::span<const FileReport> reports) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const FileReport& file : reports) {
    const Tally tally = count(file);
    text += fmt::format(
        " <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3f}\">\n",
        escape(file.file), file.commands.size(), tally.failed, tally.skipped, file.time.count());
    for (const CommandReport& command : file.commands) text += test_case(file, command);
    text += " </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

// --- files
// ----------------------------------------------------------------------------------------

bool write_file(const std::string& path, std::string_view text) {
  Output output(path);
  output.write(text);
  const auto written = output.close();
  if (!written) complain(path, written.error());
  return written.has_value();
}

}  // namespace fermata::tool::wast
