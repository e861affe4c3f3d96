// Tail calls: the frame of the caller is given up, whoever is called and from wherever, so a chain
// of them takes no more than its largest frame. Specification: "Execution / Function Calls".
#include <fmt/format.h>

#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Module module_of(std::string_view text) { return ok(parse_text(text)); }

Process started(const Module& module, ProcessOptions options, std::vector<Value> arguments) {
  options.entry = "run";
  options.arguments = std::move(arguments);
  return ok(Process::create(module, in_order(), options));
}

constexpr std::string_view counting = R"((module
  (type $t (func (param i64 i64) (result i64)))
  (table funcref (elem $indirect))
  (func $direct (type $t)
    (if (i64.eqz (local.get 0)) (then (return (local.get 1))))
    (return_call $indirect
      (i64.sub (local.get 0) (i64.const 1)) (i64.add (local.get 1) (i64.const 1))))
  (func $indirect (type $t) (local i64 i64 i64 i64 i64 i64 i64 i64)
    (if (i64.eqz (local.get 0)) (then (return (local.get 1))))
    (if (i64.ne (local.get 9) (i64.const 0)) (then (unreachable)))
    (local.set 9 (i64.const 7))
    (return_call_indirect (type $t)
      (i64.sub (local.get 0) (i64.const 1)) (i64.add (local.get 1) (i64.const 1)) (i32.const 0)))
  (func (export "run") (param i64) (result i64)
    (i64.add (i64.const 1) (call $direct (local.get 0) (i64.const 0)))))
)";

}  // namespace

TEST_CASE("a hundred thousand tail calls, direct and indirect, need one frame") {
  const Module module = module_of(counting);
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    options.execution.max_stack_bytes = 512;
    Process process = started(module, options, {Value::i64(100'000)});
    CHECK(expect_finish(process.main_thread()) == Values{Value::i64(100'001)});
  }
}

TEST_CASE("a tail call to a larger frame that the stack has no room for exhausts it") {
  // Each takes four parameters more than the one before, so the frames grow where they stand.
  const Module module = module_of(R"((module
    (func $large (param i64) (result i64) (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
      i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
      (i64.add (local.get 0) (local.get 34)))
    (func (export "run") (param i64) (result i64) (return_call $large (local.get 0)))))");
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    options.execution.max_stack_bytes = 1024;
    Process enough = started(module, options, {Value::i64(5)});
    CHECK(expect_finish(enough.main_thread()) == Values{Value::i64(5)});
    options.execution.max_stack_bytes = 128;
    Process small = started(module, options, {Value::i64(5)});
    CHECK(expect_trap(small.main_thread()) == Trap::call_stack_exhausted);
    const auto trace = ok(small.main_thread().backtrace(8));
    REQUIRE(trace.size() == 1);
    CHECK(trace[0].function == FuncIdx{1});  // the caller's frame is there: nothing was called
  }
}

TEST_CASE("arguments move down over what they are made of") {
  const Module module = module_of(R"((module
    (func $order (param i32 i64 f32 f64) (result i32 i64 f32 f64)
      (local.get 0) (local.get 1) (local.get 2) (local.get 3))
    (func (export "run") (param i32 i64 f32 f64) (result i32 i64 f32 f64)
      (return_call $order
        (i32.add (local.get 0) (i32.const 1)) (i64.add (local.get 1) (i64.const 2))
        (f32.add (local.get 2) (f32.const 3)) (f64.add (local.get 3) (f64.const 4))))))");
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process =
        started(module, options, {Value::i32(10), Value::i64(20), Value::f32(30), Value::f64(40)});
    CHECK(expect_finish(process.main_thread()) ==
          Values{Value::i32(11), Value::i64(22), Value::f32(33), Value::f64(44)});
  }
}

TEST_CASE("a host function called in place returns to the caller's caller") {
  const Module module = module_of(R"((module
    (import "host" "many" (func $many (param i32) (result i32 i64 f32 f64 i32 i64 f32 f64)))
    (func $inner (param i32) (result i32 i64 f32 f64 i32 i64 f32 f64)
      (return_call $many (i32.add (local.get 0) (i32.const 1))))
    (func (export "run") (param i32) (result i32 i64 f32 f64 i32 i64 f32 f64)
      (call $inner (local.get 0)))))");
  const Values many = {Value::i32(1), Value::i64(2), Value::f32(3), Value::f64(4),
                       Value::i32(5), Value::i64(6), Value::f32(7), Value::f64(8)};
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process = started(module, options, {Value::i32(10)});
    CHECK(expect_call(process.main_thread(), 0) == Values{Value::i32(11)});
    CHECK(ok(process.main_thread().frames(8)).size() == 2);
    CHECK(expect_finish(process.main_thread(), many) == many);
  }
}

