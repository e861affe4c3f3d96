// The linker's rules, each with a module that keeps it and a neighbour that breaks it.
#include "lib/link/link.hpp"

#include <string>
#include <vector>

#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

/// A module with an exported `_start`, imports having been made by `build` before.
ModuleBuilder program(const auto& build) {
  ModuleBuilder m;
  build(m);
  m.export_func("_start", m.func({}, {}, {}));
  return m;
}

const auto nothing = [](ModuleBuilder&) {};

/// Gives every import the number 7.
std::optional<std::uint64_t> seven(const FunctionImport&) { return 7; }

Result<LinkPlan> linked(const ModuleBuilder& builder, const LinkPolicy& policy = {},
                        const Resolver& resolver = seven) {
  const auto module = judged(builder);
  REQUIRE(module.has_value());
  return link(*module, resolver, policy);
}

LinkPlan plan(const ModuleBuilder& builder, const LinkPolicy& policy = {},
              const Resolver& resolver = seven) {
  auto result = linked(builder, policy, resolver);
  if (!result) FAIL(to_string(result.error()));
  return std::move(*result);
}

Error refusal(const ModuleBuilder& builder, const LinkPolicy& policy = {},
              const Resolver& resolver = seven) {
  const auto result = linked(builder, policy, resolver);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().phase == Phase::unlinkable);
  return result.error();
}

// --- function imports ----------------------------------------------------------------------------

TEST_CASE("The resolver is asked once per imported function, in import order") {
  std::vector<std::string> asked;
  const Resolver resolver = [&](const FunctionImport& import) -> std::optional<std::uint64_t> {
    asked.push_back(std::string(import.module) + "." + std::string(import.name) + " " +
                    to_string(import.type));
    return 100 + asked.size();
  };
  const auto m = program([](ModuleBuilder& b) {
    b.import_func("env", "b", b.type({i32}, {i64}));
    b.import_memory("env", "memory", {{1, {}}});
    b.import_func("", "", b.type({}, {}));
    b.import_func("env", "b", b.type({i32}, {i64}));
  });
  CHECK(plan(m, {}, resolver).import_numbers == std::vector<std::uint64_t>{101, 102, 103});
  CHECK(asked ==
        std::vector<std::string>{"env.b [i32] -> [i64]", ". [] -> []", "env.b [i32] -> [i64]"});
}

TEST_CASE("A refused import is an error that names both names") {
  const Resolver resolver = [](const FunctionImport& import) -> std::optional<std::uint64_t> {
    if (import.name == "bad") return std::nullopt;
    return 1;
  };
  const auto m = program([](ModuleBuilder& b) {
    b.import_func("env", "good", b.type({}, {}));
    b.import_func("env", "bad", b.type({f32}, {}));
  });
  const Error error = refusal(m, {}, resolver);
  CHECK(error.code == ErrorCode::unresolved_function_import);
  CHECK(error.message ==
        "import \"env\".\"bad\" with the type [f32] -> [] was refused by the resolver");
  CHECK(error.offset.has_value());
}

TEST_CASE("An empty resolver refuses every import and is fine without any") {
  CHECK(plan(program(nothing), {}, Resolver{}).import_numbers.empty());
  const auto m = program([](ModuleBuilder& b) { b.import_func("a", "b", b.type({}, {})); });
  CHECK(refusal(m, {}, Resolver{}).code == ErrorCode::unresolved_function_import);
}

TEST_CASE("Imported functions may have any types and any number of parameters and results") {
  const auto m = program([](ModuleBuilder& b) {
    b.import_func("a", "b", b.type(ResultType(200, f64), ResultType(200, externref)));
    b.import_func("a", "v", b.type({v128, funcref}, {v128}));
  });
  CHECK(plan(m).import_numbers.size() == 2);
}

// --- other imports -------------------------------------------------------------------------------

