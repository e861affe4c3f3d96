// See script_files.hpp.
#include "tools/fermata/wast/script_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "tools/fermata/input.hpp"
#include "tools/fermata/wast/json_script.hpp"

namespace fermata::tool::wast {
namespace {

namespace fs = std::filesystem;

Error io_error(std::string_view path, std::string_view what) {
  Error error;
  error.code = ErrorCode::io_failed;
  error.phase = Phase::usage;
  error.message = fmt::format("{}: {}", path, what);
  return error;
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
  if (code) return std::unexpected(io_error(folder, code.message()));
  if (found.empty()) return std::unexpected(io_error(folder, "there are no scripts in it"));
  std::ranges::sort(found);
  return found;
}

}  // namespace

Result<std::vector<std::string>> find_scripts(std::span<const std::string_view> operands) {
  std::vector<std::string> files;
  for (const auto operand : operands) {
    std::error_code code;
    if (!fs::is_directory(operand, code)) {
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
  struct Folder {
    std::string_view name;
    FolderRule rule;
  };
  static const std::array<Folder, 5> folders = {{
      {"/proposals/threads/", {Features::wasm2().with(Feature::threads), {}}},
      {"/proposals/custom-descriptors/", {{}, "custom-descriptors"}},
      {"/proposals/custom-page-sizes/", {Features::wasm3().with(Feature::custom_page_sizes), {}}},
      {"/proposals/wide-arithmetic/", {Features::wasm3().with(Feature::wide_arithmetic), {}}},
      {"/legacy/", {Features::wasm3().with(Feature::legacy_exceptions), {}}},
  }};
  const auto rooted = fmt::format("/{}", fs::path(path).generic_string());
  for (const Folder& folder : folders) {
    if (rooted.find(folder.name) != rooted.npos) return folder.rule;
  }
  return {};
}

}  // namespace fermata::tool::wast
