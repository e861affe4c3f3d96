// Reader: a bounds-checked cursor over the bytes of a binary module.
//
// Owns the primitive encodings: bytes, LEB128 integers, floats, names. A malformed one makes the
// reader fail: the first failure is kept, and every later read gives zero and changes nothing, so
// that callers check once per construct. Must not know about sections or instructions.
// Specification: "Binary Format / Values".
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "fermata/error.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

/// Whether `bytes` are well-formed UTF-8 (no surrogates, nothing past U+10FFFF, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

class Reader {
 public:
  /// Reads `range` of `bytes`; offsets are relative to `bytes`.
  /// Precondition: `range` lies in `bytes`, which outlive the reader and are below 4 GiB.
  Reader(std::span<const std::uint8_t> bytes, ByteRange range)
      : base_(bytes.data()), cursor_(base_ + range.begin), end_(base_ + range.end) {
    assert(range.begin <= range.end && range.end <= bytes.size());
  }

  [[nodiscard]] bool ok() const { return !failed_; }
  /// True at the end of the range, and after a failure.
  [[nodiscard]] bool at_end() const { return cursor_ == end_; }
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(cursor_ - base_); }
  [[nodiscard]] std::uint32_t left() const { return static_cast<std::uint32_t>(end_ - cursor_); }

  /// The next byte without taking it. Precondition: not `at_end()`.
  [[nodiscard]] std::uint8_t peek() const { return *cursor_; }

  [[nodiscard]] std::uint8_t byte() {
    if (at_end()) [[unlikely]]
      return fail_end();
    return *cursor_++;
  }
  [[nodiscard]] std::uint32_t u32() {
    if (!at_end() && *cursor_ < 0x80) [[likely]]
      return *cursor_++;
    return static_cast<std::uint32_t>(unsigned_leb(32));
  }
  [[nodiscard]] std::uint64_t u64() {
    if (!at_end() && *cursor_ < 0x80) [[likely]]
      return *cursor_++;
    return unsigned_leb(64);
  }
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(unsigned_leb(8)); }
  [[nodiscard]] std::int32_t s32() { return static_cast<std::int32_t>(small_signed_leb(32)); }
  [[nodiscard]] std::int64_t s33() { return small_signed_leb(33); }
  [[nodiscard]] std::int64_t s64() { return small_signed_leb(64); }
  /// Little-endian, fixed width.
  [[nodiscard]] std::uint32_t fixed32() { return fixed<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t fixed64() { return fixed<std::uint64_t>(); }

  /// A type's constructor: a negative number in one byte.
  [[nodiscard]] std::uint8_t type_byte();

  /// The length of a vector: a u32 that is not much larger than the bytes left, so that whoever
  /// reserves room for it stays within a multiple of the input's size.
  [[nodiscard]] std::uint32_t length();
  /// `count` bytes, empty after a failure.
  [[nodiscard]] ByteRange take(std::uint32_t count);
  /// A length and as many bytes, which must be UTF-8. Valid as long as the bytes.
  [[nodiscard]] std::string_view name();
  /// Precondition: `to` lies between `offset()` and the end of the range.
  void skip_to(std::uint32_t to) { cursor_ = base_ + to; }

  /// Makes the reader fail unless it has already. `rule` is the specification's wording, `detail`
  /// says what was expected and what was found.
  void fail(std::uint32_t at, std::string_view rule, std::string_view detail);
  /// The same with the code `implementation_limit`.
  void fail_limit(std::uint32_t at, std::string_view detail);
  /// Takes over the failure of another reader of the same bytes.
  void fail(const Error& error);
  /// Precondition: not `ok()`.
  [[nodiscard]] const Error& error() const {
    assert(failed_);
    return error_;
  }

 private:
  friend class InstructionReader;  // whose fast path works on the cursor itself

  [[nodiscard]] std::int64_t small_signed_leb(unsigned bits) {
    // Sign-extends bit 6 of the one byte.
    if (!at_end() && *cursor_ < 0x80) [[likely]]
      return ((*cursor_++) ^ 0x40) - 0x40;
    return signed_leb(bits);
  }
  template <class T>
  [[nodiscard]] T fixed() {
    if (left() < sizeof(T)) [[unlikely]]
      return fail_end();
    T value = 0;
    for (unsigned i = 0; i < sizeof(T); ++i) value |= static_cast<T>(T{cursor_[i]} << (8 * i));
    cursor_ += sizeof(T);
    return value;
  }
  [[nodiscard]] std::uint64_t unsigned_leb(unsigned bits);
  [[nodiscard]] std::int64_t signed_leb(unsigned bits);
  std::uint8_t fail_end();  // always 0

  const std::uint8_t* base_;
  const std::uint8_t* cursor_;
  const std::uint8_t* end_;
  bool failed_ = false;
  Error error_;
};

}  // namespace fermata
