#include "interp/snapshot/zstd.hpp"

#include <zstd.h>

#include <algorithm>
#include <string>

#include "fermata/compression.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {

bool has_compression() noexcept { return true; }

namespace snapshot {
namespace {

// What a frame may ask a reader to keep, 2^23 bytes: as much as any level up to `most_level` asks
// for.
constexpr int window_log = 23;
constexpr int least_level = 1;
constexpr int most_level = 19;

Error out_of_memory() { return usage_error(ErrorCode::out_of_memory, "zstd has no memory"); }

class ZstdCompressor final : public Compressor {
 public:
  ZstdCompressor(SnapshotSink& to, ZSTD_CCtx* context) : to_(to), context_(context) {}

  Result<void> write(std::span<const std::byte> piece, bool last) override {
    ZSTD_inBuffer from{piece.data(), piece.size(), 0};
    const ZSTD_EndDirective how = last ? ZSTD_e_end : ZSTD_e_continue;
    for (bool done = false; !done;) {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &from, how);
      if (ZSTD_isError(left) != 0) return std::unexpected(out_of_memory());
      if (out.pos != 0) {
        if (auto written = to_.write(std::span(buffer_).first(out.pos)); !written) return written;
      }
      done = last ? left == 0 : from.pos == from.size;
    }
    return {};
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  SnapshotSink& to_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(ZSTD_CStreamOutSize());
};

class ZstdDecompressor final : public Decompressor {
 public:
  explicit ZstdDecompressor(ZSTD_DCtx* context) : context_(context) {}

  Result<Step> read(std::span<const std::byte> from, std::span<std::byte> into) override {
    ZSTD_inBuffer in{from.data(), from.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
    if (ZSTD_isError(left) != 0) {
      return std::unexpected(Error{ErrorCode::malformed_snapshot,
                                   Phase::malformed,
                                   std::string("expected a zstd frame: ") + ZSTD_getErrorName(left),
                                   {},
                                   {},
                                   {}});
    }
    return Step{in.pos, out.pos, left == 0};
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
};

}  // namespace

Result<std::unique_ptr<Compressor>> make_compressor(SnapshotSink& to, int level) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (context == nullptr) return std::unexpected(out_of_memory());
  auto compressor = std::make_unique<ZstdCompressor>(to, context);
  const int wanted = std::clamp(level, least_level, most_level);
  // These fail for values out of their bounds alone.
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, wanted);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  return compressor;
}

Result<std::unique_ptr<Decompressor>> make_decompressor() {
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  if (context == nullptr) return std::unexpected(out_of_memory());
  auto decompressor = std::make_unique<ZstdDecompressor>(context);
  ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, window_log);
  return decompressor;
}

}  // namespace snapshot
}  // namespace fermata
