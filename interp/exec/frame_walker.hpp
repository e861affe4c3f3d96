// FrameWalker: the frames of a paused thread, one after the other, and where each stands.
//
// Remembers what it has seen: a deep recursion has many frames and few places where they stand.
// Knows nothing of what is in a frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "interp/exec/guest_thread.hpp"
#include "interp/isa/bootstrap.hpp"
#include "interp/isa/op.hpp"

namespace fermata {

class FrameWalker {
 public:
  /// Where frames stand: behind a call or, the innermost one, at any instruction.
  struct Site {
    const FuncCode* function = nullptr;
    std::uint32_t word = 0;  ///< in its code
  };
  using SiteId = std::uint32_t;
  /// The site of the innermost frame of the thread that was walked last; all others are those of
  /// calls, and stay what they are.
  static constexpr SiteId innermost = 0;

  struct Frame {
    SiteId site = innermost;
    const Slot* fp = nullptr;
    Instance* instance = nullptr;
    std::size_t crossings = 0;  ///< of the thread's calls between instances, those further out
  };

  /// Calls visit(Frame) for each frame of a thread that has begun to run, innermost first, until it
  /// says no.
  template <class Visit>
  void walk(const GuestThread& thread, Visit visit);

  [[nodiscard]] const Site& site(SiteId id) const { return sites_[id]; }

 private:
  /// A site behind a call, and what is needed to walk over its frames: neither the code nor its
  /// cache has to be read again.
  struct Return {
    const Word* pc = nullptr;  // null: a free place of the table
    SiteId site = 0;
    std::uint16_t header = 0;        // slot of the return pc
    std::uint16_t callee_frame = 0;  // slot where the frame of who returns here begins
  };
  /// All of these that have been seen, hashed; flat, because walks of millions of frames wait for
  /// little else.
  class ReturnTable {
   public:
    [[nodiscard]] const Return* find(const Word* pc) const;
    const Return& add(const Return& added);

   private:
    [[nodiscard]] std::size_t place(const Word* pc) const;
    void grow();
    std::vector<Return> places_ = std::vector<Return>(64);  // a power of two, at most half in use
    std::size_t used_ = 0;
  };

  [[nodiscard]] static Site site_of(const CodeCache& code, const Word* pc);
  const Return& add_return(const CodeCache& code, const Word* pc);

  std::vector<Site> sites_ = std::vector<Site>(1);
  ReturnTable returns_;
};

template <class Visit>
void FrameWalker::walk(const GuestThread& thread, Visit visit) {
  const Word* pc = thread.pc;
  const Slot* fp = thread.stack() + thread.fp;
  if (in_bootstrap(pc)) return;
  Instance* instance = thread.instance;
  std::size_t crossings = thread.cross_calls ? thread.cross_calls->size() : 0;
  sites_[innermost] = site_of(*instance->code, pc);
  if (!visit(Frame{innermost, fp, instance, crossings})) return;
  pc = reinterpret_cast<const Word*>(fp[sites_[innermost].function->header]);
  const Return* at = nullptr;
  for (;;) {
    if (at == nullptr || at->pc != pc) at = returns_.find(pc);  // a recursion returns where it did
    if (at == nullptr) {
      if (in_bootstrap(pc)) return;
      if (op_of(*pc) == Op::return_cross) {
        const CrossCall& back = (*thread.cross_calls)[--crossings];
        pc = back.return_pc;
        instance = back.instance;
        continue;
      }
      at = &add_return(*instance->code, pc);
    }
    fp -= at->callee_frame;
    if (!visit(Frame{at->site, fp, instance, crossings})) return;
    pc = reinterpret_cast<const Word*>(fp[at->header]);
  }
}

}  // namespace fermata