TEST_CASE("Imports of globals, tables and tags are refused, each with its own code") {
  const Error global =
      refusal(program([](ModuleBuilder& b) { b.import_global("env", "g", {i32, false}); }));
  CHECK(global.code == ErrorCode::global_import);
  CHECK(global.message ==
        "import \"env\".\"g\" is a global; expected functions and at most one memory");
  const Error table =
      refusal(program([](ModuleBuilder& b) { b.import_table("env", "t", {funcref, {1, {}}}); }));
  CHECK(table.code == ErrorCode::table_import);
  CHECK_THAT(table.message, has_text("\"env\".\"t\" is a table"));
  const Error tag =
      refusal(program([](ModuleBuilder& b) { b.import_tag("env", "e", b.type({}, {})); }));
  CHECK(tag.code == ErrorCode::tag_import);
  CHECK_THAT(tag.message, has_text("\"env\".\"e\" is a tag"));
}

TEST_CASE("The first bad import decides, and the resolver hears of none after it") {
  int asked = 0;
  const Resolver resolver = [&](const FunctionImport&) -> std::optional<std::uint64_t> {
    ++asked;
    return std::nullopt;
  };
  const auto table_first = program([](ModuleBuilder& b) {
    b.import_table("a", "t", {funcref, {1, {}}});
    b.import_func("a", "f", b.type({}, {}));
    b.import_global("a", "g", {i32, false});
  });
  CHECK(refusal(table_first, {}, resolver).code == ErrorCode::table_import);
  CHECK(asked == 0);
  const auto func_first = program([](ModuleBuilder& b) {
    b.import_func("a", "f", b.type({}, {}));
    b.import_global("a", "g", {i32, false});
  });
  CHECK(refusal(func_first, {}, resolver).code == ErrorCode::unresolved_function_import);
  CHECK(asked == 1);
}

TEST_CASE("A bad import comes before every other fault of the module") {
  ModuleBuilder m;
  m.import_global("a", "g", {i32, false});
  m.export_global("memory");
  CHECK(refusal(m).code == ErrorCode::global_import);
}

// --- the memory ----------------------------------------------------------------------------------

TEST_CASE("A process without memory is fine") {
  const LinkPlan result = plan(program(nothing));
  CHECK_FALSE(result.memory.has_value());
  CHECK_FALSE(result.memory_is_imported);
}

TEST_CASE("The memory is the imported one, whatever its names") {
  const auto m = program([](ModuleBuilder& b) { b.import_memory("", "x", {{1, {}}}); });
  CHECK(plan(m).memory == MemIdx{0});
  CHECK(plan(m).memory_is_imported);
}

TEST_CASE("The memory is the one exported as memory; under another name nobody sees it") {
  const auto with = [](std::string_view name) {
    return program([&](ModuleBuilder& b) {
      b.memory(1);
      if (!name.empty()) b.export_memory(name);
    });
  };
  CHECK(plan(with("memory")).memory == MemIdx{0});
  CHECK_FALSE(plan(with("memory")).memory_is_imported);
  CHECK_FALSE(plan(with("Memory")).memory.has_value());
  CHECK_FALSE(plan(with("")).memory.has_value());
}

TEST_CASE("Two memories are too many, imported and defined ones together") {
  const auto imported = program([](ModuleBuilder& b) {
    b.import_memory("a", "1", {{1, {}}});
    b.import_memory("a", "2", {{1, {}}});
  });
  const Error error = refusal(imported);
  CHECK(error.code == ErrorCode::multiple_memories);
  CHECK(error.message == "import \"a\".\"2\" is a second memory; expected one");
  const auto mixed = program([](ModuleBuilder& b) {
    b.import_memory("a", "1", {{1, {}}});
    b.memory(1);
  });
  CHECK(refusal(mixed).code == ErrorCode::multiple_memories);
  const auto defined = program([](ModuleBuilder& b) {
    b.memory(1);
    b.memory(1);
    b.export_memory("memory");
  });
  CHECK(refusal(defined).message ==
        "the module has 2 memories, imported ones included; expected at most one");
}

TEST_CASE("An imported memory may be exported again only when the policy allows it") {
  for (const std::string_view name : {"memory", "other"}) {
    const auto m = program([&](ModuleBuilder& b) {
      b.import_memory("env", "memory", {{1, {}}});
      b.export_memory(name);
    });
    const Error error = refusal(m);
    CHECK(error.code == ErrorCode::multiple_memories);
    CHECK_THAT(error.message, has_text("is the imported memory"));
    const LinkPlan allowed = plan(m, {.allow_reexported_memory = true});
    CHECK(allowed.memory == MemIdx{0});
    CHECK(allowed.memory_is_imported);
  }
}

