// Runs of things side by side: the blocks of a memory in which snapshots compare and write it, and
// a table's elements.
//
// Owns how runs stand in a section: docs/snapshot-format.md, "4 memory" and "6 instances".
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#include "interp/snapshot/format.hpp"
#include "interp/snapshot/input.hpp"
#include "interp/snapshot/output.hpp"

namespace fermata::snapshot {

/// Things side by side: blocks of a memory, or elements of a table.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  [[nodiscard]] std::uint64_t end() const { return first + count; }
};

/// Adds one more, behind all that are there; runs are as long as possible.
inline void append(std::vector<Run>& runs, std::uint64_t number) {
  if (runs.empty() || runs.back().end() != number) runs.push_back({number, 0});
  ++runs.back().count;
}

[[nodiscard]] inline bool contains(std::span<const Run> runs, std::uint64_t number) {
  const auto behind = std::ranges::upper_bound(runs, number, {}, &Run::first);
  return behind != runs.begin() && number < std::prev(behind)->end();
}

/// A list of runs; `contents(run)` writes what belongs to each.
template <class Contents>
void write_runs(Output& out, std::span<const Run> runs, Contents contents) {
  out.number(runs.size());
  std::uint64_t next = 0;
  for (const Run& run : runs) {
    out.number(run.first - next);
    out.number(run.count);
    contents(run);
    next = run.end();
  }
}

/// A list of runs up to `end`, as `write_runs` writes them, each of at least `bytes_each` bytes;
/// `contents(run)` reads what belongs to each. `what`: things that are in runs.
template <class Contents>
void read_runs(Input& in, std::uint64_t end, std::string_view what, std::uint32_t bytes_each,
               Contents contents) {
  std::uint64_t next = 0;
  const std::uint32_t runs = in.count(bytes_each);
  for (std::uint32_t i = 0; i < runs && in.ok(); ++i) {
    const std::uint64_t skipped = in.number();
    const std::uint64_t count = in.number();
    if (!in.ok()) return;
    const bool inside = skipped <= end - next && count <= end - next - skipped;
    if (!inside || count == 0 || (skipped == 0 && i != 0)) {
      return in.invalid(
          fmt::format("expected {} up to {}, in runs as long as possible", what, end));
    }
    const Run run{next + skipped, count};
    contents(run);
    next = run.end();
  }
}

[[nodiscard]] constexpr std::uint64_t blocks_in(std::uint64_t bytes) {
  return bytes / block_bytes + (bytes % block_bytes != 0 ? 1 : 0);
}

/// Of a memory of so many bytes, the bytes of a block that it has: the last one may be shorter.
[[nodiscard]] constexpr std::uint64_t block_size(std::uint64_t number, std::uint64_t bytes) {
  return std::min(block_bytes, bytes - number * block_bytes);
}

inline constexpr std::uint64_t no_block = UINT64_MAX;

/// When a memory of `before` bytes has become one of `after`: the block that both have and that is
/// longer or shorter now, if there is one.
[[nodiscard]] constexpr std::uint64_t cut_block(std::uint64_t before, std::uint64_t after) {
  const std::uint64_t less = std::min(before, after);
  return less % block_bytes != 0 && before != after ? less / block_bytes : no_block;
}

}  // namespace fermata::snapshot
