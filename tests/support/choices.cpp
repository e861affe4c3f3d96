#include "tests/support/choices.hpp"

namespace fermata::test {

namespace {

/// A step of a counter and a mix of its bits (the constants are the golden ratio's and two odd
/// numbers that spread well).
std::uint64_t advance(std::uint64_t& state) {
  state += 0x9E37'79B9'7F4A'7C15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
  z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
  return z ^ (z >> 31);
}

}  // namespace

std::uint8_t Choices::next() {
  std::uint8_t byte = 0;
  if (seeded_) {
    if (left_ == 0) {
      word_ = advance(state_);
      left_ = 8;
    }
    byte = static_cast<std::uint8_t>(word_);
    word_ >>= 8;
    --left_;
  } else if (taken_.size() < bytes_.size()) {
    byte = bytes_[taken_.size()];
  } else {
    return 0;  // not recorded: whoever replays gets zeros as well
  }
  taken_.push_back(byte);
  return byte;
}

std::uint64_t Choices::next(int count) {
  std::uint64_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | next();
  return value;
}

std::uint32_t Choices::below(std::uint32_t limit) {
  if (limit <= 1) return 0;
  const int bytes = limit <= 64 ? 1 : limit <= 65536 ? 3 : 4;
  return static_cast<std::uint32_t>(next(bytes) * limit >> (8 * bytes));
}

bool Choices::chance(std::uint32_t percent) {
  if (percent == 0) return false;
  return next(2) * 100 >> 16 >= 100 - percent;
}

std::uint64_t Choices::bits() { return next(8); }

}  // namespace fermata::test
