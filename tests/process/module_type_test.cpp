// What the host defines in a store with the types of a module, so that imports whose types refer to
// the module's own can be satisfied.
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::string_view text = R"((module
  (rec (type $box (struct (field (mut i32))))
       (type $boxed (func (param (ref null $box)))))
  (type $bytes (array (mut i8)))
  (import "env" "wrap" (func $wrap (param (ref null $bytes)) (result (ref extern))))
  (import "env" "unwrap" (func $unwrap (param externref) (result (ref $bytes))))
  (import "env" "boxed" (tag $boxed (type $boxed)))
  (import "env" "box" (global $box (mut (ref null $box))))
  (import "env" "boxes" (table $boxes 2 (ref null $box)))

  (func (export "wrapped") (param $length i32) (result externref)
    (call $wrap (array.new_default $bytes (local.get $length))))
  (func (export "length") (param $object externref) (result i32)
    (array.len (call $unwrap (local.get $object))))
  (func (export "box") (param i32) (result anyref) (struct.new $box (local.get 0)))
  (func (export "litter") (param $count i32)
    (loop $again
      (drop (struct.new $box (i32.const 9)))
      (br_if $again (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
  (func (export "sum") (result i32)
    (i32.add (struct.get $box 0 (global.get $box))
             (struct.get $box 0 (table.get $boxes (i32.const 1)))))
  (func (export "caught") (result i32)
    (struct.get $box 0 (block $h (result (ref null $box))
      (try_table (catch $boxed $h) (drop (call $unwrap (ref.null extern))))
      (unreachable))))))";

enum : std::uint64_t { wrap, unwrap };

/// A small heap, so that collections are many.
ExecutionOptions small_heap() {
  ExecutionOptions options;
  options.max_heap_bytes = 100'000;
  return options;
}

/// An instance of a module all of whose imports are the host's, by their numbers.
struct Linked {
  Store store{small_heap()};
  Linker linker;
  InstanceRef instance;

  explicit Linked(const Module& module = ok(parse_text(text))) : instance(link(module)) {}

  InstanceRef link(const Module& module) {
    linker.define("env", "wrap", ok(store.make_function(module, FuncIdx{0}, wrap)));
    linker.define("env", "unwrap", ok(store.make_function(module, FuncIdx{1}, unwrap)));
    linker.define("env", "boxed", ok(store.make_tag(module, TagIdx{0})));
    linker.define("env", "box", ok(store.make_global(module, GlobalIdx{0}, none)));
    linker.define("env", "boxes", ok(store.make_table(module, TableIdx{0}, none)));
    return ok(linker.instantiate(store, module));
  }
  Thread start(std::string_view name, Values arguments = {}) {
    return ok(store.start_thread(ok(instance.function(name)), arguments));
  }
  Value box(std::int32_t number) { return expect_finish(start("box", {Value::i32(number)})).at(0); }
  void litter() {
    const std::uint64_t before = store.heap_use().collections;
    static_cast<void>(expect_finish(start("litter", {Value::i32(20'000)})));
    CHECK(store.heap_use().collections > before);
  }

  static constexpr Value none = Value::null(ValType::ref({HeapKind::any}, true));
};

}  // namespace

TEST_CASE("a host function with a module's type takes and gives what that says") {
  Linked linked;
  Thread thread = linked.start("wrapped", {Value::i32(5)});
  const Value bytes = expect_call(thread, wrap).at(0);
  CHECK(linked.store.kind_of(bytes) == HeapKind::array);
  CHECK(run_error(thread, {Value::null(externref)}) == ErrorCode::wrong_value_type);
  CHECK(expect_finish(thread, {bytes}).at(0).lo() == bytes.lo());

  thread = linked.start("length", {Value::externref({3})});
  CHECK(expect_call(thread, unwrap) == Values{Value::externref({3})});
  CHECK(run_error(thread, {Value::null(bytes.type())}) == ErrorCode::wrong_value_type);
  CHECK(run_error(thread, {linked.box(1)}) == ErrorCode::wrong_value_type);
  CHECK(expect_finish(thread, {bytes}) == Values{Value::i32(5)});
}

TEST_CASE("an argument of a module's type lives while the host answers") {
  Linked linked;
  Thread waiting = linked.start("wrapped", {Value::i32(5)});
  const Value bytes = expect_call(waiting, wrap).at(0);
  linked.litter();
  Thread thread = linked.start("length", {Value::externref({3})});
  static_cast<void>(expect_call(thread, unwrap));
  CHECK(expect_finish(thread, {bytes}) == Values{Value::i32(5)});
}

TEST_CASE(
    "a host function with a module's type can be called by the host, with its arguments kept") {
  Linked linked;
  const FuncRef function = std::get<FuncRef>(linked.linker.find("env", "wrap").value());
  CHECK(linked.store.host_number(function) == wrap);
  CHECK(to_string(linked.store.function_type(function)) == "[(ref null 2)] -> [(ref extern)]");
  CHECK(error_of(linked.store.start_thread(function, Values{linked.box(1)})) ==
        ErrorCode::wrong_value_type);
  Thread giver = linked.start("wrapped", {Value::i32(5)});
  const Value bytes = expect_call(giver, wrap).at(0);
  const Thread thread = ok(linked.store.start_thread(function, Values{bytes}));
  static_cast<void>(expect_finish(giver, {Value::externref({1})}));
  linked.litter();
  CHECK(expect_call(thread, wrap) == Values{bytes});
  CHECK(linked.store.kind_of(bytes) == HeapKind::array);
}

TEST_CASE("an exception of a module's tag has its values") {
  Linked linked;
  Thread thread = linked.start("caught");
  static_cast<void>(expect_call(thread, unwrap));
  const TagRef tag = std::get<TagRef>(linked.linker.find("env", "boxed").value());
  const Value host = Value::externref({1});
  CHECK(error_of(thread.throw_exception(tag, {&host, 1})) == ErrorCode::wrong_value_type);
  const Value box = linked.box(77);
  const auto outcome = ok(thread.throw_exception(tag, {&box, 1}));
  REQUIRE(std::holds_alternative<Finished>(outcome));
  CHECK(std::get<Finished>(outcome).results[0] == Value::i32(77));
}

TEST_CASE("a host global and a host table of a module's types keep objects of them") {
  Linked linked;
  auto global = std::get<GlobalRef>(linked.linker.find("env", "box").value());
  auto table = std::get<TableRef>(linked.linker.find("env", "boxes").value());
  CHECK(table.size() == 2);
  CHECK(error_of(global.set(Value::externref({1}))) == ErrorCode::wrong_value_type);
  CHECK(error_of(table.set(1, Value::externref({1}))) == ErrorCode::wrong_value_type);
  ok(global.set(linked.box(30)));
  ok(table.set(1, linked.box(4)));
  linked.litter();
  CHECK(expect_finish(linked.start("sum")) == Values{Value::i32(34)});
}

TEST_CASE("the store keeps the module whose types its definitions have") {
  Store store(small_heap());
  Linker linker;
  {
    const Module module = ok(parse_text(text));
    linker.define("env", "wrap", ok(store.make_function(module, FuncIdx{0}, 5)));
  }
  // Of a module with the same type under another index.
  const InstanceRef other = ok(linker.instantiate(store, ok(parse_text(R"((module
    (type (struct)) (type $bytes (array (mut i8)))
    (import "env" "wrap" (func $wrap (param (ref null $bytes)) (result (ref extern))))
    (func (export "run") (result externref) (call $wrap (array.new_default $bytes (i32.const 2)))))
    )"))));
  Thread thread = ok(store.start_thread(ok(other.function("run"))));
  const Value bytes = expect_call(thread, 5).at(0);
  CHECK(expect_finish(thread, {bytes}).at(0).lo() == bytes.lo());
}

TEST_CASE("a definition of one module's type is no import of another's") {
  Linked linked;
  const Module other = ok(parse_text(R"((module
    (type $bytes (array i8))
    (import "env" "wrap" (func (param (ref null $bytes)) (result (ref extern))))))"));
  CHECK(error_of(linked.linker.instantiate(linked.store, other)) == ErrorCode::incompatible_import);
}

TEST_CASE("what a module does not have gives no type") {
  Store store;
  const Module module = ok(parse_text("(module)"));
  const Value null = Value::null(externref);
  CHECK(error_of(store.make_function(module, FuncIdx{0}, 1)) == ErrorCode::no_such_function);
  CHECK(error_of(store.make_tag(module, TagIdx{0})) == ErrorCode::no_such_index);
  CHECK(error_of(store.make_global(module, GlobalIdx{0}, null)) == ErrorCode::no_such_index);
  CHECK(error_of(store.make_table(module, TableIdx{0}, null)) == ErrorCode::no_such_index);
}

TEST_CASE("a value that does not fit a module's type makes no global and no table") {
  Store store;
  const Module module = ok(parse_text(text));
  const Value host = Value::externref({1});
  CHECK(error_of(store.make_global(module, GlobalIdx{0}, host)) == ErrorCode::wrong_value_type);
  CHECK(error_of(store.make_table(module, TableIdx{0}, host)) == ErrorCode::wrong_value_type);
}
