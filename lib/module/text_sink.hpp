// TextSink: where a text goes while it is made, and how long it may get.
//
// Owns the bound that keeps a listing in proportion to its module. What would go past it is
// dropped; whoever writes looks at `full()` wherever a few bytes of a module make much text, and
// stops. Knows nothing of what the text says.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "fermata/error.hpp"

namespace fermata {

/// The longest text about a module of so many bytes: no module that a compiler makes comes near.
[[nodiscard]] std::uint64_t max_text_size(std::uint64_t module_bytes);

class TextSink {
 public:
  /// Takes the text piece by piece; false: it can take no more, so nothing more needs to be made.
  using Receiver = std::function<bool(std::string_view)>;

  /// Keeps the text, for `take`.
  explicit TextSink(std::uint64_t bound) : bound_(bound) {}
  /// Keeps little of it: pieces go to the receiver while the text is made.
  TextSink(std::uint64_t bound, Receiver receiver)
      : bound_(bound), receiver_(std::move(receiver)) {}

  void put(std::string_view text) {
    if (text.size() > bound_ - size_ || full_) [[unlikely]] {
      full_ = true;
      return;
    }
    size_ += text.size();
    text_ += text;
    if (receiver_ && text_.size() >= piece) hand_over();
  }
  void put(char c) { put(std::string_view(&c, 1)); }

  /// Whether all that is put from now on is dropped.
  [[nodiscard]] bool full() const { return full_; }

  /// Hands over what is left, if the text is whole; to be called at its end. Error:
  /// `implementation_limit` when the bound was reached.
  [[nodiscard]] Result<void> finish();
  /// What was put, if there is no receiver.
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  static constexpr std::size_t piece = std::size_t{1} << 16;

  void hand_over();

  std::uint64_t bound_;
  Receiver receiver_;
  std::string text_;  // all of it, or what the receiver has not got yet
  std::uint64_t size_ = 0;
  bool full_ = false;
  bool refused_ = false;  // by the receiver, whose business it is why
};

}  // namespace fermata
