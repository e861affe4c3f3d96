#include "tests/support/reduce.hpp"

#include <algorithm>

namespace fermata::test {

namespace {

using Bytes = std::vector<std::uint8_t>;

class Reducer {
 public:
  Reducer(Bytes bytes, const std::function<bool(const Bytes&)>& fails)
      : bytes_(std::move(bytes)), fails_(fails) {}

  Bytes reduce() {
    std::size_t before = 0;
    do {
      before = weight();
      for (std::size_t size = std::max<std::size_t>(bytes_.size() / 2, 1); size > 0; size /= 2) {
        each_part(size, [this](std::size_t at, std::size_t count) { return without(at, count); });
        each_part(size, [this](std::size_t at, std::size_t count) { return zeroed(at, count); });
      }
      each_part(1, [this](std::size_t at, std::size_t) { return smaller(at); });
    } while (weight() < before);
    return std::move(bytes_);
  }

 private:
  /// Length first, then what the bytes amount to.
  [[nodiscard]] std::size_t weight() const {
    std::size_t sum = bytes_.size() * 256;
    for (const std::uint8_t byte : bytes_) sum += byte;
    return sum;
  }

  bool accept(Bytes candidate) {
    if (candidate == bytes_ || !fails_(candidate)) return false;
    bytes_ = std::move(candidate);
    return true;
  }

  bool without(std::size_t at, std::size_t count) {
    Bytes candidate = bytes_;
    const auto begin = candidate.begin() + static_cast<std::ptrdiff_t>(at);
    candidate.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    return accept(std::move(candidate));
  }
  bool zeroed(std::size_t at, std::size_t count) {
    Bytes candidate = bytes_;
    std::fill_n(candidate.begin() + static_cast<std::ptrdiff_t>(at), count, std::uint8_t{0});
    static_cast<void>(accept(std::move(candidate)));
    return false;
  }
  bool smaller(std::size_t at) {
    Bytes candidate = bytes_;
    candidate[at] /= 2;
    static_cast<void>(accept(std::move(candidate)));
    return false;
  }

  /// Tries every part of this size, from the end. What `attempt` removes need not be stepped over.
  template <class F>
  void each_part(std::size_t size, F&& attempt) {
    for (std::size_t end = bytes_.size(); end > 0;) {
      const std::size_t count = std::min(size, end);
      const std::size_t at = end - count;
      static_cast<void>(attempt(at, count));
      end = at;
    }
  }

  Bytes bytes_;
  const std::function<bool(const Bytes&)>& fails_;
};

}  // namespace

std::vector<std::uint8_t> reduce(
    std::vector<std::uint8_t> bytes,
    const std::function<bool(const std::vector<std::uint8_t>&)>& fails) {
  return Reducer(std::move(bytes), fails).reduce();
}

}  // namespace fermata::test
