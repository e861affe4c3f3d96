// Memory: a linear memory.
//
// Owns the address range and every bounds computation on it. A small memory begins with just its
// pages, often used ones of a MemoryPool. One that is large, or grows, has its further pages
// reserved, not committed, so that growing moves it once at most; only where the system refuses so
// large a reservation does it move again. Specification: "Execution / Memory Instances".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "fermata/error.hpp"
#include "fermata/types.hpp"

namespace fermata {

inline constexpr std::uint64_t page_size = 65536;

class MemoryPool;

class Memory {
 public:
  /// `max_pages`: the limit of the options, which holds besides the declared maximum. `pool`, if
  /// any, outlives the memory.
  [[nodiscard]] static Result<std::unique_ptr<Memory>> create(const MemoryType& type,
                                                              std::uint64_t max_pages,
                                                              MemoryPool* pool = nullptr);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Null while the memory has no page; may change with `grow` and `reset`.
  [[nodiscard]] std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }  ///< bytes
  [[nodiscard]] std::uint64_t pages() const noexcept { return size_ / page_size; }
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

  /// Back to the declared minimum, all zero. False: the system refused; no guest may use it any
  /// more.
  [[nodiscard]] bool reset() noexcept;

 private:
  Memory() = default;
  [[nodiscard]] std::uint64_t min_bytes() const noexcept { return type_.limits.min * page_size; }
  [[nodiscard]] bool begin() noexcept;
  [[nodiscard]] bool make_room(std::uint64_t bytes) noexcept;

  std::byte* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t reserved_ = 0;
  std::uint64_t max_pages_ = 0;
  MemoryPool* pool_ = nullptr;
  MemoryType type_;
};

}  // namespace fermata
