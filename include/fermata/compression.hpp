// Snapshots compressed with zstd (RFC 8878), for builds that have it (the Meson option `zstd`).
//
// What goes through a CompressedSink comes out of a DecompressedSource as it was. The format of
// snapshots knows nothing of it; a snapshot's name is that of the bytes before they are compressed.
#pragma once

#include <memory>

#include "fermata/snapshot.hpp"

namespace fermata {

/// Whether this build can compress and decompress.
[[nodiscard]] bool has_compression() noexcept;

/// Compresses on the way to another sink. Movable; of one that was moved from nothing may be asked. An
/// example:
///
///     auto compressed = CompressedSink::create(file).value();
///     if (process.snapshot(compressed) && compressed.finish()) return;
class CompressedSink final : public SnapshotSink {
 public:
  /// `to` outlives it. `level`: from 1, quickest, to 19, smallest; others are taken as the nearest of
  /// these. Errors: `unimplemented_feature` in a build without zstd, `out_of_memory`.
  [[nodiscard]] static Result<CompressedSink> create(SnapshotSink& to, int level = 3);
  CompressedSink(CompressedSink&&) noexcept;
  CompressedSink& operator=(CompressedSink&&) noexcept;
  ~CompressedSink() override;

  [[nodiscard]] Result<void> write(std::span<const std::byte> piece) override;
  /// Writes what is left. To be called once, after the last piece; without it the compressed bytes are
  /// cut off.
  [[nodiscard]] Result<void> finish();

 private:
  struct Impl;
  explicit CompressedSink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Gives the bytes of another source decompressed, or as they are if they are not compressed. Takes a
/// few MiB, whatever the bytes are. Movable, in the same way.
class DecompressedSource final : public SnapshotSource {
 public:
  /// `from` outlives it, and nothing of it has been read.
  explicit DecompressedSource(SnapshotSource& from);
  DecompressedSource(DecompressedSource&&) noexcept;
  DecompressedSource& operator=(DecompressedSource&&) noexcept;
  ~DecompressedSource() override;

  /// Errors: the source's; `malformed_snapshot` for what is cut off or no zstd frame; in a build
  /// without zstd `unimplemented_feature` for what is compressed.
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into) override;
  /// Known of what is not compressed. May read the first bytes to find out.
  [[nodiscard]] std::optional<std::uint64_t> size() const override;
  [[nodiscard]] Result<void> begin_again() override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fermata
