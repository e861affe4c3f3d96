// Process: one linked module as a policy over the engine's store.
//
// Owns creation, reset and the ways in from outside (threads, globals). The rules of linking are
// lib/link's, those of running are ThreadGroup's.

#include "fermata/process.hpp"

#include <fmt/format.h>

#include <bit>
#include <cassert>

#include "interp/exec/execute.hpp"
#include "interp/process/creation.hpp"
#include "interp/process/host_objects.hpp"
#include "interp/process/process_impl.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/instantiate.hpp"
#include "interp/runtime/usage_error.hpp"
#include "lib/link/link.hpp"
#include "lib/module/quoted.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

Result<void> make_instance(ProcessImpl& process, const Module& module, const LinkPlan& plan,
                           const ExecutionOptions& options) {
  auto imports = make_imports(module.impl(), plan, process.objects);
  if (!imports) return std::unexpected(std::move(imports.error()));
  auto instance = instantiate(process.objects, module, code_mode_of(options), *imports);
  if (!instance) return std::unexpected(std::move(instance.error()));
  adopt(process, **instance, plan);
  return {};
}

/// The main thread; without one the thread that executes the start section, if there is one.
Result<void> start_main(ProcessImpl& process, const MainThread& main) {
  ThreadGroup& threads = process.threads;
  if (main.entry == nullptr) threads.leave_out_main_thread();
  if (main.entry == nullptr && main.start == nullptr) return {};
  const auto started = main.entry != nullptr
                           ? threads.start(main.start, main.entry, main.arguments, 0)
                           : threads.start(nullptr, main.start, {}, 0);
  if (!started) return std::unexpected(started.error());
  return {};
}

}  // namespace

std::optional<std::uint64_t> no_imports(const FunctionImport&) { return std::nullopt; }

ProcessOptions ProcessOptions::substrate() {
  ProcessOptions options;
  options.start_section = StartSection::forbid;
  options.require_canonical_memory = true;
  options.integer_imports_only = true;
  options.resettable = true;
  options.features = Features::mvp();
  return options;
}

ProcessOptions ProcessOptions::library() {
  ProcessOptions options;
  options.entry = std::nullopt;
  return options;
}

ModuleOptions ProcessOptions::module_options() const {
  return features ? ModuleOptions{*features} : ModuleOptions{};
}

std::optional<FunctionImport> HostCall::import() const {
  if (module == nullptr) return std::nullopt;
  const Import& found = module->data.imports[module->func_imports[function.value]];
  return FunctionImport{found.module, found.name, module->func_type(function), function};
}

Process::Process(std::unique_ptr<ProcessImpl> impl) : impl_(std::move(impl)) {}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;
Process::~Process() = default;

// --- creation -----------------------------------------------------------------------------------

Result<Process> Process::create(const Module& module, const Resolver& resolver,
                                const ProcessOptions& options) {
  return or_out_of_memory([&]() -> Result<Process> {
    if (!has_dispatch(options.execution.dispatch)) {
      return std::unexpected(
          usage_error(ErrorCode::unimplemented_feature,
                      "this build does not have the dispatcher that was asked for"));
    }
    const auto plan = link(module, resolver, policy_of(options));
    if (!plan) return std::unexpected(plan.error());

    auto process = std::make_unique<ProcessImpl>(options.execution);
    if (auto made = make_instance(*process, module, *plan, options.execution); !made) {
      return std::unexpected(std::move(made.error()));
    }
    MainThread main = main_thread_of(*process, *plan, options);
    if (auto started = start_main(*process, main); !started) {
      return std::unexpected(std::move(started.error()));
    }
    if (options.resettable) process->again = std::make_unique<MainThread>(std::move(main));
    return Process(std::move(process));
  });
}

Result<void> Process::reset() {
  if (!impl_ || !impl_->again) {
    return std::unexpected(
        usage_error(ErrorCode::not_resettable, "the process was not created to be reset"));
  }
  ProcessImpl& process = *impl_;
  auto done = or_out_of_memory([&]() -> Result<void> {
    for (const auto& memory : process.objects.memories) {
      if (!memory->reset()) return std::unexpected(no_memory_left());
    }
    for (const auto& table : process.objects.tables) table->reset();
    process.threads.clear();
    process.instance->forget();  // before the objects go: nothing may refer to them, whatever fails
    if (process.objects.heap) process.objects.heap->clear();
    auto initialized = initialize(*process.instance);
    return initialized ? start_main(process, *process.again) : initialized;
  });
  if (!done) process.threads.poison();
  return done;
}

// --- threads ------------------------------------------------------------------------------------

const Module& Process::module() const { return impl_->instance->module_handle(); }

Thread Process::main_thread() { return thread(0); }

Thread Process::thread(ThreadId id) { return Thread(impl_ ? &impl_->threads : nullptr, id); }

