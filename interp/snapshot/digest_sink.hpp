// Takes a snapshot and keeps nothing but its digest.
#pragma once

#include "fermata/snapshot.hpp"
#include "lib/sha256.hpp"

namespace fermata::snapshot {

class DigestSink final : public SnapshotSink {
 public:
  Result<void> write(std::span<const std::byte> piece) override {
    hasher_.add(piece);
    return {};
  }
  [[nodiscard]] Sha256 digest() { return hasher_.finish(); }

 private:
  Sha256Hasher hasher_;
};

}  // namespace fermata::snapshot
