#include "fermata/compression.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "interp/snapshot/zstd.hpp"

namespace fermata {

// --- compressed ----------------------------------------------------------------------------------

struct CompressedSink::Impl {
  std::unique_ptr<snapshot::Compressor> compressor;
};

CompressedSink::CompressedSink(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CompressedSink::CompressedSink(CompressedSink&&) noexcept = default;
CompressedSink& CompressedSink::operator=(CompressedSink&&) noexcept = default;
CompressedSink::~CompressedSink() = default;

Result<CompressedSink> CompressedSink::create(SnapshotSink& to, int level) {
  auto compressor = snapshot::make_compressor(to, level);
  if (!compressor) return std::unexpected(std::move(compressor.error()));
  return CompressedSink(std::make_unique<Impl>(*std::move(compressor)));
}

Result<void> CompressedSink::write(std::span<const std::byte> piece) {
  assert(impl_ != nullptr);  // not moved from
  return impl_->compressor->write(piece, false);
}

Result<void> CompressedSink::finish() { return impl_->compressor->write({}, true); }

// --- decompressed --------------------------------------------------------------------------------

namespace {

// RFC 8878, section 3.1.1: the magic number, the lowest byte first.
constexpr std::array zstd_magic{std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F}, std::byte{0xFD}};

Error malformed(std::string message) {
  return {ErrorCode::malformed_snapshot, Phase::malformed, std::move(message), {}, {}, {}};
}

}  // namespace

struct DecompressedSource::Impl {
  explicit Impl(SnapshotSource& source) : from(&source) {}

  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> fill();
  [[nodiscard]] Result<std::size_t> read_as_it_is(std::span<std::byte> into);
  [[nodiscard]] Result<std::size_t> read_frame(std::span<std::byte> into);

  SnapshotSource* from;
  bool has_begun = false;
  bool has_ended = false;                                // the frame
  std::unique_ptr<snapshot::Decompressor> decompressor;  // null: as it is
  std::vector<std::byte> buffer;
  std::size_t next = 0;  // of the buffer
};

DecompressedSource::DecompressedSource(SnapshotSource& from)
    : impl_(std::make_unique<Impl>(from)) {}
DecompressedSource::DecompressedSource(DecompressedSource&&) noexcept = default;
DecompressedSource& DecompressedSource::operator=(DecompressedSource&&) noexcept = default;
DecompressedSource::~DecompressedSource() = default;

/// Reads more behind what is left of the buffer, which is nothing or less than a magic number.
Result<void> DecompressedSource::Impl::fill() {
  constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
  buffer.erase(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(next));
  next = 0;
  const std::size_t kept = buffer.size();
  buffer.resize(kept + buffer_bytes);
  const auto got = from->read(std::span(buffer).subspan(kept));
  buffer.resize(kept + (got ? std::min(*got, buffer_bytes) : 0));
  if (!got) return std::unexpected(got.error());
  return {};
}

/// Finds out whether it is compressed.
Result<void> DecompressedSource::Impl::begin() {
  for (std::size_t before = SIZE_MAX;
       buffer.size() < zstd_magic.size() && buffer.size() != before;) {
    before = buffer.size();
    if (auto filled = fill(); !filled) return filled;
  }
  if (buffer.size() >= zstd_magic.size() &&
      std::ranges::equal(zstd_magic, std::span(buffer).first(zstd_magic.size()))) {
    auto made = snapshot::make_decompressor();
    if (!made) return std::unexpected(std::move(made.error()));
    decompressor = *std::move(made);
  }
  has_begun = true;
  return {};
}

Result<std::size_t> DecompressedSource::Impl::read_as_it_is(std::span<std::byte> into) {
  if (next == buffer.size()) return from->read(into);
  const std::size_t count = std::min(into.size(), buffer.size() - next);
  std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(next), count, into.begin());
  next += count;
  return count;
}

Result<std::size_t> DecompressedSource::Impl::read_frame(std::span<std::byte> into) {
  while (true) {
    if (next == buffer.size()) {
      if (auto filled = fill(); !filled) return std::unexpected(std::move(filled.error()));
    }
    const bool more = next != buffer.size();
    if (has_ended && !more) return 0;
    if (has_ended) return std::unexpected(malformed("expected the end behind the zstd frame"));
    const auto step = decompressor->read(std::span(buffer).subspan(next), into);
    if (!step) return std::unexpected(step.error());
    next += step->taken;
    has_ended = step->is_end;
    if (step->made != 0) return step->made;
    if (!more && !has_ended) return std::unexpected(malformed("unexpected end of the zstd frame"));
  }
}

Result<std::size_t> DecompressedSource::read(std::span<std::byte> into) {
  if (!impl_->has_begun) {
    if (auto begun = impl_->begin(); !begun) return std::unexpected(std::move(begun.error()));
  }
  return impl_->decompressor ? impl_->read_frame(into) : impl_->read_as_it_is(into);
}

std::optional<std::uint64_t> DecompressedSource::size() const {
  if (!impl_->has_begun && !impl_->begin()) return std::nullopt;  // who reads gets the error
  if (impl_->decompressor) return std::nullopt;
  return impl_->from->size();
}

Result<void> DecompressedSource::begin_again() {
  if (auto begun = impl_->from->begin_again(); !begun) return begun;
  *impl_ = Impl(*impl_->from);
  return {};
}

}  // namespace fermata
