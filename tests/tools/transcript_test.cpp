// The `fermata` command as a user sees it: transcripts in tests/tools/golden, run and compared.
//
// A transcript is a text file of commands and what came of them:
//
//   # a comment
//   $ the command, run by sh in a folder with the sample modules
//   > a line on standard output
//   ! a line on standard error
//   = the exit code, if it is not 0
//
// With FERMATA_UPDATE_GOLDEN=1 in the environment the files are written instead of compared: look
// at the difference before it is committed.
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/catch.hpp"
#include "tests/tools/sample_modules.hpp"

namespace fermata::test {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// A folder with the sample modules, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "fermata-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    fs::create_directory(path_ / "work");
    for (const auto& [file, bytes] : sample_modules()) {
      write(path_ / "work" / file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string prefixed(std::string_view prefix, const std::string& text) {
  std::istringstream in(text);
  std::string out, line;
  while (std::getline(in, line)) {
    out += prefix;
    if (!line.empty()) out += ' ' + line;
    out += '\n';
  }
  return out;
}

/// What came of a command, as a transcript shows it.
std::string run(const Folder& folder, const std::string& command) {
  const fs::path tool = environment("FERMATA_TOOL");
  write(folder.path() / "command", command);
  const auto shell = "cd '" + folder.path().string() + "/work' && PATH='" +
                     tool.parent_path().string() +
                     "':\"$PATH\" sh ../command >../out 2>../err </dev/null";
  const int status = std::system(shell.c_str());
  REQUIRE(WIFEXITED(status));
  auto result = prefixed(">", contents(folder.path() / "out"));
  result += prefixed("!", contents(folder.path() / "err"));
  if (const int code = WEXITSTATUS(status)) result += "= " + std::to_string(code) + '\n';
  return result;
}

/// The transcript with everything but its commands, comments and blank lines made anew.
std::string replay(const Folder& folder, const std::string& transcript) {
  std::istringstream in(transcript);
  std::string out, line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#' || line[0] == '$') out += line + '\n';
    if (line.starts_with("$ ")) out += run(folder, line.substr(2));
  }
  return out;
}

std::vector<fs::path> transcripts() {
  std::vector<fs::path> all;
  const fs::path root = environment("FERMATA_SOURCE_ROOT");
  for (const auto& entry : fs::directory_iterator(root / "tests/tools/golden")) {
    if (entry.path().extension() == ".txt") all.push_back(entry.path());
  }
  std::ranges::sort(all);
  return all;
}

TEST_CASE("the command does what its transcripts say") {
  REQUIRE(fs::exists(environment("FERMATA_TOOL")));
  const auto all = transcripts();
  REQUIRE(all.size() >= 7);
  const Folder folder;
  for (const auto& path : all) {
    const auto expected = contents(path);
    const auto found = replay(folder, expected);
    if (environment("FERMATA_UPDATE_GOLDEN") == "1") write(path, found);
    INFO(path);
    CHECK(found == (environment("FERMATA_UPDATE_GOLDEN") == "1" ? found : expected));
  }
}

}  // namespace
}  // namespace fermata::test
