// carry: snapshots from one build of Fermata to another.
//
//   carry write PACK [OPTIONS] GUEST.wasm...    runs guests, pausing at random fuel counts
//   carry write PACK [OPTIONS] --suite FOLDER   so what the scripts of the official suite call
//   carry write PACK [OPTIONS] --random N       and random modules (tests/support)
//   carry read [OPTIONS] PACK...                restores each snapshot of another one's pack,
//                                               saves it again and runs it on
//
// Options of both: --dispatch switch|goto, --lowering optimized|debug, --fusion on|off.
// Of `write`: --seed N (of random modules the first one's), --pauses N (of a run, at most),
// --fuel N (of a run, at most).
// Of `read`: --links (each only until the next pause, which must be the next snapshot, instead of
// to the end: the same proof in less time).
//
// The pack of the same programs with the same seed is the same file, whatever build has written it.
// Ends with 1 when anything differs, with 2 when it cannot be told.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include "tests/carry/suite.hpp"
#include "tests/support/random_module.hpp"

namespace {

using namespace fermata;
using namespace fermata::test;
namespace fs = std::filesystem;

struct Arguments {
  ExecutionOptions execution;
  RecordOptions record;
  Until until = Until::end;
  std::string suite;
  std::uint64_t random_modules = 0;
  std::vector<std::string> operands;
};

[[noreturn]] void give_up(std::string_view why) {
  fmt::print(stderr, "carry: {}\n", why);
  std::exit(2);
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) {
    give_up(fmt::format("'{}' is not a number", text));
  }
  return number;
}

/// Whether it is the first of these; must be one of them.
bool is_first(std::string_view value, std::string_view first, std::string_view second) {
  if (value != first && value != second) {
    give_up(fmt::format("'{}' is neither {} nor {}", value, first, second));
  }
  return value == first;
}

void set_option(Arguments& arguments, std::string_view name, std::string_view value) {
  ExecutionOptions& execution = arguments.execution;
  if (name == "--dispatch") {
    execution.dispatch = is_first(value, "switch", "goto") ? Dispatch::switch_ : Dispatch::goto_;
  } else if (name == "--lowering") {
    const bool is_debug = is_first(value, "debug", "optimized");
    execution.lowering = is_debug ? Lowering::debug : Lowering::optimized;
  } else if (name == "--fusion") {
    execution.fusion = is_first(value, "on", "off");
  } else if (name == "--seed") {
    arguments.record.seed = number_of(value);
  } else if (name == "--pauses") {
    arguments.record.pauses = static_cast<std::size_t>(number_of(value));
  } else if (name == "--fuel") {
    arguments.record.fuel = number_of(value);
  } else if (name == "--random") {
    arguments.random_modules = number_of(value);
  } else if (name == "--suite") {
    arguments.suite = value;
  } else {
    give_up(fmt::format("there is no option {}", name));
  }
}

Arguments parse(std::span<char* const> words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--links") {
      arguments.until = Until::next_stop;
    } else if (!word.starts_with("--")) {
      arguments.operands.emplace_back(word);
    } else if (i + 1 < words.size()) {
      set_option(arguments, word, words[++i]);
    } else {
      give_up(fmt::format("{} needs a value", word));
    }
  }
  return arguments;
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) give_up(fmt::format("cannot read {}", path.string()));
  return {std::istreambuf_iterator<char>(file), {}};
}

