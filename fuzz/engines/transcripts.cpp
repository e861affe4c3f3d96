// transcripts: what random modules, or those at hand, do here, for another engine to do the same.
//
//   transcripts seeds FOLDER FIRST COUNT     random modules
//   transcripts modules FOLDER FILE...       modules as they are, binary or text (.wat)
//   transcripts reduce SEED FILE COMMAND...  the simplest module like the seed's for which the
//                                            command, with FILE at its end, ends with 1; leaves it
//                                            in FILE, its text in FILE.wat
//
// Of each module NAME it leaves NAME.wasm in the folder, its companions NAME.host.wasm and
// NAME.witness.wasm, and NAME.transcript; if a mode's transcript is another than the first mode's,
// NAME.MODE.transcript as well. It prints a line of NAME, why there are no companions, and the
// proposals that the module needs, with tabs between them. `scripts/differential` calls it.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/text.hpp"
#include "fuzz/engines/transcript.hpp"
#include "tests/support/differential.hpp"
#include "tests/support/random_module.hpp"
#include "tests/support/reduce.hpp"

namespace {

using namespace fermata;
using namespace fermata::test;
using std::filesystem::path;

Bytes read_file(const path& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Bytes read_module(const path& name) {
  const Bytes bytes = read_file(name);
  if (name.extension() != ".wat") return bytes;
  const auto module = wat_to_wasm({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!module) throw std::runtime_error(name.string() + ": " + to_string(module.error()));
  return *module;
}

template <class Contents>
void write_file(const path& name, const Contents& contents) {
  std::ofstream file(name, std::ios::binary);
  file.write(reinterpret_cast<const char*>(contents.data()),
             static_cast<std::streamsize>(contents.size()));
  if (!file) throw std::runtime_error("cannot write " + name.string());
}

void write_lines(const path& name, const Transcript& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  write_file(name, text);
}

/// Those of the differential that are about running alone: a store is not reset, nor stopped on the
/// way.
std::vector<Mode> modes() {
  std::vector<Mode> chosen = all_modes();
  std::erase_if(chosen, [](const Mode& mode) { return mode.after_reset || mode.slice; });
  return chosen;
}

/// Nothing, or why there are no companions.
std::string write_run(const path& folder, const std::string& name, const Bytes& bytes) {
  write_file(folder / (name + ".wasm"), bytes);
  const auto guest = Module::load(bytes, {.features = Features::executable()});
  if (!guest) {
    write_lines(folder / (name + ".transcript"), {"= refused: " + to_string(guest.error())});
    return "";
  }
  const auto companions = make_companions(bytes);
  if (!companions) return companions.error();
  write_file(folder / (name + ".host.wasm"), companions->host);
  write_file(folder / (name + ".witness.wasm"), companions->witness);
  std::optional<Transcript> first;
  for (const Mode& mode : modes()) {
    const Transcript transcript = transcribe(*guest, *companions, mode.execution);
    if (!first) {
      first = transcript;
      write_lines(folder / (name + ".transcript"), transcript);
    } else if (transcript != *first) {
      write_lines(folder / fmt::format("{}.{}.transcript", name, mode.name()), transcript);
    }
  }
  return "";
}

/// The proposals without which it is refused.
std::string needs(const Bytes& bytes) {
  std::string names;
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    const ModuleOptions without{.features = Features::executable().without(feature)};
    if (Module::load(bytes, without)) continue;
    names += (names.empty() ? "" : " ") + std::string(to_string(feature));
  }
  return names;
}

void run_module(const path& folder, const std::string& name, const Bytes& bytes) {
  const std::string why = write_run(folder, name, bytes);
  fmt::print("{}\t{}\t{}\n", name, why, needs(bytes));
  std::fflush(stdout);
}

Bytes module_of(Choices& choices) {
  return random_module(choices, Memories::several, Engines::any);
}

int run_seeds(const path& folder, std::uint64_t first, std::uint64_t count) {
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    Choices choices = Choices::from_seed(seed);
    run_module(folder, std::to_string(seed), module_of(choices));
  }
  return 0;
}

int run_modules(const path& folder, const std::vector<std::string>& files) {
  for (const path file : files) {
    run_module(folder, file.stem().string(), read_module(file));
  }
  return 0;
}

int reduce_seed(std::uint64_t seed, const path& file, const std::vector<std::string>& command) {
  std::string line;
  for (const std::string& word : command) line += "'" + word + "' ";
  line += "'" + file.string() + "' >/dev/null 2>&1";
  const auto fails = [&](const Bytes& bytes) {
    Choices choices = Choices::from_bytes(bytes);
    write_file(file, module_of(choices));
    const int status = std::system(line.c_str());
    return status != -1 && WIFEXITED(status) && WEXITSTATUS(status) == 1;
  };
  Choices choices = Choices::from_seed(seed);
  static_cast<void>(module_of(choices));
  Choices reduced = Choices::from_bytes(reduce(choices.taken(), fails));
  const Bytes module = module_of(reduced);
  write_file(file, module);
  if (const auto text = wasm_to_wat(module)) write_file(file.string() + ".wat", *text);
  return 0;
}

int run(const std::vector<std::string>& words) {
  const auto number = [&](std::size_t i) { return std::strtoull(words[i].c_str(), nullptr, 10); };
  const std::vector<std::string> rest(words.begin() + std::min<std::size_t>(words.size(), 2),
                                      words.end());
  if (words.size() == 4 && words[0] == "seeds") return run_seeds(words[1], number(2), number(3));
  if (words.size() > 2 && words[0] == "modules") return run_modules(words[1], rest);
  if (words.size() > 3 && words[0] == "reduce") {
    return reduce_seed(number(1), words[2], {words.begin() + 3, words.end()});
  }
  fmt::print(stderr,
             "usage: transcripts seeds FOLDER FIRST COUNT | modules FOLDER FILE... | "
             "reduce SEED FILE COMMAND...\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    fmt::print(stderr, "transcripts: {}\n", error.what());
    return 3;
  }
}
