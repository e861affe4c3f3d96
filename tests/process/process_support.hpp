// What tests of processes share: modules loaded from a builder, and outcomes taken apart.
//
// A failed expectation ends the test here, so that tests read as a sequence of what must happen.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/text.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

inline Module load(const ModuleBuilder& builder, Features features = Features::executable()) {
  auto module = Module::load(builder.build(), {features});
  if (!module) FAIL(to_string(module.error()));
  return *module;
}

/// Numbers the imports 0, 1, 2 ... in their order.
inline Resolver in_order() {
  return [next = std::uint64_t{0}](const FunctionImport&) mutable { return std::optional(next++); };
}

inline Process create(const ModuleBuilder& builder, const ProcessOptions& options = {}) {
  auto process = Process::create(load(builder), in_order(), options);
  if (!process) FAIL(to_string(process.error()));
  return std::move(*process);
}

inline ErrorCode creation_error(const ModuleBuilder& builder, const ProcessOptions& options = {}) {
  const auto process = Process::create(load(builder), in_order(), options);
  if (process) FAIL("the process was created");
  return process.error().code;
}

inline Outcome run(Thread thread, std::vector<Value> values = {}) {
  auto outcome = thread.run(values);
  if (!outcome) FAIL(to_string(outcome.error()));
  return *outcome;
}

/// Runs the thread, which must call this host function; the arguments.
inline std::vector<Value> expect_call(Thread thread, std::uint64_t number,
                                      std::vector<Value> values = {}) {
  const Outcome outcome = run(thread, std::move(values));
  REQUIRE(std::holds_alternative<HostCall>(outcome));
  const auto call = std::get<HostCall>(outcome);
  CHECK(call.number == number);
  return {call.arguments.begin(), call.arguments.end()};
}

/// Runs the thread, which must finish; the results.
inline std::vector<Value> expect_finish(Thread thread, std::vector<Value> values = {}) {
  const Outcome outcome = run(thread, std::move(values));
  REQUIRE(std::holds_alternative<Finished>(outcome));
  const auto results = std::get<Finished>(outcome).results;
  return {results.begin(), results.end()};
}

/// Runs the thread, which must trap; why.
inline Trap expect_trap(Thread thread, std::vector<Value> values = {}) {
  const Outcome outcome = run(thread, std::move(values));
  REQUIRE(std::holds_alternative<Trapped>(outcome));
  return std::get<Trapped>(outcome).trap;
}

inline ErrorCode run_error(Thread thread, std::vector<Value> values = {}) {
  const auto outcome = thread.run(values);
  if (outcome) FAIL("the thread ran");
  return outcome.error().code;
}

template <class T>
T ok(Result<T> result) {
  if (!result) FAIL(to_string(result.error()));
  return std::move(*result);
}
inline void ok(Result<void> result) {
  if (!result) FAIL(to_string(result.error()));
}
template <class T>
ErrorCode error_of(const Result<T>& result) {
  if (result) FAIL("it was no error");
  return result.error().code;
}

using Values = std::vector<Value>;

/// The export `run` of an instance alone in a store.
struct Alone {
  Store store;
  InstanceRef instance;

  Alone(std::string_view text, const ExecutionOptions& mode)
      : store(mode), instance(ok(store.instantiate(ok(parse_text(text)), {}))) {}

  Outcome run(Values arguments = {}) {
    return test::run(ok(store.start_thread(ok(instance.function("run")), arguments)));
  }
  Values results(Values arguments = {}) {
    const Outcome outcome = run(std::move(arguments));
    REQUIRE(std::holds_alternative<Finished>(outcome));
    const auto results = std::get<Finished>(outcome).results;
    return {results.begin(), results.end()};
  }
  Trap trap(Values arguments = {}) {
    const Outcome outcome = run(std::move(arguments));
    REQUIRE(std::holds_alternative<Trapped>(outcome));
    return std::get<Trapped>(outcome).trap;
  }
};

/// Every way of running; the first is the debug lowering by the switch. That is never fused.
inline std::vector<ExecutionOptions> modes() {
  std::vector<ExecutionOptions> all;
  const auto add = [&all](Lowering lowering, bool fusion) {
    for (const Dispatch dispatch : {Dispatch::switch_, Dispatch::goto_}) {
      ExecutionOptions& mode = all.emplace_back();
      mode.lowering = lowering;
      mode.fusion = fusion;
      mode.dispatch = dispatch;
    }
  };
  add(Lowering::debug, false);
  add(Lowering::optimized, false);
  add(Lowering::optimized, true);
  return all;
}

}  // namespace fermata::test
