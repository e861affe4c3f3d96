// Budget: how much of the host's memory a store or process may use, all that it makes taken
// together.
//
// Linear memories, tables, stacks, instances and register code take from it, each what it has, and
// give it back. All but code is counted in the specification's terms (pages, elements, slots), the
// same on every host. Not thread-safe, as a process is not.
#pragma once

#include <cstdint>
#include <limits>

namespace fermata {

class Budget {
 public:
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();

  explicit Budget(std::uint64_t bytes = unlimited) : limit_(bytes), left_(bytes) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  [[nodiscard]] std::uint64_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::uint64_t left() const noexcept { return left_; }
  /// False, and nothing is taken, when less is left.
  [[nodiscard]] bool take(std::uint64_t amount) noexcept {
    if (amount > left_) return false;
    left_ -= amount;
    return true;
  }
  /// Gives back what was taken.
  void give(std::uint64_t amount) noexcept { left_ += amount; }

 private:
  std::uint64_t limit_;
  std::uint64_t left_;
};

}  // namespace fermata
