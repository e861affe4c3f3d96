// Choices: where a generator takes its decisions from, a seed or bytes.
//
// A seed gives an endless stream of bytes that is the same everywhere; bytes (a fuzzer's, or those
// that an earlier run took) give themselves and then zeros. Generators make 0 the simplest choice,
// so shorter and smaller bytes make simpler results: that is all a reducer has to know.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fermata::test {

class Choices {
 public:
  [[nodiscard]] static Choices from_seed(std::uint64_t seed) { return Choices(seed); }
  [[nodiscard]] static Choices from_bytes(std::span<const std::uint8_t> bytes) {
    return Choices(bytes);
  }

  /// A number below `limit`, which is not 0.
  [[nodiscard]] std::uint32_t below(std::uint32_t limit);
  /// True in so many of a hundred; zeros give false.
  [[nodiscard]] bool chance(std::uint32_t percent);
  [[nodiscard]] std::uint64_t bits();
  template <class Items>
  [[nodiscard]] auto pick(const Items& items) {
    return items[below(static_cast<std::uint32_t>(std::size(items)))];
  }

  /// The bytes that all choices were made from: `from_bytes` of them makes the same choices.
  [[nodiscard]] const std::vector<std::uint8_t>& taken() const { return taken_; }

 private:
  explicit Choices(std::uint64_t seed) : seeded_(true), state_(seed) {}
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}
  std::uint8_t next();
  std::uint64_t next(int count);

  bool seeded_ = false;
  std::uint64_t state_ = 0;  // of the generator of bytes
  std::uint64_t word_ = 0;   // its bytes that are still to be given out
  int left_ = 0;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::uint8_t> taken_;
};

}  // namespace fermata::test
