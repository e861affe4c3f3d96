// Mark: what a memory was like at a snapshot, so that the next one can say what is different.
//
// Owns a copy of the blocks that were not as they were made, and their digests, of which the name
// of a snapshot is made. docs/snapshot-format.md, "Deltas".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "interp/runtime/memory.hpp"
#include "interp/snapshot/initial.hpp"
#include "interp/snapshot/runs.hpp"
#include "lib/sha256.hpp"

namespace fermata::snapshot {

/// A block that is not as it was made.
struct BlockDigest {
  std::uint64_t number = 0;
  Sha256 digest{};
};

/// Which blocks are different from what they were.
struct Changes {
  std::vector<Run> to_others;        ///< and not as they were made
  std::vector<Run> to_made;          ///< and as they were made
  std::vector<BlockDigest> digests;  ///< of the former
  [[nodiscard]] bool has(std::uint64_t block) const {
    return contains(to_others, block) || contains(to_made, block);
  }
};

class Mark {
 public:
  /// Of a process of this module, as it was made.
  explicit Mark(const Module& module) : module_(module), initial_(module_.impl()) {}

  [[nodiscard]] bool is_of(const ModuleImpl& module) const;
  /// The name of the snapshot that it stands for.
  [[nodiscard]] const Sha256& name() const { return name_; }

  [[nodiscard]] Changes changes_in(const Memory& memory) const;
  /// Once these changes are made: of all blocks that are not as they were made, ascending.
  [[nodiscard]] std::vector<BlockDigest> digests_with(const Memory& memory,
                                                      const Changes& changes) const;
  /// Makes the changes, which are those in the memory; the mark then stands for another snapshot.
  void move_on(const Memory& memory, const Changes& changes, const Sha256& name);
  /// The same of a process without memory.
  void move_on(const Sha256& name) { name_ = name; }

 private:
  struct Kept {
    std::uint64_t number = 0;
    Sha256 digest{};
    std::vector<std::byte> bytes;
  };

  [[nodiscard]] std::span<const Kept> kept_inside(std::uint64_t bytes) const;

  Module module_;
  InitialMemory initial_;
  Sha256 name_{};
  std::uint64_t size_ = 0;  // of the memory, in bytes
  std::vector<Kept> kept_;  // those that are not as they were made, ascending
};

}  // namespace fermata::snapshot
