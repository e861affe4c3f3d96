// Where tests write snapshots to and read them from.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "fermata/snapshot.hpp"

namespace fermata::test {

class MemorySink final : public SnapshotSink {
 public:
  Result<void> write(std::span<const std::byte> piece) override {
    if (bytes.size() + piece.size() > most) {
      return std::unexpected(Error{ErrorCode::io_failed, Phase::usage, "full", {}, {}, {}});
    }
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return {};
  }
  std::vector<std::byte> bytes;
  std::size_t most = SIZE_MAX;
};

class MemorySource final : public SnapshotSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : bytes_(bytes) {}
  /// In small pieces: a block comes in several.
  Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t count = std::min({into.size(), bytes_.size() - next_, std::size_t{1000}});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(next_), count, into.begin());
    next_ += count;
    return count;
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return bytes_.size(); }
  Result<void> begin_again() override {
    next_ = 0;
    return {};
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
};

}  // namespace fermata::test
