// The embedder's calls when memory is scarce: each does what it says, or nothing has changed.
#include <array>

#include "tests/out_of_memory/verdicts.hpp"
#include "tests/snapshot/memory_files.hpp"

namespace fermata::test {
namespace {

Module module_of(std::string_view text) { return ok(parse_text(text, {Features::all()})); }

constexpr std::string_view counter = R"((module
  (import "env" "next" (func $next (param i32) (result i32)))
  (tag $t (export "t") (param i32 i64))
  (type $pair (struct (field (mut i32)) (field (mut anyref))))
  (type $bytes (array (mut i8)))
  (memory (export "memory") 1 4)
  (table (export "__indirect_function_table") 2 10 funcref)
  (elem (i32.const 0) $work $next)
  (global $sum (export "sum") (mut i32) (i32.const 0))
  (global (mut (ref null $pair)) (struct.new $pair (i32.const 1) (ref.null any)))
  (global (ref $bytes) (array.new_default $bytes (i32.const 40)))
  (func $work (export "work") (param $n i32) (result i32)
    (block $caught (result i32 i64)
      (try_table (catch $t $caught)
        (global.set $sum (i32.add (global.get $sum) (call $next (local.get $n)))))
      (return (global.get $sum)))
    (drop))
  (func (export "_start") (result i32) (call $work (i32.const 5)))))";

ProcessOptions options() {
  ProcessOptions options;
  options.resettable = true;
  return options;
}

Process paused(const Module& module) {
  Process process = ok(Process::create(module, in_order(), options()));
  expect_call(process.main_thread(), 0);
  return process;
}

// Trees of 2 KiB objects, deep in a recursion, so that collections find roots in many frames.
constexpr std::string_view churn = R"((module
  (type $node (struct (field (ref null $node)) (field i32)))
  (type $filler (array (mut i64)))
  (func $down (param $n i32) (param $list (ref null $node)) (result i32) (local $f (ref null $filler))
    (local.set $f (array.new $filler (i64.const 1) (i32.const 200)))
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (i32.add
      (array.len (local.get $f))
      (call $down (i32.sub (local.get $n) (i32.const 1))
        (struct.new $node (local.get $list) (local.get $n)))))
  (func (export "_start") (result i32)
    (drop (call $down (i32.const 300) (ref.null $node)))
    (call $down (i32.const 300) (ref.null $node)))))";

}  // namespace

TEST_CASE("a collection without memory for its roots is given up, and the guest traps") {
  const Module module = module_of(churn);
  std::uint64_t collections = 0;
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = ok(Process::create(module, no_imports));
    const auto outcome = memory([&] { return process.main_thread().run(); });
    if (goes_on(outcome)) {
      CHECK(std::get<Finished>(*outcome).results[0] == Value::i32(60'000));
      collections = process.heap_use().collections;
    }
    const auto told = ok(process.snapshot());
    CHECK(ok(ok(Process::restore(module, told, no_imports)).snapshot()) == told);
  });
  CHECK(collections > 1);  // or there were no roots to find
}

TEST_CASE("a thread starts, or there is no memory for it, and nothing has changed") {
  const Module module = module_of(counter);
  Process process = paused(module);
  const auto told = ok(process.snapshot());
  with_scarce_memory([&](ScarceMemory& memory) {
    Process other = ok(process.fork());
    for (const ThreadFunction& function :
         {ThreadFunction("work"), ThreadFunction(TableElement{0}), ThreadFunction(FuncIdx{1})}) {
      const auto before = ok(other.snapshot());
      const auto thread = memory([&] { return other.start_thread(function, {Value::i32(1)}); });
      if (!is_there(thread)) CHECK(ok(other.snapshot()) == before);
    }
    if (!ScarceMemory::has_refused()) CHECK(other.threads().size() == 4);
  });
  CHECK(ok(process.snapshot()) == told);
}

TEST_CASE("an instance of its own is made for a thread, or nothing has changed") {
  const Module module = module_of(R"((module
    (import "env" "memory" (memory 1 2 shared))
    (global (mut i32) (i32.const 7))
    (table 3 funcref) (elem (i32.const 0) $f)
    (func $f (export "f") (param i32) (result i32) (i32.add (local.get 0) (global.get 0)))
    (func (export "_start"))))");
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = ok(Process::create(module, no_imports));
    const auto told = ok(process.snapshot());
    auto thread = memory([&] { return process.spawn_thread("f", std::array{Value::i32(1)}); });
    if (is_there(thread)) {
      CHECK(expect_finish(*thread) == std::vector{Value::i32(8)});
    } else {
      CHECK(process.threads().size() == 1);
      thread = process.spawn_thread("f", std::array{Value::i32(1)});
      REQUIRE(thread);
      CHECK(expect_finish(*thread) == std::vector{Value::i32(8)});
    }
  });
}

