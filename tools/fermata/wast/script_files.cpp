// See script_files.hpp.
#include "tools/fermata/wast/script_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tools/fermata/input.hpp"
#include "tools/fermata/wast/json_script.hpp"

namespace fermata::tool::wast {
namespace {

namespace fs = std::filesystem;

Error io_error(std::string_view path, const std::error_code& code) {
  return {ErrorCode::io_failed, Phase::usage, fmt::format("{}: {}", path, code.message()),
          {}, {}, {}};
}

bool is_script(const fs::path& path) {
  return path.extension() == ".wast" ||
         (path.extension() == ".json" && path.filename() != "MANIFEST.json");
}

Result<std::vector<std::string>> find_below(std::string_view folder) {
  std::vector<std::string> found;
  std::error_code code;
  fs::recursive_directory_iterator it(folder, code);
  for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
    if (is_script(it->path()) && it->is_regular_file(code)) found.push_back(it->path().string());
  }
  if (code) return std::unexpected(io_error(folder, code));
  std::ranges::sort(found);
  return found;
}

}  // namespace

Result<std::vector<std::string>> find_scripts(std::span<const std::string_view> operands) {
  std::vector<std::string> files;
  for (const auto operand : operands) {
    std::error_code code;
    const auto status = fs::status(operand, code);
    if (!fs::exists(status)) {
      return std::unexpected(
          io_error(operand, code ? code : std::make_error_code(std::errc::no_such_file_or_directory)));
    }
    if (!fs::is_directory(status)) {
      files.emplace_back(operand);
      continue;
    }
    auto below = find_below(operand);
    if (!below) return below;
    std::ranges::move(*below, std::back_inserter(files));
  }
  return files;
}

Result<ScriptFile> read_script(const std::string& path) {
  if (path.ends_with(".json")) {
    auto json = read_json_script(path);
    if (!json) return std::unexpected(std::move(json.error()));
    return ScriptFile{std::move(json->source), std::move(json->script)};
  }
  const auto bytes = read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  auto script = text::parse_script({bytes->begin(), bytes->end()});
  if (!script) return std::unexpected(std::move(script.error()));
  return ScriptFile{path, std::move(*script)};
}

FolderRule rule_of(std::string_view path) {
  constexpr std::string_view proposals = "proposals/";
  FolderRule rule;
  if (path.find("legacy/") != path.npos) rule.unknown_proposal = "legacy-exceptions";
  const auto at = path.rfind(proposals);
  if (at == path.npos) return rule;
  const auto rest = path.substr(at + proposals.size());
  const auto proposal = rest.substr(0, rest.find('/'));
  const auto feature = parse_feature(proposal);
  if (feature) {
    rule.features = Features::wasm2().with(*feature);
  } else {
    rule.unknown_proposal = proposal;
  }
  return rule;
}

}  // namespace fermata::tool::wast
