// Memory: a linear memory.
//
// Owns the address range, which is a block, and every bounds computation on it. A memory that grows
// out of its block gets one of twice the size, so that growing page by page moves it seldom; small
// ones begin with as much. Nothing else is reserved. Specification: "Execution / Memory Instances".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "fermata/error.hpp"
#include "fermata/types.hpp"
#include "interp/budget.hpp"
#include "interp/runtime/blocks.hpp"
#include "interp/runtime/wait_queue.hpp"

namespace fermata {

class MemoryPool;

class Memory {
 public:
  /// `max_pages`: the limit of the options, in pages of 64 KiB, which holds besides the declared
  /// maximum and the budget. The budget and the pool, if any, outlive the memory.
  [[nodiscard]] static Result<std::unique_ptr<Memory>> create(const MemoryType& type,
                                                              std::uint64_t max_pages,
                                                              Budget& budget,
                                                              MemoryPool* pool = nullptr);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Null while the memory has no page; may change with `grow`.
  [[nodiscard]] std::byte* data() const noexcept { return block_.base; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }  ///< bytes
  [[nodiscard]] std::uint64_t pages() const noexcept { return size_ >> type_.page_size_log2; }
  [[nodiscard]] const MemoryType& type() const noexcept { return type_; }
  /// Whether [address, address + count) lies inside, for any 64-bit values.
  [[nodiscard]] bool contains(std::uint64_t address, std::uint64_t count) const noexcept {
    return count <= size_ && address <= size_ - count;
  }
  /// Returns the previous size in pages, or -1 (all ones) when a limit or the system forbids it.
  [[nodiscard]] std::uint64_t grow(std::uint64_t pages) noexcept;

  // The bulk instructions: out_of_bounds_memory_access, and nothing written, or none.
  [[nodiscard]] Trap fill(std::uint64_t to, std::uint8_t value, std::uint64_t count) noexcept;
  [[nodiscard]] static Trap copy(Memory& dst, std::uint64_t to, const Memory& src,
                                 std::uint64_t from, std::uint64_t count) noexcept;
  /// memory.init: `bytes` is the segment, empty once it was dropped.
  [[nodiscard]] Trap init(std::uint64_t to, std::span<const std::uint8_t> bytes, std::uint64_t from,
                          std::uint64_t count) noexcept;

  /// The threads that wait at its addresses; null when it is not shared.
  [[nodiscard]] WaitQueue* waiters() noexcept { return waiters_.get(); }

  /// Back to the declared minimum, all zero. False: the system refused; no guest may use it any
  /// more.
  [[nodiscard]] bool reset() noexcept;

 private:
  Memory(const MemoryType& type, std::uint64_t max_pages, Budget& budget, MemoryPool* pool);
  [[nodiscard]] bool begin() noexcept;
  [[nodiscard]] bool make_room(std::uint64_t bytes) noexcept;

  /// What it takes: whole pages of 64 KiB, however small its own are.
  [[nodiscard]] std::uint64_t used() const noexcept;

  Block block_;  // all zero behind `size_`
  std::uint64_t size_ = 0;
  std::uint64_t max_bytes_;
  Budget& budget_;  // has given `used()`
  MemoryPool* pool_;
  MemoryType type_;
  std::unique_ptr<WaitQueue> waiters_;
};

}  // namespace fermata
