// Reader's slow paths: multi-byte integers, names, and the making of errors.
//
// Owns the exact rules of malformed LEB128 and UTF-8. The one-byte cases are inline in the header.
#include "lib/binary/reader.hpp"

#include <fmt/format.h>

#include "lib/module/limit_error.hpp"

namespace fermata {
namespace {

constexpr std::string_view too_long = "integer representation too long";
constexpr std::string_view too_large = "integer too large";
constexpr std::string_view unexpected_end = "unexpected end of section or function";

/// The length of the UTF-8 sequence at the start of `s`, 0 when it is malformed (specification:
/// "Binary Format / Values / Names"). Precondition: `s` is not empty.
std::size_t utf8_sequence(std::string_view s) {
  const auto at = [&s](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || s.size() < size) return 0;
  // Only the first continuation byte is narrower for some leads: no overlong forms, no surrogates,
  // nothing past U+10FFFF.
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if (at(i) < 0x80 || at(i) > 0xBF) return 0;
  }
  return size;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t size = utf8_sequence(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

// Specification: "Binary Format / Values / Integers". At most ceil(bits / 7) bytes; the unused bits
// of the last one must be zero.
std::uint64_t Reader::unsigned_leb(unsigned bits) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    if (at_end()) return fail_end();
    const std::uint32_t at = offset();
    const std::uint8_t b = *cursor_++;
    const unsigned room = bits - shift;
    if (room < 7 && (b & 0x7F) >> room != 0) {
      fail(at, too_large, fmt::format("expected an unsigned integer of {} bits", bits));
      return 0;
    }
    value |= std::uint64_t{b & 0x7Fu} << shift;
    if (b < 0x80) return value;
  }
  fail(offset(), too_long, fmt::format("expected at most {} bytes", (bits + 6) / 7));
  return 0;
}

// The same, signed: the unused bits of the last byte must all equal the sign bit.
std::int64_t Reader::signed_leb(unsigned bits) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < bits; shift += 7) {
    if (at_end()) return fail_end();
    const std::uint32_t at = offset();
    const std::uint8_t b = *cursor_++;
    const unsigned room = bits - shift;
    if (room < 7) {
      const unsigned sign_bits = (0x7Fu << (room - 1)) & 0x7Fu;
      if ((b & sign_bits) != 0 && (b & sign_bits) != sign_bits) {
        fail(at, too_large, fmt::format("expected a signed integer of {} bits", bits));
        return 0;
      }
    }
    value |= std::uint64_t{b & 0x7Fu} << shift;
    if (b < 0x80) {
      const bool negative = (b & 0x40) != 0;
      if (negative && shift + 7 < 64) value |= ~std::uint64_t{0} << (shift + 7);
      return static_cast<std::int64_t>(value);
    }
  }
  fail(offset(), too_long, fmt::format("expected at most {} bytes", (bits + 6) / 7));
  return 0;
}

// The specification's reference counts the length's own bytes among those left; so a length that is
// too large by no more than them is found out when the vector ends too early.
std::uint32_t Reader::length() {
  const std::uint32_t at = offset();
  const std::uint32_t available = left();
  const std::uint32_t count = u32();
  if (count > available) {
    fail(at, "length out of bounds",
         fmt::format("length {}, but {} bytes are left", count, left()));
    return 0;
  }
  return count;
}

std::uint8_t Reader::type_byte() {
  const std::uint32_t at = offset();
  const std::uint8_t value = byte();
  if (value >= 0x80) {
    fail(at, too_long, fmt::format("expected a type of one byte, found 0x{:02x}", value));
  }
  return value;
}

ByteRange Reader::take(std::uint32_t count) {
  if (count > left()) {
    (void)fail_end();
    return {offset(), offset()};
  }
  const ByteRange range{offset(), offset() + count};
  cursor_ += count;
  return range;
}

std::string_view Reader::name() {
  const std::uint32_t at = offset();
  const ByteRange range = take(length());
  const std::string_view text(reinterpret_cast<const char*>(base_ + range.begin), range.size());
  if (!is_utf8(text)) {
    fail(at, "malformed UTF-8 encoding", fmt::format("in a name of {} bytes", text.size()));
    return {};
  }
  return text;
}

std::uint8_t Reader::fail_end() {
  fail(offset(), unexpected_end, "expected more bytes");
  return 0;
}

void Reader::fail(const Error& error) {
  if (failed_) return;
  failed_ = true;
  cursor_ = end_;
  error_ = error;
}

void Reader::fail(std::uint32_t at, std::string_view rule, std::string_view detail) {
  if (failed_) return;
  fail(Error{ErrorCode::malformed_binary,
             Phase::malformed,
             fmt::format("{}: {}", rule, detail),
             at,
             std::nullopt,
             {}});
}

void Reader::fail_limit(std::uint32_t at, std::string_view detail) {
  if (failed_) return;
  fail(limit_error(detail, at));
}

}  // namespace fermata
