// More threads in a process: how they start, in which order they run, what their ids are.
#include <limits>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// Function 0 is the import `ask`, 1 `_start`, 2 `twice`: asks with its argument, returns the
/// answer times two. The table has `twice` at 1, null at 0.
ModuleBuilder threaded() {
  ModuleBuilder m;
  const FuncIdx ask = m.import_func("env", "ask", m.type({i32}, {i32}));
  m.export_func("_start", m.func({}, {}, {i32_const(-1), call(ask), drop()}));
  const FuncIdx twice =
      m.func({i32}, {i32}, {local_get(0), call(ask), i32_const(2), op(WasmOp::i32_mul)});
  m.export_func("twice", twice);
  m.table({.limits = {2, 2}});
  m.export_table("__indirect_function_table");
  m.elem({{i32_const(1)}, 0}, {twice});
  m.global({i64, true}, {i64_const(5)});
  m.export_global("global");
  return m;
}

}  // namespace

TEST_CASE("a thread starts by exported name, function index and table element") {
  Process process = create(threaded());
  const Values argument{Value::i32(10)};
  for (const ThreadFunction& function :
       {ThreadFunction("twice"), ThreadFunction(FuncIdx{2}), ThreadFunction(TableElement{1})}) {
    Thread thread = ok(process.start_thread(function, argument));
    CHECK(expect_call(thread, 0) == argument);
    CHECK(expect_finish(thread, {Value::i32(21)}) == Values{Value::i32(42)});
  }
  CHECK_FALSE(process.poisoned());
}

TEST_CASE("what does not name a function starts no thread") {
  Process process = create(threaded());
  CHECK(error_of(process.start_thread("nothing")) == ErrorCode::no_such_export);
  CHECK(error_of(process.start_thread("global")) == ErrorCode::no_such_export);
  CHECK(error_of(process.start_thread(FuncIdx{3})) == ErrorCode::no_such_function);
  CHECK(error_of(process.start_thread(TableElement{0})) == ErrorCode::no_such_function);
  CHECK(error_of(process.start_thread(TableElement{2})) == ErrorCode::no_such_function);
  CHECK(error_of(process.start_thread(TableElement{std::numeric_limits<std::uint64_t>::max()})) ==
        ErrorCode::no_such_function);
  CHECK(process.threads() == std::vector<ThreadId>{0});
}

TEST_CASE("a table element needs the exported table") {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, Body{}));
  m.table({.limits = {1, 1}});
  Process process = create(m);
  CHECK(error_of(process.start_thread(TableElement{0})) == ErrorCode::no_such_table);
}

TEST_CASE("a thread's arguments are checked in number and type") {
  Process process = create(threaded());
  CHECK(error_of(process.start_thread("twice")) == ErrorCode::wrong_value_count);
  CHECK(error_of(process.start_thread("twice", Values{Value::i64(1)})) ==
        ErrorCode::wrong_value_type);
  CHECK(error_of(process.start_thread("_start", Values{Value::i32(1)})) ==
        ErrorCode::wrong_value_count);
}

TEST_CASE("an imported function can be a thread's function") {
  Process process = create(threaded());
  Thread thread = ok(process.start_thread(FuncIdx{0}, Values{Value::i32(4)}));
  CHECK(expect_call(thread, 0) == Values{Value::i32(4)});
  CHECK(expect_finish(thread, {Value::i32(8)}) == Values{Value::i32(8)});
}

TEST_CASE("threads run in any order, each waiting for its own host call") {
  Process process = create(threaded());
  Thread a = ok(process.start_thread("twice", Values{Value::i32(1)}, 100));
  Thread b = ok(process.start_thread("twice", Values{Value::i32(2)}, 200));
  CHECK(ok(a.user_data()) == 100);
  CHECK(ok(b.user_data()) == 200);
  CHECK(expect_call(b, 0) == Values{Value::i32(2)});
  CHECK(expect_call(a, 0) == Values{Value::i32(1)});
  CHECK(ok(b.pending_host_call()).arguments[0] == Value::i32(2));
  CHECK(expect_call(process.main_thread(), 0) == Values{Value::i32(-1)});
  CHECK(expect_finish(a, {Value::i32(5)}) == Values{Value::i32(10)});
  CHECK(expect_finish(b, {Value::i32(6)}) == Values{Value::i32(12)});
  CHECK_FALSE(process.poisoned());
  expect_finish(process.main_thread(), {Value::i32(0)});
  CHECK(process.poisoned());
}

TEST_CASE("results are valid until the process runs again, whatever is started meanwhile") {
  ModuleBuilder m;
  Body many;
  for (int i = 0; i < 500; ++i) many.push_back(i32_const(i));
  m.export_func("one", m.func({}, {i32}, {i32_const(7)}));
  m.export_func("many", m.func({}, ResultType(500, i32), many));
  Process process = create(m, ProcessOptions::library());
  const Outcome outcome = run(ok(process.start_thread("one")));
  Thread other = ok(process.start_thread("many"));
  CHECK(std::get<Finished>(outcome).results[0] == Value::i32(7));
  CHECK(expect_finish(other)[499] == Value::i32(499));
}

TEST_CASE("thread ids are never used again") {
  Process process = create(threaded());
  const Values argument{Value::i32(0)};
  Thread first = ok(process.start_thread("twice", argument));
  CHECK(first.id() == 1);
  Thread second = ok(process.start_thread("twice", argument));
  CHECK(second.id() == 2);
  expect_call(first, 0);
  expect_finish(first, {Value::i32(0)});
  CHECK(process.threads() == std::vector<ThreadId>{0, 2});
  CHECK(ok(process.start_thread("twice", argument)).id() == 3);
  CHECK(run_error(first) == ErrorCode::no_such_thread);
  CHECK(error_of(first.user_data()) == ErrorCode::no_such_thread);
  CHECK(error_of(first.frames(all_frames)) == ErrorCode::no_such_thread);
  CHECK(run_error(process.thread(99)) == ErrorCode::no_such_thread);
  CHECK(expect_call(second, 0) == argument);
}

TEST_CASE("the threads that remain in a poisoned process can be read and not run") {
  Process process = create(threaded());
  Thread waiting = ok(process.start_thread("twice", Values{Value::i32(9)}, 55));
  expect_call(waiting, 0);
  Thread fresh = ok(process.start_thread("twice", Values{Value::i32(8)}, 56));
  expect_call(process.main_thread(), 0);
  expect_finish(process.main_thread(), {Value::i32(0)});
  CHECK(process.threads() == std::vector<ThreadId>{1, 2});
  CHECK(run_error(waiting, {Value::i32(1)}) == ErrorCode::process_poisoned);
  CHECK(run_error(fresh) == ErrorCode::process_poisoned);
  CHECK(ok(waiting.user_data()) == 55);
  CHECK(ok(waiting.state()) == ThreadState::waiting_for_host_call);
  CHECK(ok(waiting.pending_host_call()).arguments[0] == Value::i32(9));
  CHECK(ok(waiting.frames(all_frames))[0].locals == Values{Value::i32(9)});
  CHECK(ok(fresh.frames(all_frames))[0].locals == Values{Value::i32(8)});
  CHECK(ok(process.global("global")) == Value::i64(5));
}
