// How many frames of a thread are given, and that their names and number cost nothing.
#include "tests/process/process_support.hpp"

namespace fermata::test {
namespace {

/// A function that calls itself without end, or rather until the stack's.
ModuleBuilder bottomless() {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {call(0)}));
  return m;
}

ProcessOptions with_stack(std::size_t bytes) {
  ProcessOptions options;
  options.execution.max_stack_bytes = bytes;
  return options;
}

}  // namespace

TEST_CASE("a name of 1 MB is the module's in each of 100,000 frames") {
  ModuleBuilder m = bottomless();
  m.name_func(FuncIdx{0}, std::string(1'000'000, 'x'));
  Process process = create(m);
  CHECK(expect_trap(process.main_thread()) == Trap::call_stack_exhausted);
  const std::string_view name = process.module().function_name(FuncIdx{0});
  CHECK(name.size() == 1'000'000);
  const auto trace = ok(process.main_thread().backtrace(all_frames));
  CHECK(trace.size() > 100'000);
  for (const TraceEntry& entry : trace) REQUIRE(entry.function_name.data() == name.data());
  const auto frames = ok(process.main_thread().frames(all_frames));
  CHECK(frames.size() == trace.size());
  for (const Frame& frame : frames) REQUIRE(frame.function_name.data() == name.data());
}

TEST_CASE("of 8 million frames those are given that are asked for, and the rest is counted") {
  Process process = create(bottomless(), with_stack(std::size_t{64} << 20));
  CHECK(expect_trap(process.main_thread()) == Trap::call_stack_exhausted);
  const Thread thread = process.main_thread();
  const auto count = static_cast<std::size_t>(ok(thread.frame_count()));
  CHECK(count > 8'000'000);
  CHECK(ok(thread.backtrace(20)).size() == 20);
  CHECK(ok(thread.backtrace(20)).capacity() < 100);
  CHECK(ok(thread.frames(3)).size() == 3);
  CHECK(ok(thread.backtrace(20, count - 5)).size() == 5);
  CHECK(ok(thread.frames(20, count - 5)).size() == 5);
  CHECK(ok(thread.backtrace(20, count)).empty());
}

TEST_CASE("any part of a thread's frames is that part of all of them") {
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({}, {}));
  const FuncIdx inner = m.func({}, {}, {call(host)});
  const FuncIdx middle = m.func({i32}, {}, {call(inner)});
  m.export_func("_start", m.func({}, {}, {i32_const(6), call(middle)}));
  Process process = create(m);
  expect_call(process.main_thread(), 0);
  const Thread thread = process.main_thread();
  CHECK(ok(thread.frame_count()) == 3);
  const auto all = ok(thread.backtrace(all_frames));
  REQUIRE(all.size() == 3);
  for (std::size_t first = 0; first <= 4; ++first) {
    for (std::size_t count = 0; count <= 4; ++count) {
      const std::size_t left = 3 - std::min<std::size_t>(first, 3);
      const auto trace = ok(thread.backtrace(count, first));
      const auto frames = ok(thread.frames(count, first));
      REQUIRE(trace.size() == std::min(count, left));
      REQUIRE(frames.size() == trace.size());
      for (std::size_t i = 0; i < trace.size(); ++i) {
        CHECK(trace[i].function == all[first + i].function);
        CHECK(trace[i].offset == all[first + i].offset);
        CHECK(frames[i].function == all[first + i].function);
        CHECK(frames[i].offset == all[first + i].offset);
      }
    }
  }
  CHECK(ok(thread.frames(1, 1))[0].locals == Values{Value::i32(6)});
}

TEST_CASE("a thread that has not run has one frame") {
  Process process = create(bottomless());
  const Thread thread = process.main_thread();
  CHECK(ok(thread.frame_count()) == 1);
  CHECK(ok(thread.backtrace(5)).size() == 1);
  CHECK(ok(thread.frames(5)).size() == 1);
  CHECK(ok(thread.backtrace(0)).empty());
  CHECK(ok(thread.frames(0)).empty());
  CHECK(ok(thread.backtrace(5, 1)).empty());
  CHECK(ok(thread.frames(5, 1)).empty());
  CHECK(error_of(process.thread(9).frame_count()) == ErrorCode::no_such_thread);
}

TEST_CASE("a thread about to call an imported function shows its names") {
  ModuleBuilder m;
  const FuncIdx host = m.import_func("env", "log", m.type({}, {}));
  m.export_func("_start", m.func({}, {}, {}));
  Process process = create(m);
  const Thread thread = ok(process.start_thread(host));
  const auto trace = ok(thread.backtrace(all_frames));
  REQUIRE(trace.size() == 1);
  CHECK(trace[0].function_name == "env.log");
  CHECK(trace[0].function_name.data() == process.module().function_name(host).data());
}

TEST_CASE("names of 1 MB are cut in the errors of processes and stores") {
  const std::string name(1'000'000, 'x');
  Process process = create(bottomless());
  const auto refused_thread = process.start_thread(std::string_view(name));
  REQUIRE_FALSE(refused_thread);
  CHECK(to_string(refused_thread.error()).size() < 300);
  const auto refused_global = process.global(name);
  REQUIRE_FALSE(refused_global);
  CHECK(to_string(refused_global.error()).size() < 300);
  const auto refused_write = process.set_global(name, Value::i32(0));
  REQUIRE_FALSE(refused_write);
  CHECK(to_string(refused_write.error()).size() < 300);

  ModuleBuilder importing;
  importing.import_func(name, name, importing.type({}, {}));
  const Module module = load(importing);
  Store store;
  const auto unknown = Linker().instantiate(store, module);
  REQUIRE_FALSE(unknown);
  CHECK(to_string(unknown.error()).size() < 400);
  const FuncRef other = ok(store.make_function({{i32}, {}}, 1));
  const auto incompatible = store.instantiate(module, std::vector<Extern>{other});
  REQUIRE_FALSE(incompatible);
  CHECK(incompatible.error().code == ErrorCode::incompatible_import);
  CHECK(to_string(incompatible.error()).size() < 400);
  const auto refused = Process::create(module, no_imports);
  REQUIRE_FALSE(refused);
  CHECK(to_string(refused.error()).size() < 400);
}

}  // namespace fermata::test
