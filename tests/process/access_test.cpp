// Memory, table and globals of a paused process, and its reset.
#include <array>
#include <limits>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t page = 65536;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

std::byte b(unsigned value) { return static_cast<std::byte>(value); }

ModuleBuilder with_memory() {
  ModuleBuilder m;
  m.memory(1, 3);
  m.export_memory("memory");
  m.data({{i32_const(4)}, 0}, "abc");
  // Returns the byte at 0, the byte at 65536 when there is a second page, and the size.
  m.export_func("_start",
                m.func({}, {i32, i32},
                       {i32_const(0), load(WasmOp::i32_load8_u), op(WasmOp::memory_size, {0})}));
  return m;
}

}  // namespace

TEST_CASE("memory is read and written up to its exact end") {
  Process process = create(with_memory());
  MemoryRef memory = process.memory().value();
  CHECK(memory.size() == page);
  CHECK(memory.pages() == 1);
  CHECK(memory.type() == MemoryType{.limits = {1, 3}});

  const std::array<std::byte, 2> bytes{b(1), b(2)};
  ok(memory.write(page - 2, bytes));
  CHECK(error_of(memory.write(page - 1, bytes)) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.write(most, bytes)) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.write(most - 1, bytes)) == ErrorCode::memory_out_of_bounds);
  std::array<std::byte, 2> out{};
  ok(memory.read(page - 2, out));
  CHECK(out == bytes);
  CHECK(error_of(memory.read(page - 1, out)) == ErrorCode::memory_out_of_bounds);
}

TEST_CASE("an empty range is fine at the end of memory and an error past it") {
  Process process = create(with_memory());
  MemoryRef memory = process.memory().value();
  ok(memory.write(page, {}));
  ok(memory.read(page, {}));
  ok(memory.fill(page, 0, b(1)));
  CHECK(ok(memory.view(page, 0)).empty());
  CHECK(error_of(memory.write(page + 1, {})) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.read(page + 1, {})) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.fill(page + 1, 0, b(1))) == ErrorCode::memory_out_of_bounds);
  CHECK(error_of(memory.view(page + 1, 0)) == ErrorCode::memory_out_of_bounds);
}

TEST_CASE("a fill past the end of memory writes nothing") {
  Process process = create(with_memory());
  MemoryRef memory = process.memory().value();
  CHECK(error_of(memory.fill(page - 4, 5, b(9))) == ErrorCode::memory_out_of_bounds);
  CHECK(ok(memory.view(page - 4, 1))[0] == b(0));
  CHECK(error_of(memory.fill(1, most, b(9))) == ErrorCode::memory_out_of_bounds);
  ok(memory.fill(page - 4, 4, b(9)));
  CHECK(ok(memory.view(page - 5, 2))[0] == b(0));
  CHECK(ok(memory.view(page - 5, 2))[1] == b(9));
}

TEST_CASE("the guest sees what the embedder wrote and how far it grew the memory") {
  Process process = create(with_memory());
  MemoryRef memory = process.memory().value();
  ok(memory.view(0, 1))[0] = b(17);
  CHECK(ok(memory.grow(1)) == 1);
  CHECK(error_of(memory.grow(2)) == ErrorCode::memory_limit);
  CHECK(ok(memory.grow(0)) == 2);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(17), Value::i32(2)});
}

TEST_CASE("data segments lie in memory before anything runs") {
  Process process = create(with_memory());
  CHECK(ok(process.memory().value().view(4, 3))[2] == b('c'));
}

TEST_CASE("an imported memory is made with the limits that the import declares") {
  ModuleBuilder m;
  m.import_memory("any", "", {.limits = {2, 4}});
  m.export_func("_start", m.func({}, {}, Body{}));
  Process process = create(m);
  MemoryRef memory = process.memory().value();
  CHECK(memory.pages() == 2);
  CHECK(ok(memory.grow(2)) == 2);
  CHECK(error_of(memory.grow(1)) == ErrorCode::memory_limit);
}

TEST_CASE("a memory that is neither imported nor exported as memory is not the embedder's") {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("mine");
  m.export_func("_start", m.func({}, {}, Body{}));
  CHECK_FALSE(create(m).memory());
}

TEST_CASE("memory beyond the limit of the options is out of memory") {
  ProcessOptions options;
  options.execution.max_memory_pages = 0;
  CHECK(creation_error(with_memory(), options) == ErrorCode::out_of_memory);
  options.execution.max_memory_pages = 2;
  Process process = create(with_memory(), options);
  CHECK(ok(process.memory().value().grow(1)) == 1);
  CHECK(error_of(process.memory().value().grow(1)) == ErrorCode::memory_limit);
}

