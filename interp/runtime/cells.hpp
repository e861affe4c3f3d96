// Cells: the memory of a heap's objects, which never move.
//
// Small objects lie in blocks of equal cells, one list of blocks for each size; a large object has
// an allocation of its own. Knows which cells are in use, by the first word of each, and takes back
// those that a collection has not marked: block by block, when cells of that size are wanted, so
// that a collection need not wait for it. Knows nothing of what objects refer to.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "interp/budget.hpp"
#include "interp/runtime/object.hpp"

namespace fermata {

/// Addresses, and whether one is among them. Never throws.
class AddressSet {
 public:
  AddressSet() = default;
  ~AddressSet();
  AddressSet(const AddressSet&) = delete;
  AddressSet& operator=(const AddressSet&) = delete;

  /// False when the system has no memory for it. Precondition: not there, and not 0.
  [[nodiscard]] bool add(std::uintptr_t address) noexcept;
  void remove(std::uintptr_t address) noexcept;
  [[nodiscard]] bool contains(std::uintptr_t address) const noexcept;

 private:
  [[nodiscard]] std::size_t place(std::uintptr_t address) const noexcept;
  [[nodiscard]] bool grow() noexcept;

  std::uintptr_t* places_ = nullptr;  // 0: free; at most half of them are in use
  std::size_t capacity_ = 0;          // a power of two
  std::size_t used_ = 0;
};

class Cells {
 public:
  static constexpr std::size_t block_bytes = std::size_t{32} * 1024;
  static constexpr std::uint64_t largest_in_block = 2048;

  /// The budget outlives this.
  explicit Cells(Budget& budget) : budget_(budget) {}
  ~Cells();
  Cells(const Cells&) = delete;
  Cells& operator=(const Cells&) = delete;

  /// Memory for an object of so many bytes, a multiple of 8; null when the budget or the system has
  /// none. The caller writes the first word, which makes it an object, before anything else is
  /// asked of this.
  [[nodiscard]] Object* take(std::uint64_t bytes) noexcept {
    if (bytes > largest_in_block) return take_large(bytes);
    SizeClass& in = classes_[class_of(bytes)];
    if (in.free == nullptr) return take_unused(in, bytes);
    return reinterpret_cast<Object*>(std::exchange(in.free, in.free->next));
  }

  /// After marking: what is not marked is free, at the latest when `finish_sweep` returns.
  void begin_sweep() noexcept;
  void finish_sweep() noexcept;
  /// Instead of `begin_sweep`, when marking was given up: nothing is marked. Precondition: the sweep is done.
  void unmark() noexcept;

  /// Whether an object begins there, for any bits. One that is garbage, but not swept yet, is none.
  [[nodiscard]] bool owns(std::uint64_t address) const noexcept;

 private:
  struct Block;
  struct Large;
  /// A free cell. Its first word is 0, where an object has its type.
  struct Free {
    std::uint64_t zero;
    Free* next;
  };
  /// The blocks of one size of cells.
  struct SizeClass {
    Free* free = nullptr;       // cells of swept blocks
    Block* blocks = nullptr;    // all, the newest first
    Block** unswept = nullptr;  // the link in that list where the sweep goes on; null: it is done
  };
  static constexpr std::size_t class_count = 31;
  // Up to 128 bytes every multiple of 8 from 16 on, then four sizes for each doubling.
  [[nodiscard]] static std::size_t class_of(std::uint64_t bytes) noexcept {
    if (bytes <= 128) return static_cast<std::size_t>(std::max<std::uint64_t>(bytes, 16) / 8 - 2);
    const auto log2 =
        static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;  // of the power below
    const auto quarter = static_cast<std::size_t>((bytes - 1) >> (log2 - 2) & 3);
    return 15 + (log2 - 7) * 4 + quarter;
  }
  [[nodiscard]] static std::uint32_t class_bytes(std::size_t size_class) noexcept;

  [[nodiscard]] Object* take_unused(SizeClass& in, std::uint64_t bytes) noexcept;
  [[nodiscard]] Object* take_large(std::uint64_t bytes) noexcept;
  [[nodiscard]] Block* make_block(std::uint32_t cell_bytes) noexcept;
  void sweep(SizeClass& in) noexcept;
  [[nodiscard]] static bool sweep_block(Block& block, Free*& free) noexcept;
  void give(Block* block) noexcept;
  void give(Large* large) noexcept;
  void sweep_large() noexcept;

  Budget& budget_;  // has given all blocks and large objects
  std::array<SizeClass, class_count> classes_;
  Large* large_ = nullptr;
  AddressSet blocks_;
  AddressSet large_objects_;
};

}  // namespace fermata
