// The main thread: from its entry through host calls to its end.
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// (import "env" "ask" (func (result i32)))
/// (func (export "_start") (result i32) (call $ask))
ModuleBuilder asking() {
  ModuleBuilder m;
  const FuncIdx ask = m.import_func("env", "ask", m.type({}, {i32}));
  m.export_func("_start", m.func({}, {i32}, {call(ask)}));
  return m;
}

/// (memory (export "memory") 1)
/// (func (export "_start") (i32.store8 (i32.const 0) (i32.const 1)))
ModuleBuilder writing() {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("memory");
  m.export_func("_start", m.func({}, {}, {i32_const(0), i32_const(1), store(WasmOp::i32_store8)}));
  return m;
}

std::byte byte_at(Process& process, std::uint64_t address) {
  return ok(process.memory().value().view(address, 1))[0];
}

}  // namespace

TEST_CASE("a process is created paused at _start and nothing has run") {
  Process process = create(writing());
  CHECK(byte_at(process, 0) == std::byte{0});
  CHECK(ok(process.main_thread().state()) == ThreadState::ready);
  CHECK_FALSE(process.poisoned());
  CHECK(expect_finish(process.main_thread()).empty());
  CHECK(byte_at(process, 0) == std::byte{1});
}

TEST_CASE("a module without _start is refused") {
  ModuleBuilder m;
  m.export_func("start", m.func({}, {}, Body{}));
  CHECK(creation_error(m) == ErrorCode::bad_start_function);
}

TEST_CASE("a _start that is not a function is refused") {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("_start");
  CHECK(creation_error(m) == ErrorCode::bad_start_function);
}

TEST_CASE("a _start with parameters is refused") {
  ModuleBuilder m;
  m.export_func("_start", m.func({i32}, {}, {}));
  CHECK(creation_error(m) == ErrorCode::bad_start_function);
}

TEST_CASE("a result of _start is delivered") {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {i32, f64}, {i32_const(42), f64_const(0.5)}));
  Process process = create(m);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(42), Value::f64(0.5)});
}

TEST_CASE("import 9876 comes out of run and a fresh handle resumes it with 2227") {
  const Module module = load(asking());
  auto process = ok(Process::create(module, [](const FunctionImport& import) {
    CHECK(import.module == "env");
    CHECK(import.name == "ask");
    CHECK(import.type == FuncType{{}, {i32}});
    return std::optional<std::uint64_t>(9876);
  }));
  CHECK(expect_call(process.main_thread(), 9876).empty());
  CHECK(ok(process.main_thread().state()) == ThreadState::waiting_for_host_call);
  CHECK(ok(process.main_thread().pending_host_call()).number == 9876);
  CHECK(expect_finish(process.thread(0), {Value::i32(2227)}) == Values{Value::i32(2227)});
}

TEST_CASE("a refused import is an error that names it") {
  const auto process = Process::create(load(asking()), no_imports);
  REQUIRE_FALSE(process);
  CHECK(process.error().code == ErrorCode::unresolved_function_import);
  CHECK_THAT(process.error().message, has_text("env"));
  CHECK_THAT(process.error().message, has_text("ask"));
}

TEST_CASE("values that do not fit the host call are refused and the right ones then taken") {
  Process process = create(asking());
  expect_call(process.main_thread(), 0);
  CHECK(run_error(process.main_thread()) == ErrorCode::wrong_value_count);
  CHECK(run_error(process.main_thread(), {Value::i32(1), Value::i32(2)}) ==
        ErrorCode::wrong_value_count);
  CHECK(run_error(process.main_thread(), {Value::i64(1)}) == ErrorCode::wrong_value_type);
  CHECK(run_error(process.main_thread(), {Value::f32(1)}) == ErrorCode::wrong_value_type);
  CHECK(ok(process.main_thread().state()) == ThreadState::waiting_for_host_call);
  CHECK(expect_finish(process.main_thread(), {Value::i32(3)}) == Values{Value::i32(3)});
}

