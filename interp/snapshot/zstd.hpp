// Compressor and Decompressor: zstd's streams, as far as snapshots need them.
//
// Which file implements them (zstd.cpp or no_zstd.cpp) is the build's choice.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fermata/snapshot.hpp"

namespace fermata::snapshot {

class Compressor {
 public:
  virtual ~Compressor() = default;
  /// `last`: with what is left.
  [[nodiscard]] virtual Result<void> write(std::span<const std::byte> piece, bool last) = 0;
};

class Decompressor {
 public:
  virtual ~Decompressor() = default;
  struct Step {
    std::size_t taken = 0;
    std::size_t made = 0;
    bool is_end = false;  ///< of the frame
  };
  [[nodiscard]] virtual Result<Step> read(std::span<const std::byte> from,
                                          std::span<std::byte> into) = 0;
};

[[nodiscard]] Result<std::unique_ptr<Compressor>> make_compressor(SnapshotSink& to, int level);
[[nodiscard]] Result<std::unique_ptr<Decompressor>> make_decompressor();

}  // namespace fermata::snapshot
