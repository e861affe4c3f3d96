// Heap: the structs, arrays and exceptions of one store, and their collection.
//
// Counts objects in the specification's terms, decides when to collect, and marks what the roots
// reach, without recursion. When it collects depends on what the guest has allocated and on nothing
// else, so a program collects at the same instructions on every host, however it is executed. Its
// memory is of Cells; where references lie on stacks is known to its RootSource.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "fermata/error.hpp"
#include "fermata/process.hpp"
#include "interp/runtime/cells.hpp"
#include "interp/runtime/root_table.hpp"

namespace fermata {

class Heap;

/// Whoever keeps references outside of the heap.
class RootSource {
 public:
  /// Calls `heap.mark` for each of them. May throw `std::bad_alloc`.
  virtual void mark_roots(Heap& heap) = 0;

 protected:
  ~RootSource() = default;
};

/// Null where there is none.
struct RootSources {
  RootSource* objects = nullptr;  ///< what is in the store
  RootSource* threads = nullptr;
};

class Heap {
 public:
  /// `max_bytes` of objects. The budget and the sources of roots outlive the heap.
  Heap(Budget& budget, std::uint64_t max_bytes, RootSources roots);
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  /// A struct or an array of so many elements, its fields not written yet; null when a limit or the
  /// system forbids it, and then `failure` says which. Never collects.
  [[nodiscard]] Object* make(const ObjectType& type, std::uint32_t length = 0) noexcept;
  /// `heap_exhausted`, or `out_of_memory` of the budget or the system.
  [[nodiscard]] Trap failure() const noexcept { return failure_; }

  /// Whether to collect before so many bytes more are allocated.
  [[nodiscard]] bool is_due(std::uint64_t bytes) const noexcept { return bytes > until_due_; }
  /// Frees what no root reaches. Of a heap that is full, and stays so, nothing more is given. False, and
  /// nothing has changed, when there is no memory to find the roots in: `failure` says so.
  [[nodiscard]] bool collect() noexcept;

  /// While roots are marked: the reference's object, if it is one, and all that it reaches stay.
  void mark(Slot reference) noexcept;

  /// The references that the embedder keeps alive.
  [[nodiscard]] const std::shared_ptr<RootTable>& kept() const noexcept { return kept_; }

  /// Whether these bits are the address of an object of this heap.
  [[nodiscard]] bool owns(std::uint64_t address) const noexcept { return cells_->owns(address); }

  [[nodiscard]] HeapUse use() const noexcept {
    return {bytes_, std::max(bytes_, peak_bytes_), collections_};
  }
  /// As new: no object, no collection.
  void clear();

  // For a heap that is to go on as another one: what `use` gives, and how many bytes more can be
  // allocated until a collection is due.
  [[nodiscard]] std::uint64_t until_due() const noexcept { return until_due_; }
  /// False, and nothing has changed, when the limit is lower or the objects made take more.
  [[nodiscard]] bool go_on_as(const HeapUse& use, std::uint64_t until_due) noexcept;

 private:
  /// A heap smaller than this is not worth a collection.
  static constexpr std::uint64_t least_step = std::uint64_t{256} << 10;

  void schedule() noexcept;
  void mark_roots();
  void forget_marks(std::uint64_t bytes, std::uint64_t objects) noexcept;
  [[nodiscard]] bool make_room() noexcept;
  void mark_reached() noexcept;
  void mark_fields(const Object& object) noexcept;

  Budget& budget_;  // has given the marking stack
  std::unique_ptr<Cells> cells_ = std::make_unique<Cells>(budget_);
  std::uint64_t max_bytes_;
  std::uint64_t bytes_ = 0;  // of all objects but those found to be garbage
  std::uint64_t peak_bytes_ = 0;
  std::uint64_t until_due_ = 0;
  bool is_full_ = false;  // the last collection has left too little room
  std::uint64_t collections_ = 0;
  Trap failure_ = Trap::none;

  // The objects that are marked, but not yet what they refer to. Has room for all there are, so
  // that marking needs no memory.
  Object** reached_ = nullptr;
  std::uint64_t reached_count_ = 0;
  std::uint64_t reached_capacity_ = 0;
  std::uint64_t objects_ = 0;  // all but those found to be garbage

  RootSources roots_;
  std::shared_ptr<RootTable> kept_ = std::make_shared<RootTable>();  // with the embedder's Roots
};

}  // namespace fermata
