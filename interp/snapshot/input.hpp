// Input: the primitives of a snapshot, from a source, never past the section's end.
//
// Owns the place in the snapshot and the first error. After an error everything that is read is 0,
// so whoever reads asks `ok` once in each loop, not after each number. Nothing is allocated here
// that the bytes have not paid for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/snapshot.hpp"
#include "interp/snapshot/format.hpp"
#include "lib/sha256.hpp"

namespace fermata::snapshot {

class Input {
 public:
  /// `size`: how many bytes the source has, as far as that is known; so many can pay for something.
  Input(SnapshotSource& source, std::uint64_t size) : source_(&source), size_(size) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  /// Precondition: not ok.
  [[nodiscard]] Error take_error() { return std::move(*error_); }
  /// The first error stays. It is about the byte at `at`.
  void fail(ErrorCode code, std::uint64_t at, std::string message);
  void fail(Error error);
  /// Of the begin of the primitive that was read last.
  void malformed(std::string message) {
    fail(ErrorCode::malformed_snapshot, begin_, std::move(message));
  }
  void invalid(std::string message) {
    fail(ErrorCode::invalid_snapshot, begin_, std::move(message));
  }
  [[nodiscard]] std::uint64_t offset() const { return offset_; }

  // --- sections
  /// The magic and the version. Which of the two magics it was, if it was one.
  enum class File : std::uint8_t { snapshot, delta };
  File header();
  /// The same, of a snapshot.
  void snapshot_header();
  /// The two names behind a delta's header, as if they were a section.
  void begin_names() { end_ = offset_ + 2 * sizeof(Sha256); }
  /// Begins the next section and gives its id, whatever that is.
  [[nodiscard]] std::uint8_t begin_any_section();
  /// Skips what may be skipped; begins the next section and gives its id.
  [[nodiscard]] std::uint8_t begin_section();
  /// What is left of the section.
  [[nodiscard]] std::uint64_t left() const { return end_ - offset_; }
  /// Passes over that.
  void skip_section() { skip(left()); }
  /// Passes over what is before an offset of the section. An error if that has passed.
  void skip_to(std::uint64_t offset);
  /// An error if something is left.
  void end_section();
  /// An error if the source has more.
  void end();

  // --- primitives
  [[nodiscard]] std::uint8_t byte();
  [[nodiscard]] std::uint64_t number();
  [[nodiscard]] std::uint32_t number32();
  /// How many of something follow, each of at least `bytes_each` bytes.
  [[nodiscard]] std::uint32_t count(std::uint32_t bytes_each = 1);
  [[nodiscard]] std::uint64_t fixed(std::uint32_t bytes);
  void bytes(std::span<std::byte> into);
  /// Whether the next text is this one.
  [[nodiscard]] bool is_text(std::string_view wanted);
  /// One of at most so many bytes.
  [[nodiscard]] std::string text(std::size_t most);
  /// One of the enumeration's values up to `last`.
  template <class Enum>
  [[nodiscard]] Enum choice(Enum last, std::string_view what) {
    const std::uint8_t value = byte();
    if (value <= static_cast<std::uint8_t>(last)) return static_cast<Enum>(value);
    not_one(what, value);
    return Enum{};
  }

 private:
  static constexpr std::size_t buffer_bytes = std::size_t{64} << 10;
  [[nodiscard]] std::uint8_t take();
  [[nodiscard]] std::uint64_t leb(std::uint32_t bits);
  [[nodiscard]] bool fill();
  void skip(std::uint64_t bytes);
  void not_one(std::string_view what, std::uint8_t value);

  SnapshotSource* source_;
  std::uint64_t size_;
  std::vector<std::byte> buffer_;
  std::size_t next_ = 0;      // of the buffer
  std::uint64_t offset_ = 0;  // of the snapshot
  std::uint64_t begin_ = 0;   // where the last primitive begins
  std::uint64_t end_ = 0;     // of the section
  std::uint8_t last_section_ = 0;
  std::optional<Error> error_;
};

}  // namespace fermata::snapshot
