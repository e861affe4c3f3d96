// Snapshots, and other files made of the same primitives, in memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fermata/snapshot.hpp"

namespace fermata::snapshot {

class BytesSink final : public SnapshotSink {
 public:
  Result<void> write(std::span<const std::byte> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return {};
  }
  std::vector<std::byte> bytes;
};

/// The bytes outlive it.
class BytesSource final : public SnapshotSource {
 public:
  explicit BytesSource(std::span<const std::byte> bytes) : size_(bytes.size()), left_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    const std::size_t count = std::min(into.size(), left_.size());
    std::copy_n(left_.begin(), count, into.begin());
    left_ = left_.subspan(count);
    return count;
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::size_t size_;
  std::span<const std::byte> left_;
};

}  // namespace fermata::snapshot