Module load_module(std::string_view name, const std::string& bytes) {
  auto module = Module::load({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                             {Features::executable()});
  if (!module) give_up(fmt::format("{}: {}", name, to_string(module.error())));
  return *module;
}

/// The first of them; whether there is none.
bool report(std::span<const std::string> faults) {
  constexpr std::size_t most = 40;
  for (const std::string& fault : faults.first(std::min(most, faults.size()))) {
    fmt::print("{}\n", fault);
  }
  return faults.empty();
}

// --- write ---------------------------------------------------------------------------------------

bool write_suite(PackWriter& pack, const Arguments& arguments) {
  std::vector<fs::path> scripts;
  for (const auto& entry : fs::recursive_directory_iterator(arguments.suite)) {
    if (entry.path().extension() == ".wast") scripts.push_back(entry.path());
  }
  if (scripts.empty()) give_up(fmt::format("there are no scripts in {}", arguments.suite));
  std::ranges::sort(scripts);
  SuiteRecorder recorder(pack, arguments.execution, arguments.record);
  for (const fs::path& path : scripts) {
    const auto script = text::parse_script(read_file(path));
    const std::string name = path.lexically_relative(arguments.suite).generic_string();
    if (script) {
      recorder.record_script(name, *script);
    } else {
      fmt::print("left out: {}: {}\n", name, to_string(script.error()));
    }
  }
  const SuiteTally& tally = recorder.tally();
  for (const auto& [reason, count] : tally.left_out) {
    fmt::print("left out, {}: {} of assert_return\n", reason, count);
  }
  fmt::print("{} calls ({} of assert_return), {} snapshots, {} faults\n", tally.runs,
             tally.asserted, tally.stops, tally.faults.size());
  return report(tally.faults);
}

/// Runs of modules, one each.
class GuestRecorder {
 public:
  GuestRecorder(PackWriter& pack, const Arguments& arguments)
      : pack_(pack), arguments_(arguments) {}

  void record_guest(const std::string& name, const std::string& bytes,
                    const RecordOptions& options) {
    const Module module = load_module(name, bytes);
    const Begin begin = [&] {
      return Passenger::create(module, passenger_options(arguments_.execution, options.heap));
    };
    if (const auto passenger = begin(); !passenger) {
      left_out_.push_back(fmt::format("{}: {}", name, to_string(passenger.error())));
      return;
    }
    RandomNumbers random(options.seed);
    const auto recorded = record(name, begin, options, random);
    if (!recorded) return faults_.push_back(fmt::format("{}: {}", name, recorded.error()));
    pack_.write(CarriedModule{bytes});
    pack_.write(recorded->run);
    ++runs_;
    stops_ += recorded->run.stops.size();
  }

  /// Those that were no process.
  const std::vector<std::string>& left_out() const { return left_out_; }
  bool report_all() const {
    fmt::print("{} runs, {} snapshots, {} faults\n", runs_, stops_, faults_.size());
    return report(faults_);
  }

 private:
  PackWriter& pack_;
  const Arguments& arguments_;
  std::size_t runs_ = 0;
  std::size_t stops_ = 0;
  std::vector<std::string> left_out_;
  std::vector<std::string> faults_;
};

bool write_guests(PackWriter& pack, const Arguments& arguments) {
  GuestRecorder recorder(pack, arguments);
  for (const std::string& path : arguments.operands) {
    recorder.record_guest(fs::path(path).stem().string(), read_file(path), arguments.record);
  }
  return report(recorder.left_out()) && recorder.report_all();
}

/// In heaps of such sizes that some are collected, and some are exhausted, when a process is
/// created, too.
bool write_random(PackWriter& pack, const Arguments& arguments) {
  constexpr std::array<std::uint64_t, 3> heaps{100'000, 6000, 2000};
  GuestRecorder recorder(pack, arguments);
  RecordOptions options = arguments.record;
  for (std::uint64_t i = 0; i < arguments.random_modules; ++i, ++options.seed) {
    options.heap = heaps[static_cast<std::size_t>(options.seed % heaps.size())];
    Choices choices = Choices::from_seed(options.seed);
    const Bytes bytes = random_module(choices);
    recorder.record_guest(fmt::format("random {}", options.seed), {bytes.begin(), bytes.end()},
                          options);
  }
  fmt::print("{} left out\n", recorder.left_out().size());
  return recorder.report_all();
}

bool write(Arguments arguments) {
  if (arguments.operands.empty()) give_up("no file to write");
  const std::string path = arguments.operands.front();
  arguments.operands.erase(arguments.operands.begin());
  PackWriter pack(path);
  const bool agree = arguments.random_modules > 0 ? write_random(pack, arguments)
                     : arguments.suite.empty()    ? write_guests(pack, arguments)
                                                  : write_suite(pack, arguments);
  if (!pack.finish()) give_up(fmt::format("cannot write {}", path));
  return agree;
}

// --- read ----------------------------------------------------------------------------------------

bool read(const Arguments& arguments) {
  std::vector<std::string> faults;
  std::size_t runs = 0;
  std::size_t stops = 0;
  for (const std::string& path : arguments.operands) {
    PackReader pack(path);
    std::optional<Module> module;
    while (const auto item = pack.next()) {
      if (const auto* carried = std::get_if<CarriedModule>(&*item)) {
        module = load_module(path, carried->bytes);
        continue;
      }
      const Run& run = std::get<Run>(*item);
      ++runs;
      stops += run.stops.size();
      if (!module) give_up(fmt::format("{}: a run without its module", path));
      auto differs = find_difference(*module, run, arguments.until, arguments.execution);
      if (differs) faults.push_back(std::move(*differs));
    }
    if (pack.failed()) give_up(fmt::format("cannot read {}", path));
  }
  fmt::print("{} runs, {} snapshots, {} faults\n", runs, stops, faults.size());
  return report(faults) && stops > 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span words(argv, static_cast<std::size_t>(argc));
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command != "write" && command != "read") {
    give_up(
        "usage: carry write PACK [OPTIONS] (GUEST.wasm... | --suite FOLDER | --random N) | read "
        "PACK...");
  }
  const Arguments arguments = parse(words.subspan(2));
  return (command == "write" ? write(arguments) : read(arguments)) ? 0 : 1;
}
