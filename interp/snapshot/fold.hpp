// Fold: a snapshot and deltas, each to the one before it, as one snapshot.
//
// Owns which file each block comes from. Looks at bytes alone, at no module: whether they make
// sense shows when the snapshot is restored. docs/snapshot-format.md, "Deltas".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fermata/snapshot.hpp"
#include "interp/snapshot/input.hpp"
#include "interp/snapshot/output.hpp"
#include "interp/snapshot/runs.hpp"
#include "lib/sha256.hpp"

namespace fermata::snapshot {

class Fold {
 public:
  explicit Fold(std::span<SnapshotSource* const> files) : files_(files) {}
  [[nodiscard]] Result<void> write(SnapshotSink& sink);

 private:
  struct Block {
    std::uint64_t number = 0;
    std::uint64_t offset = 0;  // in its file
    std::size_t file = 0;
    Sha256 digest{};
  };
  struct Memory {
    std::uint8_t page_size_log2 = 0;
    std::uint64_t pages = 0;
    std::uint64_t bytes = 0;
  };

  // what there is: the first time through
  [[nodiscard]] Result<void> look_at(std::size_t file);
  void read_header(Input& in, std::size_t file);
  void read_module(Input& in, std::size_t file);
  void read_memory(Input& in, std::size_t file);
  [[nodiscard]] std::vector<Block> read_blocks(Input& in, std::size_t file, std::uint64_t bytes);
  [[nodiscard]] static std::vector<Run> read_made(Input& in, std::uint64_t blocks);
  void check(Input& in, std::span<const Block> changed, std::span<const Run> made,
             const Memory& now) const;
  void apply(std::span<const Block> changed, std::span<const Run> made, const Memory& now);
  /// Of what the files up to this one make.
  [[nodiscard]] Result<Sha256> name(std::size_t file);

  // written
  [[nodiscard]] Result<Input> begin_again(std::size_t file);
  void copy_sections(Input& in, Output& out, bool is_name);
  void write_memory_head(Output& out) const;
  void write_digests(Output& out) const;
  void write_memory(Input& last, Output& out);
  [[nodiscard]] Input* at_memory(std::vector<std::optional<Input>>& others, std::size_t file,
                                 Input& last);
  void copy_block(Input& in, Output& out, const Block& block);

  std::span<SnapshotSource* const> files_;
  Sha256 name_{};  // that the next file must be a delta to
  std::vector<std::byte> module_;
  std::optional<Memory> memory_;
  std::vector<Block> blocks_;  // ascending
};

}  // namespace fermata::snapshot
