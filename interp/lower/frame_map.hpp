// Frame maps: what a paused frame is in WebAssembly's terms.
//
// Made on demand by lowering the function once more with its map kept, so running costs nothing
// for it.
#pragma once

#include <cstdint>
#include <vector>

#include "fermata/process.hpp"
#include "interp/exec/guest_thread.hpp"

namespace fermata {

/// The frames of a paused thread that has begun to run, innermost first, in the contract of
/// Frame (fermata/process.hpp). After a trap the top frame is not at a safe point.
[[nodiscard]] std::vector<Frame> walk_frames(const GuestThread& thread);

/// The same without values: cheaper.
[[nodiscard]] std::vector<TraceEntry> walk_trace(const GuestThread& thread);

}  // namespace fermata
