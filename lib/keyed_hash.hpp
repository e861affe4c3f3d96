// The hash of everything that comes from modules and texts: SipHash-2-4 with a key of this process.
//
// std::hash is no secret, so whoever writes a module can give all its names the same hash, and a
// table of them becomes a list. (SipHash: Aumasson and Bernstein, "SipHash: a fast short-input
// PRF", 2012.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>

namespace fermata {

struct HashKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

/// The key of this process: of an address and the clock, so hard to guess, but no secret for life.
[[nodiscard]] const HashKey& process_hash_key();

[[nodiscard]] std::uint64_t keyed_hash(std::span<const std::uint8_t> bytes, const HashKey& key);

/// For unordered containers whose keys are strings.
struct KeyedHash {
  using is_transparent = void;
  [[nodiscard]] std::size_t operator()(std::string_view text) const {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    return static_cast<std::size_t>(keyed_hash(bytes, process_hash_key()));
  }
};

template <class String, class Value>
using KeyedMap = std::unordered_map<String, Value, KeyedHash, std::equal_to<>>;

}  // namespace fermata
