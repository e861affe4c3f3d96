// The frames of random modules are the same in every mode, paused at host calls and at loops
// (tests/support/frame_comparison.hpp). bench/guest_frames.cpp does the same with programs.
#include "tests/support/catch.hpp"
#include "tests/support/frame_comparison.hpp"
#include "tests/support/module_builder.hpp"
#include "tests/support/random_module.hpp"

namespace fermata::test {
namespace {

std::vector<Value> values_of(const ResultType& types, std::size_t nth) {
  std::vector<Value> values;
  for (const ValType type : types) {
    values.push_back(type.is_ref() ? Value::null(type)
                                   : Value::from_bits(type, 5 * nth + values.size()));
  }
  return values;
}

/// One call of six throws. References are null, which the last tag may not take.
Answer invent(const PausingRun& run, std::size_t nth) {
  const auto& tags = run.module().tags;
  if (tags.size() < 2 || nth % 6 != 5) return values_of(run.host_type().results, nth);
  const TagIdx tag{static_cast<std::uint32_t>(nth / 6 % (tags.size() - 1))};
  const CompType& type = run.module().data.types[tags[tag.value].value].composite;
  return {values_of(std::get<FuncType>(type).params, nth), tag};
}

ExecutionOptions mode(Lowering lowering, bool fusion, Dispatch dispatch) {
  ExecutionOptions options;
  options.lowering = lowering;
  options.fusion = fusion;
  options.dispatch = dispatch;
  options.max_heap_bytes = 3000;
  return options;
}

}  // namespace

TEST_CASE("paused at any loop or host call, a random module's frames are those of debug lowering") {
  constexpr std::uint64_t seeds = 300;
  const auto debug = mode(Lowering::debug, false, Dispatch::switch_);
  Compared all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    for (const bool fusion : {true, false}) {
      INFO("seed " << seed << (fusion ? "" : " without fusion"));
      Choices choices = Choices::from_seed(seed);
      const Bytes bytes = random_module(choices);
      PausingRun reference(bytes, debug);
      PausingRun other(bytes, mode(Lowering::optimized, fusion, Dispatch::goto_));
      const Compared one = compare_frames(reference, other, invent, choices, 400);
      if (one.difference) FAIL(*one.difference);
      all.loops += one.loops;
      all.host_calls += one.host_calls;
      all.frames += one.frames;
    }
  }
  // Or the modules show too little.
  CHECK(all.loops > 4 * seeds);
  CHECK(all.host_calls > seeds);
  CHECK(all.frames > 10 * seeds);
}

TEST_CASE("a comparison tells runs that finish from runs that trap") {
  for (const bool traps : {false, true}) {
    ModuleBuilder m;
    m.export_func("_start", m.func({}, {}, {traps ? unreachable() : nop()}));
    const Bytes bytes = m.build();
    PausingRun reference(bytes, mode(Lowering::debug, false, Dispatch::switch_));
    PausingRun other(bytes, mode(Lowering::optimized, true, Dispatch::goto_));
    Choices choices = Choices::from_seed(1);
    const Compared seen = compare_frames(reference, other, invent, choices, 1);
    CHECK_FALSE(seen.difference);
    CHECK(seen.finished == !traps);
  }
}

}  // namespace fermata::test
