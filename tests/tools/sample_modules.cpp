// Building the sample modules. See sample_modules.hpp.
#include "tests/tools/sample_modules.hpp"

#include <string>

#include "fermata/text.hpp"
#include "tests/support/component_builder.hpp"

namespace fermata::test {
namespace {

constexpr std::string_view wasi = "wasi_snapshot_preview1";

/// Functions to invoke, for every type of value.
Bytes calc() {
  ModuleBuilder m;
  const auto unary = [&](std::string_view name, ValType type, const Body& body) {
    m.export_func(name, m.func({type}, {type}, body));
  };
  m.export_func("add",
                m.func({i32, i32}, {i32}, {local_get(0), local_get(1), op(WasmOp::i32_add)}));
  unary("negate", i64, {i64_const(0), local_get(0), op(WasmOp::i64_sub)});
  unary("half", f64, {local_get(0), f64_const(0.5), op(WasmOp::f64_mul)});
  unary("same_f32", f32, {local_get(0)});
  unary("same_f64", f64, {local_get(0)});
  unary("same_extern", externref, {local_get(0)});
  unary("same_func", funcref, {local_get(0)});
  m.export_func("two", m.func({}, {i32, i64}, {i32_const(-1), i64_const(2)}));
  m.export_func("nothing", m.func({}, {}, {}));
  return m.build();
}

/// Prints "hello" and returns.
Bytes hello() {
  ModuleBuilder m;
  const auto write = m.import_func(wasi, "fd_write", m.type({i32, i32, i32, i32}, {i32}));
  m.export_memory("memory", m.memory(1));
  m.data({{i32_const(0)}, 0}, std::string_view("\x08\0\0\0\x06\0\0\0hello\n", 14));
  m.export_func("_start", m.func({}, {},
                                 {i32_const(1), i32_const(0), i32_const(1), i32_const(16),
                                  call(write), drop()}));
  return m.build();
}

/// Ends with the number of its arguments, times `factor`, as its exit code.
Bytes exit_with(std::int32_t factor) {
  ModuleBuilder m;
  const auto sizes = m.import_func(wasi, "args_sizes_get", m.type({i32, i32}, {i32}));
  const auto exit = m.import_func(wasi, "proc_exit", m.type({i32}, {}));
  m.export_memory("memory", m.memory(1));
  m.export_func("_start", m.func({}, {},
                                 {i32_const(0), i32_const(4), call(sizes), drop(), i32_const(0),
                                  load(WasmOp::i32_load), i32_const(factor), op(WasmOp::i32_mul),
                                  call(exit), unreachable()}));
  return m.build();
}

/// Traps three calls deep; only some functions have names.
Bytes divide() {
  ModuleBuilder m;
  const auto quotient =
      m.func({i32, i32}, {i32}, {local_get(0), local_get(1), op(WasmOp::i32_div_s)});
  const auto middle = m.func({i32}, {i32}, {i32_const(1), local_get(0), call(quotient)});
  const auto start = m.func({}, {}, {i32_const(0), call(middle), drop()});
  m.name_func(quotient, "quotient\x1b[31m");
  m.export_func("_start", start);
  m.export_func("by", middle);
  return m.build();
}

/// Calls itself for ever.
Bytes deep() {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {call(0), nop()}));
  return m.build();
}

/// The same in a function whose name is a megabyte of characters of two bytes.
Bytes long_name() {
  ModuleBuilder m;
  std::string name;
  while (name.size() < 1'000'000) name += "\xC3\xA9";
  m.export_func("_start", m.func({}, {}, {call(0), nop()})).name_func(FuncIdx{0}, name);
  return m.build();
}

Bytes reactor() {
  ModuleBuilder m;
  const auto state = m.global({i32, true}, {i32_const(0)});
  m.export_func("_initialize", m.func({}, {}, {i32_const(41), global_set(state.value)}));
  m.export_func("get", m.func({}, {i32}, {global_get(state.value)}));
  return m.build();
}

Bytes imports(std::string_view module, std::string_view name, const ResultType& params) {
  ModuleBuilder m;
  m.import_func(module, name, m.type(params, {}));
  m.export_func("_start", m.func({}, {}, {}));
  return m.build();
}

Bytes invalid() {
  ModuleBuilder m;
  const auto f = m.func({}, {i32}, {i64_const(1)});
  m.name_func(f, "wrong");
  m.export_func("_start", m.func({}, {}, {}));
  return m.build();
}

Bytes no_start() {
  ModuleBuilder m;
  m.export_memory("memory", m.memory(1));
  return m.build();
}

