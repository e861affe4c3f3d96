// Fuzz target: the command line, of every subcommand.
//
// The first byte says which subcommand; what follows are its words, one a line. No command is run.
// Beyond not crashing: an error is one line, that a terminal can show; whatever was given, the help
// is the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz/check.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/console.hpp"

namespace {

using namespace fermata;
using namespace fermata::tool;

constexpr std::array commands = {make_run,      make_resume,   make_replay,  make_snapshot,
                                 make_validate, make_dump,     make_extract, make_disasm,
                                 make_wat2wasm, make_wasm2wat, make_wast};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    lines.push_back(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return -1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto words = lines_of(text);
  const auto command = commands[data[0] % commands.size()]();
  const auto options = command->options();
  const auto help = describe_options(options);
  const auto line = parse_command_line(words, options, command->describe().operands_end_options);
  check(describe_options(options) == help, "the help does not depend on what was given");
  if (line) {
    check(line->operands.size() <= words.size(), "there are no more operands than words");
    return 0;
  }
  check(!line.error().empty(), "an error has a message");
  check(printable(line.error()).find('\n') == std::string::npos, "an error is one line");
  return 0;
}
