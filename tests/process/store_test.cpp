// The engine below Process: instances that share, imports of every kind, calls across instances.
#include <string>
#include <thread>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::int32_t page = 65536;

/// (import "env" "host" (func $host (param i32) (result i32)))
/// (func (export "twice") (param i32) (result i32) (i32.mul (call $host (local.get 0)) (i32.const
/// 2)))
ModuleBuilder callee() {
  ModuleBuilder m;
  const FuncIdx host = m.import_func("env", "host", m.type({i32}, {i32}));
  m.export_func(
      "twice", m.func({i32}, {i32}, {local_get(0), call(host), i32_const(2), op(WasmOp::i32_mul)}));
  return m;
}

/// Calls "callee" "twice" with its argument plus one, and adds 100.
ModuleBuilder caller() {
  ModuleBuilder m;
  const FuncIdx twice = m.import_func("callee", "twice", m.type({i32}, {i32}));
  m.export_func("call", m.func({i32}, {i32},
                               {i32_const(100), local_get(0), i32_const(1), op(WasmOp::i32_add),
                                call(twice), op(WasmOp::i32_add)}));
  return m;
}

Values finish(Store& store, FuncRef function, const Values& arguments = {}) {
  return expect_finish(ok(store.start_thread(function, arguments)));
}

Trap trap_of(Store& store, FuncRef function, const Values& arguments = {}) {
  Thread thread = ok(store.start_thread(function, arguments));
  const Trap trap = expect_trap(thread);
  ok(store.drop_thread(thread.id()));
  return trap;
}

/// A module that exports one of everything, as "f", "t", "m", "g" (mutable), "c" (constant).
ModuleBuilder everything() {
  ModuleBuilder m;
  m.table({.limits = {2, 4}});
  m.memory(1, 2);
  m.global({i32, true}, {i32_const(11)});
  m.global({i64, false}, {i64_const(12)});
  const FuncIdx f = m.func({}, {i32}, {global_get(0)});
  m.elem({{i32_const(0)}, 0}, {f});
  m.export_func("f", f);
  m.export_table("t");
  m.export_memory("m");
  m.export_global("g", GlobalIdx{0});
  m.export_global("c", GlobalIdx{1});
  return m;
}

}  // namespace

TEST_CASE("a host call pauses across instances, and the frames of both are seen") {
  for (const Dispatch dispatch : {Dispatch::switch_, Dispatch::goto_}) {
    ExecutionOptions options;
    options.dispatch = dispatch;
    Store store(options);
    Linker linker;
    linker.define("env", "host", ok(store.make_function({{i32}, {i32}}, 7)));
    const InstanceRef inner = ok(linker.instantiate(store, load(callee())));
    linker.define_instance("callee", inner);
    const InstanceRef outer = ok(linker.instantiate(store, load(caller())));

    Thread thread = ok(store.start_thread(ok(outer.function("call")), Values{Value::i32(4)}));
    CHECK(expect_call(thread, 7) == Values{Value::i32(5)});
    const auto frames = ok(thread.frames(all_frames));
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].function_name == "twice");
    CHECK(frames[0].locals == Values{Value::i32(5)});
    CHECK(frames[1].function_name == "call");
    CHECK(frames[1].operands == Values{Value::i32(100)});
    CHECK(expect_finish(thread, {Value::i32(21)}) == Values{Value::i32(142)});
  }
}

TEST_CASE("what is defined later hides what has the same name") {
  Store store;
  const InstanceRef first = ok(store.instantiate(load(everything()), {}));
  const InstanceRef second = ok(store.instantiate(load(everything()), {}));
  const FuncRef host = ok(store.make_function({{}, {i32}}, 7));
  const auto function = [](const Linker& linker, std::string_view name) {
    return std::get<FuncRef>(linker.find("a", name).value());
  };
  Linker linker;
  linker.define("a", "f", host);
  linker.define("a", "h", host);
  linker.define_instance("a", first);
  CHECK(function(linker, "f") == first.function("f"));
  CHECK(function(linker, "h") == host);
  linker.define("a", "f", host);
  CHECK(function(linker, "f") == host);
  linker.define_instance("a", second);
  CHECK(function(linker, "f") == second.function("f"));
  CHECK_FALSE(linker.find("a", "none"));
  CHECK_FALSE(linker.find("b", "f"));
}

