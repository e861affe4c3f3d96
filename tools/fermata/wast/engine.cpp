// See engine.hpp.
#include "tools/fermata/wast/engine.hpp"

#include <fmt/format.h>

#include "interp/process/values.hpp"

namespace fermata::tool::wast {
namespace {

std::optional<ExternVal> exported(Instance& instance, std::string_view name) {
  const ModuleImpl& module = *instance.module;
  const auto found = module.export_index.find(name);
  if (found == module.export_index.end()) return std::nullopt;
  const Export& item = module.data.exports[found->second];
  return extern_of(instance, item.kind, item.index);
}

std::unexpected<Error> no_such_export(std::string_view kind, std::string_view name) {
  return std::unexpected(Error{ErrorCode::no_such_export, Phase::usage,
                               fmt::format("there is no exported {} \"{}\"", kind, name),
                               {}, {}, {}});
}

std::unexpected<Error> trapped(Trap trap) {
  const bool exhausted = trap == Trap::call_stack_exhausted;
  return std::unexpected(Error{{}, exhausted ? Phase::exhaustion : Phase::trap,
                               std::string(to_string(trap)), {}, {}, {}});
}

}  // namespace

Engine::Engine(const ExecutionOptions& options) : options_(options), threads_(objects_, options) {
  make_spectest();
}

// --- spectest -------------------------------------------------------------------------------------

void Engine::make_spectest() {
  add_global("global_i32", Value::i32(666));
  add_global("global_i64", Value::i64(666));
  add_global("global_f32", Value::f32(666.6f));
  add_global("global_f64", Value::f64(666.6));
  if (auto memory = Memory::create({{1, 2}}, options_.max_memory_pages)) {
    spectest_.emplace("memory", memory->get());
    objects_.memories.push_back(std::move(*memory));
  }
  for (const auto address : {AddressType::i32, AddressType::i64}) {
    auto table = Table::create({funcref, {10, 20}, address}, no_types(),
                               options_.max_table_elements);
    if (!table) continue;
    spectest_.emplace(address == AddressType::i32 ? "table" : "table64", table->get());
    objects_.tables.push_back(std::move(*table));
  }
  add_printer("print", {});
  add_printer("print_i32", {i32});
  add_printer("print_i64", {i64});
  add_printer("print_f32", {f32});
  add_printer("print_f64", {f64});
  add_printer("print_i32_f32", {i32, f32});
  add_printer("print_f64_f64", {f64, f64});
}

void Engine::add_printer(std::string name, std::vector<ValType> params) {
  auto signature = std::make_unique<HostSignature>(FuncType{std::move(params), {}});
  Func& func = objects_.funcs.make(1)[0];
  func.type = signature->canonical.id(TypeIdx{0});
  func.signature = &signature->type;
  spectest_.emplace(std::move(name), &func);
  objects_.signatures.push_back(std::move(signature));
}

void Engine::add_global(std::string name, Value value) {
  auto global = std::make_unique<HostGlobal>();
  global->type = {value.type(), false};
  static_cast<void>(put(global->cell, value));
  spectest_.emplace(std::move(name), GlobalExtern{global->cell, &global->type, &no_types()});
  objects_.globals.push_back(std::move(global));
}

// --- linking --------------------------------------------------------------------------------------

void Engine::register_as(std::string name, Instance* instance) {
  registered_.insert_or_assign(std::move(name), instance);
}

std::optional<ExternVal> Engine::find(std::string_view module, std::string_view name) {
  if (const auto instance = registered_.find(module); instance != registered_.end()) {
    return exported(*instance->second, name);
  }
  const auto item = module == "spectest" ? spectest_.find(name) : spectest_.end();
  if (item == spectest_.end()) return std::nullopt;
  return item->second;
}

Result<Instance*> Engine::instantiate(const Module& module) {
  std::vector<ExternVal> imports;
  for (const Import& import : module.impl().data.imports) {
    const auto found = find(import.module, import.name);
    if (!found) {
      return std::unexpected(Error{
          ErrorCode::unknown_import, Phase::unlinkable,
          fmt::format("unknown import: \"{}\".\"{}\"", import.module, import.name), {}, {}, {}});
    }
    imports.push_back(*found);
  }
  if (auto matched = match_imports(module.impl(), imports); !matched) {
    return std::unexpected(std::move(matched.error()));
  }
  const CodeMode mode{options_.fusion, options_.lowering == Lowering::debug};
  auto instance = fermata::instantiate(objects_, module.shared(), mode, imports,
                                       {options_.max_memory_pages, options_.max_table_elements});
  if (!instance || !module.impl().data.start) return instance;
  auto outcome = run((*instance)->func(*module.impl().data.start), {});
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  if (const Trap* trap = std::get_if<Trap>(&*outcome)) return trapped(*trap);
  return instance;
}

// --- running --------------------------------------------------------------------------------------

Result<CallOutcome> Engine::call(Instance& instance, std::string_view name,
                                 std::span<const Value> arguments) {
  const auto item = exported(instance, name);
  if (!item || !std::holds_alternative<Func*>(*item)) return no_such_export("function", name);
  return run(std::get<Func*>(*item), arguments);
}

Result<Value> Engine::get(Instance& instance, std::string_view name) {
  const auto item = exported(instance, name);
  if (!item || !std::holds_alternative<GlobalExtern>(*item)) return no_such_export("global", name);
  const auto& global = std::get<GlobalExtern>(*item);
  return fermata::get(global.cell, global.type->value);
}

// Spectest's functions, the only ones of the host, return nothing.
Result<CallOutcome> Engine::run(Func* function, std::span<const Value> arguments) {
  const auto thread = threads_.start(nullptr, function, arguments, 0);
  if (!thread) return std::unexpected(thread.error());
  auto outcome = threads_.run(*thread, {});
  while (outcome && std::holds_alternative<HostCall>(*outcome)) {
    outcome = threads_.run(*thread, {});
  }
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  if (const auto* finished = std::get_if<Finished>(&*outcome)) {
    return std::vector<Value>(finished->results.begin(), finished->results.end());
  }
  static_cast<void>(threads_.drop(*thread));
  return std::get<Trapped>(*outcome).trap;
}

}  // namespace fermata::tool::wast
