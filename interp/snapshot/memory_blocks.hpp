// A memory block by block: which ones a snapshot has to look at, and their bytes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "interp/runtime/memory.hpp"
#include "interp/snapshot/initial.hpp"
#include "interp/snapshot/runs.hpp"

namespace fermata::snapshot {

/// The bytes of a run of blocks. The last one may be shorter.
[[nodiscard]] std::span<const std::byte> bytes_of(const Memory& memory, const Run& run);

/// All blocks that may be other than zero, or other than they were made; ascending. What nobody has
/// touched is not read: the system would have to make it first.
[[nodiscard]] std::vector<std::uint64_t> used_blocks(const Memory& memory,
                                                     const InitialMemory& initial);

/// Those that are not as they were made.
[[nodiscard]] std::vector<Run> changed_runs(const Memory& memory, const InitialMemory& initial);

// --- the section
/// What the blocks stand behind.
void write_memory_head(Output& out, const Memory& memory);
/// The section with these blocks.
void write_blocks(Output& out, const Memory& memory, std::span<const Run> runs);

}  // namespace fermata::snapshot
