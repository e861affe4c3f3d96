// Listings of lowered code: each file in golden/ is a module in the text format and, behind a line
// of dashes, what its functions lower to with fusion.
//
// With FERMATA_UPDATE_GOLDEN=1 in the environment the listings are written instead of compared:
// look at the difference before it is committed. A listing shows a shape of code, not the way to
// it; when one changes, what counts is whether each difference is wanted.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "interp/lower/disassemble.hpp"
#include "lib/binary/encoder.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/text/parse/module_parser.hpp"
#include "tests/support/catch.hpp"

namespace fermata::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view divider = "\n--------\n";

fs::path golden_folder() {
  const char* root = std::getenv("FERMATA_SOURCE_ROOT");
  return fs::path(root == nullptr ? "." : root) / "tests/lower/golden";
}

std::vector<fs::path> golden_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(golden_folder())) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool updates() { return std::getenv("FERMATA_UPDATE_GOLDEN") != nullptr; }

std::string listing(const std::string& wat) {
  const auto parsed = parse_module(wat, Features::executable());
  if (!parsed) FAIL(to_string(parsed.error()));
  const auto module = Module::load(encode(*parsed), {.features = Features::executable()});
  if (!module) FAIL(to_string(module.error()));
  std::string text;
  for (std::uint32_t i = module->impl().imported_funcs; i < module->function_count(); ++i) {
    text += "function " + std::to_string(i) + "\n";
    text += disassemble(*module, FuncIdx{i}, CodeMode{.fusion = true, .debug = false});
  }
  return text;
}

}  // namespace

TEST_CASE("the listings of lowered code are what they were") {
  const auto files = golden_files();
  REQUIRE(files.size() >= 10);
  for (const fs::path& file : files) {
    INFO(file.string());
    const std::string text = contents(file);
    const std::string wat = text.substr(0, text.find(divider));
    const std::string now = wat + std::string(divider) + listing(wat);
    if (updates()) {
      std::ofstream(file, std::ios::binary) << now;
    } else {
      CHECK(text == now);
    }
  }
}

}  // namespace fermata::test
