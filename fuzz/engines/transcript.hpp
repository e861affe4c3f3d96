// Transcript: what a guest between its companions does, line by line, as run.js tells it of another
// engine.
//
//   > instantiate     a step begins: this, `call N` for each exported function, `state` after each
//   1 0 2a            a note, in hexadecimal digits: what, the upper half, the lower half
//   m 3 10000 1b2c    after each step: a memory's place among the exports, its bytes, their hash
//   = returned        how the step ended: also `trapped: `, `failed: ` and the engine's words, or
//                     `threw`; `waits`, for what nothing ends
#pragma once

#include <string>
#include <vector>

#include "fermata/process.hpp"
#include "fuzz/engines/companions.hpp"

namespace fermata::test {

/// More notes of one step are left out, by the other engine's program as well.
inline constexpr std::size_t most_notes = 3000;
/// For both engines; past it memory.grow gives -1.
inline constexpr std::uint64_t most_memory_pages = 1024;

using Transcript = std::vector<std::string>;

/// Precondition: the options are those of one way of running; the limits are set here.
[[nodiscard]] Transcript transcribe(const Module& guest, const Companions& companions,
                                    ExecutionOptions options);

}  // namespace fermata::test