std::vector<ThreadId> Process::threads() const {
  return impl_ ? impl_->threads.ids() : std::vector<ThreadId>{};
}

void Process::poison() {
  if (impl_) impl_->threads.poison();
}

bool Process::poisoned() const { return !impl_ || impl_->threads.poisoned(); }

Result<TagRef> Process::tag(std::string_view export_name) const {
  if (impl_) {
    const ModuleImpl& module = *impl_->instance->module;
    const auto found = module.export_index.find(export_name);
    if (found != module.export_index.end()) {
      const Export& item = module.data.exports[found->second];
      if (item.kind == ExternKind::tag) return TagRef{impl_->instance->tags[item.index]};
    }
  }
  return std::unexpected(usage_error(
      ErrorCode::no_such_export, fmt::format("expected an exported tag {}", quoted(export_name))));
}

std::optional<FuelRef> Process::fuel() {
  if (!impl_ || !impl_->threads.meter()) return std::nullopt;
  return FuelRef(impl_->threads.meter());
}

HeapUse Process::heap_use() const { return impl_ ? impl_->objects.heap_use() : HeapUse{}; }

Result<Root> Process::root(const Value& reference) {
  return or_out_of_memory([&]() -> Result<Root> {
    if (!kind_of(reference)) return std::unexpected(not_a_reference(reference));
    return Root(impl_->objects.need_heap().kept(), reference);
  });
}

std::optional<HeapKind> Process::kind_of(const Value& reference) const {
  return impl_ ? fermata::kind_of(reference, impl_->objects) : std::nullopt;
}

Result<ObjectRef> Process::object(const Value& reference) {
  if (impl_ && is_struct_or_array(reference, impl_->objects)) {
    return ObjectRef(impl_->objects, reference);
  }
  return std::unexpected(not_a_reference(reference));
}

namespace {

Error moved_from() {
  return usage_error(ErrorCode::no_such_index, "a process that was moved from");
}

}  // namespace

Result<Root> Process::make_struct(TypeIdx type, std::span<const Value> fields) {
  return or_out_of_memory([&]() -> Result<Root> {
    if (!impl_) return std::unexpected(moved_from());
    return rooted(*this,
                  fermata::make_struct(impl_->objects, *impl_->instance->module, type, fields));
  });
}

Result<Root> Process::make_array(TypeIdx type, std::span<const Value> elements) {
  return or_out_of_memory([&]() -> Result<Root> {
    if (!impl_) return std::unexpected(moved_from());
    return rooted(*this,
                  fermata::make_array(impl_->objects, *impl_->instance->module, type, elements));
  });
}

Result<Root> Process::make_array_from_bytes(TypeIdx type, std::span<const std::byte> bytes) {
  return or_out_of_memory([&]() -> Result<Root> {
    if (!impl_) return std::unexpected(moved_from());
    return rooted(*this, fermata::make_array_from_bytes(impl_->objects, *impl_->instance->module,
                                                        type, bytes));
  });
}

namespace {

Error no_function(std::string_view name) {
  return usage_error(ErrorCode::no_such_export,
                     fmt::format("expected an exported function {}", quoted(name)));
}

Error nothing_starts() {
  return usage_error(ErrorCode::process_poisoned, "no thread starts in a poisoned process");
}

struct FunctionFinder {
  const ProcessImpl& process;

  Result<Func*> operator()(std::string_view name) const {
    if (const auto function = process.instance->module_handle().exported_function(name)) {
      return process.instance->func(*function);
    }
    return std::unexpected(no_function(name));
  }
  Result<Func*> operator()(FuncIdx index) const {
    const std::uint32_t count = process.instance->module_handle().function_count();
    if (index.value < count) return process.instance->func(index);
    return std::unexpected(
        usage_error(ErrorCode::no_such_function,
                    fmt::format("function {}: the module has {}", index.value, count)));
  }
  Result<Func*> operator()(TableElement element) const {
    if (process.table == nullptr) {
      return std::unexpected(usage_error(ErrorCode::no_such_table,
                                         "the module does not export `__indirect_function_table`"));
    }
    const Table& table = *process.table;
    const Slot slot = table.contains(element.index, 1) ? table.data()[element.index] : 0;
    if (slot != 0) return std::bit_cast<Func*>(static_cast<std::uintptr_t>(slot));
    return std::unexpected(usage_error(
        ErrorCode::no_such_function,
        fmt::format("no function in element {} of a table of {}", element.index, table.size())));
  }
};

}  // namespace

Result<Thread> Process::start_thread(ThreadFunction function, std::span<const Value> arguments,
                                     std::uint64_t user_data) {
  return or_out_of_memory([&]() -> Result<Thread> {
    if (poisoned()) return std::unexpected(nothing_starts());
    const auto func = std::visit(FunctionFinder{*impl_}, function);
    if (!func) return std::unexpected(func.error());
    const auto id = impl_->threads.start(nullptr, *func, arguments, user_data);
    if (!id) return std::unexpected(id.error());
    return Thread(&impl_->threads, *id);
  });
}