TEST_CASE("values for a thread that waits for nothing are refused") {
  Process process = create(asking());
  CHECK(run_error(process.main_thread(), {Value::i32(1)}) == ErrorCode::wrong_value_count);
  CHECK(expect_call(process.main_thread(), 0).empty());
}

TEST_CASE("the end of the main thread poisons the process, which can still be read") {
  Process process = create(writing());
  expect_finish(process.main_thread());
  CHECK(process.poisoned());
  CHECK(process.threads().empty());
  CHECK(run_error(process.main_thread()) == ErrorCode::process_poisoned);
  CHECK(error_of(process.main_thread().state()) == ErrorCode::no_such_thread);
  CHECK(byte_at(process, 0) == std::byte{1});
}

TEST_CASE("a trap poisons the process, and the thread can still be looked at") {
  ModuleBuilder m;
  const FuncIdx inner = m.func({}, {}, {unreachable()});
  m.export_func("_start", m.func({}, {}, {call(inner)}));
  Process process = create(m);
  ok(process.main_thread().set_user_data(77));
  CHECK(expect_trap(process.main_thread()) == Trap::unreachable);
  CHECK(process.poisoned());
  CHECK(ok(process.main_thread().state()) == ThreadState::trapped);
  CHECK(run_error(process.main_thread()) == ErrorCode::process_poisoned);
  CHECK(error_of(process.start_thread("_start")) == ErrorCode::process_poisoned);
  CHECK(ok(process.main_thread().user_data()) == 77);
  const auto trace = ok(process.main_thread().backtrace(all_frames));
  REQUIRE(trace.size() == 2);
  CHECK(trace[0].function == inner);
  CHECK(trace[1].function_name == "_start");
}

TEST_CASE("200 parameters of all number types and 200 results go through a host call") {
  const std::vector<ValType> cycle{i32, i64, f32, f64};
  ResultType types;
  Values values;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const ValType type = cycle[i % 4];
    types.push_back(type);
    const std::uint64_t bits = 0x9E3779B97F4A7C15u * (i + 1);
    const bool narrow = type == i32 || type == f32;
    values.push_back(Value::from_bits(type, narrow ? bits >> 32 : bits));
  }
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type(types, types));
  Body body;
  for (const Value& value : values) {
    if (value.type() == i32) body.push_back(i32_const(value.as_i32()));
    if (value.type() == i64) body.push_back(i64_const(value.as_i64()));
    if (value.type() == f32) {
      body.push_back(i32_const(static_cast<std::int32_t>(value.lo())));
      body.push_back(op(WasmOp::f32_reinterpret_i32));
    }
    if (value.type() == f64) {
      body.push_back(i64_const(static_cast<std::int64_t>(value.lo())));
      body.push_back(op(WasmOp::f64_reinterpret_i64));
    }
  }
  body.push_back(call(host));
  m.export_func("_start", m.func({}, types, body));

  Process process = create(m);
  CHECK(expect_call(process.main_thread(), 0) == values);
  Values answers(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool narrow = types[i] == i32 || types[i] == f32;
    const std::uint64_t bits = ~values[i].lo();
    answers[i] = Value::from_bits(types[i], narrow ? static_cast<std::uint32_t>(bits) : bits);
  }
  CHECK(expect_finish(process.main_thread(), answers) == answers);
}

TEST_CASE("NaN bits go through a host call unchanged") {
  // (import "" "" (func (param f32 f64) (result f64 f32)))
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({f32, f64}, {f64, f32}));
  m.export_func("_start", m.func({}, {f64, f32},
                                 {i32_const(0x7fa00001), op(WasmOp::f32_reinterpret_i32),
                                  i64_const(0x7ff4000000000001), op(WasmOp::f64_reinterpret_i64),
                                  call(host)}));
  Process process = create(m);
  const Values arguments = expect_call(process.main_thread(), 0);
  CHECK(arguments == Values{Value::f32_bits(0x7fa00001), Value::f64_bits(0x7ff4000000000001)});
  const Values answers{Value::f64_bits(0xfff0000000000123), Value::f32_bits(0xff800045)};
  CHECK(expect_finish(process.main_thread(), answers) == answers);
}