TEST_CASE("an exception is thrown at a host call, or the call still waits") {
  const Module module = module_of(counter);
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = paused(module);
    const std::array values{Value::i32(3), Value::i64(4)};
    const TagRef tag = ok(process.tag("t"));
    const auto outcome = memory([&] { return process.main_thread().throw_exception(tag, values); });
    if (is_there(outcome)) {
      if (goes_on(outcome)) CHECK(std::get<Finished>(*outcome).results[0] == Value::i32(3));
    } else {
      CHECK(process.main_thread().pending_host_call());
      CHECK(expect_finish(process.main_thread(), {Value::i32(9)}) == std::vector{Value::i32(9)});
    }
  });
}

TEST_CASE("a host call is answered with a trap, or it still waits") {
  const Module module = module_of(counter);
  const std::string message(100, 'x');
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = paused(module);
    const auto outcome = memory([&] { return process.main_thread().trap(message); });
    if (is_there(outcome)) {
      CHECK(std::get<Trapped>(*outcome).message == message);
    } else {
      CHECK(expect_finish(process.main_thread(), {Value::i32(9)}) == std::vector{Value::i32(9)});
    }
  });
}

TEST_CASE("objects are made, rooted and read, or there is no memory for them") {
  const Module module = module_of(counter);
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = paused(module);
    const auto told = ok(process.snapshot());
    {
      const std::array<std::byte, 5000> bytes{};
      const auto array = memory([&] { return process.make_array_from_bytes(TypeIdx{1}, bytes); });
      if (is_there(array)) {
        const std::array fields{Value::i32(1), array->value()};
        const auto pair = memory([&] { return process.make_struct(TypeIdx{0}, fields); });
        if (is_there(pair)) CHECK(ok(process.object(pair->value())).size() == 2);
      } else {
        CHECK(ok(process.snapshot()) == told);
      }
    }
    CHECK(process.memory()->size() == 65536);
    CHECK(expect_finish(process.main_thread(), {Value::i32(9)}) == std::vector{Value::i32(9)});
  });
}

TEST_CASE("a reset process is as new, or poisoned for want of memory") {
  const Module module = module_of(counter);
  const auto fresh = ok(ok(Process::create(module, in_order(), options())).snapshot());
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = paused(module);
    if (is_there(memory([&] { return process.reset(); }))) {
      // An object that found no room is made again behind a collection, which is counted.
      if (!ScarceMemory::has_refused()) CHECK(ok(process.snapshot()) == fresh);
    } else {
      CHECK(process.poisoned());
      CHECK(process.snapshot());  // nothing in it refers to what is gone
    }
  });
}

TEST_CASE("deltas are written and folded, or the mark and the process are as they were") {
  const Module module = module_of(counter);
  with_scarce_memory([&](ScarceMemory& memory) {
    Process process = paused(module);
    MemorySink base, changes, folded;
    auto mark = memory([&] { return process.marked_snapshot(base); });
    if (!is_there(mark)) return;
    CHECK(process.memory()->store<std::uint32_t>(8192, 77));
    if (!is_there(memory([&] { return process.delta(*mark, changes); }))) {
      changes.bytes.clear();
      REQUIRE(process.delta(*mark, changes));
    }
    MemorySource first(base.bytes), second(changes.bytes);
    const std::array<SnapshotSource*, 2> files{&first, &second};
    if (is_there(memory([&] { return fold_snapshots(files, folded); }))) {
      CHECK(folded.bytes == ok(process.snapshot()));
    }
  });
}

TEST_CASE("a store's definitions are made and instances linked, or there is no memory for them") {
  const Module module = module_of(R"((module
    (import "host" "f" (func $f (param i32) (result i32)))
    (import "host" "g" (global $g (mut i32)))
    (import "host" "m" (memory 1))
    (import "host" "t" (table $t 2 funcref))
    (import "host" "e" (tag $e (param i32)))
    (memory 2) (table 5 externref) (tag (param i64)) (global (mut v128) (v128.const i64x2 1 2))
    (elem (table $t) (i32.const 1) func $twice)
    (func $twice (export "twice") (param i32) (result i32)
      (i32.add (call $f (local.get 0)) (global.get $g)))))");
  with_scarce_memory([&](ScarceMemory& memory) {
    Store store;
    const FuncType type{{i32}, {i32}}, tag{{i32}, {}};
    const auto f = memory([&] { return store.make_function(type, 7); });
    const auto g = memory([&] { return store.make_global({i32, true}, Value::i32(5)); });
    const auto m = memory([&] { return store.make_memory(MemoryType{.limits = {1, {}}}); });
    const auto t = memory([&] {
      return store.make_table(TableType{.element = funcref, .limits = {2, {}}},
                              Value::null(funcref));
    });
    const auto e = memory([&] { return store.make_tag(tag); });
    const bool all = is_there(f) && is_there(g) && is_there(m) && is_there(t) && is_there(e);
    if (!all) return;
    const std::array<Extern, 5> imports{*f, *g, *m, *t, *e};
    auto instance = memory([&] { return store.instantiate(module, imports); });
    if (!is_there(instance)) instance = store.instantiate(module, imports);
    REQUIRE(instance);
    Thread thread = ok(store.start_thread(ok(instance->function("twice")), {{Value::i32(1)}}));
    expect_call(thread, 7);
    CHECK(expect_finish(thread, {Value::i32(2)}) == std::vector{Value::i32(7)});
  });
}

}  // namespace fermata::test
