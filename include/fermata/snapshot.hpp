// Where snapshots of processes go to and come from (Process::snapshot, Process::restore), and deltas:
// what is different since an earlier one (Process::marked_snapshot, Process::delta).
//
// Both go piece by piece, so that a process of 2 GiB needs no second 2 GiB. The format is described
// in docs/snapshot-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "fermata/error.hpp"

namespace fermata {

/// Takes a snapshot, piece after piece. Must not throw.
class SnapshotSink {
 public:
  virtual ~SnapshotSink() = default;
  /// The pieces follow each other without gaps, each of at least a byte. An error ends the
  /// snapshot, and is what `Process::snapshot` returns.
  [[nodiscard]] virtual Result<void> write(std::span<const std::byte> piece) = 0;
};

/// Gives a snapshot, piece after piece. Must not throw.
class SnapshotSource {
 public:
  virtual ~SnapshotSource() = default;
  /// Writes the next bytes to the begin of `into`, which is not empty, and returns how many: at
  /// least one, or none at the end. An error ends the restoring, and is what `Process::restore`
  /// returns.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
  /// How many bytes it has in all, if that is known: then a snapshot that promises more than it has
  /// is refused before memory is made for what it promises.
  [[nodiscard]] virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  /// Gives everything again, the same bytes from the first one on. `fold_snapshots` alone asks for it. Error: one of
  /// its own, or `unsupported_snapshot` where it cannot.
  [[nodiscard]] virtual Result<void> begin_again();
};

namespace snapshot {
class Mark;  // interp/snapshot/mark.hpp
}

/// What a process was like at a snapshot, so that the next one can be a delta to it. Keeps a copy of
/// the memory as far as the snapshot holds it. Movable.
class SnapshotMark {
 public:
  SnapshotMark(SnapshotMark&&) noexcept;
  SnapshotMark& operator=(SnapshotMark&&) noexcept;
  ~SnapshotMark();

 private:
  friend class Process;
  explicit SnapshotMark(std::unique_ptr<snapshot::Mark> mark);
  std::unique_ptr<snapshot::Mark> mark_;  // null: moved from
};

/// Writes the one snapshot that a snapshot and deltas make, each to the one before it: the same bytes
/// as the process had when it wrote the last one. Each is read several times. Takes about 100 bytes of
/// memory for each block of 4096 bytes in the files, and 64 KiB for each file. Nothing is written
/// before it is known that they belong together. Errors: `snapshot_mismatch` for files that do not,
/// with the offset in the one that does not fit; `malformed_snapshot`, `invalid_snapshot`; those of
/// the sources and the sink.
[[nodiscard]] Result<void> fold_snapshots(std::span<SnapshotSource* const> files,
                                          SnapshotSink& sink);

}  // namespace fermata