Bytes grow() {
  ModuleBuilder m;
  m.export_memory("memory", m.memory(1));
  m.export_func("grow", m.func({i32}, {i32}, {local_get(0), op(WasmOp::memory_grow, {0})}));
  return m.build();
}

/// One of everything that `dump` shows.
Bytes everything() {
  ModuleBuilder m;
  const auto type = m.type({i32, externref}, {f64, f64});
  m.import_func("env", "say \"hi\"\n", type);
  m.import_memory("env", "memory", {.limits = {1, 10}});
  m.import_global("env", "base", {i32, false});
  const auto table = m.table({funcref, {2, {}}});
  const auto counter = m.global({i64, true}, {i64_const(5)});
  const auto f = m.func({}, {}, {});
  m.export_func("f", f);
  m.export_table("t", table);
  m.export_global("counter", counter);
  m.start(f);
  m.elem({{i32_const(0)}, 0}, {f});
  m.passive_data("passive");
  m.data_count();
  m.custom("note\x07", {1, 2, 3});
  m.name_func(f, "f");
  return m.build();
}

/// Valid to decode only: indices that point nowhere.
Bytes dangling() {
  ModuleBuilder m;
  m.import_func("a", "b", TypeIdx{9});
  m.export_func("gone", FuncIdx{77});
  m.export_memory("gone too", MemIdx{5});
  return m.build();
}

Bytes vectors() {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {}, {v128_const({}), drop()}));
  return m.build();
}

/// Reads from standard input and ends with the error as its exit code.
Bytes read() {
  ModuleBuilder m;
  const auto read = m.import_func(wasi, "fd_read", m.type({i32, i32, i32, i32}, {i32}));
  const auto exit = m.import_func(wasi, "proc_exit", m.type({i32}, {}));
  m.export_memory("memory", m.memory(1));
  m.data({{i32_const(0)}, 0}, std::string_view("\x08\0\0\0\x04\0\0\0", 8));
  m.export_func("_start", m.func({}, {},
                                 {i32_const(0), i32_const(0), i32_const(1), i32_const(16),
                                  call(read), call(exit)}));
  return m.build();
}

/// Starts three threads with the letters a, b and c, and waits until none is at work.
constexpr std::string_view threads = R"((module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (export "memory" (memory 0))
  (global $at_work i32 (i32.const 1024))
  (func $print_letter (param $letter i32) (local $at i32)
    (local.set $at (i32.shl (local.get $letter) (i32.const 4)))
    (i32.store (local.get $at) (i32.add (local.get $at) (i32.const 8)))
    (i32.store offset=4 (local.get $at) (i32.const 2))
    (i32.store8 offset=8 (local.get $at) (local.get $letter))
    (i32.store8 offset=9 (local.get $at) (i32.const 10))
    (drop (call $fd_write
      (i32.const 1) (local.get $at) (i32.const 1) (i32.add (local.get $at) (i32.const 12)))))
  (func (export "wasi_thread_start") (param $thread i32) (param $letter i32)
    (call $print_letter (local.get $letter))
    (drop (call $yield))
    (drop (i32.atomic.rmw.sub (global.get $at_work) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $at_work) (i32.const 1))))
  (func $start (param $letter i32)
    (drop (i32.atomic.rmw.add (global.get $at_work) (i32.const 1)))
    (if (i32.lt_s (call $spawn (local.get $letter)) (i32.const 1)) (then (unreachable))))
  (func (export "_start") (local $left i32)
    (call $start (i32.const 97)) (call $start (i32.const 98)) (call $start (i32.const 99))
    (loop $again
      (local.set $left (i32.atomic.load (global.get $at_work)))
      (if (local.get $left) (then
        (drop (memory.atomic.wait32 (global.get $at_work) (local.get $left) (i64.const -1)))
        (br $again))))
    (call $print_letter (i32.const 122)))))";

/// `_initialize` leaves a thread waiting, and one in a call of WASI; `wake` wakes the first, which
/// gives what it counts.
constexpr std::string_view threaded_reactor = R"((module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (func (export "wasi_thread_start") (param $thread i32) (param $waits i32)
    (if (local.get $waits)
      (then
        (i32.atomic.store (i32.const 20) (i32.const 1))
        (drop (memory.atomic.notify (i32.const 20) (i32.const 1)))
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
      (else (loop $again (drop (call $yield))
        (br_if $again (i32.lt_u (i32.atomic.rmw.add (i32.const 12) (i32.const 1))
          (i32.const 1000))))))
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const -1))))
  (func (export "_initialize")
    (drop (call $spawn (i32.const 1)))
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 20) (i32.const 0) (i64.const -1))))
  (func (export "wake") (result i32)
    (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (loop $again (result i32)
      (if (i32.eq (i32.atomic.load (i32.const 4)) (i32.const 2))
        (then (return (i32.load (i32.const 4)))))
      (drop (memory.atomic.wait32 (i32.const 4) (i32.atomic.load (i32.const 4)) (i64.const -1)))
      (br $again)))
  (func (export "_start"))))";

