// Store: the host's definitions, instances and threads.

#include "fermata/store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "interp/process/host_objects.hpp"
#include "interp/process/store_impl.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/usage_error.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

bool is_concrete(ValType type) { return type.is_ref() && type.heap.is_concrete(); }

std::unexpected<Error> refuse_concrete() {
  return std::unexpected(usage_error(
      ErrorCode::wrong_value_type,
      "the host's own types cannot refer to a module's types: expected a module and an index"));
}

Tag* tag_of(TagRef ref) { return static_cast<Tag*>(const_cast<void*>(ref.identity)); }
Func* func_of(FuncRef ref) { return static_cast<Func*>(const_cast<void*>(ref.identity)); }

}  // namespace

Store::Store(const ExecutionOptions& options) : impl_(std::make_unique<StoreImpl>(options)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

// --- the host's definitions ---------------------------------------------------------------------

namespace {

FuncRef make_function(StoreImpl& store, const HostSignature& signature, std::uint64_t number) {
  Func& func = store.objects.funcs.make(1).front();
  func.type = signature.id;
  func.signature = &signature;
  func.host_number = number;
  return {&func};
}

TagRef make_tag(StoreImpl& store, const HostSignature& signature) {
  return {&store.objects.make_tag(signature, signature.id, *signature.types)};
}

Result<HostGlobal*> make_global(StoreImpl& store, const GlobalType& type,
                                const CanonicalTypes& types, const Value& value) {
  if (!fits(value, type.value, {types, store.objects})) {
    return std::unexpected(misfit(value, type.value));
  }
  HostGlobal& global = store.objects.globals.emplace_front(type, &types);
  static_cast<void>(put(global.cell, value));
  return &global;
}

Result<Table*> make_table(StoreImpl& store, const TableType& type, const CanonicalTypes& types,
                          const Value& init) {
  if (!fits(init, type.element, {types, store.objects})) {
    return std::unexpected(misfit(init, type.element));
  }
  const auto table = store.objects.make_table(type, types);
  if (!table) return std::unexpected(table.error());
  std::ranges::fill_n((*table)->data(), static_cast<std::ptrdiff_t>((*table)->size()), init.lo());
  return *table;
}

}  // namespace

Result<FuncRef> Store::make_function(const FuncType& type, std::uint64_t number) {
  return or_out_of_memory([&]() -> Result<FuncRef> {
    if (std::ranges::any_of(type.params, is_concrete) ||
        std::ranges::any_of(type.results, is_concrete)) {
      return refuse_concrete();
    }
    return fermata::make_function(*impl_, impl_->objects.signatures.emplace_front(type), number);
  });
}

Result<GlobalRef> Store::make_global(GlobalType type, Value value) {
  return or_out_of_memory([&]() -> Result<GlobalRef> {
    if (is_concrete(type.value)) return refuse_concrete();
    const auto made = fermata::make_global(*impl_, type, no_types(), value);
    if (!made) return std::unexpected(made.error());
    return GlobalRef(*impl_, (*made)->cell, (*made)->type, (*made)->types);
  });
}

Result<TagRef> Store::make_tag(const FuncType& type) {
  return or_out_of_memory([&]() -> Result<TagRef> {
    if (std::ranges::any_of(type.params, is_concrete)) return refuse_concrete();
    if (!type.results.empty()) {
      return std::unexpected(usage_error(
          ErrorCode::wrong_value_type,
          fmt::format("expected a tag's type without results, found {}", to_string(type))));
    }
    return fermata::make_tag(*impl_, impl_->objects.signatures.emplace_front(type));
  });
}

Result<MemoryRef> Store::make_memory(const MemoryType& type) {
  return or_out_of_memory([&]() -> Result<MemoryRef> {
    const auto memory = impl_->objects.make_memory(type);
    if (!memory) return std::unexpected(memory.error());
    return MemoryRef(**memory);
  });
}

Result<TableRef> Store::make_table(const TableType& type, Value init) {
  return or_out_of_memory([&]() -> Result<TableRef> {
    if (is_concrete(type.element)) return refuse_concrete();
    const auto made = fermata::make_table(*impl_, type, no_types(), init);
    if (!made) return std::unexpected(made.error());
    return TableRef(impl_->objects, **made);
  });
}

// --- the same with a module's types -------------------------------------------------------------

namespace {

std::unexpected<Error> no_index(ErrorCode code, std::string_view what, std::uint32_t index,
                                std::size_t count) {
  return std::unexpected(
      usage_error(code, fmt::format("{} {}: the module has {}", what, index, count)));
}

}  // namespace

Result<FuncRef> Store::make_function(const Module& module, FuncIdx function, std::uint64_t number) {
  return or_out_of_memory([&]() -> Result<FuncRef> {
    const auto& types = module.impl().func_types;
    if (function.value >= types.size()) {
      return no_index(ErrorCode::no_such_function, "function", function.value, types.size());
    }
    impl_->modules.insert(module.shared());
    return fermata::make_function(
        *impl_, impl_->objects.signatures.emplace_front(module.impl(), types[function.value]),
        number);
  });
}

Result<GlobalRef> Store::make_global(const Module& module, GlobalIdx global, Value value) {
  return or_out_of_memory([&]() -> Result<GlobalRef> {
    const auto& globals = module.impl().globals;
    if (global.value >= globals.size()) {
      return no_index(ErrorCode::no_such_index, "global", global.value, globals.size());
    }
    impl_->modules.insert(module.shared());
    const auto made =
        fermata::make_global(*impl_, globals[global.value], module.impl().canonical, value);
    if (!made) return std::unexpected(made.error());
    return GlobalRef(*impl_, (*made)->cell, (*made)->type, (*made)->types);
  });
}

Result<TagRef> Store::make_tag(const Module& module, TagIdx tag) {
  return or_out_of_memory([&]() -> Result<TagRef> {
    const auto& types = module.impl().tags;
    if (tag.value >= types.size()) {
      return no_index(ErrorCode::no_such_index, "tag", tag.value, types.size());
    }
    impl_->modules.insert(module.shared());
    return fermata::make_tag(
        *impl_, impl_->objects.signatures.emplace_front(module.impl(), types[tag.value]));
  });
}

Result<TableRef> Store::make_table(const Module& module, TableIdx table, Value init) {
  return or_out_of_memory([&]() -> Result<TableRef> {
    const auto& tables = module.impl().tables;
    if (table.value >= tables.size()) {
      return no_index(ErrorCode::no_such_index, "table", table.value, tables.size());
    }
    impl_->modules.insert(module.shared());
    const auto made =
        fermata::make_table(*impl_, tables[table.value], module.impl().canonical, init);
    if (!made) return std::unexpected(made.error());
    return TableRef(impl_->objects, **made);
  });
}

// --- instances ----------------------------------------------------------------------------------

Result<InstanceRef> Store::instantiate(const Module& module, std::span<const Extern> imports) {
  return or_out_of_memory([&]() -> Result<InstanceRef> {
    std::vector<ExternVal> internals;
    internals.reserve(imports.size());
    for (const Extern& external : imports) {
      const auto* function = std::get_if<FuncRef>(&external);
      if (function != nullptr && !impl_->objects.funcs.owns(function->identity)) {
        return std::unexpected(usage_error(ErrorCode::incompatible_import,
                                           "a supplied function is not of this store"));
      }
      const auto* global = std::get_if<GlobalRef>(&external);
      const auto* table = std::get_if<TableRef>(&external);
      if ((global != nullptr && global->store_ != impl_.get()) ||
          (table != nullptr && table->objects_ != &impl_->objects)) {
        return std::unexpected(usage_error(ErrorCode::incompatible_import,
                                           "a supplied global or table is not of this store"));
      }
      const auto* tag = std::get_if<TagRef>(&external);
      if (tag != nullptr && !impl_->objects.has_tag(tag->identity)) {
        return std::unexpected(
            usage_error(ErrorCode::incompatible_import, "a supplied tag is not of this store"));
      }
      switch (static_cast<ExternKind>(external.index())) {
        case ExternKind::func:
          internals.emplace_back(func_of(*function));
          break;
        case ExternKind::table:
          internals.emplace_back(std::get<TableRef>(external).table_);
          break;
        case ExternKind::memory:
          internals.emplace_back(std::get<MemoryRef>(external).memory_);
          break;
        case ExternKind::tag:
          internals.emplace_back(tag_of(std::get<TagRef>(external)));
          break;
        case ExternKind::global: {
          const auto& global = std::get<GlobalRef>(external);
          internals.emplace_back(GlobalExtern{global.cell_, global.type_,
                                              static_cast<const CanonicalTypes*>(global.types_)});
        }
      }
    }
    if (auto matched = match_imports(module.impl(), internals); !matched) {
      return std::unexpected(std::move(matched.error()));
    }
    const ExecutionOptions& options = impl_->options;
    const auto instance =
        fermata::instantiate(impl_->objects, module, code_mode_of(options), internals);
    if (!instance) return std::unexpected(instance.error());
    return InstanceRef(*impl_, **instance);
  });
}

const FuncType& Store::function_type(FuncRef function) const {
  return *func_of(function)->signature;
}

std::optional<std::uint64_t> Store::host_number(FuncRef function) const {
  const Func& func = *func_of(function);
  return func.code == nullptr ? std::optional(func.host_number) : std::nullopt;
}

std::optional<HeapKind> Store::kind_of(const Value& reference) const {
  return fermata::kind_of(reference, impl_->objects);
}

std::optional<FuelRef> Store::fuel() {
  if (!impl_->threads.meter()) return std::nullopt;
  return FuelRef(impl_->threads.meter());
}

HeapUse Store::heap_use() const { return impl_->objects.heap_use(); }

Result<Root> Store::root(const Value& reference) {
  return or_out_of_memory([&]() -> Result<Root> {
    StoreObjects& objects = impl_->objects;
    if (!kind_of(reference)) return std::unexpected(not_a_reference(reference));
    return Root(objects.need_heap().kept(), reference);
  });
}

Result<ObjectRef> Store::object(const Value& reference) {
  if (is_struct_or_array(reference, impl_->objects)) return ObjectRef(impl_->objects, reference);
  return std::unexpected(not_a_reference(reference));
}

Result<Root> Store::make_struct(const Module& module, TypeIdx type, std::span<const Value> fields) {
  return or_out_of_memory([&]() -> Result<Root> {
    impl_->modules.insert(module.shared());
    return rooted(*this, fermata::make_struct(impl_->objects, module.impl(), type, fields));
  });
}

Result<Root> Store::make_array(const Module& module, TypeIdx type,
                               std::span<const Value> elements) {
  return or_out_of_memory([&]() -> Result<Root> {
    impl_->modules.insert(module.shared());
    return rooted(*this, fermata::make_array(impl_->objects, module.impl(), type, elements));
  });
}

Result<Root> Store::make_array_from_bytes(const Module& module, TypeIdx type,
                                          std::span<const std::byte> bytes) {
  return or_out_of_memory([&]() -> Result<Root> {
    impl_->modules.insert(module.shared());
    return rooted(*this,
                  fermata::make_array_from_bytes(impl_->objects, module.impl(), type, bytes));
  });
}

// --- threads ------------------------------------------------------------------------------------

Result<Thread> Store::start_thread(FuncRef function, std::span<const Value> arguments,
                                   std::uint64_t user_data) {
  return or_out_of_memory([&]() -> Result<Thread> {
    if (!impl_->objects.funcs.owns(function.identity)) {
      return std::unexpected(
          usage_error(ErrorCode::no_such_function, "expected a function of this store"));
    }
    const auto id = impl_->threads.start(nullptr, func_of(function), arguments, user_data);
    if (!id) return std::unexpected(id.error());
    return thread(*id);
  });
}

Thread Store::thread(ThreadId id) { return Thread(&impl_->threads, id); }

std::vector<ThreadId> Store::threads() const { return impl_->threads.ids(); }

Result<void> Store::drop_thread(ThreadId id) { return impl_->threads.drop(id); }

}  // namespace fermata