TEST_CASE("a host function alone can be called, and its number is known") {
  Store store;
  const FuncRef host = ok(store.make_function({{i32}, {f64}}, 99));
  CHECK(store.host_number(host) == 99);
  CHECK(store.function_type(host) == FuncType{{i32}, {f64}});
  Thread thread = ok(store.start_thread(host, Values{Value::i32(3)}));
  CHECK(expect_call(thread, 99) == Values{Value::i32(3)});
  CHECK(expect_finish(thread, {Value::f64(0.5)}) == Values{Value::f64(0.5)});
}

TEST_CASE("instances share the memory, table and globals that they import") {
  Store store;
  Linker linker;
  const InstanceRef owner = ok(linker.instantiate(store, load(everything())));
  linker.define_instance("a", owner);
  // Writes 5 to byte 9 of a's memory and 33 to its global, grows both, calls element 0.
  ModuleBuilder m;
  m.import_table("a", "t", {.limits = {1, {}}});
  m.import_memory("a", "m", {.limits = {1, 5}});
  m.import_global("a", "g", {i32, true});
  m.import_global("a", "c", {i64, false});
  const TypeIdx type = m.type({}, {i32});
  m.global({i64, false}, {global_get(1)});
  m.export_global("copy", GlobalIdx{2});
  m.export_func("go",
                m.func({}, {i32, i64},
                       {i32_const(9), i32_const(5), fermata::test::store(WasmOp::i32_store8),
                        i32_const(33), global_set(0), i32_const(1), op(WasmOp::memory_grow, {0}),
                        drop(), i32_const(0), call_indirect(type), global_get(1)}));
  const InstanceRef user = ok(linker.instantiate(store, load(m)));
  CHECK(ok(user.global("copy")).get() == Value::i64(12));
  CHECK(finish(store, ok(user.function("go"))) == Values{Value::i32(33), Value::i64(12)});
  CHECK(ok(owner.global("g")).get() == Value::i32(33));
  CHECK(ok(owner.memory("m")).pages() == 2);
  CHECK(ok(ok(owner.memory("m")).view(9, 1))[0] == std::byte{5});
}

TEST_CASE("a memory that grows in another instance is seen at once by the caller") {
  Store store;
  Linker linker;
  linker.define("env", "memory", ok(store.make_memory({.limits = {1, 3}})));
  ModuleBuilder grower;
  grower.import_memory("env", "memory", {.limits = {0, {}}});
  grower.export_func("grow", grower.func({}, {i32}, {i32_const(1), op(WasmOp::memory_grow, {0})}));
  linker.define_instance("grower", ok(linker.instantiate(store, load(grower))));
  // (drop (call $grow)) (i32.store (i32.const 65536) (i32.const 77)) (i32.load (i32.const 65536))
  ModuleBuilder m;
  const FuncIdx grow = m.import_func("grower", "grow", m.type({}, {i32}));
  m.import_memory("env", "memory", {.limits = {0, {}}});
  m.export_func("go", m.func({}, {i32},
                             {call(grow), drop(), i32_const(page), i32_const(77),
                              fermata::test::store(WasmOp::i32_store), i32_const(page),
                              load(WasmOp::i32_load)}));
  const InstanceRef user = ok(linker.instantiate(store, load(m)));
  CHECK(finish(store, ok(user.function("go"))) == Values{Value::i32(77)});
}

