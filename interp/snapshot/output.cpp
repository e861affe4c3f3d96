#include "interp/snapshot/output.hpp"

#include <utility>

namespace fermata::snapshot {

void Output::byte_slow(std::uint8_t value) {
  if (sink_ == nullptr) return;
  flush();
  buffer_.push_back(std::byte{value});
}

void Output::number(std::uint64_t value) {
  while (value >= 0x80) {
    byte(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  byte(static_cast<std::uint8_t>(value));
}

void Output::fixed(std::uint64_t value, std::uint32_t bytes) {
  for (std::uint32_t i = 0; i < bytes; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
}

void Output::bytes(std::span<const std::byte> piece) {
  size_ += piece.size();
  if (piece.size() <= buffer_bytes - buffer_.size()) {
    buffer_.insert(buffer_.end(), piece.begin(), piece.end());
    return;
  }
  if (sink_ == nullptr) return;
  flush();
  if (!failed()) result_ = sink_->write(piece);
}

void Output::header(std::span<const std::uint8_t> magic) {
  bytes(std::as_bytes(magic));
  fixed(version, 4);
}

void Output::text(std::string_view text) {
  number(text.size());
  bytes(std::as_bytes(std::span(text)));
}

void Output::flush() {
  if (!failed() && !buffer_.empty()) result_ = sink_->write(buffer_);
  buffer_.clear();
}

Result<void> Output::finish() {
  flush();
  return std::move(result_);
}

}  // namespace fermata::snapshot
