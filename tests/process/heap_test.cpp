// Programs that make objects: what is collected, when, and where the heap ends. In every way of
// running a program makes the same number of collections, with the same peak.
#include "fermata/store.hpp"
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20;

// Functions to run as `_start` of programs. A node has 24 bytes.
constexpr std::string_view program = R"((module
  (import "env" "pause" (func $pause (param anyref) (result anyref)))
  (type $node (struct (field $left (mut (ref null $node))) (field $right (mut (ref null $node)))))
  (type $nodes (array (mut (ref null $node))))
  (global $kept (mut (ref null $node)) (ref.null $node))

  (func $tree (param $depth i32) (result (ref $node))
    (if (result (ref $node)) (i32.eqz (local.get $depth))
      (then (struct.new_default $node))
      (else (struct.new $node
        (call $tree (i32.sub (local.get $depth) (i32.const 1)))
        (call $tree (i32.sub (local.get $depth) (i32.const 1)))))))
  (func $size (param $tree (ref null $node)) (result i32)
    (if (result i32) (ref.is_null (local.get $tree))
      (then (i32.const 0))
      (else (i32.add (i32.const 1) (i32.add
        (call $size (struct.get $node $left (local.get $tree)))
        (call $size (struct.get $node $right (local.get $tree))))))))
  (func (export "trees") (param $depth i32) (param $times i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $size (call $tree (local.get $depth)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))

  ;; A list of $length nodes, counted from its head.
  (func $list (param $length i32) (result (ref null $node))
    (local $head (ref null $node))
    (loop $again
      (local.set $head (struct.new $node (local.get $head) (ref.null $node)))
      (br_if $again (local.tee $length (i32.sub (local.get $length) (i32.const 1)))))
    (local.get $head))
  (func $length (param $head (ref null $node)) (result i32)
    (local $count i32)
    (loop $again
      (if (ref.is_null (local.get $head)) (then (return (local.get $count))))
      (local.set $head (struct.get $node $left (local.get $head)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br $again))
    (unreachable))
  (func (export "lists") (param $length i32) (param $times i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $length (call $list (local.get $length)))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))

  ;; Nodes that refer to each other, and are dropped together.
  (func (export "rings") (param $times i32) (param $unused i32) (result i32)
    (local $a (ref null $node)) (local $b (ref null $node))
    (loop $again
      (local.set $a (struct.new_default $node))
      (local.set $b (struct.new $node (local.get $a) (local.get $a)))
      (struct.set $node $left (local.get $a) (local.get $b))
      (struct.set $node $right (local.get $a) (local.get $a))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (ref.eq (struct.get $node $left (local.get $a)) (local.get $b)))

  ;; A ring of $n nodes, doubly linked, counted in its order.
  (func (export "ring") (param $n i32) (param $times i32) (result i32)
    (local $first (ref null $node)) (local $last (ref null $node)) (local $new (ref null $node))
    (local $i i32) (local $sum i32)
    (loop $again
      (local.set $first (struct.new_default $node))
      (struct.set $node $left (local.get $first) (local.get $first))
      (struct.set $node $right (local.get $first) (local.get $first))
      (local.set $i (i32.const 1))
      (loop $grow
        (local.set $last (struct.get $node $left (local.get $first)))
        (local.set $new (struct.new $node (local.get $last) (local.get $first)))
        (struct.set $node $right (local.get $last) (local.get $new))
        (struct.set $node $left (local.get $first) (local.get $new))
        (br_if $grow (i32.lt_u
          (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (local.set $new (struct.get $node $right (local.get $first)))
      (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
      (loop $count
        (if (i32.eqz (ref.eq (local.get $new) (local.get $first))) (then
          (local.set $sum (i32.add (local.get $sum) (i32.const 1)))
          (local.set $new (struct.get $node $right (local.get $new)))
          (br $count))))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))

  ;; A table of $places nodes of which one after the other is replaced.
  (func (export "churn") (param $places i32) (param $times i32) (result i32)
    (local $table (ref null $nodes)) (local $at i32) (local $sum i32)
    (local.set $table (array.new_default $nodes (local.get $places)))
    (loop $again
      (local.set $at (i32.rem_u (i32.mul (local.get $times) (i32.const 7919)) (local.get $places)))
      (array.set $nodes (local.get $table) (local.get $at)
        (struct.new $node (call $list (i32.const 3)) (array.get $nodes (local.get $table) (local.get $at))))
      (struct.set $node $right (array.get $nodes (local.get $table) (local.get $at)) (ref.null $node))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (loop $count
      (local.set $at (i32.sub (local.get $places) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum)
        (call $length (array.get $nodes (local.get $table) (local.get $at)))))
      (br_if $count (local.tee $places (local.get $at))))
    (local.get $sum))

  ;; Operands that wait while trees are built: each must be there when it is taken.
  (func (export "operands") (param $depth i32) (param $times i32) (result i32)
    (local $sum i32)
    (loop $again
      (call $tree (local.get $depth))
      (struct.new $node (ref.null $node) (ref.null $node))
      (block (result (ref $node)) (call $tree (local.get $depth)))
      (drop (call $tree (local.get $depth)))
      (local.set $sum (i32.add (call $size) (local.get $sum)))
      (local.set $sum (i32.add (call $size) (local.get $sum)))
      (local.set $sum (i32.add (call $size) (local.get $sum)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $sum))

  ;; More and more, all of it kept.
  (func (export "grow") (param $unused i32) (param $unused2 i32) (result i32)
    (loop $again
      (global.set $kept (struct.new $node (global.get $kept) (ref.null $node)))
      (br $again))
    (unreachable))
  (func (export "large") (param $length i32) (param $times i32) (result i32)
    (local $kept (ref null $nodes))
    (loop $again
      (local.set $kept (array.new $nodes (call $list (i32.const 2)) (local.get $length)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (call $length (array.get $nodes (local.get $kept) (i32.sub (local.get $length) (i32.const 1)))))
;; An object of a size that no other has, given to the host and forgotten.
  (type $large (struct (field i64 i64 i64 i64 i64 i64)))
  (func (export "forgets") (param $length i32) (param $times i32) (result i32)
    (drop (call $pause (struct.new_default $large)))
    (drop (call $list (local.get $length)))
    (i32.const 0))
  (func (export "pauses") (param $length i32) (param $times i32) (result i32)
    (local $back (ref null $node))
    (local.set $back (ref.cast (ref null $node) (call $pause (call $list (local.get $length)))))
    (drop (call $list (local.get $times)))
    (call $length (local.get $back)))))";

const Module& module() {
  static const Module parsed = ok(parse_text(program));
  return parsed;
}

Process process_of(std::string_view entry, std::int32_t first, std::int32_t second,
                   std::uint64_t heap, ExecutionOptions mode = {}) {
  ProcessOptions options;
  options.execution = mode;
  options.execution.max_heap_bytes = heap;
  options.entry = entry;
  options.arguments = {Value::i32(first), Value::i32(second)};
  return ok(Process::create(module(), in_order(), options));
}

struct Run {
  std::string_view entry;
  std::int32_t first, second, result;
};

}  // namespace

TEST_CASE("garbage makes room, and every way of running collects at the same time") {
  const Run runs[] = {{"trees", 12, 8, 8 * 8191},    {"lists", 20'000, 10, 200'000},
                      {"ring", 20'000, 5, 100'000},  {"rings", 40'000, 0, 1},
                      {"churn", 500, 20'000, 2'000}, {"operands", 9, 12, 24'564},
                      {"large", 30'000, 20, 2}};
  for (const Run& run : runs) {
    for (const std::uint64_t heap : {mib, 16 * mib, 1024 * mib}) {
      std::optional<HeapUse> expected;
      for (const ExecutionOptions& mode : modes()) {
        INFO(run.entry << " in " << heap << " bytes");
        Process process = process_of(run.entry, run.first, run.second, heap, mode);
        CHECK(expect_finish(process.main_thread()) == Values{Value::i32(run.result)});
        const HeapUse use = process.heap_use();
        CHECK(use == expected.value_or(use));
        expected = use;
        CHECK(use.peak_bytes <= heap);
        CHECK((use.collections != 0 || use.peak_bytes < mib));
      }
    }
  }
}

TEST_CASE("a heap full of objects in use is a trap, at the same object in every way of running") {
  for (const std::uint64_t heap : {std::uint64_t{100'000}, mib, 5 * mib}) {
    std::optional<HeapUse> expected;
    for (const ExecutionOptions& mode : modes()) {
      Process process = process_of("grow", 0, 0, heap, mode);
      CHECK(expect_trap(process.main_thread()) == Trap::heap_exhausted);
      const HeapUse use = process.heap_use();
      CHECK(use == expected.value_or(use));
      expected = use;
      CHECK(use.bytes > heap / 16 * 15 - 24);
      CHECK(use.bytes <= heap);
    }
  }
}

TEST_CASE("an object larger than the heap is a trap") {
  Process process = process_of("large", 20'000, 1, 100'000);
  CHECK(expect_trap(process.main_thread()) == Trap::heap_exhausted);
  Process largest = process_of("large", -1, 1, ~std::uint64_t{0});
  CHECK(expect_trap(largest.main_thread()) == Trap::out_of_memory);
}

TEST_CASE("what the budget has no room for is a trap") {
  ProcessOptions options;
  options.execution.max_bytes = mib;
  options.entry = "grow";
  options.arguments = {Value::i32(0), Value::i32(0)};
  Process process = ok(Process::create(module(), in_order(), options));
  CHECK(expect_trap(process.main_thread()) == Trap::out_of_memory);
}

TEST_CASE("deep structures are collected without recursion") {
  Process process = process_of("lists", 1'000'000, 2, 40 * mib);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(2'000'000)});
  CHECK(process.heap_use().collections != 0);
}

TEST_CASE(
    "an argument of a host call lives until the thread is run again, and with a root longer") {
  Process process = process_of("pauses", 1'000, 20'000, mib);
  const Values arguments = expect_call(process.main_thread(), 0);
  const Root root = ok(process.root(arguments.at(0)));
  CHECK(root.value() == arguments.at(0));
  CHECK(expect_finish(process.main_thread(), {Value::null(arguments[0].type())}) ==
        Values{Value::i32(0)});
  CHECK(process.heap_use().collections != 0);
  CHECK(process.root(root.value()));
}

TEST_CASE("a host may give an object back, and nothing that is none") {
  Process process = process_of("pauses", 1'000, 20'000, mib);
  const Value list = expect_call(process.main_thread(), 0).at(0);
  const Value forged = Value::from_bits(list.type(), list.lo() + 8);
  CHECK(run_error(process.main_thread(), {forged}) == ErrorCode::wrong_value_type);
  CHECK(error_of(process.root(forged)) == ErrorCode::wrong_value_type);
  Process other = process_of("pauses", 1'000, 20'000, mib);
  static_cast<void>(expect_call(other.main_thread(), 0));
  CHECK(run_error(other.main_thread(), {list}) == ErrorCode::wrong_value_type);
  CHECK(expect_finish(process.main_thread(), {list}) == Values{Value::i32(1'000)});
}

TEST_CASE("an i31 and a host reference are read from a reference of whatever type") {
  constexpr std::string_view text = R"((module
    (import "env" "show" (func $show (param anyref externref) (result anyref)))
    (type $box (struct))
    (func (export "_start") (param externref) (result i32)
      (drop (call $show (ref.i31 (i32.const -7)) (extern.convert_any (ref.i31 (i32.const 7)))))
      (drop (call $show (any.convert_extern (local.get 0)) (local.get 0)))
      (i31.get_s (ref.cast (ref i31) (call $show (struct.new $box)
        (extern.convert_any (struct.new $box))))))))";
  ProcessOptions options;
  options.arguments = {Value::externref({5})};
  Process process = ok(Process::create(ok(parse_text(text)), in_order(), options));
  Thread thread = process.main_thread();

  const Values numbers = expect_call(thread, 0);
  CHECK(numbers.at(0).as_i31() == -7);
  CHECK(numbers.at(1).as_i31() == 7);
  CHECK_FALSE(numbers.at(0).as_externref());
  CHECK_FALSE(numbers.at(1).as_externref());
  CHECK(to_string(numbers.at(1)) == "ref.extern");

  const Values hosts = expect_call(thread, 0, {Value::null(numbers[0].type())});
  CHECK(hosts.at(0).as_externref() == ExternRef{5});
  CHECK(hosts.at(1).as_externref() == ExternRef{5});
  CHECK_FALSE(hosts.at(0).as_i31());

  const Values boxes = expect_call(thread, 0, {Value::null(numbers[0].type())});
  CHECK_FALSE(boxes.at(0).as_externref());
  CHECK_FALSE(boxes.at(1).as_externref());
  CHECK_FALSE(boxes.at(1).as_i31());
  CHECK(to_string(boxes.at(1)) == "ref.extern");
  CHECK(expect_finish(thread, {Value::i31(-1 << 30)}) == Values{Value::i32(-1 << 30)});
}

TEST_CASE("a reference to a collected object is refused") {
  Process process = process_of("forgets", 20'000, 0, mib);
  const Value object = expect_call(process.main_thread(), 0).at(0);
  CHECK(process.root(object));
  static_cast<void>(expect_finish(process.main_thread(), {Value::null(object.type())}));
  CHECK(process.heap_use().collections != 0);
  CHECK(error_of(process.root(object)) == ErrorCode::wrong_value_type);
}

TEST_CASE("a process that is set back has an empty heap") {
  ProcessOptions options;
  options.entry = "trees";
  options.arguments = {Value::i32(10), Value::i32(3)};
  options.resettable = true;
  Process process = ok(Process::create(module(), in_order(), options));
  for (int i = 0; i < 3; ++i) {
    CHECK(process.heap_use() == HeapUse{});
    CHECK(expect_finish(process.main_thread()) == Values{Value::i32(3 * 2047)});
    ok(process.reset());
  }
}

TEST_CASE("threads, globals, tables and instances of a store keep objects") {
  constexpr std::string_view text = R"((module
    (import "env" "pause" (func $pause))
    (type $box (struct (field (mut i32))))
    (global $box (mut (ref null $box)) (ref.null $box))
    (table $boxes (export "boxes") 1 anyref)
    (elem $segment anyref (struct.new $box (i32.const 3)))
    (func (export "keep")
      (global.set $box (struct.new $box (i32.const 1)))
      (table.set $boxes (i32.const 0) (struct.new $box (i32.const 2))))
    (func (export "wait") (result i32) (local $mine (ref $box))
      (local.set $mine (struct.new $box (i32.const 4)))
      (struct.new $box (i32.const 50))
      (call $pause)
      (i32.add (struct.get $box 0) (struct.get $box 0 (local.get $mine))))
    (func (export "litter") (param $count i32)
      (loop $again
        (drop (struct.new $box (i32.const 9)))
        (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
    (func (export "sum") (result i32)
      (table.init $boxes $segment (i32.const 0) (i32.const 0) (i32.const 0))
      (i32.add (struct.get $box 0 (global.get $box))
        (struct.get $box 0 (ref.cast (ref $box) (table.get $boxes (i32.const 0))))))
    (func (export "again") (result i32)
      (table.init $boxes $segment (i32.const 0) (i32.const 0) (i32.const 1))
      (struct.get $box 0 (ref.cast (ref $box) (table.get $boxes (i32.const 0)))))))";
  ExecutionOptions options;
  options.max_heap_bytes = 100'000;
  Store store(options);
  Linker linker;
  linker.define("env", "pause", ok(store.make_function({{}, {}}, 7)));
  const InstanceRef instance = ok(linker.instantiate(store, ok(parse_text(text))));
  const auto thread = [&](std::string_view name, Values arguments = {}) {
    return ok(store.start_thread(ok(instance.function(name)), arguments));
  };
  static_cast<void>(expect_finish(thread("keep")));
  const Thread waiting = thread("wait");
  static_cast<void>(expect_call(waiting, 7));
  static_cast<void>(expect_finish(thread("litter", {Value::i32(50'000)})));
  CHECK(store.heap_use().collections > 5);
  CHECK(expect_finish(thread("sum")) == Values{Value::i32(3)});
  CHECK(expect_finish(thread("again")) == Values{Value::i32(3)});
  CHECK(expect_finish(waiting) == Values{Value::i32(54)});
}

TEST_CASE("what is another store's is no import") {
  constexpr std::string_view exporter = R"((module
    (type $box (struct (field i32)))
    (global (export "global") (mut anyref) (struct.new $box (i32.const 1)))
    (table (export "table") 1 anyref)))";
  Store first, second;
  const InstanceRef instance = ok(Linker().instantiate(first, ok(parse_text(exporter))));
  for (const std::string_view name : {"(global (mut anyref))", "(table 1 anyref)"}) {
    const bool is_global = name.starts_with("(global");
    const Module module = ok(parse_text("(module (import \"m\" \"x\" " + std::string(name) + "))"));
    const Extern external = *instance.find_export(is_global ? "global" : "table");
    CHECK(error_of(second.instantiate(module, {&external, 1})) == ErrorCode::incompatible_import);
    CHECK(first.instantiate(module, {&external, 1}));
  }
}

TEST_CASE("an instance whose constant expressions fill the heap leaves nothing behind") {
  constexpr std::string_view text = R"((module
    (type $bytes (array i8))
    (memory 1) (table 10 anyref) (tag)
    (global (ref $bytes) (array.new $bytes (i32.const 1) (i32.const 60000)))
    (global (ref $bytes) (array.new $bytes (i32.const 1) (i32.const 60000)))))";
  constexpr std::string_view small = R"((module
    (type $box (struct (field i32)))
    (func (export "run") (result anyref) (struct.new $box (i32.const 1)))))";
  ExecutionOptions options;
  options.max_heap_bytes = 100'000;
  Store store(options);
  for (int i = 0; i < 100; ++i) {
    CHECK(error_of(Linker().instantiate(store, ok(parse_text(text)))) == ErrorCode::out_of_memory);
  }
  const InstanceRef instance = ok(Linker().instantiate(store, ok(parse_text(small))));
  CHECK(expect_finish(ok(store.start_thread(ok(instance.function("run"))))).size() == 1);
}

TEST_CASE("a root keeps nothing once its process is set back") {
  ProcessOptions options;
  options.entry = "pauses";
  options.arguments = {Value::i32(10), Value::i32(10)};
  options.resettable = true;
  Process process = ok(Process::create(module(), in_order(), options));
  const Root root = ok(process.root(expect_call(process.main_thread(), 0).at(0)));
  ok(process.reset());
  CHECK(root.value().is_null());
}