TEST_CASE(
    "functions are values: written to a shared table, they are called from another instance") {
  Store store;
  Linker linker;
  TableRef table = ok(store.make_table({.limits = {2, 2}}, Value::null(funcref)));
  linker.define("env", "table", table);
  ModuleBuilder provider;
  provider.import_table("env", "table", {.limits = {2, 2}});
  provider.global({i32, true}, {i32_const(8)});
  const FuncIdx eight = provider.func({}, {i32}, {global_get(0)});
  provider.elem({{i32_const(1)}, 0}, {eight});
  provider.export_func("eight", eight);
  const InstanceRef a = ok(linker.instantiate(store, load(provider)));
  CHECK(ok(table.get(1)).as_funcref() == ok(a.function("eight")));

  ModuleBuilder user;
  user.import_table("env", "table", {.limits = {2, 2}});
  user.global({i32, true}, {i32_const(1)});
  const TypeIdx type = user.type({}, {i32});
  user.export_func(
      "call", user.func({i32}, {i32},
                        {local_get(0), call_indirect(type), global_get(0), op(WasmOp::i32_add)}));
  user.export_func("get", user.func({i32}, {funcref}, {local_get(0), op(WasmOp::table_get, {0})}));
  const InstanceRef b = ok(linker.instantiate(store, load(user)));
  const FuncRef call = ok(b.function("call"));
  CHECK(finish(store, call, {Value::i32(1)}) == Values{Value::i32(9)});
  CHECK(finish(store, ok(b.function("get")), {Value::i32(1)})[0].as_funcref() ==
        ok(a.function("eight")));
  CHECK(trap_of(store, call, {Value::i32(0)}) == Trap::uninitialized_element);
  CHECK(trap_of(store, call, {Value::i32(2)}) == Trap::undefined_element);
  ok(table.set(0, Value::funcref(call)));
  CHECK(trap_of(store, call, {Value::i32(0)}) == Trap::indirect_call_type_mismatch);
}

TEST_CASE("whoever calls another instance has its own memory before, meanwhile and afterwards") {
  for (const ExecutionOptions& mode : modes()) {
    Store store(mode);
    Linker linker;
    const auto instance = [&](std::string_view text) {
      return ok(linker.instantiate(store, ok(parse_text(text))));
    };
    linker.define_instance("inner", instance(R"((module (memory 2) (data (i32.const 70000) "\05")
      (func (export "get") (result i32) (i32.load8_u (i32.const 70000)))
      (func (export "tail") (result i32) (i32.load8_u (i32.const 70000)))))"));
    const InstanceRef outer = instance(R"((module
      (import "inner" "get" (func $get (result i32)))
      (import "inner" "tail" (func $tail (result i32)))
      (memory 1) (data (i32.const 8) "\07")
      (func (export "call") (result i32)
        (i32.add (i32.mul (call $get) (i32.const 10)) (i32.load8_u (i32.const 8))))
      (func $in_place (result i32) (return_call $tail))
      (func (export "in place") (result i32)
        (i32.add (i32.mul (call $in_place) (i32.const 10)) (i32.load8_u (i32.const 8))))
      (func (export "past") (result i32) (drop (call $get)) (i32.load8_u (i32.const 65536)))))");
    CHECK(finish(store, ok(outer.function("call"))) == Values{Value::i32(57)});
    CHECK(finish(store, ok(outer.function("in place"))) == Values{Value::i32(57)});
    CHECK(trap_of(store, ok(outer.function("past"))) == Trap::out_of_bounds_memory_access);
  }
}

TEST_CASE("a host function in a table is called like any other") {
  Store store;
  Linker linker;
  const FuncRef host = ok(store.make_function({{}, {i32}}, 3));
  linker.define("env", "table", ok(store.make_table({.limits = {1, {}}}, Value::funcref(host))));
  ModuleBuilder m;
  m.import_table("env", "table", {.limits = {1, {}}});
  const TypeIdx type = m.type({}, {i32});
  m.export_func("call", m.func(type, {i32_const(0), call_indirect(type)}));
  const InstanceRef instance = ok(linker.instantiate(store, load(m)));
  Thread thread = ok(store.start_thread(ok(instance.function("call"))));
  CHECK(expect_call(thread, 3).empty());
  CHECK(expect_finish(thread, {Value::i32(4)}) == Values{Value::i32(4)});
}

// --- linking ------------------------------------------------------------------------------------

namespace {

/// The error of instantiating a module whose one import, made by `import`, is "a"."NAME".
template <class Import>
ErrorCode link_error(const Import& import) {
  Store store;
  Linker linker;
  linker.define_instance("a", ok(linker.instantiate(store, load(everything()))));
  ModuleBuilder m;
  import(m);
  return error_of(linker.instantiate(store, load(m)));
}

}  // namespace

TEST_CASE("an import that nothing was supplied for is unknown and named") {
  Store store;
  const auto refused = Linker().instantiate(store, load(caller()));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unknown_import);
  CHECK(refused.error().phase == Phase::unlinkable);
  CHECK_THAT(refused.error().message, has_text("\"callee\".\"twice\""));
  CHECK(error_of(store.instantiate(load(caller()), {})) == ErrorCode::unknown_import);
}

