// Files that are replaced as a whole, and snapshots that are read from files.
//
// Which file implements `replace_file` (safe_file_posix.cpp or safe_file_windows.cpp) is the
// build's choice.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fermata/compression.hpp"
#include "fermata/snapshot.hpp"

namespace fermata::tool {

/// Writes a file beside, PATH.new, brings it to the disk and gives it the name: whatever happens
/// meanwhile, under PATH is all of the former file or all of the new one. Only its owner can read
/// it. Errors: `write`'s; `io_failed`, with the system's reason. Then PATH.new is gone and PATH is
/// as it was.
[[nodiscard]] Result<void> replace_file(const std::string& path,
                                        const std::function<Result<void>(SnapshotSink&)>& write);

/// Whether a checkpoint may take the place of what has this name: nothing, an empty file, a
/// snapshot.
[[nodiscard]] bool may_replace(const std::string& path);

/// The bytes of a file.
class FileSource final : public SnapshotSource {
 public:
  /// Error: `io_failed`, with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<FileSource>> open(const std::string& path);

  Result<std::size_t> read(std::span<std::byte> into) override;
  std::optional<std::uint64_t> size() const override { return size_; }
  /// Error: `io_failed` for what can be read once only.
  [[nodiscard]] Result<void> begin_again() override;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::optional<std::uint64_t> size_;
};

/// The snapshot in a file, decompressed.
class SnapshotFile final : public SnapshotSource {
 public:
  /// Error: as FileSource.
  [[nodiscard]] static Result<std::unique_ptr<SnapshotFile>> open(const std::string& path);

  Result<std::size_t> read(std::span<std::byte> into) override { return bytes_.read(into); }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  [[nodiscard]] Result<void> begin_again() override { return bytes_.begin_again(); }

 private:
  explicit SnapshotFile(std::unique_ptr<FileSource> file)
      : file_(std::move(file)), bytes_(*file_) {}
  std::unique_ptr<FileSource> file_;
  DecompressedSource bytes_;
};

}  // namespace fermata::tool
