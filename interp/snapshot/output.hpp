// Output: the primitives of a snapshot, on their way to a sink, or only counted.
//
// Owns the buffer in front of the sink and the sink's first error, after which nothing more is
// written. Knows nothing of what is written.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "fermata/snapshot.hpp"
#include "interp/snapshot/format.hpp"

namespace fermata::snapshot {

class Output {
 public:
  /// Without a sink bytes are counted, and kept while they are few.
  explicit Output(SnapshotSink* sink) : sink_(sink) {}

  void byte(std::uint8_t value) {
    ++size_;
    if (buffer_.size() < buffer_bytes) [[likely]] {
      buffer_.push_back(std::byte{value});
    } else {
      byte_slow(value);
    }
  }
  void number(std::uint64_t value);  ///< LEB128, unsigned
  /// The lowest `bytes` bytes, the lowest first.
  void fixed(std::uint64_t value, std::uint32_t bytes);
  void bytes(std::span<const std::byte> piece);
  /// A file's begin: its magic, and the version.
  void header(std::span<const std::uint8_t> magic);
  void text(std::string_view text);  ///< length and bytes

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// All that was counted, if it is still kept; else null.
  [[nodiscard]] const std::vector<std::byte>* kept() const {
    return size_ == buffer_.size() ? &buffer_ : nullptr;
  }
  [[nodiscard]] bool failed() const { return !result_.has_value(); }
  /// Gives the sink what is left. Its first error, if there was one.
  [[nodiscard]] Result<void> finish();

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
  void byte_slow(std::uint8_t value);
  void flush();

  SnapshotSink* sink_;
  std::vector<std::byte> buffer_;
  std::uint64_t size_ = 0;
  Result<void> result_;
};

/// Writes a section whose contents `write(Output&)` writes: called once to count, and once more
/// when the contents are many.
template <class Write>
void write_section(Output& out, Section id, const Write& write) {
  if (out.failed()) return;
  Output counted(nullptr);
  write(counted);
  out.byte(static_cast<std::uint8_t>(id));
  out.number(counted.size());
  if (const auto* kept = counted.kept()) {
    out.bytes(*kept);
  } else {
    write(out);
  }
}

}  // namespace fermata::snapshot