Result<Thread> Process::start_thread(ThreadFunction function,
                                     std::initializer_list<Value> arguments,
                                     std::uint64_t user_data) {
  return start_thread(function, std::span(arguments.begin(), arguments.size()), user_data);
}

Result<void> Process::drop_thread(ThreadId id) {
  if (!impl_) {
    return std::unexpected(usage_error(ErrorCode::no_such_thread, "the process was moved from"));
  }
  auto done = impl_->threads.drop(id);
  if (done && id == 0) impl_->threads.poison();
  return done;
}

// --- threads with instances of their own [7.6] --------------------------------------------------

namespace {

/// As new; not when this fails, but then it serves the next thread.
Result<Instance*> spawn_instance(ProcessImpl& process) {
  Instance* instance = process.threads.take_idle_instance();
  if (instance == nullptr) {
    const auto made = allocate_beside(*process.instance, same_imports(*process.instance));
    if (!made) return made;
    instance = *made;
  }
  auto done = or_out_of_memory([&] { return initialize(*instance); });
  if (done) return instance;
  process.threads.keep_idle_instance(*instance);
  return std::unexpected(std::move(done.error()));
}

}  // namespace

Result<Thread> Process::spawn_thread(std::string_view export_name, std::span<const Value> arguments,
                                     std::uint64_t user_data) {
  return or_out_of_memory([&]() -> Result<Thread> {
    if (poisoned()) return std::unexpected(nothing_starts());
    const ModuleImpl& module = *impl_->instance->module;
    if (!imports_shared_memory(module)) {
      return std::unexpected(usage_error(ErrorCode::shared_memory_required,
                                         "expected a module that imports a shared memory"));
    }
    Instance& first = *impl_->instance;
    const auto function = first.module_handle().exported_function(export_name);
    if (!function) return std::unexpected(no_function(export_name));
    Func* const start = module.data.start ? first.func(*module.data.start) : nullptr;
    // The arguments are judged, and kept from a collection, before an instance is made.
    const auto id = impl_->threads.start(start, first.func(*function), arguments, user_data);
    if (!id) return std::unexpected(id.error());
    const auto moved = or_out_of_memory([&]() -> Result<void> {
      impl_->threads.expect_instance_of_last();
      const auto instance = spawn_instance(*impl_);
      if (!instance) return std::unexpected(instance.error());
      return impl_->threads.move_last_into(**instance);
    });
    if (moved) return Thread(&impl_->threads, *id);
    impl_->threads.take_back_last();
    return std::unexpected(moved.error());
  });
}

// --- memory, table, globals ---------------------------------------------------------------------

std::optional<MemoryRef> Process::memory() {
  if (!impl_ || impl_->memory == nullptr) return std::nullopt;
  return MemoryRef(*impl_->memory);
}

std::optional<ConstMemoryRef> Process::memory() const {
  if (!impl_ || impl_->memory == nullptr) return std::nullopt;
  return ConstMemoryRef(*impl_->memory);
}

std::optional<TableRef> Process::table() {
  if (!impl_ || impl_->table == nullptr) return std::nullopt;
  return TableRef(impl_->objects, *impl_->table);
}

namespace {

Result<GlobalIdx> exported_global(const ProcessImpl* process, std::string_view name) {
  if (process != nullptr) {
    const ModuleImpl& module = process->instance->module_handle().impl();
    const auto found = module.export_index.find(name);
    if (found != module.export_index.end()) {
      const Export& item = module.data.exports[found->second];
      if (item.kind == ExternKind::global) return GlobalIdx{item.index};
    }
  }
  return std::unexpected(usage_error(ErrorCode::no_such_export,
                                     fmt::format("expected an exported global {}", quoted(name))));
}

}  // namespace

Result<Value> Process::global(std::string_view export_name) const {
  const auto index = exported_global(impl_.get(), export_name);
  if (!index) return std::unexpected(index.error());
  return get(impl_->instance->global(*index), impl_->instance->module->globals[index->value].value);
}

Result<void> Process::set_global(std::string_view export_name, Value value) {
  const auto index = exported_global(impl_.get(), export_name);
  if (!index) return std::unexpected(index.error());
  const ModuleImpl& module = *impl_->instance->module;
  const GlobalType& type = module.globals[index->value];
  if (!type.mutable_) {
    return std::unexpected(
        usage_error(ErrorCode::global_immutable,
                    fmt::format("the global {} is immutable", quoted(export_name))));
  }
  if (!fits(value, type.value, {module.canonical, impl_->objects})) {
    return std::unexpected(misfit(value, type.value));
  }
  static_cast<void>(put(impl_->instance->global(*index), value));
  return {};
}

}  // namespace fermata
