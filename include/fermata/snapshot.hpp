// Where snapshots of processes go to and come from (Process::snapshot, Process::restore).
//
// Both go piece by piece, so that a process of 2 GiB needs no second 2 GiB. The format is described
// in docs/snapshot-format.md.
#pragma once

#include <cstddef>
#include <cstdint>
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
};

}  // namespace fermata
