// StoreObjects: everything that instances are made of and share, and its life.
//
// Owns instances, memories, tables, tags, the heap, the host's globals and all function instances;
// nothing in it goes before the whole. Knows nothing of threads. Specification: "Execution /
// Runtime Structure / Store".
#pragma once

#include <cstdint>
#include <deque>
#include <forward_list>
#include <memory>
#include <unordered_set>
#include <variant>
#include <vector>

#include "interp/budget.hpp"
#include "interp/runtime/func_pool.hpp"
#include "interp/runtime/heap.hpp"
#include "interp/runtime/instance.hpp"
#include "interp/runtime/tag.hpp"

namespace fermata {

/// A global as it is imported and exported. `types` says what concrete types in `type` are.
struct GlobalExtern {
  Slot* cell = nullptr;
  const GlobalType* type = nullptr;
  const CanonicalTypes* types = nullptr;
};

/// What an import is satisfied with; in the order of ExternKind.
using ExternVal = std::variant<Func*, Table*, Memory*, GlobalExtern, Tag*>;

/// A global that the host defined in a store.
struct HostGlobal {
  GlobalType type;
  const CanonicalTypes* types = nullptr;  // what concrete types in it are
  Slot cell[2] = {};
};

/// The signature of a function or a tag that the host defined in a store. It is one, so that from the
/// signature of such a function the rest is found.
struct HostSignature : FuncType {
  /// Precondition: no concrete types.
  explicit HostSignature(FuncType of);
  /// Precondition: a function type of the module, which outlives this.
  HostSignature(const ModuleImpl& module, TypeIdx type);

  TypeId id;                    // canonical
  const CanonicalTypes* types;  // what concrete types in it are

 private:
  CanonicalTypes own_;  // holds the id of a type that is no module's
};

/// Tags, which do not move, and where they are.
struct TagPool {
  std::deque<Tag> tags;
  std::unordered_set<const void*> addresses;
};

/// The limits of all that is in one store.
struct StoreLimits {
  std::uint64_t max_bytes = Budget::unlimited;
  std::uint64_t max_table_elements = Budget::unlimited;
  std::uint64_t max_memory_pages = 65536;  ///< of each memory
  std::uint64_t max_heap_bytes = std::uint64_t{1} << 30;
};

/// As the heap's roots: globals, tables, segments, and what the embedder keeps.
struct StoreObjects final : RootSource {
  Budget budget;          // what is charged to these goes before them
  Budget table_elements;  // of all tables together
  std::uint64_t max_memory_pages;
  std::uint64_t max_heap_bytes;
  std::unique_ptr<Heap> heap;  // made for the first module that has objects
  FuncPool funcs;
  std::vector<std::unique_ptr<Instance>> instances;  // first: their modules own the memories' pools
  std::vector<std::unique_ptr<Memory>> memories;
  std::vector<std::unique_ptr<Table>> tables;
  std::forward_list<HostGlobal> globals;
  std::forward_list<HostSignature> signatures;
  std::unique_ptr<TagPool> tags;  // made for the first

  explicit StoreObjects(const StoreLimits& limits = {})
      : budget(limits.max_bytes),
        table_elements(limits.max_table_elements),
        max_memory_pages(limits.max_memory_pages),
        max_heap_bytes(limits.max_heap_bytes) {}
  StoreObjects(const StoreObjects&) = delete;
  StoreObjects& operator=(const StoreObjects&) = delete;

  /// A memory or table within the limits, owned by this. Error: `out_of_memory`.
  [[nodiscard]] Result<Memory*> make_memory(const MemoryType& type, MemoryPool* pool = nullptr);
  [[nodiscard]] Result<Table*> make_table(const TableType& type, const CanonicalTypes& types);

  [[nodiscard]] Tag& make_tag(const FuncType& type, TypeId id, const CanonicalTypes& types);
  void drop_last_tag();
  [[nodiscard]] std::size_t tag_count() const { return tags != nullptr ? tags->tags.size() : 0; }
  /// Whether this is the address of one of the tags, for any bits.
  [[nodiscard]] bool has_tag(const void* address) const {
    return tags != nullptr && tags->addresses.contains(address);
  }
  /// The heap, made if there is none yet.
  [[nodiscard]] Heap& need_heap();
  [[nodiscard]] bool has_object(std::uint64_t address) const noexcept {
    return heap != nullptr && heap->owns(address);
  }
  [[nodiscard]] HeapUse heap_use() const noexcept { return heap ? heap->use() : HeapUse{}; }
  /// For the heap, once there is one; lives as long as this.
  RootSource* threads = nullptr;

  void mark_roots(Heap& marked) override;
};

/// No concrete types: the context of what the host defines.
[[nodiscard]] const CanonicalTypes& no_types();

}  // namespace fermata