TEST_CASE("references go through a host call, and forged ones do not") {
  // (import "" "" (func (param funcref externref) (result funcref externref)))
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({funcref, externref}, {funcref, externref}));
  const FuncIdx start = m.func({}, {funcref, externref},
                               {ref_func(FuncIdx{1}), ref_null({HeapKind::extern_}), call(host)});
  m.export_func("_start", start);
  Process process = create(m);
  const Values arguments = expect_call(process.main_thread(), 0);
  REQUIRE(arguments.size() == 2);
  CHECK_FALSE(arguments[0].is_null());
  CHECK(arguments[1].is_null());

  const int foreign = 0;
  const Value host_reference = Value::externref({(std::uint64_t{1} << 62) - 1});
  CHECK(run_error(process.main_thread(), {Value::funcref({&foreign}), host_reference}) ==
        ErrorCode::wrong_value_type);
  CHECK(run_error(process.main_thread(),
                  {arguments[0], Value::externref({std::uint64_t{1} << 62})}) ==
        ErrorCode::wrong_value_type);
  CHECK(run_error(process.main_thread(), {host_reference, arguments[0]}) ==
        ErrorCode::wrong_value_type);
  CHECK(run_error(process.main_thread(), {Value::null(externref), host_reference}) ==
        ErrorCode::wrong_value_type);
  const Values answers{arguments[0], host_reference};
  const Values results = expect_finish(process.main_thread(), answers);
  CHECK(results == answers);
  CHECK(results[1].as_externref() == ExternRef{(std::uint64_t{1} << 62) - 1});
}

TEST_CASE("guest recursion to the limit of the stack is a clean trap") {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {call(0)}));
  ProcessOptions options;
  options.execution.max_stack_bytes = 64 << 10;
  Process process = create(m, options);
  CHECK(expect_trap(process.main_thread()) == Trap::call_stack_exhausted);
  const auto trace = ok(process.main_thread().backtrace(all_frames));
  CHECK(trace.size() > 100);
  CHECK(trace.size() <= (64 << 10) / 8);
}

TEST_CASE("an entry with arguments gets them, and only those it takes") {
  ModuleBuilder m;
  m.export_func("add",
                m.func({i32, i32}, {i32}, {local_get(0), local_get(1), op(WasmOp::i32_sub)}));
  ProcessOptions options;
  options.entry = "add";
  options.arguments = {Value::i32(50), Value::i32(8)};
  Process process = create(m, options);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(42)});
  options.arguments = {Value::i32(50)};
  CHECK(creation_error(m, options) == ErrorCode::bad_start_function);
  options.arguments = {Value::i32(50), Value::i64(8)};
  CHECK(creation_error(m, options) == ErrorCode::bad_start_function);
}

TEST_CASE("an imported function can be the entry: one host call and the end") {
  ModuleBuilder m;
  m.export_func("_start", m.import_func("env", "f", m.type({}, {i64})));
  Process process = create(m);
  CHECK(expect_call(process.main_thread(), 0).empty());
  CHECK(run_error(process.main_thread(), {Value::i32(5)}) == ErrorCode::wrong_value_type);
  CHECK(expect_finish(process.main_thread(), {Value::i64(-5)}) == Values{Value::i64(-5)});
}

TEST_CASE("a process that was moved from is empty and its handles follow the process") {
  Process first = create(asking());
  Thread thread = first.main_thread();
  Process second = std::move(first);
  CHECK(first.poisoned());  // NOLINT(bugprone-use-after-move)
  CHECK(first.threads().empty());
  CHECK_FALSE(first.memory());
  CHECK_FALSE(first.table());
  CHECK(error_of(first.main_thread().run()) == ErrorCode::no_such_thread);
  CHECK(error_of(first.start_thread("_start")) == ErrorCode::process_poisoned);
  CHECK(error_of(first.global("g")) == ErrorCode::no_such_export);
  CHECK(error_of(first.reset()) == ErrorCode::not_resettable);
  expect_call(thread, 0);
  first = std::move(second);
  CHECK(expect_finish(first.main_thread(), {Value::i32(9)}) == Values{Value::i32(9)});
}
