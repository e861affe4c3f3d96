// Blocks: address space for all memories of all stores of the program, and how much they may take.
//
// A system allows a program only so many mappings (Linux 65,530), and so much address space, which
// the host program needs as well. So small blocks are parts of larger mappings, slabs, and only
// large blocks are mappings of their own; of both, blocks together never take more than a share.
// A block that must grow moves. Thread-safe; knows nothing of memories.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "fermata/types.hpp"

namespace fermata {

struct Slab;

/// A piece of address space of a memory: readable, writable. A value; whoever has it gives it back.
struct Block {
  std::byte* base = nullptr;  ///< null: none
  std::uint64_t bytes = 0;
  Slab* slab = nullptr;  ///< null: a mapping of its own
};

class Blocks {
 public:
  /// Larger ones are mappings of their own, as any are where there is no room for another slab.
  static constexpr std::uint64_t largest_in_slab = 32 * page_size;
  /// A quarter of what Linux allows a program unless it is told otherwise.
  static constexpr std::uint64_t most_mappings = 16384;

  /// Those of this program.
  [[nodiscard]] static Blocks& shared() noexcept;

  /// A block of at least so many bytes, all zero; none when the system or the share forbids it.
  [[nodiscard]] Block take(std::uint64_t bytes) noexcept;
  /// A block of at least `bytes`, if possible of `wanted`, with the contents of `block`, which is
  /// gone; none, and `block` is as before. Preconditions: `used` <= block.bytes < bytes <= wanted;
  /// all from `used` on is zero.
  [[nodiscard]] Block grow(const Block& block, std::uint64_t used, std::uint64_t bytes,
                           std::uint64_t wanted) noexcept;
  /// Takes a block back, whatever is in it.
  void give(const Block& block) noexcept;

  // What the mappings are at the moment.
  [[nodiscard]] std::uint64_t mapped_bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::uint64_t mappings() const noexcept { return mappings_; }

 private:
  /// Blocks of one size: 1 to 8 pages, then four sizes for each doubling.
  struct SizeClass {
    Slab* open = nullptr;      // the slabs with free blocks, a list
    std::uint64_t blocks = 0;  // in all slabs
  };
  static constexpr std::size_t class_count = 16;
  [[nodiscard]] static std::size_t class_of(std::uint64_t bytes) noexcept;
  [[nodiscard]] static std::uint64_t class_bytes(std::size_t size_class) noexcept;

  [[nodiscard]] Block take_from_slab(std::size_t size_class) noexcept;
  [[nodiscard]] Slab* make_slab(std::size_t size_class) noexcept;
  void give_to_slab(const Block& block) noexcept;
  [[nodiscard]] Block grow_mapping(const Block& block, std::uint64_t used,
                                   std::uint64_t bytes) noexcept;
  [[nodiscard]] Block move(const Block& block, std::uint64_t used, std::uint64_t bytes) noexcept;

  [[nodiscard]] std::byte* map(std::uint64_t bytes) noexcept;
  void unmap(std::byte* base, std::uint64_t bytes) noexcept;
  [[nodiscard]] bool admit(std::uint64_t bytes, std::uint64_t mappings) noexcept;
  void dismiss(std::uint64_t bytes, std::uint64_t mappings) noexcept;

  std::mutex mutex_;  // of the classes and their slabs
  std::array<SizeClass, class_count> classes_;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<std::uint64_t> mappings_ = 0;
};

}  // namespace fermata
