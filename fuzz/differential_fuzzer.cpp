// Fuzz target: random modules in every mode of execution. The input is the choices from which the
// module is made, so every input is a valid module. `seeds --bytes FILE` tells what an input shows.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

#include "tests/support/differential.hpp"
#include "tests/support/random_module.hpp"

namespace {

void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fermata;
  auto choices = test::Choices::from_bytes(std::span(data, size));
  const auto module = test::load_random(test::random_module(choices, test::Memories::several));
  if (!module) fail(to_string(module.error()));
  for (const test::Surroundings& around : test::all_surroundings) {
    if (const auto difference = test::find_difference(*module, around)) fail(*difference);
  }
  return 0;
}
