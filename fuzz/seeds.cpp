// seeds: runs random modules in every mode, seed after seed, without a fuzzer's help.
//
//   seeds FIRST COUNT           the seeds from FIRST on
//   seeds --bytes FILE          the choices in a file (an input of differential_fuzzer)
//   seeds --wasm FILE           a module as it is
//
// On a difference it says what differs, reduces the module and leaves difference-SEED.wasm,
// .bytes (the choices) and .wat in the working directory. It ends with 1 if there was one.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "lib/binary/decoder.hpp"
#include "lib/text/print/printer.hpp"
#include "tests/support/differential.hpp"
#include "tests/support/fuel_counter.hpp"
#include "tests/support/random_module.hpp"
#include "tests/support/reduce.hpp"

namespace {

using namespace fermata;
using namespace fermata::test;

constexpr ExecutionOptions metered{.metering = true};

/// What is wrong with a module: it is refused or the modes differ.
std::optional<std::string> find_fault(const Bytes& bytes, std::size_t* lines = nullptr) {
  const auto module = load_random(bytes);
  if (!module) return "refused: " + to_string(module.error());
  for (const Surroundings& around : all_surroundings) {
    if (auto difference = find_difference(*module, around, lines)) return difference;
  }
  return find_fuel_difference(*module, metered);
}

/// So that a reduction stays with the fault that it began with.
bool same_sort(const std::string& a, const std::string& b) {
  return a.starts_with("refused") == b.starts_with("refused");
}

template <class Bytes>
void write_file(const std::string& name, const Bytes& bytes) {
  std::ofstream file(name, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes read_file(const char* name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_module(const std::string& name, const Bytes& bytes) {
  write_file(name + ".wasm", bytes);
  const auto module = decode(bytes, Features::all());
  if (!module) return;
  if (const auto text = print_module(*module)) write_file(name + ".wat", *text);
}

/// Tells the fault, and the one that is left after reduction.
void report(const std::string& name, const Bytes& choices, const std::string& fault) {
  fmt::print("{}: {}\n", name, fault);
  std::fflush(stdout);
  const auto module_of_choices = [](const Bytes& bytes) {
    Choices again = Choices::from_bytes(bytes);
    return random_module(again, Memories::several);
  };
  const Bytes reduced = reduce(choices, [&](const Bytes& candidate) {
    const auto found = find_fault(module_of_choices(candidate));
    return found && same_sort(*found, fault);
  });
  const Bytes module = module_of_choices(reduced);
  write_file(name + ".bytes", reduced);
  write_module(name, module);
  fmt::print("reduced: {}\n", find_fault(module).value_or("gone"));
  std::fflush(stdout);
}

bool run_seed(std::uint64_t seed, std::size_t& lines_seen) {
  Choices choices = Choices::from_seed(seed);
  const Bytes bytes = random_module(choices, Memories::several);
  std::size_t lines = 0;
  const auto fault = find_fault(bytes, &lines);
  lines_seen += lines;
  if (fault) report(fmt::format("difference-{}", seed), choices.taken(), *fault);
  return !fault;
}

int run_seeds(std::uint64_t first, std::uint64_t count) {
  std::uint64_t failed = 0;
  std::size_t lines = 0;
  for (std::uint64_t i = 0; i < count && failed < 5; ++i) {
    if (!run_seed(first + i, lines)) ++failed;
  }
  fmt::print("{} seeds from {}: {} failed, {} lines each\n", count, first, failed, lines / count);
  return failed == 0 ? 0 : 1;
}

int run_module(const Bytes& bytes) {
  const auto fault = find_fault(bytes);
  fmt::print("{}\n", fault.value_or("all modes agree"));
  return fault ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: seeds FIRST COUNT | --bytes FILE | --wasm FILE\n");
    return 2;
  }
  const std::string_view first = argv[1];
  if (first == "--wasm") return run_module(read_file(argv[2]));
  if (first == "--bytes") {
    Choices choices = Choices::from_bytes(read_file(argv[2]));
    return run_module(random_module(choices, Memories::several));
  }
  return run_seeds(std::strtoull(argv[1], nullptr, 10), std::strtoull(argv[2], nullptr, 10));
}
