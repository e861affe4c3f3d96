// What loading costs: decoding and validating a module, in megabytes of code a second, and what
// each takes from the heap.
//
//   load FILE.wasm [ROUNDS]
//
// Prints the least of all rounds, in processor time, since other programs take their share of the
// clock. A megabyte is a million bytes; code is the bytes of function bodies, whatever else is in
// the file. Uses the library's internal interface, to tell the two steps apart.
#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "lib/binary/decoder.hpp"
#include "lib/module/module_impl.hpp"

namespace {

std::uint64_t allocations = 0;  // every operator new of the program; it has one thread

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const block = std::malloc(std::max<std::size_t>(size, 1))) return block;
  std::abort();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }

namespace {

using fermata::Features;
using fermata::ModuleData;
using fermata::NameReading;

/// What one step took, the least of several times.
struct Cost {
  double seconds = std::numeric_limits<double>::max();
  std::uint64_t allocations = 0;
};

/// Does `step` and gives its result.
template <class Step>
auto measure(Cost& cost, Step&& step) {
  const std::uint64_t allocations_before = allocations;
  const std::clock_t begin = std::clock();
  auto result = step();
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  cost.seconds = std::min(cost.seconds, seconds);
  cost.allocations = allocations - allocations_before;
  return result;
}

std::vector<std::uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t code_bytes(const ModuleData& module) {
  std::uint64_t bytes = 0;
  for (const auto& function : module.functions) bytes += function.body.size();
  return bytes;
}

void print(const char* what, const Cost& cost, std::uint64_t code) {
  fmt::print("{:10} {:8.2f} ms {:8.0f} MB/s {:9} allocations\n", what, cost.seconds * 1e3,
             static_cast<double>(code) / cost.seconds / 1e6, cost.allocations);
}

int fail(const fermata::Error& error) {
  fmt::print(stderr, "{}\n", to_string(error));
  return 1;
}

int load(const std::vector<std::uint8_t>& bytes, int rounds) {
  Cost decoding;
  Cost validation;
  std::uint64_t code = 0;
  std::size_t functions = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::uint8_t> copy = bytes;
    auto data = measure(decoding, [&] {
      return decode(std::move(copy), Features::executable(), NameReading::later);
    });
    if (!data) return fail(data.error());
    code = code_bytes(*data);
    functions = data->functions.size();
    const auto module =
        measure(validation, [&] { return make_module(std::move(*data), Features::executable()); });
    if (!module) return fail(module.error());
  }
  fmt::print("{} bytes, {} of them code, {} functions\n", bytes.size(), code, functions);
  print("decode", decoding, code);
  print("validate", validation, code);
  print("both",
        {decoding.seconds + validation.seconds, decoding.allocations + validation.allocations},
        code);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2 && count != 3) {
    fmt::print(stderr, "usage: load FILE.wasm [ROUNDS]\n");
    return 2;
  }
  const std::vector<std::uint8_t> bytes = read_file(arguments[1]);
  return load(bytes, count == 3 ? std::max(1, std::atoi(arguments[2])) : 10);
}