TEST_CASE("an import of another kind or type is incompatible") {
  using M = ModuleBuilder;
  constexpr auto incompatible = ErrorCode::incompatible_import;
  CHECK(link_error([](M& m) { m.import_func("a", "f", m.type({i32}, {i32})); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_func("a", "m", m.type({}, {i32})); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_memory("a", "f", {.limits = {1, 2}}); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_memory("a", "m", {.limits = {2, 2}}); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_memory("a", "m", {.limits = {1, 1}}); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_table("a", "t", {.limits = {3, 4}}); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_table("a", "t", {.limits = {2, 3}}); }) == incompatible);
  CHECK(link_error([](M& m) {
          m.import_table("a", "t", {.element = externref, .limits = {1, {}}});
        }) == incompatible);
  CHECK(link_error([](M& m) { m.import_global("a", "g", {i32, false}); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_global("a", "g", {i64, true}); }) == incompatible);
  CHECK(link_error([](M& m) { m.import_global("a", "c", {i64, true}); }) == incompatible);
}

TEST_CASE("a maximum that is wanted must be there, and be no greater") {
  Store store;
  const auto error = [&store](std::string_view wanted, const Extern& given) {
    const auto instance = store.instantiate(ok(parse_text(wanted)), {&given, 1});
    return instance ? "fits" : to_string(instance.error().code);
  };
  const Extern memory = ok(store.make_memory({.limits = {1, {}}}));
  const Extern bounded_memory = ok(store.make_memory({.limits = {1, 5}}));
  CHECK(error("(module (import \"\" \"\" (memory 1)))", memory) == "fits");
  CHECK(error("(module (import \"\" \"\" (memory 1 65536)))", memory) == "incompatible_import");
  CHECK(error("(module (import \"\" \"\" (memory 1 4)))", bounded_memory) == "incompatible_import");
  CHECK(error("(module (import \"\" \"\" (memory 1 5)))", bounded_memory) == "fits");
  const Value null = Value::null(funcref);
  const Extern table = ok(store.make_table({.limits = {1, {}}}, null));
  const Extern bounded_table = ok(store.make_table({.limits = {1, 5}}, null));
  CHECK(error("(module (import \"\" \"\" (table 1 funcref)))", table) == "fits");
  CHECK(error("(module (import \"\" \"\" (table 1 100 funcref)))", table) == "incompatible_import");
  CHECK(error("(module (import \"\" \"\" (table 1 4 funcref)))", bounded_table) ==
        "incompatible_import");
  CHECK(error("(module (import \"\" \"\" (table 1 5 funcref)))", bounded_table) == "fits");
}

TEST_CASE("a memory is matched by the size it has grown to") {
  Store store;
  MemoryRef memory = ok(store.make_memory({.limits = {1, 4}}));
  ModuleBuilder m;
  m.import_memory("", "", {.limits = {3, 4}});
  const Module module = load(m);
  const Extern external = memory;
  CHECK(error_of(store.instantiate(module, {&external, 1})) == ErrorCode::incompatible_import);
  ok(memory.grow(2));
  CHECK(store.instantiate(module, {&external, 1}));
}

TEST_CASE("a function of another store is refused") {
  Store store;
  Store other;
  const Extern foreign = ok(other.make_function({{i32}, {i32}}, 0));
  CHECK(error_of(store.instantiate(load(callee()), {&foreign, 1})) ==
        ErrorCode::incompatible_import);
  CHECK(error_of(store.start_thread(std::get<FuncRef>(foreign))) == ErrorCode::no_such_function);
  CHECK(error_of(store.start_thread(FuncRef{})) == ErrorCode::no_such_function);
}

TEST_CASE("exports are found by name and kind") {
  Store store;
  const InstanceRef instance = ok(store.instantiate(load(everything()), {}));
  CHECK(instance.find_export("f"));
  CHECK_FALSE(instance.find_export("x"));
  CHECK(error_of(instance.function("m")) == ErrorCode::no_such_export);
  CHECK(error_of(instance.memory("x")) == ErrorCode::no_such_export);
  CHECK(ok(instance.table("t")).size() == 2);
  CHECK(ok(instance.global("g")).type() == GlobalType{i32, true});
}

