// How bulk instructions on memories are taken apart in metered code.
#pragma once

#include <cstdint>

namespace fermata {

/// memory.fill and memory.copy work in pieces of so many bytes, between which a thread may pause:
/// docs/fuel.md.
inline constexpr std::uint64_t bulk_piece_bytes = 65536;

}  // namespace fermata
