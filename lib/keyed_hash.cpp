// SipHash-2-4; see keyed_hash.hpp. The names are the paper's.
#include "lib/keyed_hash.hpp"

#include <bit>
#include <chrono>

namespace fermata {
namespace {

/// The paper's internal state.
class State {
 public:
  explicit State(const HashKey& key)
      : v0_(key.first ^ 0x736F'6D65'7073'6575u),
        v1_(key.second ^ 0x646F'7261'6E64'6F6Du),
        v2_(key.first ^ 0x6C79'6765'6E65'7261u),
        v3_(key.second ^ 0x7465'6462'7974'6573u) {}

  void compress(std::uint64_t word) {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }
  [[nodiscard]] std::uint64_t finalize() {
    v2_ ^= 0xFF;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32) + v3_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

/// Up to eight bytes, the first one lowest.
std::uint64_t word_of(std::span<const std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) word = word << 8 | bytes[i];
  return word;
}

}  // namespace

const HashKey& process_hash_key() {
  static const HashKey key = [] {
    static const int somewhere = 0;  // its address varies where the system randomizes the layout
    const HashKey known{0x9E37'79B9'7F4A'7C15u, 0xD1B5'4A32'D192'ED03u};
    State state(known);
    state.compress(std::bit_cast<std::uintptr_t>(&somewhere));
    state.compress(static_cast<std::uint64_t>(
        std::chrono::high_resolution_clock::now().time_since_epoch().count()));
    State other = state;
    other.compress(1);
    return HashKey{state.finalize(), other.finalize()};
  }();
  return key;
}

std::uint64_t keyed_hash(std::span<const std::uint8_t> bytes, const HashKey& key) {
  State state(key);
  const auto length = static_cast<std::uint64_t>(bytes.size());
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) state.compress(word_of(bytes.first(8)));
  state.compress(word_of(bytes) | length << 56);
  return state.finalize();
}

}  // namespace fermata
