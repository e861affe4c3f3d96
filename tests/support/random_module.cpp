// Settles what the module consists of, then has the bodies written.
#include "tests/support/random_module.hpp"

#include <string>

#include "tests/support/random_body.hpp"
#include "tests/support/random_plan.hpp"

namespace fermata::test {

namespace {

Code numbered_name_constant(RandomPlan& plan, ValType type) {
  if (type == funcref && plan.choices.chance(50)) {
    return ref_func(FuncIdx{plan.choices.below(static_cast<std::uint32_t>(plan.functions.size()))});
  }
  return plan.constant(type);
}

/// The host knows no types of the module, and invents null for any type.
ResultType of_host(ResultType types) {
  for (ValType& type : types) {
    if (!type.is_ref()) continue;
    if (type.heap.is_concrete()) type = anyref;
    type.nullable = true;
  }
  return types;
}

/// Host functions: of fixed types, so that each type is there, and of any.
void plan_imports(RandomPlan& plan) {
  plan.functions = {{{}, {}},
                    {{i32}, {i32}},
                    {{i64, f64}, {i64}},
                    {{f32, i32, i32}, {f32, i32}},
                    {{v128, i32}, {v128}},
                    {{anyref}, {anyref}},
                    {{exnref}, {exnref}}};
  for (std::uint32_t i = plan.choices.below(4); i > 0; --i) {
    plan.functions.push_back({of_host(plan.any_types(5)), of_host(plan.any_types(3))});
  }
  plan.imported = static_cast<std::uint32_t>(plan.functions.size());
  for (std::uint32_t i = 0; i < plan.imported; ++i) {
    plan.module.import_func("host", "f" + std::to_string(i), plan.type_of(i));
  }
}

/// Tags of fixed types, of which two are the same, and of any, of which the last is not exported.
void plan_tags(RandomPlan& plan) {
  plan.tags = {{}, {i32}, {i32}, {i64, f32}, {v128, f64}, {anyref, externref}};
  if (plan.choices.chance(50)) plan.tags.push_back(of_host(plan.any_types(5)));
  plan.tags.push_back(plan.any_types(3));
  for (std::uint32_t i = 0; i < plan.tags.size(); ++i) {
    const TagIdx tag = plan.module.tag(plan.module.type(plan.tags[i], {}));
    if (i + 1 < plan.tags.size()) plan.module.export_tag("t" + std::to_string(i), tag);
  }
}

/// Some have results that a tag has as values, for clauses that catch for the function's own label.
void plan_functions(RandomPlan& plan) {
  const std::uint32_t count = 2 + plan.choices.below(5);
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool large = plan.choices.chance(10);
    const ResultType params = plan.any_types(large ? 12 : 4);
    const bool is_tags = plan.choices.chance(25);
    plan.functions.push_back({params, is_tags ? plan.any_caught() : plan.any_types(large ? 8 : 2)});
  }
  plan.functions[plan.imported + 1] = plan.functions[plan.imported];
}

/// The first memory that a module has is the one that a process may have.
void plan_memories(RandomPlan& plan, Memories memories) {
  const std::uint32_t kind = plan.choices.below(16);
  if (kind == 15) return;
  const auto any_type = [&] {
    const bool is_64 = plan.choices.chance(25);
    plan.memories.push_back(is_64 ? AddressType::i64 : AddressType::i32);
    plan.shared.push_back(plan.choices.chance(40));
    const bool has_max = kind >= 12 || plan.shared.back();
    return MemoryType{
        .limits = {kind == 14 ? 0u : 1u, has_max ? std::optional<std::uint64_t>{3} : std::nullopt},
        .address = plan.memories.back(),
        .shared = plan.shared.back()};
  };
  if (const MemoryType type = any_type(); plan.choices.chance(30)) {
    plan.module.import_memory("env", "memory", type);
  } else {
    plan.module.memory(type);
    plan.module.export_memory("memory");
  }
  if (memories == Memories::several && plan.choices.chance(25)) {
    for (std::uint32_t i = 1 + plan.choices.below(2); i > 0; --i) {
      plan.module.export_memory("memory" + std::to_string(i), plan.module.memory(any_type()));
    }
  }
  const bool active = kind != 14;
  for (std::uint32_t i = plan.choices.below(3); i > 0; --i) {
    const std::string bytes(plan.choices.below(60), static_cast<char>('a' + i));
    plan.module.passive_data(bytes);
    plan.data_sizes.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
  if (active) {
    const bool is_64 = plan.memories[0] == AddressType::i64;
    plan.module.data({{is_64 ? i64_const(20) : i32_const(20)}, 0},
                     "\x01\x02\x03\x04\xFE\xFF\xFF\xFF\x7F\xC0\x00\x80 fermata");
    plan.data_sizes.push_back(0);
  }
  plan.module.data_count();
}

void plan_globals(RandomPlan& plan) {
  plan.module.global({i32, true}, {i32_const(0)});
  plan.module.export_global("fuel", GlobalIdx{0});
  plan.globals = {{i32, true},       {i32, true},     {i64, true},  {f32, true},   {f64, true},
                  {externref, true}, {funcref, true}, {v128, true}, {anyref, true}};
  for (std::uint32_t i = plan.choices.below(5); i > 0; --i) {
    plan.globals.push_back({plan.any_type(), plan.choices.chance(70)});
  }
  for (std::uint32_t i = 1; i < plan.globals.size(); ++i) {
    const GlobalType type = plan.globals[i];
    plan.module.global(type, {numbered_name_constant(plan, type.value)});
    plan.module.export_global("g" + std::to_string(i), GlobalIdx{i});
  }
}

std::vector<Body> references(RandomPlan& plan, ValType type, std::uint32_t count) {
  std::vector<Body> items(count);
  for (Body& item : items) {
    const bool there = is_object(type) && plan.choices.chance(60);
    item = {numbered_name_constant(plan, there ? reference_to(type.heap, false) : type)};
  }
  return items;
}

/// Table 0 has every function, then `same_typed` of one type, then nulls.
void plan_tables(RandomPlan& plan) {
  const auto count = static_cast<std::uint32_t>(plan.functions.size());
  plan.first_same = count;
  const ValType object = plan.choices.pick(plan.references);
  const ValType nullable = reference_to(object.heap);
  plan.tables = {funcref, funcref, externref, anyref, object, exnref};
  plan.module.table({.limits = {count + RandomPlan::same_typed + 3, 64}});
  plan.module.table({.limits = {4, plan.choices.chance(50) ? std::optional{9ul} : std::nullopt}});
  plan.module.table({.element = externref, .limits = {5, {}}});
  plan.module.table({.element = anyref, .limits = {4, {}}});
  plan.module.table({.element = object, .limits = {6, 12}}, {plan.constant(object)});
  plan.module.table({.element = exnref, .limits = {4, {}}});
  plan.module.export_table("__indirect_function_table");
  std::vector<FuncIdx> functions;
  for (std::uint32_t i = 0; i < count; ++i) functions.push_back({i});
  for (std::uint32_t i = 0; i < RandomPlan::same_typed; ++i) {
    functions.push_back({plan.imported + plan.choices.below(2)});
  }
  plan.module.elem({{i32_const(0)}, 0}, functions);
  plan.module.passive_elem(funcref, references(plan, funcref, 3));
  plan.module.passive_elem(externref, references(plan, externref, 2));
  plan.module.passive_elem(anyref, references(plan, anyref, 5));
  plan.module.passive_elem(nullable, references(plan, nullable, 4));
  plan.elem_types = {funcref, funcref, externref, anyref, nullable};
  plan.elem_sizes = {0, 3, 2, 5, 4};
}

/// Opens what catches everything for the instructions up to `end_caught`.
void begin_caught(RandomPlan& plan, Body& body, const ResultType& results) {
  const TypeIdx type = plan.module.type({}, results);
  const Code clauses = raw({1, 2, 0});  // catch_all to the block without results
  body.push_back(block(type));
  body.push_back(block());
  body.push_back({concat({op(WasmOp::try_table).bytes, leb_s(type.value), clauses.bytes})});
}
void end_caught(RandomPlan& plan, Body& body, const ResultType& results) {
  body.push_back(end());
  body.push_back(br(1));
  body.push_back(end());
  for (const ValType type : results) body.push_back(plan.constant(type));
  body.push_back(end());
}

/// Calls every function with fuel of its own, mostly so that the run goes on when it throws; the
/// last one's results are the entry's.
FuncIdx write_entry(RandomPlan& plan) {
  Body body;
  ResultType results;
  const auto count = static_cast<std::uint32_t>(plan.functions.size());
  for (std::uint32_t function = plan.imported; function < count; ++function) {
    for (std::size_t i = 0; i < results.size(); ++i) body.push_back(drop());
    body.push_back(i32_const(static_cast<std::int32_t>(1 + plan.choices.below(60))));
    body.push_back(global_set(RandomPlan::fuel));
    results = plan.functions[function].results;
    const bool is_caught = plan.choices.chance(95);
    if (is_caught) begin_caught(plan, body, results);
    for (const ValType type : plan.functions[function].params) {
      body.push_back(numbered_name_constant(plan, type));
    }
    body.push_back(call(function));
    if (is_caught) end_caught(plan, body, results);
  }
  return plan.module.func({}, results, body);
}

}  // namespace

Result<Module> load_random(const Bytes& module) {
  return Module::load(module, {.features = Features::executable()});
}

Bytes random_module(Choices& choices, Memories memories, Engines engines) {
  ModuleBuilder module;
  RandomPlan plan{.choices = choices, .module = module, .for_any_engine = engines == Engines::any};
  static constexpr std::array<std::uint32_t, 4> trap_percents{0, 1, 2, 10};
  plan.trap_percent = choices.pick(trap_percents);
  plan.plan_objects();
  plan_imports(plan);
  plan_tags(plan);
  plan_functions(plan);
  plan_memories(plan, memories);
  plan_globals(plan);
  plan_tables(plan);
  for (std::uint32_t i = plan.imported; i < plan.functions.size(); ++i) {
    RandomBody body(plan, i);
    const Body written = body.write();
    module.func(plan.type_of(i), written, body.locals());
  }
  const FuncIdx entry = write_entry(plan);
  module.export_func("_start", entry);
  if (choices.chance(10)) {
    module.start(module.func({}, {}, {call(0), i32_const(5), call(1), drop()}));
  }
  return module.build();
}

}  // namespace fermata::test