TEST_CASE("An export memory must be a memory") {
  const auto m = program([](ModuleBuilder& b) {
    b.memory(1);
    b.global({i32, false}, {i32_const(0)});
    b.export_global("memory");
  });
  const Error error = refusal(m);
  CHECK(error.code == ErrorCode::memory_is_not_memory);
  CHECK(error.message == "export \"memory\" is a global; expected a memory");
}

TEST_CASE("An export __indirect_function_table must be a table, and can be used then") {
  const auto table = program([](ModuleBuilder& b) {
    b.table({funcref, {1, {}}});
    b.table({funcref, {2, {}}});
    b.export_table("__indirect_function_table", {1});
  });
  CHECK(plan(table).indirect_table == TableIdx{1});
  CHECK_FALSE(plan(program(nothing)).indirect_table.has_value());
  const auto memory = program([](ModuleBuilder& b) {
    b.memory(1);
    b.export_memory("__indirect_function_table");
  });
  const Error error = refusal(memory);
  CHECK(error.code == ErrorCode::indirect_table_is_not_table);
  CHECK(error.message == "export \"__indirect_function_table\" is a memory; expected a table");
}

// --- the start section and the entry -------------------------------------------------------------

TEST_CASE("A start section runs first or is forbidden") {
  const auto m = program([](ModuleBuilder& b) { b.start(b.func({}, {}, {})); });
  CHECK(plan(m).start == FuncIdx{0});
  CHECK(plan(m).entry == FuncIdx{1});
  const Error error = refusal(m, {.forbid_start_section = true});
  CHECK(error.code == ErrorCode::start_section_forbidden);
  CHECK(error.message == "the module has a start section, function 0; expected none");
  CHECK_FALSE(plan(program(nothing), {.forbid_start_section = true}).start.has_value());
}

TEST_CASE("The entry must exist, be a function, and take no parameters") {
  ModuleBuilder none;
  const Error missing = refusal(none);
  CHECK(missing.code == ErrorCode::bad_start_function);
  CHECK(missing.message == "entry \"_start\": expected an export of this name, found none");
  ModuleBuilder memory;
  memory.memory(1);
  memory.export_memory("_start");
  CHECK(refusal(memory).message == "entry \"_start\": expected a function, found a memory");
  ModuleBuilder parameter;
  parameter.export_func("_start", parameter.func({i32}, {}, {}));
  CHECK(refusal(parameter).message ==
        "entry \"_start\": expected the parameters [] of the arguments, found [i32]");
}

TEST_CASE("The entry may have results") {
  ModuleBuilder m;
  m.func({}, {}, {});
  m.export_func("_start", m.func({}, {i32, f64}, {i32_const(1), f64_const(1)}));
  CHECK(plan(m).entry == FuncIdx{1});
}

TEST_CASE("The entry may be an imported function") {
  ModuleBuilder m;
  m.export_func("_start", m.import_func("a", "b", m.type({}, {})));
  CHECK(plan(m).entry == FuncIdx{0});
}

TEST_CASE("The entry's name and arguments are options, matched exactly") {
  ModuleBuilder m;
  m.export_func("main", m.func({i32, f64}, {}, {}));
  const auto with = [&](const std::vector<Value>& arguments) {
    return linked(m, {.entry = "main", .arguments = arguments});
  };
  CHECK(with({Value::i32(1), Value::f64(2)}).has_value());
  for (const std::vector<Value>& arguments : {std::vector<Value>{},
                                              {Value::i32(1)},
                                              {Value::i32(1), Value::f32(2)},
                                              {Value::i32(1), Value::f64(2), Value::i32(3)}}) {
    const auto result = with(arguments);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::bad_start_function);
  }
  CHECK(refusal(m).code == ErrorCode::bad_start_function);
}

TEST_CASE("Without an entry nothing is asked of the exports") {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("_start");
  CHECK_FALSE(plan(m, {.entry = std::nullopt}).entry.has_value());
}

