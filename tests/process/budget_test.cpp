// The budget: one limit of all that a process makes, and what happens where it ends.
#include <string>
#include <vector>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t page_bytes = 65536;
constexpr std::uint64_t slot_bytes = 8;

ProcessOptions with_budget(std::uint64_t bytes) {
  ProcessOptions options;
  options.execution.max_bytes = bytes;
  return options;
}

/// Function 0 is the import `tell`; `_start` tells what `memory.grow` and `table.grow` of so much
/// give.
ModuleBuilder growing(std::int32_t pages, std::int32_t elements) {
  ModuleBuilder m;
  const FuncIdx tell = m.import_func("env", "tell", m.type({i32, i32}, {}));
  m.export_memory("memory", m.memory(1));
  m.table({.limits = {8, {}}});
  m.export_func("_start",
                m.func({}, {},
                       {i32_const(pages), op(WasmOp::memory_grow, {0}), ref_null({HeapKind::func}),
                        i32_const(elements), op(WasmOp::table_grow, {0}), call(tell)}));
  return m;
}

/// The smallest budget, to 8 bytes, with which the module's process can be created.
std::uint64_t least_budget(const ModuleBuilder& m) {
  std::uint64_t refused = 0;
  std::uint64_t enough = 1 << 20;
  while (enough - refused > slot_bytes) {
    const std::uint64_t middle = (refused + enough) / 2;
    const auto process = Process::create(load(m), in_order(), with_budget(middle));
    (process ? enough : refused) = middle;
  }
  return enough;
}

/// `_start` calls itself without end; a call needs so many slots.
ModuleBuilder recursive(std::uint32_t locals) {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {call(0)}, {{locals, i64}}));
  return m;
}

}  // namespace

TEST_CASE("instances of one module are made as far as the budget has room for their globals") {
  ModuleBuilder m;
  for (int i = 0; i < 1000; ++i) m.global({i64, true}, {i64_const(i)});
  const Module module = load(m);
  constexpr std::uint64_t instance_bytes = 256 + 1000 * slot_bytes;
  ExecutionOptions options;
  options.max_bytes = 10 * instance_bytes + instance_bytes / 2;
  Store store(options);
  for (int i = 0; i < 10; ++i) REQUIRE(store.instantiate(module, {}));
  const auto refused = store.instantiate(module, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::out_of_memory);
  CHECK(refused.error().message == "instance of 8256 bytes: the budget has 4128 bytes left");
}

TEST_CASE("an instance that cannot be made gives back what it took of the budget") {
  ModuleBuilder large;
  for (int i = 0; i < 1000; ++i) large.global({i64, true}, {i64_const(i)});
  ModuleBuilder refused = large;
  refused.table({.limits = {1'000'000, {}}});
  ExecutionOptions options;
  options.max_bytes = 9000;
  Store store(options);
  for (int i = 0; i < 3; ++i) CHECK_FALSE(store.instantiate(load(refused), {}));
  CHECK(store.instantiate(load(large), {}));
}

TEST_CASE("all functions that an instance may be asked for are counted when it is made") {
  ModuleBuilder m;
  for (int i = 0; i < 100; ++i) m.export_func(std::to_string(i), m.func({}, {}, Body{}));
  ExecutionOptions options;
  options.max_bytes = 256 + 100 * 96 - 1;
  CHECK_FALSE(Store(options).instantiate(load(m), {}));
  ++options.max_bytes;
  CHECK(Store(options).instantiate(load(m), {}));
}

TEST_CASE("thirty tables together have no more elements than the limit says") {
  ModuleBuilder m;
  for (int i = 0; i < 30; ++i) m.table({.limits = {9'000'000, {}}});
  m.export_func("_start", m.func({}, {}, Body{}));
  CHECK(creation_error(m) == ErrorCode::out_of_memory);
}

TEST_CASE("thirty tables that grow together have no more elements than the limit says") {
  ModuleBuilder m;
  Body body{i32_const(0)};
  for (std::uint32_t i = 0; i < 30; ++i) {
    m.table({.limits = {0, {}}});
    const Body grow{ref_null({HeapKind::func}), i32_const(4'000'000), op(WasmOp::table_grow, {i}),
                    op(WasmOp::i32_add)};
    body.insert(body.end(), grow.begin(), grow.end());
  }
  m.export_func("_start", m.func({}, {i32}, body));
  Process process = create(m);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(-28)});
}

TEST_CASE("memories and tables are made and grow as far as the budget has room for both") {
  const std::uint64_t least = least_budget(growing(0, 0));
  CHECK(least > page_bytes + 8 * slot_bytes);
  CHECK(least < page_bytes + 1280);
  constexpr std::uint64_t for_code = 4096;
  const auto told = [&](std::int32_t pages, std::int32_t elements, std::uint64_t more) {
    Process process = create(growing(pages, elements), with_budget(least + for_code + more));
    return expect_call(process.main_thread(), 0);
  };
  const auto both = [](std::int32_t memory, std::int32_t table) {
    return Values{Value::i32(memory), Value::i32(table)};
  };
  CHECK(told(2, 8000, 2 * page_bytes + 8000 * slot_bytes) == both(1, 8));
  CHECK(told(2, 8000, 2 * page_bytes) == both(1, -1));
  CHECK(told(3, 8000, 2 * page_bytes) == both(-1, 8));
  CHECK(told(2, 16000, 2 * page_bytes - for_code) == both(-1, 8));
}

