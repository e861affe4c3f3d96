// See text_sink.hpp.
#include "lib/module/text_sink.hpp"

#include "fermata/limits.hpp"
#include "lib/module/limit_error.hpp"

namespace fermata {

std::uint64_t max_text_size(std::uint64_t module_bytes) {
  return limits::text_bytes_besides + limits::text_bytes_per_byte * module_bytes;
}

void TextSink::hand_over() {
  refused_ = !receiver_(text_);
  full_ = full_ || refused_;
  text_.clear();
}

Result<void> TextSink::finish() {
  if (refused_) return {};
  if (full_) {
    return std::unexpected(limit_error("the text would be unreasonably large for the module"));
  }
  if (receiver_) hand_over();
  return {};
}

}  // namespace fermata
