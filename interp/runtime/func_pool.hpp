// FuncPool: the function instances of one store.
//
// Owns them in blocks that never move, so that a function reference is an address, and so that an
// address from outside can be told from a forged one. Knows nothing of instances.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "interp/runtime/instance.hpp"

namespace fermata {

class FuncPool {
 public:
  /// New function instances, side by side, all null. `spare` more are kept ready in the same block.
  [[nodiscard]] std::span<Func> make(std::uint32_t count, std::uint32_t spare = 0);

  /// Whether this is the address of a function of the pool, for any bits.
  [[nodiscard]] bool owns(const void* address) const noexcept;

 private:
  struct Block {
    std::unique_ptr<Func[]> funcs;
    std::uint32_t used = 0;
    std::uint32_t capacity = 0;
    [[nodiscard]] std::uintptr_t begin() const noexcept {
      return reinterpret_cast<std::uintptr_t>(funcs.get());
    }
  };
  void begin_block(std::uint32_t capacity);

  // Only the last has room to give; those before it are in the order of their addresses.
  std::vector<Block> blocks_;
};

}  // namespace fermata
