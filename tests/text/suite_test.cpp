// The whole official suite through the text format: every script is read, every quoted malformed
// module is refused with the suite's words, and every module survives text to binary to text.
//
// The suite is looked for in FERMATA_TESTSUITE, then beside the repository; without it nothing is
// tested here, and that is said.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "lib/binary/decoder.hpp"
#include "lib/binary/encoder.hpp"
#include "lib/text/print/printer.hpp"
#include "tests/text/text_support.hpp"

namespace fermata::text {
namespace {

using namespace test;
namespace fs = std::filesystem;

fs::path suite_folder() {
  if (const char* given = std::getenv("FERMATA_TESTSUITE")) return given;
  const char* root = std::getenv("FERMATA_SOURCE_ROOT");
  return fs::path(root == nullptr ? "." : root) / ".." / "shared" / "testsuite";
}

std::vector<fs::path> scripts_in(const fs::path& folder) {
  std::vector<fs::path> scripts;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".wast") scripts.push_back(entry.path());
  }
  return scripts;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void check_survives(const ModuleData& module) {
  const std::vector<std::uint8_t> binary = encode(module);
  const auto decoded = decode(binary, Features::all());
  REQUIRE(decoded.has_value());
  CHECK(same_module(module, *decoded));
  const auto text = print_module(*decoded);
  REQUIRE(text.has_value());
  const auto again = parse_module(*text, Features::all());
  if (!again) FAIL_CHECK(again.error().message);
  if (!again) return;
  CHECK(same_module(module, *again));
  CHECK(encode(*again) == binary);
}

void check_accepted(const ScriptModule& module) {
  if (module.form == ScriptModule::Form::binary) return;
  const auto parsed = module.parse(Features::all());
  if (!parsed) FAIL_CHECK(parsed.error().message);
  if (parsed) check_survives(*parsed);
}

void check_malformed(const ScriptModule& module, const std::string& message) {
  if (module.form == ScriptModule::Form::binary) return;
  const auto parsed = module.parse(Features::all());
  if (parsed) FAIL_CHECK("accepted: " << module.source());
  if (!parsed) CHECK(parsed.error().message.substr(0, message.size()) == message);
}

void check_assertion(const AssertModule& assertion) {
  const auto* module = std::get_if<ScriptModule>(&assertion.module);
  if (module == nullptr) return;
  switch (assertion.kind) {
    case AssertModule::Kind::malformed:
    case AssertModule::Kind::malformed_custom:
    case AssertModule::Kind::invalid_custom:
      return check_malformed(*module, assertion.message);
    default:
      return check_accepted(*module);
  }
}

void check_script(const fs::path& path) {
  const auto script = parse_script(contents(path));
  if (!script) FAIL_CHECK(path << ": " << script.error().message);
  if (!script) return;
  for (const Command& command : script->commands) {
    INFO(path.filename().string() << ":" << command.line);
    if (const auto* module = std::get_if<ScriptModule>(&command.what)) check_accepted(*module);
    if (const auto* assertion = std::get_if<AssertModule>(&command.what)) {
      check_assertion(*assertion);
    }
  }
}

TEST_CASE("The official suite is read, judged and round-tripped") {
  const fs::path folder = suite_folder();
  const std::vector<fs::path> scripts = scripts_in(folder);
  if (scripts.empty()) {
    WARN("skipped: no test suite in " << folder << "; set FERMATA_TESTSUITE");
    return;
  }
  CHECK(scripts.size() >= 257);
  for (const fs::path& path : scripts) check_script(path);
  for (const fs::path& path : scripts_in(folder / "custom")) check_script(path);
  for (const fs::path& path : scripts_in(folder / "legacy")) check_script(path);
}

}  // namespace
}  // namespace fermata::text