TEST_CASE("a function has one identity, whichever way it is reached") {
  Store store;
  Linker linker;
  const InstanceRef a = ok(linker.instantiate(store, load(everything())));
  linker.define_instance("a", a);
  ModuleBuilder m;
  const FuncIdx f = m.import_func("a", "f", m.type({}, {i32}));
  m.export_func("again", f);
  m.export_func("ref", m.func({}, {funcref}, {ref_func(f)}));
  const InstanceRef b = ok(linker.instantiate(store, load(m)));
  const FuncRef original = ok(a.function("f"));
  CHECK(ok(b.function("again")) == original);
  CHECK(finish(store, ok(b.function("ref")))[0].as_funcref() == original);
  CHECK(ok(ok(a.table("t")).get(0)).as_funcref() == original);
}

TEST_CASE("a reference to a function has the same bits, wherever it was made") {
  ModuleBuilder m = everything();
  const FuncIdx f{0};
  m.export_func("ref", m.func({}, {funcref}, {ref_func(f)}));
  m.global({funcref, false}, {ref_func(f)});
  m.export_global("constant", GlobalIdx{2});
  // On a thread of its own, where the addresses of a 32-bit host lie in the upper half: a pointer
  // that is widened as a signed number shows.
  Values made;
  std::thread([&] {
    Store store;
    const InstanceRef instance = ok(Linker().instantiate(store, load(m)));
    made = {Value::funcref(ok(instance.function("f"))), ok(ok(instance.table("t")).get(0)),
            finish(store, ok(instance.function("ref")))[0], ok(instance.global("constant")).get()};
  }).join();
  REQUIRE(made.size() == 4);
  CHECK(made == Values(4, made[0]));
}

// --- the host's definitions ---------------------------------------------------------------------

TEST_CASE("the host's globals and tables check what is written to them") {
  Store store;
  CHECK(error_of(store.make_global({i32, true}, Value::i64(0))) == ErrorCode::wrong_value_type);
  GlobalRef constant = ok(store.make_global({f32, false}, Value::f32(2)));
  CHECK(error_of(constant.set(Value::f32(3))) == ErrorCode::global_immutable);
  CHECK(constant.get() == Value::f32(2));
  GlobalRef variable = ok(store.make_global({externref, true}, Value::null(externref)));
  ok(variable.set(Value::externref({5})));
  CHECK(variable.get() == Value::externref({5}));
  CHECK(error_of(variable.set(Value::null(funcref))) == ErrorCode::wrong_value_type);
  CHECK(error_of(store.make_table({.limits = {1, {}}}, Value::null(externref))) ==
        ErrorCode::wrong_value_type);
}

TEST_CASE("the host's types cannot refer to a module's types") {
  Store store;
  const ValType concrete = ValType::ref(HeapType::concrete(TypeIdx{0}), true);
  CHECK(error_of(store.make_function({{concrete}, {}}, 0)) == ErrorCode::wrong_value_type);
  CHECK(error_of(store.make_global({concrete, true}, Value::null(concrete))) ==
        ErrorCode::wrong_value_type);
  CHECK(error_of(store.make_table({concrete, {1, {}}}, Value::null(concrete))) ==
        ErrorCode::wrong_value_type);
}

TEST_CASE("the limits of the options hold for the host's definitions and for modules") {
  ExecutionOptions options;
  options.max_memory_pages = 1;
  options.max_table_elements = 3;
  Store store(options);
  CHECK(error_of(store.make_memory({.limits = {2, {}}})) == ErrorCode::out_of_memory);
  CHECK(error_of(store.make_table({.limits = {4, {}}}, Value::null(funcref))) ==
        ErrorCode::out_of_memory);
  ModuleBuilder m;
  m.memory(2);
  CHECK(error_of(store.instantiate(load(m), {})) == ErrorCode::out_of_memory);
}

// --- instantiation ------------------------------------------------------------------------------

