// Store, InstanceRef, Linker: the whole engine, below the rules of a Process.
//
// A store holds instances of many modules that share functions, tables, memories and globals. What
// it runs pauses exactly as a process does, across instances too; it never calls the embedder
// either. Specification: "Execution / Runtime Structure", "Appendix / Embedding".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/module.hpp"
#include "fermata/object.hpp"
#include "fermata/process.hpp"
#include "fermata/value.hpp"

namespace fermata {

struct StoreImpl;  // interp/process/store_impl.hpp
struct Instance;   // interp/runtime/instance.hpp

/// A global of a store. A handle, as valid as the store.
class GlobalRef {
 public:
  [[nodiscard]] GlobalType type() const;
  [[nodiscard]] Value get() const;
  /// Errors: `global_immutable`, `wrong_value_type`.
  [[nodiscard]] Result<void> set(Value value);

 private:
  friend class Store;
  friend class InstanceRef;
  GlobalRef(StoreImpl& store, std::uint64_t* cell, const GlobalType& type, const void* types)
      : store_(&store), cell_(cell), type_(&type), types_(types) {}
  StoreImpl* store_;
  std::uint64_t* cell_;
  const GlobalType* type_;
  const void* types_;  // what concrete types in it are
};

/// What an import can be satisfied with, and what an export is: a function, table, memory, global or
/// tag.
using Extern = std::variant<FuncRef, TableRef, MemoryRef, GlobalRef, TagRef>;

/// An instance of a module. A handle, as valid as the store.
class InstanceRef {
 public:
  [[nodiscard]] Module module() const;
  /// The export of this name, if there is one.
  [[nodiscard]] std::optional<Extern> find_export(std::string_view name) const;
  // The export of this name and kind. Error: `no_such_export`.
  [[nodiscard]] Result<FuncRef> function(std::string_view name) const;
  [[nodiscard]] Result<TableRef> table(std::string_view name) const;
  [[nodiscard]] Result<MemoryRef> memory(std::string_view name) const;
  [[nodiscard]] Result<GlobalRef> global(std::string_view name) const;
  [[nodiscard]] Result<TagRef> tag(std::string_view name) const;
  /// The start section's function: not run yet when the instance is made, since it may pause.
  [[nodiscard]] std::optional<FuncRef> start_function() const;

 private:
  friend class Store;
  InstanceRef(StoreImpl& store, Instance& instance) : store_(&store), instance_(&instance) {}
  StoreImpl* store_;
  Instance* instance_;
};

/// Movable, not copyable; handles stay valid when it moves. Everything made in it lives as long as
/// it does. One that was moved from must only be assigned or destroyed. It must not be used by two
/// OS threads at once. An example (examples/engine.cpp):
///
///     Store store;
///     Linker linker;
///     linker.define("env", "log", *store.make_function({{i32}, {}}, 7));
///     const auto instance = linker.instantiate(store, module);
///     auto thread = *store.start_thread(*instance->function("main"), {});
///     Result<Outcome> outcome = thread.run();  // HostCall 7 when it logs
class Store {
 public:
  explicit Store(const ExecutionOptions& options = {});
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // --- the host's own definitions. Types that refer to a module's types (concrete references) are
  // refused: `wrong_value_type`. For these there are the functions after them.

  /// A function of the host: a call of it pauses with `HostCall::number`.
  [[nodiscard]] Result<FuncRef> make_function(const FuncType& type, std::uint64_t number);
  [[nodiscard]] Result<GlobalRef> make_global(GlobalType type, Value value);
  /// A tag for exceptions with these values. Its type must have no results: `wrong_value_type`.
  [[nodiscard]] Result<TagRef> make_tag(const FuncType& type);
  /// Error: `out_of_memory`, as for the others when limits of the options forbid it.
  [[nodiscard]] Result<MemoryRef> make_memory(const MemoryType& type);
  [[nodiscard]] Result<TableRef> make_table(const TableType& type, Value init);

  // --- the same with the type that a function, global, tag or table has in a module, whatever of the
  // module's types it refers to. Imports come first in each index space, in the order of
  // `Module::imports`. What is made fits that import, and others of an equal type. The store keeps
  // the module. An example, all functions that a module imports, each with its index as its number:
  //
  //     std::uint32_t index = 0;
  //     for (const ImportType& import : module.imports()) {
  //       if (!std::holds_alternative<FuncType>(import.type)) continue;
  //       linker.define(import.module, import.name,
  //                     *store.make_function(module, FuncIdx{index}, index));
  //       ++index;
  //     }

