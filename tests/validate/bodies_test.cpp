// Function bodies judged by several OS threads come to the verdict of one.
#include "lib/validate/bodies.hpp"

#include <string>

#include "tests/support/executors.hpp"
#include "tests/support/random_module.hpp"
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

std::string described(const Bytes& bytes, Executor* executor) {
  const ValidateOptions options{
      .executable = Features::all(), .executor = executor, .share_bytes = 20};
  return whole_verdict(bytes, options);
}

/// What one OS thread says, when all others say it too.
std::string agreed(const Bytes& bytes) {
  const std::string alone = described(bytes, nullptr);
  OsThreads threads;
  CHECK(described(bytes, &threads) == alone);
  Backwards backwards;
  CHECK(described(bytes, &backwards) == alone);
  Lazy lazy;
  CHECK(described(bytes, &lazy) == alone);
  return alone;
}

TEST_CASE("Random modules and damaged ones are judged alike by one OS thread and by several") {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Choices choices = Choices::from_seed(seed);
    const Bytes bytes = random_module(choices);
    for (int damage = 0; damage < 10; ++damage) {
      const Bytes changed = damaged(bytes, damage / 2, choices);
      INFO("seed " << seed << ", damage " << damage);
      ++(agreed(changed).starts_with("valid") ? valid : invalid);
    }
  }
  CHECK(valid > 50);
  CHECK(invalid > 50);
}

TEST_CASE("The error is that of the first function that has one, whoever finds one first") {
  ModuleBuilder module;
  for (int i = 0; i < 200; ++i) {
    Body body(8, nop());
    // The sooner it comes the longer it takes to get there.
    if (i >= 150) body = Body(static_cast<std::size_t>(200 - i) * 40, nop());
    if (i == 150) body.push_back(drop());
    if (i > 150) body.push_back(i32_const(i));
    module.func({}, {}, body);
  }
  const Bytes bytes = module.build();
  for (int turn = 0; turn < 20; ++turn) {
    const std::string error = agreed(bytes);
    CHECK_THAT(error, Catch::Matchers::Contains("function 150"));
  }
}

TEST_CASE(
    "Work is handed out as soon as there is enough for two, and to no more than were asked for") {
  const auto calls = [](int functions) {
    ModuleBuilder module;
    for (int i = 0; i < functions; ++i) module.func({}, {}, Body(25, nop()));
    OsThreads threads;
    CHECK(described(module.build(), &threads).starts_with("valid"));
    return threads.calls;
  };
  CHECK(calls(0) == 0);
  CHECK(calls(1) == 0);
  CHECK(calls(2) == 2);
  CHECK(calls(9) == 3);
}

TEST_CASE("What several OS threads find out is what one does") {
  ModuleBuilder module;
  for (int i = 0; i < 30; ++i) {
    Body body;
    for (int depth = 0; depth <= i; ++depth) body.push_back(i32_const(depth));
    for (int depth = 0; depth <= i; ++depth) body.push_back(drop());
    module.func({}, {}, body);
  }
  std::string expected = "valid:";
  for (int i = 1; i <= 30; ++i) expected += ' ' + std::to_string(i);
  CHECK(agreed(module.build()) == expected);
}

TEST_CASE("Module::load uses the embedder's OS threads for what is large") {
  ModuleBuilder module;
  for (int i = 0; i < 3; ++i) module.func({}, {}, Body(100'000, nop()));
  OsThreads threads;
  CHECK(Module::load(module.build(), {.executor = &threads}).has_value());
  CHECK(threads.calls == 3);
}

}  // namespace
}  // namespace fermata
