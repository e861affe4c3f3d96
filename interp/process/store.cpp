// Store: the host's definitions, instances and threads.

#include "fermata/store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "interp/process/store_impl.hpp"
#include "interp/process/values.hpp"

namespace fermata {
namespace {

Error usage(ErrorCode code, std::string message) {
  return {code, Phase::usage, std::move(message), {}, {}, {}};
}

bool is_concrete(ValType type) { return type.is_ref() && type.heap.is_concrete(); }

std::unexpected<Error> refuse_concrete() {
  return std::unexpected(
      usage(ErrorCode::wrong_value_type, "the host's own types cannot refer to a module's types"));
}

Tag* tag_of(TagRef ref) { return static_cast<Tag*>(const_cast<void*>(ref.identity)); }
Func* func_of(FuncRef ref) { return static_cast<Func*>(const_cast<void*>(ref.identity)); }

}  // namespace

Store::Store(const ExecutionOptions& options) : impl_(std::make_unique<StoreImpl>(options)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

// --- the host's definitions ---------------------------------------------------------------------

Result<FuncRef> Store::make_function(const FuncType& type, std::uint64_t number) {
  if (std::ranges::any_of(type.params, is_concrete) ||
      std::ranges::any_of(type.results, is_concrete)) {
    return refuse_concrete();
  }
  StoreObjects& objects = impl_->objects;
  const HostSignature& signature = objects.signatures.emplace_front(type);
  Func& func = objects.funcs.make(1).front();
  func.type = signature.canonical.id(TypeIdx{0});
  func.signature = &signature.type;
  func.host_number = number;
  return FuncRef{&func};
}

Result<GlobalRef> Store::make_global(GlobalType type, Value value) {
  if (is_concrete(type.value)) return refuse_concrete();
  StoreObjects& objects = impl_->objects;
  if (!fits(value, type.value, {no_types(), objects})) {
    return std::unexpected(misfit(value, type.value));
  }
  HostGlobal& global = objects.globals.emplace_front();
  global.type = type;
  static_cast<void>(put(global.cell, value));
  return GlobalRef(*impl_, global.cell, global.type, &no_types());
}

Result<TagRef> Store::make_tag(const FuncType& type) {
  if (std::ranges::any_of(type.params, is_concrete)) return refuse_concrete();
  if (!type.results.empty()) {
    return std::unexpected(
        usage(ErrorCode::wrong_value_type,
              fmt::format("expected a tag's type without results, found {}", to_string(type))));
  }
  StoreObjects& objects = impl_->objects;
  const HostSignature& signature = objects.signatures.emplace_front(type);
  return TagRef{
      &objects.make_tag(signature.type, signature.canonical.id(TypeIdx{0}), signature.canonical)};
}

Result<MemoryRef> Store::make_memory(const MemoryType& type) {
  const auto memory = impl_->objects.make_memory(type);
  if (!memory) return std::unexpected(memory.error());
  return MemoryRef(**memory);
}

Result<TableRef> Store::make_table(const TableType& type, Value init) {
  if (is_concrete(type.element)) return refuse_concrete();
  StoreObjects& objects = impl_->objects;
  if (!fits(init, type.element, {no_types(), objects})) {
    return std::unexpected(misfit(init, type.element));
  }
  const auto table = objects.make_table(type, no_types());
  if (!table) return std::unexpected(table.error());
  std::ranges::fill_n((*table)->data(), static_cast<std::ptrdiff_t>((*table)->size()), init.lo());
  return TableRef(objects, **table);
}

// --- instances ----------------------------------------------------------------------------------

Result<InstanceRef> Store::instantiate(const Module& module, std::span<const Extern> imports) {
  std::vector<ExternVal> internals;
  internals.reserve(imports.size());
  for (const Extern& external : imports) {
    const auto* function = std::get_if<FuncRef>(&external);
    if (function != nullptr && !impl_->objects.funcs.owns(function->identity)) {
      return std::unexpected(
          usage(ErrorCode::incompatible_import, "a supplied function is not of this store"));
    }
    const auto* global = std::get_if<GlobalRef>(&external);
    const auto* table = std::get_if<TableRef>(&external);
    if ((global != nullptr && global->store_ != impl_.get()) ||
        (table != nullptr && table->objects_ != &impl_->objects)) {
      return std::unexpected(
          usage(ErrorCode::incompatible_import, "a supplied global or table is not of this store"));
    }
    const auto* tag = std::get_if<TagRef>(&external);
    if (tag != nullptr && !impl_->objects.has_tag(tag->identity)) {
      return std::unexpected(
          usage(ErrorCode::incompatible_import, "a supplied tag is not of this store"));
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
  const CodeMode mode{options.fusion, options.lowering == Lowering::debug};
  const auto instance = fermata::instantiate(impl_->objects, module, mode, internals);
  if (!instance) return std::unexpected(instance.error());
  return InstanceRef(*impl_, **instance);
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

HeapUse Store::heap_use() const { return impl_->objects.heap_use(); }

Result<Root> Store::root(const Value& reference) {
  StoreObjects& objects = impl_->objects;
  if (!kind_of(reference)) return std::unexpected(not_a_reference(reference));
  return Root(objects.need_heap().kept(), reference);
}

// --- threads ------------------------------------------------------------------------------------

Result<Thread> Store::start_thread(FuncRef function, std::span<const Value> arguments,
                                   std::uint64_t user_data) {
  if (!impl_->objects.funcs.owns(function.identity)) {
    return std::unexpected(usage(ErrorCode::no_such_function, "expected a function of this store"));
  }
  const auto id = impl_->threads.start(nullptr, func_of(function), arguments, user_data);
  if (!id) return std::unexpected(id.error());
  return thread(*id);
}

Thread Store::thread(ThreadId id) { return Thread(&impl_->threads, id); }

std::vector<ThreadId> Store::threads() const { return impl_->threads.ids(); }

Result<void> Store::drop_thread(ThreadId id) { return impl_->threads.drop(id); }

}  // namespace fermata
