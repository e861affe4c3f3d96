// Instance: what the interpreter sees of an instantiated module, and the functions that references
// point to.
//
// Plain structures that the interpreter's handlers read directly; made by instantiate, owned by a
// Store. Specification: "Execution / Runtime Structure".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "fermata/module.hpp"
#include "interp/lower/code.hpp"
#include "interp/runtime/memory.hpp"
#include "interp/runtime/table.hpp"

namespace fermata {

struct Instance;
class Heap;  // heap.hpp
struct Tag;  // tag.hpp

/// A function instance. A function reference in a slot is the address of one; null is 0.
struct Func {
  FuncCode* code = nullptr;      ///< null for a host function
  Instance* instance = nullptr;  ///< null for a host function
  TypeId type = 0;               ///< canonical
  FuncIdx index{};               ///< in the instance's module; for a host function the import's
  const FuncType* signature = nullptr;
  std::uint64_t host_number = 0;  ///< of a host function
};

struct Instance {
  // Read by handlers; kept together.
  Slot* globals = nullptr;  ///< the module's own, in index order, v128 in two slots
  Slot** imported_globals = nullptr;
  Memory** memories = nullptr;  ///< the whole index space
  Table** tables = nullptr;     ///< the whole index space
  Func** imported_funcs = nullptr;
  const ModuleImpl* module = nullptr;
  CodeCache* code = nullptr;
  Heap* heap = nullptr;
  Tag** tags = nullptr;  ///< the whole index space

  [[nodiscard]] Memory* memory0() const noexcept { return memories ? memories[0] : nullptr; }

  /// The function instance of an index, made on first demand (identity is kept).
  [[nodiscard]] Func* func(FuncIdx index);
  /// What keeps the module alive.
  [[nodiscard]] const Module& module_handle() const noexcept;
  /// The first slot of a global, an imported one too.
  [[nodiscard]] Slot* global(GlobalIdx index) const noexcept;

  // memory.init, data.drop, table.init, elem.drop and their bounds; the passive segments' state.
  // These return Trap::none or the trap; nothing is written when they trap.
  [[nodiscard]] Trap memory_init(MemIdx memory, DataIdx data, std::uint64_t to, std::uint64_t from,
                                 std::uint64_t count) noexcept;
  [[nodiscard]] Trap table_init(TableIdx table, ElemIdx elem, std::uint64_t to, std::uint64_t from,
                                std::uint64_t count) noexcept;
  // Whether a segment, if it is not dropped, has such a part; and copies of it. Elements in memory
  // have `element_bytes`, in the host's order of bytes; those of a table are slots.
  [[nodiscard]] bool has_data(DataIdx data, std::uint64_t from, std::uint64_t bytes) const noexcept;
  void copy_data(DataIdx data, std::uint64_t from, std::uint64_t bytes, std::byte* to,
                 std::uint32_t element_bytes) const noexcept;
  [[nodiscard]] bool has_elements(ElemIdx elem, std::uint64_t from,
                                  std::uint64_t count) const noexcept;
  /// False when there is no memory for one of them.
  [[nodiscard]] bool copy_elements(ElemIdx elem, std::uint64_t from, std::uint64_t count,
                                   Slot* to) noexcept;
  void data_drop(DataIdx data) noexcept;
  void elem_drop(ElemIdx elem) noexcept;

  // For snapshots: the segments' state, and how it is made again.
  [[nodiscard]] bool is_dropped(DataIdx data) const noexcept;
  [[nodiscard]] bool is_dropped(ElemIdx elem) const noexcept;
  /// Segments whose references are kept from the begin, until they are dropped: because they may
  /// refer to the heap. Those references; and others in their place, as many.
  [[nodiscard]] std::vector<ElemIdx> keeping_segments() const;
  [[nodiscard]] std::span<const Slot> kept_elements(ElemIdx elem) const noexcept;
  void keep_elements(ElemIdx elem, std::vector<Slot> references);

  /// Lets go of what its own globals, tables and segments refer to. Nothing may run in it until
  /// `initialize` has made it as new.
  void forget() noexcept;
  /// The same, and nothing is left of what it was: all globals are 0, all segments dropped.
  void retire() noexcept;
  /// Whether it is still as that left it.
  [[nodiscard]] bool is_retired() const noexcept;
  /// Marks what the instance's own globals and segments refer to.
  void mark_roots(Heap& marked) const;

  /// As `copy_elements`; throws instead.
  void make_elements(ElemIdx elem, std::size_t first, std::span<Slot> to);

  struct Owned;  ///< what stands behind the pointers above (instance_owned.hpp)
  std::unique_ptr<Owned> owned;

  Instance();
  ~Instance();
};

}  // namespace fermata
