// Mappings for linear memories: map, grow, clear, unmap.
//
// The one place that talks to the operating system's memory calls; which file implements it
// (pages_posix.cpp with pages_linux.cpp or pages_unix.cpp, or pages_portable.cpp) is the build's
// choice. All sizes are in bytes and multiples of WebAssembly's page size. What was never written
// to takes address space, no memory, where the system can do that. Knows nothing of memories'
// types or limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fermata::pages {

/// A mapping that can be used at once, all zero. Null when the system refuses. Precondition: bytes
/// > 0.
[[nodiscard]] std::byte* map(std::uint64_t bytes) noexcept;

/// The mapping made larger, perhaps elsewhere: what was in it is kept, the rest is zero. Null when
/// the system refuses, and then nothing has changed. Preconditions: more > bytes; all from `used`
/// on is zero.
[[nodiscard]] std::byte* grow(std::byte* base, std::uint64_t bytes, std::uint64_t used,
                              std::uint64_t more) noexcept;

/// A part of a mapping.
struct Part {
  std::uint64_t begin = 0;
  std::uint64_t bytes = 0;
};
/// Parts outside of which a mapping is all zero, ascending, with gaps between them: all of it where
/// the system does not tell. Takes time for the mapping's size, but reads nothing of it.
[[nodiscard]] std::vector<Part> touched(const std::byte* base, std::uint64_t bytes);

/// Says that these parts of a mapping, all zero so far, will be written to at once; the system may
/// then take more memory for them in one piece instead of less in many.
void expect_writes(std::byte* base, std::uint64_t bytes, std::span<const Part> parts) noexcept;

/// Gives a whole mapping back.
void unmap(std::byte* base, std::uint64_t bytes) noexcept;

/// Makes a part of a mapping all zero again, and what it took of memory free. False: refused,
/// contents unknown.
[[nodiscard]] bool clear(std::byte* base, std::uint64_t bytes) noexcept;

struct Cleared {
  bool done = false;           ///< false: refused, contents unknown
  std::uint64_t resident = 0;  ///< bytes that still take up memory
};

/// The same, but keeps up to `most` bytes of what it took of memory, zeroed: whoever writes there
/// next is spared the system's work.
[[nodiscard]] Cleared clear_keeping(std::byte* base, std::uint64_t bytes,
                                    std::uint64_t most) noexcept;

/// The most bytes of address space that mappings should take up together on this system, as things
/// stand: the rest is the host program's.
[[nodiscard]] std::uint64_t share() noexcept;

}  // namespace fermata::pages