TEST_CASE("a stack that the budget has no room for is the trap out of memory") {
  ProcessOptions options = with_budget(1 << 20);
  options.execution.max_stack_bytes = 1 << 30;
  Process process = create(recursive(100), options);
  CHECK(expect_trap(process.main_thread()) == Trap::out_of_memory);
}

TEST_CASE(
    "stacks of all threads together are charged to the budget, and no longer than they live") {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {}, {{50, i64}}));
  const Module module = load(m);
  Process first_to_run = ok(Process::create(module, in_order()));
  expect_finish(first_to_run.main_thread());
  Process process = ok(Process::create(module, in_order(), with_budget(64 << 10)));
  const auto most = [&] {
    std::vector<Thread> threads;
    for (;;) {
      auto thread = process.start_thread(FuncIdx{0});
      if (!thread) {
        CHECK(thread.error().code == ErrorCode::out_of_memory);
        break;
      }
      threads.push_back(*thread);
    }
    for (const Thread& thread : threads) expect_finish(thread);
    return threads.size();
  };
  const std::size_t first = most();
  CHECK(first > 50);
  CHECK(first < 1000);
  CHECK(most() == first);
}

TEST_CASE("a function for whose code the budget has no room traps at its call") {
  ModuleBuilder m;
  Body large;
  for (int i = 0; i < 5000; ++i) {
    large.push_back(i32_const(i));
    large.push_back(global_set(0));
  }
  m.global({i32, true}, {i32_const(0)});
  const FuncIdx callee = m.func({}, {}, large);
  m.export_func("_start", m.func({}, {}, {nop(), call(callee)}));
  Process process = create(m, with_budget(8192));
  Thread thread = process.main_thread();
  CHECK(expect_trap(thread) == Trap::out_of_memory);
  const std::vector<Frame> frames = ok(thread.frames(10));
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].function == FuncIdx{1});

  Process rich = create(m, with_budget(1 << 20));  // of another module: this makes the code
  expect_finish(rich.main_thread());
}

TEST_CASE("code that another process has made costs nothing") {
  const Module module = load([] {
    ModuleBuilder m;
    Body large;
    for (int i = 0; i < 5000; ++i) large.push_back(nop());
    for (int i = 0; i < 5000; ++i) {
      large.push_back(global_get(0));
      large.push_back(global_set(0));
    }
    m.global({i32, true}, {i32_const(0)});
    m.export_func("_start", m.func({}, {}, large));
    return m;
  }());
  Process poor = ok(Process::create(module, in_order(), with_budget(8192)));
  CHECK(expect_trap(poor.main_thread()) == Trap::out_of_memory);
  Process rich = ok(Process::create(module, in_order()));
  expect_finish(rich.main_thread());
  Process second = ok(Process::create(module, in_order(), with_budget(8192)));
  expect_finish(second.main_thread());
}

TEST_CASE("calls between instances are charged to the store's budget, and given back") {
  ExecutionOptions options;
  options.max_bytes = 1 << 20;
  options.max_stack_bytes = 1 << 30;
  Store store(options);
  ModuleBuilder trampoline;
  trampoline.table({.limits = {1, {}}});
  trampoline.export_table("table");
  const TypeIdx type = trampoline.type({i32}, {});
  trampoline.export_func("bounce",
                         trampoline.func(type, {local_get(0), i32_const(0), call_indirect(type)}));
  InstanceRef one = ok(store.instantiate(load(trampoline), {}));

  ModuleBuilder m;
  const TypeIdx same = m.type({i32}, {});
  const FuncIdx bounce = m.import_func("one", "bounce", same);
  m.import_table("one", "table", {.limits = {1, {}}});
  const FuncIdx down = m.func(same, {local_get(0), if_(), local_get(0), i32_const(1),
                                     op(WasmOp::i32_sub), call(bounce), end()});
  m.elem({{i32_const(0)}, 0}, {down});
  m.export_func("down", down);
  const std::vector<Extern> imports{ok(one.function("bounce")), ok(one.table("table"))};
  InstanceRef two = ok(store.instantiate(load(m), imports));
  const FuncRef function = ok(two.function("down"));
  const auto outcome_of = [&](std::int32_t depth) {
    const Values arguments{Value::i32(depth)};
    Thread thread = ok(store.start_thread(function, arguments));
    return run(thread);
  };
  for (int i = 0; i < 20; ++i) {
    REQUIRE(std::holds_alternative<Finished>(outcome_of(2000)));
  }
  const Outcome deep = outcome_of(100'000'000);
  REQUIRE(std::holds_alternative<Trapped>(deep));
  CHECK(std::get<Trapped>(deep).trap == Trap::out_of_memory);
}
