// StoreObjects: what is made within its limits, and the host's own definitions.

#include "interp/runtime/store.hpp"

#include <utility>

namespace fermata {
namespace {

CanonicalTypes canonicalize(const FuncType& type) {
  const SubType sub{true, {}, type};
  const RecGroup group{0, 1};
  return CanonicalTypes({&sub, 1}, {&group, 1});
}

}  // namespace

HostSignature::HostSignature(FuncType of)
    : FuncType(std::move(of)), types(&no_types()), own_(canonicalize(*this)) {
  id = own_.id(TypeIdx{0});
}

HostSignature::HostSignature(const ModuleImpl& module, TypeIdx type)
    : FuncType(std::get<FuncType>(module.data.types[type.value].composite)),
      id(module.canonical.id(type)),
      types(&module.canonical) {}

Result<Memory*> StoreObjects::make_memory(const MemoryType& type, MemoryPool* pool) {
  auto memory = Memory::create(type, max_memory_pages, budget, pool);
  if (!memory) return std::unexpected(std::move(memory.error()));
  return memories.emplace_back(std::move(*memory)).get();
}

Result<Table*> StoreObjects::make_table(const TableType& type, const CanonicalTypes& types) {
  auto table = Table::create(type, types, budget, table_elements);
  if (!table) return std::unexpected(std::move(table.error()));
  return tables.emplace_back(std::move(*table)).get();
}

Tag& StoreObjects::make_tag(const FuncType& type, TypeId id, const CanonicalTypes& types) {
  if (tags == nullptr) tags = std::make_unique<TagPool>();
  Tag& made = tags->tags.emplace_back(type, id, types);
  tags->addresses.insert(&made);
  return made;
}

void StoreObjects::drop_last_tag() {
  tags->addresses.erase(&tags->tags.back());
  tags->tags.pop_back();
}

Heap& StoreObjects::need_heap() {
  if (heap == nullptr) {
    heap = std::make_unique<Heap>(budget, max_heap_bytes, RootSources{this, threads});
  }
  return *heap;
}

void StoreObjects::mark_roots(Heap& marked) {
  for (const auto& instance : instances) instance->mark_roots(marked);
  for (const auto& table : tables) {
    if (!is_traced(table->type().element, table->types())) continue;
    for (const Slot element : std::span(table->data(), static_cast<std::size_t>(table->size()))) {
      marked.mark(element);
    }
  }
  for (const HostGlobal& global : globals) {
    if (is_traced(global.type.value, *global.types)) marked.mark(global.cell[0]);
  }
}

const CanonicalTypes& no_types() {
  static const CanonicalTypes none;
  return none;
}

}  // namespace fermata
