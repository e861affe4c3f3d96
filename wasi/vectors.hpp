// The guest's lists of buffers (specification: "iovec", "ciovec"), and moving bytes through them.
//
// A call moves at most what one call of Linux does, so the guest can't keep the host busy with one
// list of overlapping vectors; it sees a short count then, which it must expect anyway.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "fermata/limits.hpp"
#include "wasi/guest_memory.hpp"

namespace fermata::wasi {

/// Those that are not empty, checked as a whole before a byte moves.
using Vectors = std::vector<std::span<std::byte>>;

[[nodiscard]] inline Expected<Vectors> read_vectors(GuestMemory& memory, Address address,
                                                    std::uint32_t count) {
  if (count > limits::vectors) return std::unexpected(Errno::inval);
  const auto table = memory.view(address, 8 * std::uint64_t{count});
  if (!table) return std::unexpected(table.error());
  Vectors vectors;
  std::size_t left = limits::transfer_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    const auto part =
        memory.view(decode<Address>(*table, 8 * i), decode<Address>(*table, 8 * i + 4));
    if (!part) return std::unexpected(part.error());
    const auto size = std::min(part->size(), left);
    if (size > 0) vectors.push_back(part->first(size));
    left -= size;
  }
  return vectors;
}

/// Moves part after part until one is not moved whole. An error counts only when nothing was moved.
template <class Move>
[[nodiscard]] Expected<std::uint32_t> transfer(const Vectors& vectors, const Move& move) {
  std::size_t total = 0;
  for (const auto part : vectors) {
    const Expected<std::size_t> moved = move(part);
    if (!moved && total == 0) return std::unexpected(moved.error());
    if (!moved) break;
    total += std::min(*moved, part.size());
    if (*moved < part.size()) break;
  }
  return static_cast<std::uint32_t>(total);
}

}  // namespace fermata::wasi