  /// Error: `no_such_function`.
  [[nodiscard]] Result<FuncRef> make_function(const Module& module, FuncIdx function,
                                              std::uint64_t number);
  /// Errors of these: `no_such_index`; as above.
  [[nodiscard]] Result<GlobalRef> make_global(const Module& module, GlobalIdx global, Value value);
  [[nodiscard]] Result<TagRef> make_tag(const Module& module, TagIdx tag);
  [[nodiscard]] Result<TableRef> make_table(const Module& module, TableIdx table, Value init);

  // --- instances

  /// Instantiates a module with externals for its imports, in import order, all of this store. Runs
  /// nothing: a module with a start section has its `start_function` left to do. Errors:
  /// `unknown_import` (too few), `incompatible_import`, `out_of_memory`: the store is unchanged;
  /// `data_out_of_bounds`, `elements_out_of_bounds` (phase `trap`): segments before the failing one
  /// stay written.
  [[nodiscard]] Result<InstanceRef> instantiate(const Module& module,
                                                std::span<const Extern> imports);

  // Precondition of both: a function of this store.
  /// Its type; concrete types in it are those of its module.
  [[nodiscard]] const FuncType& function_type(FuncRef function) const;
  /// The host number of a function made by `make_function`; nothing for a WebAssembly function.
  [[nodiscard]] std::optional<std::uint64_t> host_number(FuncRef function) const;

  /// What a reference refers to: `func`, `i31`, `struct_`, `array`, `exn`, or `extern_` for the host's.
  /// Nothing for null, for numbers, and for what is not of this store or has been collected.
  [[nodiscard]] std::optional<HeapKind> kind_of(const Value& reference) const;

  [[nodiscard]] HeapUse heap_use() const;
  /// As `Process::fuel`.
  [[nodiscard]] std::optional<FuelRef> fuel();
  // As Process's. The type is the module's, which the store keeps: it need not have an instance.
  [[nodiscard]] Result<Root> root(const Value& reference);
  [[nodiscard]] Result<ObjectRef> object(const Value& reference);
  [[nodiscard]] Result<Root> make_struct(const Module& module, TypeIdx type,
                                         std::span<const Value> fields);
  [[nodiscard]] Result<Root> make_array(const Module& module, TypeIdx type,
                                        std::span<const Value> elements);
  [[nodiscard]] Result<Root> make_array_from_bytes(const Module& module, TypeIdx type,
                                                   std::span<const std::byte> bytes);

  // --- threads: as those of a process, but for poison: a trap ends its thread alone.

  /// A thread that will call the function, paused. Errors: `no_such_function` for a null or foreign
  /// reference, `wrong_value_count`, `wrong_value_type`.
  [[nodiscard]] Result<Thread> start_thread(FuncRef function, std::span<const Value> arguments = {},
                                            std::uint64_t user_data = 0);
  /// A handle for an id; whether it lives shows when it is used.
  [[nodiscard]] Thread thread(ThreadId id);
  /// Those alive, ascending: trapped ones too, until they are dropped.
  [[nodiscard]] std::vector<ThreadId> threads() const;
  /// Ends a thread that is paused or has trapped. Error: `no_such_thread`.
  [[nodiscard]] Result<void> drop_thread(ThreadId id);

 private:
  std::unique_ptr<StoreImpl> impl_;
};

/// Names for externals, by which imports are resolved. A plain value: copy it to make a variant.
class Linker {
 public:
  /// A later definition of the same names replaces an earlier one.
  void define(std::string_view module, std::string_view name, Extern external);
  /// All exports of an instance, under a module name: in the place of those of the instance that had
  /// the name before, and of equal names defined before. Takes no time for each export.
  void define_instance(std::string_view module, const InstanceRef& instance);
  [[nodiscard]] std::optional<Extern> find(std::string_view module, std::string_view name) const;

  /// Resolves the module's imports and instantiates it. Errors: `unknown_import`, naming the
  /// import, and those of `Store::instantiate`.
  [[nodiscard]] Result<InstanceRef> instantiate(Store& store, const Module& module) const;

 private:
  using Definitions = std::map<std::string, Extern, std::less<>>;
  /// What one module name stands for. Later definitions hide earlier ones.
  struct Names {
    Definitions before_instance;
    std::optional<InstanceRef> instance;  // asked for its exports, of which there may be many
    Definitions after_instance;
  };
  std::map<std::string, Names, std::less<>> modules_;
};

}  // namespace fermata
