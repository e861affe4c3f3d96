// StackRoots: the references to the heap that a thread keeps in its stack.
//
// Precise: each frame's locals, and its operands where it stands, by their types. Kept from one
// collection to the next, since it remembers where threads stood.
#pragma once

#include <cstdint>
#include <vector>

#include "interp/exec/frame_walker.hpp"
#include "interp/runtime/heap.hpp"

namespace fermata {

/// Marks those of values that lie in slots from `from` on, of types that `canonical` explains.
void mark_values(const Slot* from, const ResultType& types, const CanonicalTypes& canonical,
                 Heap& heap);

class StackRoots {
 public:
  /// Marks those of all frames. The thread has begun; it is paused, or at an instruction that
  /// allocates.
  void mark(const GuestThread& thread, Heap& heap);

 private:
  using SiteId = FrameWalker::SiteId;
  void mark_frame(const GuestThread& thread, SiteId id, const Slot* fp, Heap& heap);
  [[nodiscard]] const RootMap& map_of(SiteId id);

  FrameWalker walker_;
  std::vector<const RootMap*> maps_;  // by site, as far as they have been asked for
};

}  // namespace fermata