TEST_CASE("segments before one that does not fit stay written") {
  Store store;
  MemoryRef memory = ok(store.make_memory({.limits = {1, {}}}));
  TableRef table = ok(store.make_table({.limits = {2, {}}}, Value::null(funcref)));
  ModuleBuilder m;
  m.import_memory("", "m", {.limits = {1, {}}});
  m.import_table("", "t", {.limits = {2, {}}});
  const FuncIdx f = m.func({}, {i32}, {i32_const(6)});
  m.elem({{i32_const(0)}, 0}, {f});
  m.data({{i32_const(0)}, 0}, "x");
  m.data({{i32_const(65536)}, 0}, "y");
  m.data({{i32_const(1)}, 0}, "z");
  const std::vector<Extern> imports{memory, table};
  const auto refused = store.instantiate(load(m), imports);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::data_out_of_bounds);
  CHECK(ok(memory.view(0, 1))[0] == std::byte{'x'});
  CHECK(ok(memory.view(1, 1))[0] == std::byte{0});
  // The instance lives on in the table.
  CHECK(finish(store, ok(table.get(0)).as_funcref()) == Values{Value::i32(6)});
}

TEST_CASE("passive segments are used until they are dropped") {
  ModuleBuilder m;
  m.memory(1);
  m.table({.limits = {2, 2}});
  const TypeIdx type = m.type({}, {i32});
  const FuncIdx f = m.func(type, {i32_const(40)});
  const ElemIdx elem = m.passive_elem({f, f});
  const DataIdx data = m.passive_data("hello");
  m.data_count();
  m.export_memory("memory");
  m.export_func("memory_init", m.func({i32, i32, i32}, {},
                                      {local_get(0), local_get(1), local_get(2),
                                       op(WasmOp::memory_init, {data.value, 0})}));
  m.export_func("table_init", m.func({i32, i32, i32}, {},
                                     {local_get(0), local_get(1), local_get(2),
                                      op(WasmOp::table_init, {elem.value, 0})}));
  m.export_func(
      "drop",
      m.func({}, {}, {op(WasmOp::data_drop, {data.value}), op(WasmOp::elem_drop, {elem.value})}));
  m.export_func("call", m.func({i32}, {i32}, {local_get(0), call_indirect(type)}));
  Store store;
  const InstanceRef instance = ok(store.instantiate(load(m), {}));
  const auto numbers = [](int a, int b, int c) {
    return Values{Value::i32(a), Value::i32(b), Value::i32(c)};
  };
  const FuncRef memory_init = ok(instance.function("memory_init"));
  const FuncRef table_init = ok(instance.function("table_init"));
  MemoryRef memory = ok(instance.memory("memory"));

  finish(store, memory_init, numbers(10, 1, 4));
  CHECK(ok(memory.view(13, 1))[0] == std::byte{'o'});
  CHECK(trap_of(store, memory_init, numbers(0, 1, 5)) == Trap::out_of_bounds_memory_access);
  CHECK(ok(memory.view(0, 1))[0] == std::byte{0});
  finish(store, table_init, numbers(1, 1, 1));
  CHECK(finish(store, ok(instance.function("call")), {Value::i32(1)}) == Values{Value::i32(40)});
  CHECK(trap_of(store, table_init, numbers(1, 0, 2)) == Trap::out_of_bounds_table_access);

  finish(store, ok(instance.function("drop")));
  finish(store, memory_init, numbers(65536, 0, 0));
  finish(store, table_init, numbers(2, 0, 0));
  CHECK(trap_of(store, memory_init, numbers(0, 0, 1)) == Trap::out_of_bounds_memory_access);
  CHECK(trap_of(store, table_init, numbers(0, 0, 1)) == Trap::out_of_bounds_table_access);
}

TEST_CASE("active and declarative segments are as good as dropped once the instance is made") {
  ModuleBuilder m;
  m.memory(1);
  m.table({.limits = {1, 1}});
  const FuncIdx f = m.func({}, {}, Body{});
  const DataIdx data = m.data({{i32_const(0)}, 0}, "a");
  const ElemIdx elem = m.elem({{i32_const(0)}, 0}, {f});
  const ElemIdx declared = m.declarative_elem({f});
  m.data_count();
  const auto init = [](WasmOp op_of, std::uint32_t segment) {
    return Body{i32_const(0), i32_const(0), i32_const(1), op(op_of, {segment, 0})};
  };
  m.export_func("data", m.func({}, {}, init(WasmOp::memory_init, data.value)));
  m.export_func("elem", m.func({}, {}, init(WasmOp::table_init, elem.value)));
  m.export_func("declared", m.func({}, {}, init(WasmOp::table_init, declared.value)));
  Store store;
  const InstanceRef instance = ok(store.instantiate(load(m), {}));
  CHECK(trap_of(store, ok(instance.function("data"))) == Trap::out_of_bounds_memory_access);
  CHECK(trap_of(store, ok(instance.function("elem"))) == Trap::out_of_bounds_table_access);
  CHECK(trap_of(store, ok(instance.function("declared"))) == Trap::out_of_bounds_table_access);
}

