// A build without zstd. See zstd.hpp.
#include "fermata/compression.hpp"
#include "interp/runtime/usage_error.hpp"
#include "interp/snapshot/zstd.hpp"

namespace fermata {

bool has_compression() noexcept { return false; }

namespace snapshot {
namespace {

Error not_built() {
  return usage_error(ErrorCode::unimplemented_feature, "this build does not have zstd");
}

}  // namespace

Result<std::unique_ptr<Compressor>> make_compressor(SnapshotSink&, int) {
  return std::unexpected(not_built());
}

Result<std::unique_ptr<Decompressor>> make_decompressor() { return std::unexpected(not_built()); }

}  // namespace snapshot
}  // namespace fermata
