#include "interp/snapshot/input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace fermata::snapshot {
namespace {

Phase phase_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed_snapshot:
    case ErrorCode::unsupported_snapshot:
      return Phase::malformed;
    case ErrorCode::invalid_snapshot:
      return Phase::invalid;
    case ErrorCode::snapshot_mismatch:
      return Phase::unlinkable;
    default:
      return Phase::usage;
  }
}

}  // namespace

void Input::fail(ErrorCode code, std::uint64_t at, std::string message) {
  if (!error_) error_ = Error{code, phase_of(code), std::move(message), at, {}, {}};
}

void Input::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

void Input::not_one(std::string_view what, std::uint8_t value) {
  malformed(fmt::format("expected {}, found the byte {:#04x}", what, value));
}

// --- bytes ---------------------------------------------------------------------------------------

bool Input::fill() {
  buffer_.resize(buffer_bytes);
  const auto got = source_->read(buffer_);
  buffer_.resize(got ? std::min(*got, buffer_bytes) : 0);
  next_ = 0;
  if (!got) fail(got.error());
  return !buffer_.empty();
}

/// The next byte, of the section's.
std::uint8_t Input::take() {
  if (!ok()) return 0;
  if (offset_ == end_) {
    fail(ErrorCode::malformed_snapshot, offset_, "unexpected end of the section");
    return 0;
  }
  if (next_ == buffer_.size() && !fill()) {
    fail(ErrorCode::malformed_snapshot, offset_, "unexpected end of the snapshot");
    return 0;
  }
  ++offset_;
  return std::to_integer<std::uint8_t>(buffer_[next_++]);
}

std::uint8_t Input::byte() {
  begin_ = offset_;
  return take();
}

/// In its shortest form, so that there is one snapshot of one state.
std::uint64_t Input::leb(std::uint32_t bits) {
  begin_ = offset_;
  std::uint64_t value = 0;
  for (std::uint32_t shift = 0; ok(); shift += 7) {
    const std::uint8_t next = take();
    const std::uint64_t part = next & 0x7F;
    if (shift >= bits || (shift + 7 > bits && part >> (bits - shift) != 0)) {
      malformed(fmt::format("expected a number of {} bits", bits));
      return 0;
    }
    value |= part << shift;
    if ((next & 0x80) != 0) continue;
    if (next == 0 && shift != 0) malformed("expected a number in its shortest form");
    break;
  }
  return ok() ? value : 0;
}

std::uint64_t Input::number() { return leb(64); }
std::uint32_t Input::number32() { return static_cast<std::uint32_t>(leb(32)); }

std::uint32_t Input::count(std::uint32_t bytes_each) {
  const std::uint32_t value = number32();
  if (value <= left() / std::max<std::uint32_t>(bytes_each, 1)) return value;
  malformed(fmt::format("{} elements do not fit the {} bytes that are left", value, left()));
  return 0;
}

std::uint64_t Input::fixed(std::uint32_t bytes) {
  begin_ = offset_;
  std::uint64_t value = 0;
  for (std::uint32_t i = 0; i < bytes; ++i) value |= std::uint64_t{take()} << (8 * i);
  return ok() ? value : 0;
}

void Input::bytes(std::span<std::byte> into) {
  begin_ = offset_;
  if (into.size() > left()) malformed("unexpected end of the section");
  while (ok() && !into.empty()) {
    std::size_t got = std::min(into.size(), buffer_.size() - next_);
    if (got != 0) {
      std::copy_n(buffer_.begin() + static_cast<std::ptrdiff_t>(next_), got, into.begin());
      next_ += got;
    } else {
      // Straight to where they go: memories are large.
      const auto read = source_->read(into);
      if (!read) return fail(read.error());
      got = std::min(*read, into.size());
      if (got == 0) malformed("unexpected end of the snapshot");
    }
    offset_ += got;
    into = into.subspan(got);
  }
}

void Input::skip(std::uint64_t bytes) {
  while (ok() && bytes != 0) {
    if (next_ == buffer_.size() && !fill()) malformed("unexpected end of the snapshot");
    const auto part =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer_.size() - next_));
    next_ += part;
    offset_ += part;
    bytes -= part;
  }
}

void Input::skip_to(std::uint64_t offset) {
  if (offset < offset_ || offset > end_) return malformed("expected another section");
  skip(offset - offset_);
}

bool Input::is_text(std::string_view wanted) {
  const std::uint64_t size = number();
  if (size != wanted.size() || size > left()) return false;
  bool same = true;
  for (const char c : wanted) same &= take() == static_cast<std::uint8_t>(c);
  return same && ok();
}

std::string Input::text(std::size_t most) {
  const std::uint64_t size = number();
  if (size > most || size > left()) {
    malformed(fmt::format("expected a text of at most {} bytes, found {}",
                          std::min<std::uint64_t>(most, left()), size));
    return {};
  }
  std::string text;
  for (std::uint64_t i = 0; i < size && ok(); ++i) text += static_cast<char>(take());
  return text;
}

// --- sections ------------------------------------------------------------------------------------

Input::File Input::header() {
  end_ = offset_ + magic.size() + 4;
  std::array<std::uint8_t, 4> found{};
  for (std::uint8_t& byte_found : found) byte_found = byte();
  if (found != magic && found != delta_magic) {
    fail(ErrorCode::malformed_snapshot, 0, "expected a snapshot");
  }
  const std::uint64_t found_version = fixed(4);
  if (ok() && found_version != version) {
    fail(ErrorCode::unsupported_snapshot, magic.size(),
         fmt::format("expected version {}, found {}", version, found_version));
  }
  return found == delta_magic ? File::delta : File::snapshot;
}

void Input::snapshot_header() {
  if (header() == File::snapshot) return;
  fail(ErrorCode::unsupported_snapshot, 0,
       "expected a snapshot, found a delta: fold it with those before it");
}

std::uint8_t Input::begin_any_section() {
  end_ = size_;
  const std::uint64_t at = offset_;
  const std::uint8_t id = byte();
  const std::uint64_t size = number();
  if (ok() && size > end_ - offset_) {
    malformed(fmt::format("a section of {} bytes: {} are left", size, end_ - offset_));
  }
  end_ = offset_ + (ok() ? size : 0);
  if (id >= first_optional) return ok() ? id : std::uint8_t{0};
  if (id <= last_section_) {
    fail(ErrorCode::malformed_snapshot, at,
         fmt::format("section {} stands behind section {}", id, last_section_));
  }
  last_section_ = id;
  return ok() ? id : std::uint8_t{0};
}

std::uint8_t Input::begin_section() {
  std::uint8_t id = begin_any_section();
  for (; id >= first_optional; id = begin_any_section()) skip_section();
  return id;
}

void Input::end_section() {
  if (ok() && left() != 0) {
    fail(ErrorCode::malformed_snapshot, offset_,
         fmt::format("the section has {} bytes too many", left()));
  }
}

void Input::end() {
  if (ok() && (next_ != buffer_.size() || fill())) {
    fail(ErrorCode::malformed_snapshot, offset_, "expected the end of the snapshot");
  }
}

}  // namespace fermata::snapshot
