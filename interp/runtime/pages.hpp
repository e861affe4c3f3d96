// Address space for linear memories: allocate, reserve, commit, clear, discard, move, release.
//
// The one place that talks to the operating system's memory calls; which file implements it
// (pages_posix.cpp with pages_linux.cpp or pages_unix.cpp, or pages_portable.cpp) is the build's
// choice. All sizes are in bytes and multiples of WebAssembly's page size. Knows nothing of
// memories' types or limits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata::pages {

/// Memory that can be used at once, all zero: a reservation without a rest. Null when the system
/// refuses. Precondition: bytes > 0.
[[nodiscard]] std::byte* allocate(std::uint64_t bytes) noexcept;

/// How much to reserve for a memory of `now` bytes that may become `most`: all of it where a
/// reservation is free, `now` where it would cost real memory.
[[nodiscard]] std::uint64_t worth_reserving(std::uint64_t now, std::uint64_t most) noexcept;

/// Address space that must not be touched yet. Null when the system refuses. Precondition: bytes >
/// 0.
[[nodiscard]] std::byte* reserve(std::uint64_t bytes) noexcept;

/// Makes [from, to) of a reservation readable and writable, all zero. False: refused, nothing
/// changed.
[[nodiscard]] bool commit(std::byte* base, std::uint64_t from, std::uint64_t to) noexcept;

/// Makes the committed [0, used) all zero again; it takes no memory until it is touched, where the
/// system can do that. False: refused, contents unknown.
[[nodiscard]] bool clear(std::byte* base, std::uint64_t used) noexcept;

/// Takes committed pages, `used` bytes from `base` on, back to their untouched state. False:
/// refused, contents unknown.
[[nodiscard]] bool discard(std::byte* base, std::uint64_t used) noexcept;

/// A reservation of `bytes` with the committed [0, used) moved into it; the old one is gone. Null
/// when the system refuses, and then nothing has changed. Precondition: bytes > reserved >= used.
[[nodiscard]] std::byte* move(std::byte* base, std::uint64_t reserved, std::uint64_t used,
                              std::uint64_t bytes) noexcept;

/// Gives a reservation back.
void release(std::byte* base, std::uint64_t bytes) noexcept;

}  // namespace fermata::pages
