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

HostSignature::HostSignature(FuncType of) : type(std::move(of)), canonical(canonicalize(type)) {}

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

const CanonicalTypes& no_types() {
  static const CanonicalTypes none;
  return none;
}

}  // namespace fermata
