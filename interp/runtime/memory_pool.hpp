// MemoryPool: small memories of a module's finished processes, zeroed and ready for the next.
//
// Owned by the module (an Attachment), so nothing passes from one module to another and everything
// goes with it. What is in it is all zero: whoever gives a block back gives its contents up first.
// Bounded in number and size; once idle it occupies `most_warm_bytes` at most, the rest is address
// space. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "lib/module/module_impl.hpp"

namespace fermata {

class MemoryPool final : public Attachment {
 public:
  /// Only blocks up to so many bytes are kept.
  static constexpr std::uint64_t largest_block = std::uint64_t{1} << 20;
  /// When processes come and go all the time, so many bytes of the blocks keep their pages: to
  /// clear these costs less than the page faults of new ones. Those of the others go back to the
  /// system.
  static constexpr std::uint64_t most_warm_bytes = std::uint64_t{256} << 10;

  MemoryPool() = default;
  ~MemoryPool() override;

  /// The pool of a module, made on first use; null for a type whose memories no pool keeps.
  [[nodiscard]] static MemoryPool* of(const ModuleImpl& module, const MemoryType& type);

  /// A block of so many bytes, all zero (pages::allocate), or null when there is none.
  [[nodiscard]] std::byte* take(std::uint64_t bytes) noexcept;
  /// Clears a block of pages::allocate and keeps it, or releases it.
  void give(std::byte* base, std::uint64_t bytes) noexcept;

 private:
  struct Block {
    std::byte* base = nullptr;
    std::uint64_t bytes = 0;
    bool warm = false;  // has its pages; its bytes count as warm ones
  };
  static constexpr std::size_t most_blocks = 16;

  [[nodiscard]] bool full() const noexcept { return count_ == most_blocks; }
  [[nodiscard]] bool admit(Block& block) noexcept;
  [[nodiscard]] static bool clear(const Block& block) noexcept;
  [[nodiscard]] bool keep(const Block& block) noexcept;
  [[nodiscard]] std::size_t best(std::uint64_t bytes) const noexcept;

  std::mutex mutex_;
  std::array<Block, most_blocks> blocks_;
  std::size_t count_ = 0;
  std::uint64_t warm_bytes_ = 0;  // also of a block that is just being cleared
  std::uint64_t taken_ = 0;       // how often one was
};

}  // namespace fermata