// --- the features --------------------------------------------------------------------------------

TEST_CASE("A module that was loaded with more features than the policy has is refused first") {
  const auto m = program([](ModuleBuilder& b) { b.import_func("", "refused", b.type({}, {})); });
  const auto module =
      Module::load(m.build(), {Features::mvp().with(Feature::simd).with(Feature::gc)});
  REQUIRE(module.has_value());
  const auto with = [&](Features features) {
    const auto result = link(*module, no_imports, {.features = features});
    REQUIRE_FALSE(result.has_value());
    return result.error();
  };
  const Error error = with(Features::mvp());
  CHECK(error.code == ErrorCode::feature_disabled);
  CHECK(error.phase == Phase::unlinkable);
  CHECK(error.message ==
        "the module was loaded with features that the options switch off: simd, gc; expected one "
        "that was loaded with `ProcessOptions::module_options`");
  CHECK(with(Features::mvp().with(Feature::gc)).message.find(": simd; ") != std::string::npos);
  CHECK(with(Features::all()).code == ErrorCode::unresolved_function_import);
}

// --- the substrate preset's part -----------------------------------------------------------------

TEST_CASE("A canonical memory is imported as env.memory or exported as memory, and no other way") {
  const LinkPolicy policy{.require_canonical_memory = true};
  const auto imported = [](std::string_view module, std::string_view name) {
    return program([&](ModuleBuilder& b) { b.import_memory(module, name, {{1, {}}}); });
  };
  CHECK(plan(imported("env", "memory"), policy).memory_is_imported);
  CHECK(refusal(imported("env", "mem"), policy).code == ErrorCode::bad_memory_name);
  CHECK(refusal(imported("", "memory"), policy).message ==
        "import \"\".\"memory\" is a memory; expected the name \"env\".\"memory\"");
  const auto exported = [](const std::vector<std::string>& names) {
    return program([&](ModuleBuilder& b) {
      b.memory(1);
      for (const std::string& name : names) b.export_memory(name);
    });
  };
  CHECK(plan(exported({"memory"}), policy).memory == MemIdx{0});
  CHECK(refusal(exported({"mem"}), policy).code == ErrorCode::bad_memory_name);
  CHECK(refusal(exported({"memory", "mem"}), policy).code == ErrorCode::bad_memory_name);
  CHECK(refusal(exported({}), policy).code == ErrorCode::memory_required);
  CHECK(refusal(program(nothing), policy).code == ErrorCode::memory_required);
  const auto both = program([](ModuleBuilder& b) {
    b.import_memory("env", "memory", {{1, {}}});
    b.export_memory("memory");
  });
  CHECK(refusal(both, policy).code == ErrorCode::multiple_memories);
}

TEST_CASE("With integers only, an imported function takes i32 and i64 and gives at most one") {
  const auto with = [](const ResultType& params, const ResultType& results) {
    return linked(
        program([&](ModuleBuilder& b) { b.import_func("a", "b", b.type(params, results)); }),
        {.integer_imports_only = true});
  };
  CHECK(with({i32, i64, i64}, {i64}).has_value());
  CHECK(with({}, {}).has_value());
  for (const auto& result : {with({f32}, {}), with({}, {f64}), with({externref}, {}),
                             with({}, {i32, i32}), with({i32, v128}, {})}) {
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == ErrorCode::bad_import_type);
  }
  CHECK(with({f32}, {}).error().message ==
        "import \"a\".\"b\" has the type [f32] -> []; expected i32 and i64 only, and at most one "
        "result");
}

TEST_CASE("With integers only, a bad type is reported before the resolver is asked") {
  int asked = 0;
  const Resolver resolver = [&](const FunctionImport&) -> std::optional<std::uint64_t> {
    return ++asked;
  };
  const auto m = program([](ModuleBuilder& b) { b.import_func("a", "b", b.type({f32}, {})); });
  CHECK(refusal(m, {.integer_imports_only = true}, resolver).code == ErrorCode::bad_import_type);
  CHECK(asked == 0);
  CHECK(plan(m, {}, resolver).import_numbers == std::vector<std::uint64_t>{1});
}

}  // namespace
}  // namespace fermata
