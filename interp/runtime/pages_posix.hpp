// What pages_linux.cpp and pages_unix.cpp share. For these alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata::pages {

/// `move`, with the committed [0, used) copied into the new place.
[[nodiscard]] std::byte* move_by_copying(std::byte* base, std::uint64_t reserved,
                                         std::uint64_t used, std::uint64_t bytes) noexcept;

}  // namespace fermata::pages
