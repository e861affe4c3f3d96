#include "interp/process/stack_roots.hpp"

#include "interp/lower/root_map.hpp"

namespace fermata {

void mark_values(const Slot* from, const ResultType& types, const CanonicalTypes& canonical,
                 Heap& heap) {
  for (const ValType type : types) {
    if (is_traced(type, canonical)) heap.mark(*from);
    from += type.slots();
  }
}

void StackRoots::mark(const GuestThread& thread, Heap& heap) {
  walker_.walk(thread, [&](const FrameWalker::Frame& frame) {
    mark_frame(thread, frame.site, frame.fp, heap);
    return true;
  });
}

// While a function that it has called runs, or while the host answers, a frame stands behind its
// call, whose arguments are no longer its own. The instruction's last word is the one before.
void StackRoots::mark_frame(const GuestThread& thread, SiteId id, const Slot* fp, Heap& heap) {
  const bool is_innermost = id == FrameWalker::innermost;
  const RootMap& map = map_of(id);
  const auto mark_slot = [&](std::uint32_t slot) { heap.mark(fp[slot]); };
  map.each_local(mark_slot);
  if (is_innermost && thread.trap != Trap::none) return;  // its operands are not known
  const bool is_behind = !is_innermost || thread.awaits_results();
  const std::uint32_t word = walker_.site(id).word - (is_behind ? 1 : 0);
  map.each_operand(word, mark_slot);
}

// Other threads stand elsewhere, so the innermost frame's is not kept.
const RootMap& StackRoots::map_of(SiteId id) {
  const FuncCode& function = *walker_.site(id).function;
  if (id == FrameWalker::innermost) return function.cache->roots(function);
  if (id >= maps_.size()) maps_.resize(id + 1);
  if (maps_[id] == nullptr) maps_[id] = &function.cache->roots(function);
  return *maps_[id];
}

}  // namespace fermata
