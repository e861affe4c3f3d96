// MemoryPool: the memories of a module's finished processes, zeroed and ready for the next.
//
// Owned by the module (an Attachment), so nothing passes from one module to another and everything
// goes with it. What is in it is all zero: whoever gives a block back gives its contents up first.
// Bounded in number, address space and memory: once idle it occupies `most_warm_bytes` at most, the
// rest is address space. Thread-safe: OS threads have shelves of their own, so that those which run
// processes of one module do not wait for each other.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "interp/runtime/blocks.hpp"
#include "interp/runtime/pages.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata {

class MemoryPool final : public Attachment {
 public:
  static constexpr std::size_t most_blocks = 16;
  /// Address space of all blocks.
  static constexpr std::uint64_t most_bytes = sizeof(void*) >= 8 ? 256u << 20 : 16u << 20;
  /// When processes come and go all the time, what they wrote to is zeroed and stays theirs, up to
  /// so many bytes: that costs less than to give it back and get it anew, above all when several OS
  /// threads do so at once. What is over, and that of other modules, goes back to the system.
  static constexpr std::uint64_t most_warm_bytes = 1u << 20;
  /// The same for each block.
  static constexpr std::uint64_t most_warm_bytes_of_block = 256u << 10;

  MemoryPool() = default;

  /// The pool of a module, made on first use.
  [[nodiscard]] static MemoryPool& of(const ModuleImpl& module);

  /// A block of at least so many bytes, all zero, or none.
  [[nodiscard]] Block take(std::uint64_t bytes) noexcept;
  /// Clears a block and keeps it, or gives it back. Precondition: all from `used` on is zero.
  void give(const Block& block, std::uint64_t used) noexcept;

 private:
  /// In 32 bits the pool is in one piece: a quarter of its address space would hold few memories.
  static constexpr std::size_t shelf_count = sizeof(void*) >= 8 ? 4 : 1;

  struct Kept {
    Block block;
    std::uint64_t warm_bytes = 0;  // of its memory, at most
  };

  /// An equal part of the pool. On cache lines of its own.
  class alignas(64) Shelf {
   public:
    ~Shelf();
    /// The first that is warm, else any; its base is null when none is large enough.
    [[nodiscard]] Block take(std::uint64_t bytes) noexcept;
    /// Whether there is room for it; sets how many bytes may stay warm, of `warm_bytes` at most.
    /// False, too, when those are fewer than `least_warm`.
    [[nodiscard]] bool admit(Kept& kept, std::uint64_t least_warm) noexcept;
    /// Of one admitted: it is kept now, or not at all.
    void keep(const Kept& kept, std::uint64_t admitted_warm) noexcept;
    void dismiss(const Kept& kept) noexcept;

   private:
    static constexpr std::size_t most_blocks = MemoryPool::most_blocks / shelf_count;
    static constexpr std::uint64_t most_bytes = MemoryPool::most_bytes / shelf_count;
    static constexpr std::uint64_t most_warm_bytes = MemoryPool::most_warm_bytes / shelf_count;

    [[nodiscard]] std::size_t best(std::uint64_t bytes) const noexcept;

    std::mutex mutex_;
    std::array<Kept, most_blocks> kept_;
    std::size_t count_ = 0;
    // Of the blocks kept and those just being cleared:
    std::size_t admitted_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t warm_bytes_ = 0;
  };

  [[nodiscard]] Shelf* admit(Kept& kept, std::uint64_t used) noexcept;

  std::array<Shelf, shelf_count> shelves_;
  std::atomic<std::uint32_t> taken_ = 0;  // how often a block was, up to `busy_after`
};

}  // namespace fermata