TEST_CASE("an indirect tail call traps as an indirect call does") {
  const Module module = module_of(R"((module
    (type $t (func (result i32)))
    (table 3 funcref) (elem (i32.const 0) $other)
    (func $other (param i32))
    (func (export "run") (param i32) (result i32)
      (return_call_indirect (type $t) (local.get 0)))))");
  const std::pair<std::int32_t, Trap> cases[] = {{0, Trap::indirect_call_type_mismatch},
                                                 {1, Trap::uninitialized_element},
                                                 {3, Trap::undefined_element},
                                                 {-1, Trap::undefined_element}};
  for (const ExecutionOptions& mode : modes()) {
    for (const auto& [index, trap] : cases) {
      ProcessOptions options;
      options.execution = mode;
      Process process = started(module, options, {Value::i32(index)});
      CHECK(expect_trap(process.main_thread()) == trap);
    }
  }
}

namespace {

/// Two instances with a memory and a global each that call each other in place, through a table
/// that they share.
struct Pair {
  explicit Pair(const ExecutionOptions& options) : store(options) {
    const TableRef table = ok(store.make_table({.limits = {2, {}}}, Value::null(funcref)));
    linker.define("host", "table", table);
    for (const std::int32_t number : {0, 1}) {
      const std::string text = fmt::format(R"((module
        (type $t (func (param i64) (result i64)))
        (import "host" "table" (table 2 funcref))
        (memory 1)
        (func $step (type $t)
          (if (i64.ne (i64.load (i32.const 0)) (i64.const {})) (then (unreachable)))
          (if (i64.eqz (local.get 0)) (then (return (i64.load (i32.const 0)))))
          (return_call_indirect (type $t)
            (i64.sub (local.get 0) (i64.const 1)) (i32.const {})))
        (elem (table 0) (i32.const {}) func $step)
        (data (i32.const 0) "\0{}")
        (func (export "run") (param i64) (result i64)
          (i64.add (i64.mul (call $step (local.get 0)) (i64.const 100))
            (i64.load (i32.const 0))))))",
                                           number + 1, 1 - number, number, number + 1);
      instances.push_back(ok(linker.instantiate(store, module_of(text))));
    }
  }
  Store store;
  Linker linker;
  std::vector<InstanceRef> instances;
};

}  // namespace

TEST_CASE("tail calls back and forth between instances need one frame, and return to the first") {
  for (ExecutionOptions mode : modes()) {
    mode.max_stack_bytes = 512;
    mode.max_bytes = 1 << 20;  // a way back for each call would take 4 MB
    Pair pair(mode);
    // The innermost one's number, then the caller's: its memory is the one in force again.
    const FuncRef run = ok(pair.instances[0].function("run"));
    CHECK(expect_finish(ok(pair.store.start_thread(run, Values{Value::i64(100'000)}))) ==
          Values{Value::i64(101)});
    CHECK(expect_finish(ok(pair.store.start_thread(run, Values{Value::i64(100'001)}))) ==
          Values{Value::i64(201)});
    const FuncRef other = ok(pair.instances[1].function("run"));
    CHECK(expect_finish(ok(pair.store.start_thread(other, Values{Value::i64(7)}))) ==
          Values{Value::i64(102)});
  }
}

TEST_CASE("what was replaced is in no frame of a paused thread") {
  const Module module = module_of(R"((module
    (import "host" "pause" (func $pause))
    (func $last (param i64) (call $pause))
    (func $middle (param i64 i64) (return_call $last (i64.add (local.get 0) (local.get 1))))
    (func (export "run") (call $middle (i64.const 3) (i64.const 4)))))");
  for (const ExecutionOptions& mode : modes()) {
    ProcessOptions options;
    options.execution = mode;
    Process process = started(module, options, {});
    CHECK(expect_call(process.main_thread(), 0).empty());
    const auto frames = ok(process.main_thread().frames(8));
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].function == FuncIdx{1});
    CHECK(frames[0].locals == Values{Value::i64(7)});
    CHECK(frames[1].function == FuncIdx{3});
    CHECK(expect_finish(process.main_thread()).empty());
  }
}
