// See engine.hpp.
#include "tools/fermata/wast/engine.hpp"

namespace fermata::tool::wast {
namespace {

constexpr std::string_view spectest = "spectest";

std::unexpected<Error> start_trapped(Trap trap) {
  const bool exhausted = trap == Trap::call_stack_exhausted || trap == Trap::heap_exhausted;
  Error error;
  error.phase = exhausted ? Phase::exhaustion : Phase::trap;
  error.message = to_string(trap);
  return std::unexpected(std::move(error));
}

std::unexpected<Error> start_waits() {
  return std::unexpected(
      Error{ErrorCode::still_waiting, Phase::usage, "the start function waits", {}, {}, {}});
}

}  // namespace

Engine::Engine(const ExecutionOptions& options) : Engine(std::make_shared<Store>(options)) {}

Engine::Engine(std::shared_ptr<Store> store) : store_(std::move(store)) { make_spectest(); }

// --- spectest
// -------------------------------------------------------------------------------------

// What cannot be made under the limits of the options is missing when a module imports it.
void Engine::make_spectest() {
  const auto define = [this](std::string_view name, const auto& external) {
    if (external) linker_.define(spectest, name, *external);
  };
  const auto global = [&](std::string_view name, Value value) {
    define(name, store_->make_global({value.type()}, value));
  };
  global("global_i32", Value::i32(666));
  global("global_i64", Value::i64(666));
  global("global_f32", Value::f32(666.6f));
  global("global_f64", Value::f64(666.6));
  define("memory", store_->make_memory({{1, 2}}));
  define("shared_memory", store_->make_memory({{1, 2}, AddressType::i32, true}));
  const Value null = Value::null(funcref);
  define("table", store_->make_table({funcref, {10, 20}}, null));
  define("table64", store_->make_table({funcref, {10, 20}, AddressType::i64}, null));

  const auto printer = [&](std::string_view name, ResultType params) {
    define(name, store_->make_function({std::move(params), {}}, 0));
  };
  printer("print", {});
  printer("print_i32", {i32});
  printer("print_i64", {i64});
  printer("print_f32", {f32});
  printer("print_f64", {f64});
  printer("print_i32_f32", {i32, f32});
  printer("print_f64_f64", {f64, f64});
}

// --- instances
// ------------------------------------------------------------------------------------

void Engine::register_as(std::string_view name, const InstanceRef& instance) {
  linker_.define_instance(name, instance);
}

Result<InstanceRef> Engine::instantiate(const Module& module) {
  auto instance = linker_.instantiate(*store_, module);
  const auto start = instance ? instance->start_function() : std::nullopt;
  if (!start) return instance;
  const auto called = run(*start, {});
  if (!called) return std::unexpected(called.error());
  const auto* outcome = std::get_if<CallOutcome>(&*called);
  if (outcome == nullptr) {
    drop(std::get<Thread>(*called));
    return start_waits();
  }
  if (const Trap* trap = std::get_if<Trap>(outcome)) return start_trapped(*trap);
  if (std::holds_alternative<Exception>(*outcome)) return start_trapped(Trap::uncaught_exception);
  return instance;
}

// --- running
// --------------------------------------------------------------------------------------

Result<Called> Engine::call(const InstanceRef& instance, std::string_view function,
                            std::span<const Value> arguments) {
  const auto found = instance.function(function);
  if (!found) return std::unexpected(found.error());
  return run(*found, arguments);
}

// Scripts ask what a result is, not what its function says it is.
Value Engine::with_own_kind(const Value& result) const {
  const auto kind = store_->kind_of(result);
  const bool is_extern = result.type().heap.kind == HeapKind::extern_;
  if (!kind || *kind == HeapKind::extern_ || is_extern) return result;
  return Value::from_bits(ValType::ref({*kind}, false), result.lo());
}

Result<Called> Engine::run(FuncRef function, std::span<const Value> arguments) {
  auto thread = store_->start_thread(function, arguments);
  if (!thread) return std::unexpected(std::move(thread.error()));
  return go_on(*thread);
}

// Spectest's functions, the only ones of the host, return nothing.
Result<Called> Engine::go_on(Thread thread) {
  auto outcome = thread.run();
  while (outcome && std::holds_alternative<HostCall>(*outcome)) outcome = thread.run();
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  if (std::holds_alternative<Waiting>(*outcome)) return thread;
  if (const auto* finished = std::get_if<Finished>(&*outcome)) {
    std::vector<Value> results;
    for (const Value& result : finished->results) results.push_back(with_own_kind(result));
    return CallOutcome(std::move(results));
  }
  if (auto dropped = store_->drop_thread(thread.id()); !dropped) {
    return std::unexpected(std::move(dropped.error()));
  }
  if (std::holds_alternative<Threw>(*outcome)) return CallOutcome(Exception{});
  return CallOutcome(std::get<Trapped>(*outcome).trap);
}

void Engine::drop(Thread thread) { static_cast<void>(store_->drop_thread(thread.id())); }

}  // namespace fermata::tool::wast
