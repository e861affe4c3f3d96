// Random modules show the same in every mode of execution (tests/support/differential.hpp says what
// is compared). `fuzz/seeds` runs more of them, and reduces one that does not.
#include "tests/support/differential.hpp"

#include <set>

#include "lib/binary/instruction_reader.hpp"
#include "lib/module/module_impl.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/random_module.hpp"

namespace fermata::test {
namespace {

/// As `fuzz/seeds` makes it.
Bytes module_of_seed(std::uint64_t seed) {
  Choices choices = Choices::from_seed(seed);
  return random_module(choices, Memories::several);
}

}  // namespace

TEST_CASE("random modules are valid and show the same in every mode") {
  constexpr std::uint64_t seeds = 150;
  std::size_t lines = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("fuzz/seeds " << seed << " 1");
    const auto module = load_random(module_of_seed(seed));
    if (!module) FAIL(to_string(module.error()));
    std::size_t seen = 0;
    const Surroundings& around =
        all_surroundings[static_cast<std::size_t>(seed % all_surroundings.size())];
    const auto difference = find_difference(*module, around, &seen);
    if (difference) FAIL(*difference);
    lines += seen;
  }
  CHECK(lines / seeds > 100);  // or the modules show too little
}

TEST_CASE("the same seed gives the same module, and so do the choices that it took") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Choices choices = Choices::from_seed(seed);
    const Bytes module = random_module(choices, Memories::several);
    CHECK(module == module_of_seed(seed));
    Choices again = Choices::from_bytes(choices.taken());
    CHECK(module == random_module(again, Memories::several));
  }
}

TEST_CASE("random modules for any engine leave nothing to it") {
  constexpr Features strict = Features::executable()
                                  .without(Feature::relaxed_simd)
                                  .without(Feature::wide_arithmetic)
                                  .without(Feature::legacy_exceptions);
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("fuzz/transcripts seeds FOLDER " << seed << " 1");
    Choices choices = Choices::from_seed(seed);
    const Bytes bytes = random_module(choices, Memories::several, Engines::any);
    REQUIRE(Module::load(bytes, {.features = strict}));
    const auto module = load_random(bytes);
    Mode mode = all_modes().front();
    const Story as_computed = tell(*module, mode);
    mode.execution.canonical_nan = true;
    // Neither sees another NaN, which would show in memory, globals or where a branch goes.
    CHECK(tell(*module, mode) == as_computed);
  }
}

TEST_CASE("choices from no bytes at all make a small valid module") {
  Choices choices = Choices::from_bytes({});
  const Bytes module = random_module(choices);
  CHECK(module.size() < 1000);
  CHECK(load_random(module).has_value());
}

TEST_CASE("random modules have every instruction that there is to lower") {
  std::set<WasmOp> seen;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const auto module = load_random(module_of_seed(seed));
    REQUIRE(module);
    for (const FuncDef& function : module->impl().data.functions) {
      InstructionReader reader(module->impl().data.bytes, function.body, module->features());
      for (Instruction in; reader.next(in);) seen.insert(in.op);
    }
  }
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto op = static_cast<WasmOp>(i);
    const auto feature = info(op).feature;
    if (feature && !Features::executable().has(*feature)) continue;
    INFO(info(op).text);
    CHECK((seen.contains(op) || op == WasmOp::nop));
  }
}

}  // namespace fermata::test