TEST_CASE("segments that do not fit are errors in the specification's words") {
  ModuleBuilder data;
  data.memory(1);
  data.data({{i32_const(65534)}, 0}, "abc");
  data.export_func("_start", data.func({}, {}, Body{}));
  const auto refused = Process::create(load(data), no_imports);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::data_out_of_bounds);
  CHECK(refused.error().phase == Phase::trap);
  CHECK_THAT(refused.error().message, has_text("out of bounds memory access"));

  ModuleBuilder elements;
  elements.table({.limits = {1, 1}});
  const FuncIdx start = elements.func({}, {}, Body{});
  elements.elem({{i32_const(1)}, 0}, {start});
  elements.export_func("_start", start);
  const auto refused_too = Process::create(load(elements), no_imports);
  REQUIRE_FALSE(refused_too);
  CHECK(refused_too.error().code == ErrorCode::elements_out_of_bounds);
  CHECK_THAT(refused_too.error().message, has_text("out of bounds table access"));
}

TEST_CASE("a negative offset of a data segment is a large one") {
  ModuleBuilder m;
  m.memory(1);
  m.data({{i32_const(-1)}, 0}, "a");
  m.export_func("_start", m.func({}, {}, Body{}));
  CHECK(creation_error(m) == ErrorCode::data_out_of_bounds);
}

// --- globals ------------------------------------------------------------------------------------

namespace {

/// Exports i32 `counter` (mutable), f64 `half`, funcref `f` (mutable); _start adds one to
/// `counter`.
ModuleBuilder with_globals() {
  ModuleBuilder m;
  const FuncIdx start = m.func(
      {}, {i32}, {global_get(0), i32_const(1), op(WasmOp::i32_add), global_set(0), global_get(0)});
  m.global({i32, true}, {i32_const(-5)});
  m.global({f64, false}, {f64_const(0.5)});
  m.global({funcref, true}, {ref_func(start)});
  m.export_global("counter", GlobalIdx{0});
  m.export_global("half", GlobalIdx{1});
  m.export_global("f", GlobalIdx{2});
  m.export_func("_start", start);
  return m;
}

}  // namespace

TEST_CASE("exported globals are read, and written when they are mutable") {
  Process process = create(with_globals());
  CHECK(ok(process.global("counter")) == Value::i32(-5));
  CHECK(ok(process.global("half")) == Value::f64(0.5));
  ok(process.set_global("counter", Value::i32(40)));
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(41)});
  CHECK(ok(process.global("counter")) == Value::i32(41));
}

TEST_CASE("a global refuses what it cannot be") {
  Process process = create(with_globals());
  CHECK(error_of(process.set_global("half", Value::f64(1))) == ErrorCode::global_immutable);
  CHECK(error_of(process.set_global("counter", Value::i64(1))) == ErrorCode::wrong_value_type);
  CHECK(error_of(process.set_global("_start", Value::i32(1))) == ErrorCode::no_such_export);
  CHECK(error_of(process.global("nothing")) == ErrorCode::no_such_export);
  CHECK(error_of(process.set_global("f", Value::funcref({&process}))) ==
        ErrorCode::wrong_value_type);
  const Value f = ok(process.global("f"));
  ok(process.set_global("f", Value::null(funcref)));
  CHECK(ok(process.global("f")).is_null());
  ok(process.set_global("f", f));
  CHECK(ok(process.global("counter")) == Value::i32(-5));
}

// --- table --------------------------------------------------------------------------------------

namespace {

/// A table of [null, one, null]; _start calls element 0.
ModuleBuilder with_table() {
  ModuleBuilder m;
  const TypeIdx type = m.type({}, {i32});
  const FuncIdx one = m.func(type, {i32_const(1)});
  m.table({.limits = {3, 5}});
  m.export_table("__indirect_function_table");
  m.elem({{i32_const(1)}, 0}, {one});
  m.export_func("_start", m.func(type, {i32_const(0), call_indirect(type)}));
  return m;
}

}  // namespace

TEST_CASE("the exported table is read, written and grown") {
  Process process = create(with_table());
  TableRef table = process.table().value();
  CHECK(table.size() == 3);
  CHECK(table.type() == TableType{.limits = {3, 5}});
  CHECK(ok(table.get(0)).is_null());
  const Value one = ok(table.get(1));
  CHECK_FALSE(one.is_null());
  CHECK(error_of(table.get(3)) == ErrorCode::table_out_of_bounds);
  ok(table.set(0, one));
  CHECK(error_of(table.set(3, one)) == ErrorCode::table_out_of_bounds);
  CHECK(error_of(table.set(0, Value::i32(0))) == ErrorCode::wrong_value_type);
  CHECK(error_of(table.set(0, Value::funcref({&table}))) == ErrorCode::wrong_value_type);
  CHECK(ok(table.grow(2, one)) == 3);
  CHECK(ok(table.get(4)) == one);
  CHECK(error_of(table.grow(1, one)) == ErrorCode::table_out_of_bounds);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(1)});
}

