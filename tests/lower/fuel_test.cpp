// Fuel, held against modules that count for themselves (tests/support/fuel_counter.hpp).
#include "tests/support/catch.hpp"
#include "tests/support/fuel_counter.hpp"
#include "tests/support/random_module.hpp"

namespace fermata::test {

TEST_CASE("random modules use the fuel that they count themselves") {
  ExecutionOptions debug{.dispatch = Dispatch::switch_, .lowering = Lowering::debug};
  ExecutionOptions unfused{.fusion = false};
  ExecutionOptions fused{.dispatch = Dispatch::goto_};
  constexpr std::uint64_t seeds = 300;
  std::size_t compared = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("fuzz/seeds " << seed << " 1");
    Choices choices = Choices::from_seed(seed);
    const auto module = load_random(random_module(choices));
    REQUIRE(module);
    for (ExecutionOptions mode : {debug, unfused, fused}) {
      mode.metering = true;
      const auto difference = find_fuel_difference(*module, mode, &compared);
      if (difference) FAIL(*difference);
    }
  }
  CHECK(compared > 4 * seeds);  // or the modules show too little
}

}  // namespace fermata::test
