// The start section before the entry.
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// A start function that stores what the host answers (import 0) into a global; _start returns it.
ModuleBuilder starting() {
  ModuleBuilder m;
  const FuncIdx ask = m.import_func("env", "ask", m.type({i32}, {i32}));
  m.global({i32, true}, {i32_const(1)});
  m.export_global("g");
  const FuncIdx start = m.func({}, {}, {i32_const(7), call(ask), global_set(0)});
  m.export_func("_start", m.func({}, {i32}, {global_get(0)}));
  m.start(start);
  m.name_func(start, "init");
  return m;
}

}  // namespace

TEST_CASE("the main thread begins in the start function, host calls and all") {
  Process process = create(starting());
  CHECK(ok(process.global("g")) == Value::i32(1));
  const auto before = ok(process.main_thread().frames(all_frames));
  REQUIRE(before.size() == 1);
  CHECK(before[0].function_name == "init");
  CHECK(expect_call(process.main_thread(), 0) == Values{Value::i32(7)});
  CHECK(ok(process.main_thread().backtrace(all_frames)).front().function_name == "init");
  CHECK(expect_finish(process.main_thread(), {Value::i32(33)}) == Values{Value::i32(33)});
}

TEST_CASE("a trap in the start function poisons the process") {
  ModuleBuilder m;
  const FuncIdx start = m.func({}, {}, {unreachable()});
  m.export_func("_start", m.func({}, {}, Body{}));
  m.start(start);
  Process process = create(m);
  CHECK(expect_trap(process.main_thread()) == Trap::unreachable);
  CHECK(process.poisoned());
}

TEST_CASE("an imported start function is a host call before the entry runs") {
  ModuleBuilder m;
  const FuncIdx init = m.import_func("env", "init", m.type({}, {}));
  m.export_func("_start", m.func({}, {i32}, {i32_const(5)}));
  m.start(init);
  Process process = create(m);
  CHECK(expect_call(process.main_thread(), 0).empty());
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(5)});
}

TEST_CASE("the arguments of an entry survive the start function") {
  ModuleBuilder m;
  const FuncIdx ask = m.import_func("env", "ask", m.type({i64, i64}, {i64}));
  const FuncIdx start =
      m.func({}, {}, {i64_const(-1), i64_const(-2), call(ask), drop()}, {{20, i64}});
  m.export_func("main", m.func({i32, i64}, {i64, i32}, {local_get(1), local_get(0)}));
  m.start(start);
  ProcessOptions options;
  options.entry = "main";
  options.arguments = {Value::i32(3), Value::i64(4)};
  Process process = create(m, options);
  expect_call(process.main_thread(), 0);
  CHECK(expect_finish(process.main_thread(), {Value::i64(0)}) ==
        Values{Value::i64(4), Value::i32(3)});
}

TEST_CASE("a start section can be forbidden") {
  ProcessOptions options;
  options.start_section = ProcessOptions::StartSection::forbid;
  CHECK(creation_error(starting(), options) == ErrorCode::start_section_forbidden);
}