TEST_CASE("element segments of expressions hold functions, nulls and globals") {
  Store store;
  const GlobalRef given = ok(store.make_global({externref, false}, Value::externref({9})));
  ModuleBuilder m;
  m.import_global("", "", {externref, false});
  m.table({.element = externref, .limits = {2, 2}});
  m.table({.limits = {2, 2}});
  const FuncIdx f = m.func({}, {}, Body{});
  m.elem({{i32_const(0)}, 0}, externref, {{global_get(0)}, {ref_null({HeapKind::extern_})}});
  m.elem({{i32_const(0)}, 1}, funcref, {{ref_null({HeapKind::func})}, {ref_func(f)}});
  m.export_table("e", TableIdx{0});
  m.export_table("f", TableIdx{1});
  m.export_func("func", f);
  const Extern import = given;
  const InstanceRef instance = ok(store.instantiate(load(m), {&import, 1}));
  CHECK(ok(ok(instance.table("e")).get(0)) == Value::externref({9}));
  CHECK(ok(ok(instance.table("e")).get(1)).is_null());
  CHECK(ok(ok(instance.table("f")).get(0)).is_null());
  CHECK(ok(ok(instance.table("f")).get(1)).as_funcref() == ok(instance.function("func")));
}

TEST_CASE("the start function is left to the embedder to run") {
  ModuleBuilder m;
  m.global({i32, true}, {i32_const(0)});
  const FuncIdx start = m.func({}, {}, {i32_const(1), global_set(0)});
  m.start(start);
  m.export_global("g");
  Store store;
  const InstanceRef instance = ok(store.instantiate(load(m), {}));
  CHECK(ok(instance.global("g")).get() == Value::i32(0));
  REQUIRE(instance.start_function());
  finish(store, *instance.start_function());
  CHECK(ok(instance.global("g")).get() == Value::i32(1));
  CHECK_FALSE(ok(store.instantiate(load(everything()), {})).start_function());
}

// --- threads ------------------------------------------------------------------------------------

TEST_CASE("a trap ends its thread alone, which can be looked at until it is dropped") {
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({}, {}));
  m.export_func("trap", m.func({}, {}, {unreachable()}));
  m.export_func("wait", m.func({}, {i32}, {call(host), i32_const(1)}));
  Store store;
  const Extern import = ok(store.make_function({}, 1));
  const InstanceRef instance = ok(store.instantiate(load(m), {&import, 1}));
  Thread waiting = ok(store.start_thread(ok(instance.function("wait")), {}, 44));
  expect_call(waiting, 1);
  Thread trapping = ok(store.start_thread(ok(instance.function("trap"))));
  CHECK(expect_trap(trapping) == Trap::unreachable);
  CHECK(ok(trapping.state()) == ThreadState::trapped);
  CHECK(ok(trapping.backtrace(all_frames)).size() == 1);
  CHECK(run_error(trapping) == ErrorCode::process_poisoned);
  CHECK(store.threads() == std::vector<ThreadId>{0, 1});
  ok(store.drop_thread(trapping.id()));
  CHECK(error_of(store.drop_thread(trapping.id())) == ErrorCode::no_such_thread);
  CHECK(error_of(trapping.state()) == ErrorCode::no_such_thread);
  CHECK(ok(waiting.user_data()) == 44);
  CHECK(expect_finish(waiting) == Values{Value::i32(1)});
  CHECK(store.threads().empty());
  CHECK(ok(store.start_thread(ok(instance.function("wait")))).id() == 2);
}

TEST_CASE("handles stay valid when the store moves") {
  Store first;
  const InstanceRef instance = ok(first.instantiate(load(everything()), {}));
  Store second = std::move(first);
  CHECK(finish(second, ok(instance.function("f"))) == Values{Value::i32(11)});
}