TEST_CASE("a table that is not exported under its name is not the embedder's") {
  ModuleBuilder m;
  m.table({.limits = {1, 1}});
  m.export_table("table");
  m.export_func("_start", m.func({}, {}, Body{}));
  CHECK_FALSE(create(m).table());
}

// --- reset --------------------------------------------------------------------------------------

TEST_CASE("a reset process is as freshly created") {
  ModuleBuilder m;
  const FuncIdx ask = m.import_func("env", "ask", m.type({}, {i32}));
  m.memory(1, 4);
  m.export_memory("memory");
  m.data({{i32_const(0)}, 0}, "x");
  m.global({i64, true}, {i64_const(6)});
  m.export_global("g");
  m.table({.limits = {1, 3}});
  m.export_table("__indirect_function_table");
  const FuncIdx start = m.func({}, {}, {call(ask), drop(), unreachable()});
  m.elem({{i32_const(0)}, 0}, {start});
  m.export_func("_start", start);
  ProcessOptions options;
  options.resettable = true;
  Process process = create(m, options);
  const Value element = ok(process.table().value().get(0));

  for (int round = 0; round < 3; ++round) {
    expect_call(process.main_thread(), 0);
    CHECK(ok(process.start_thread("_start")).id() == 1);
    MemoryRef memory = process.memory().value();
    ok(memory.grow(2));
    ok(memory.fill(0, 3 * page, b(255)));
    ok(process.set_global("g", Value::i64(0)));
    ok(process.table().value().grow(2, element));
    ok(process.table().value().set(0, Value::null(funcref)));
    CHECK(expect_trap(process.main_thread(), {Value::i32(0)}) == Trap::unreachable);
    CHECK(process.poisoned());

    ok(process.reset());
    CHECK_FALSE(process.poisoned());
    CHECK(process.threads() == std::vector<ThreadId>{0});
    CHECK(ok(process.main_thread().state()) == ThreadState::ready);
    CHECK(memory.pages() == 1);
    CHECK(ok(memory.view(0, 1))[0] == b('x'));
    CHECK(ok(memory.view(1, 1))[0] == b(0));
    CHECK(ok(process.global("g")) == Value::i64(6));
    CHECK(process.table().value().size() == 1);
    CHECK(ok(process.table().value().get(0)) == element);
  }
}

TEST_CASE("a process is reset only when it was created for it") {
  CHECK(error_of(create(with_memory()).reset()) == ErrorCode::not_resettable);
}

// --- the substrate preset -----------------------------------------------------------------------

TEST_CASE("the substrate preset runs a named entry with arguments, again and again") {
  ModuleBuilder m;
  const FuncIdx add = m.import_func("env", "add", m.type({i32, i64}, {i64}));
  m.import_memory("env", "memory", {.limits = {1, 2}});
  m.export_func("call", m.func({i32, i64}, {i64}, {local_get(0), local_get(1), call(add)}));
  ProcessOptions options = ProcessOptions::substrate();
  options.entry = "call";
  options.arguments = {Value::i32(1), Value::i64(2)};
  CHECK(error_of(Process::create(load(m, Features::wasm2()), in_order(), options)) ==
        ErrorCode::feature_disabled);
  const Module module = ok(Module::load(m.build(), options.module_options()));
  auto process = ok(Process::create(module, in_order(), options));
  for (int round = 0; round < 2; ++round) {
    CHECK(expect_call(process.main_thread(), 0) == Values{Value::i32(1), Value::i64(2)});
    CHECK(expect_finish(process.main_thread(), {Value::i64(3)}) == Values{Value::i64(3)});
    ok(process.reset());
  }
}

TEST_CASE("the substrate preset refuses what its rules forbid") {
  const auto refusal = [](const ModuleBuilder& m) {
    return error_of(
        Process::create(load(m, Features::mvp()), in_order(), ProcessOptions::substrate()));
  };
  ModuleBuilder none;
  none.export_func("_start", none.func({}, {}, Body{}));
  CHECK(refusal(none) == ErrorCode::memory_required);

  ModuleBuilder elsewhere;
  elsewhere.import_memory("sys", "memory", {.limits = {1, 2}});
  elsewhere.export_func("_start", elsewhere.func({}, {}, Body{}));
  CHECK(refusal(elsewhere) == ErrorCode::bad_memory_name);

  ModuleBuilder floats;
  floats.import_func("env", "f", floats.type({f32}, {}));
  floats.import_memory("env", "memory", {.limits = {1, 2}});
  floats.export_func("_start", floats.func({}, {}, Body{}));
  CHECK(refusal(floats) == ErrorCode::bad_import_type);

  ModuleBuilder starting;
  starting.import_memory("env", "memory", {.limits = {1, 2}});
  const FuncIdx start = starting.func({}, {}, Body{});
  starting.export_func("_start", start);
  starting.start(start);
  CHECK(refusal(starting) == ErrorCode::start_section_forbidden);
}