/// The main thread waits for one that traps.
constexpr std::string_view trapping_thread = R"((module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (func $start (export "wasi_thread_start") (param i32 i32) (unreachable))
  (func (export "_start")
    (drop (call $spawn (i32.const 0)))
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))))";

/// Waits a millisecond, with success, and then for ever.
constexpr std::string_view waiting = R"((module
  (import "env" "memory" (memory 1 1 shared))
  (func $wait (param $nanoseconds i64) (result i32)
    (memory.atomic.wait32 (i32.const 0) (i32.const 0) (local.get $nanoseconds)))
  (func $main (export "_start")
    (if (i32.ne (call $wait (i64.const 1000000)) (i32.const 2)) (then (unreachable)))
    (drop (call $wait (i64.const -1))))))";

/// Prints its own name and makes a file; ends with what that came to.
constexpr std::string_view opening = R"((module
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 64) "made")
  (func (export "_start") (local $end i32)
    (drop (call $args (i32.const 256) (i32.const 512)))
    (local.set $end (i32.const 512))
    (loop $next
      (local.set $end (i32.add (local.get $end) (i32.const 1)))
      (br_if $next (i32.load8_u (local.get $end))))
    (i32.store8 (local.get $end) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 512))
    (i32.store (i32.const 4) (i32.sub (local.get $end) (i32.const 511)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 1)
      (i64.const 0x40) (i64.const 0) (i32.const 0) (i32.const 16))))))";

/// Many functions with the most locals that one may have.
Bytes locals() {
  ModuleBuilder m;
  for (int i = 0; i < 10'000; ++i) m.func({}, {}, {}, {{50'000, i32}});
  return m.build();
}

/// Many imports of one type with many parameters.
Bytes wide() {
  ModuleBuilder m;
  const auto type = m.type(ResultType(1'000, i32), {});
  for (int i = 0; i < 20'000; ++i) m.import_func("", "", type);
  return m.build();
}

/// More imports than are named, and one that WASI answers.
Bytes many_imports() {
  ModuleBuilder m;
  m.import_func(wasi, "proc_exit", m.type({i32}, {}));
  for (int i = 0; i < 30; ++i)
    m.import_func("env", "f" + std::to_string(i), m.type({i32}, {i64, f64}));
  m.export_func("_start", m.func({}, {}, {}));
  return m.build();
}

/// A program of WASI 0.2 made of one of preview 1, with another module nested in it.
Bytes component() {
  return component_of({component_section(0, encoded_name("note")),
                       component_section(4, component_of({component_section(1, calc())})),
                       component_section(1, hello()), component_exports({"wasi:cli/run@0.2.0"})});
}

}  // namespace

std::map<std::string, Bytes> sample_modules() {
  return {{"calc.wasm", calc()},
          {"wrapped.wasm", component()},
          {"many_imports.wasm", many_imports()},
          {"library_component.wasm", component_of({component_section(1, calc())})},
          {"data_component.wasm", component_of({})},
          {"hello.wasm", hello()},
          {"exit.wasm", exit_with(1)},
          {"exit100.wasm", exit_with(100)},
          {"divide.wasm", divide()},
          {"deep.wasm", deep()},
          {"long_name.wasm", long_name()},
          {"reactor.wasm", reactor()},
          {"mystery.wasm", imports("env", "mystery", {})},
          {"signature.wasm", imports(wasi, "fd_write", {i32})},
          {"invalid.wasm", invalid()},
          {"no_start.wasm", no_start()},
          {"grow.wasm", grow()},
          {"everything.wasm", everything()},
          {"dangling.wasm", dangling()},
          {"vectors.wasm", vectors()},
          {"read.wasm", read()},
          {"locals.wasm", locals()},
          {"wide.wasm", wide()},
          {"threads.wasm", wat_to_wasm(threads).value()},
          {"threaded_reactor.wasm", wat_to_wasm(threaded_reactor).value()},
          {"trapping_thread.wasm", wat_to_wasm(trapping_thread).value()},
          {"waiting.wasm", wat_to_wasm(waiting).value()},
          {"open.wasm", wat_to_wasm(opening).value()},
          {"empty.wasm", {}}};
}

}  // namespace fermata::test
