// FrameMap: what the frames of a paused thread are in WebAssembly's terms.
//
// Made on demand by lowering functions once more with their maps kept, so running costs nothing for
// it. Looking costs what is asked for: time for the frames that are walked over, memory for those
// that are given, and one lowering for each function that has one of these, however many of its
// call sites there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fermata/process.hpp"
#include "interp/exec/guest_thread.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

class FrameMap {
 public:
  /// Of a thread that has begun to run and stays paused as it is.
  explicit FrameMap(const GuestThread& thread) : thread_(thread) {}

  [[nodiscard]] std::uint64_t count();
  /// Up to `count` frames, innermost first, without the `first` innermost ones, in the contract of
  /// Frame (fermata/process.hpp). After a trap the top frame is not at a safe point.
  [[nodiscard]] std::vector<Frame> frames(std::size_t count, std::size_t first = 0);
  /// The same without values: cheaper.
  [[nodiscard]] std::vector<TraceEntry> trace(std::size_t count, std::size_t first = 0);

  /// How many times a function has been lowered for these answers.
  [[nodiscard]] std::uint32_t lowerings() const { return lowerings_; }

 private:
  /// Where frames stand: behind a call or, the innermost one, at any instruction. A deep recursion
  /// has many frames and few of these.
  struct Site {
    const FuncCode* function = nullptr;
    Query query;
    bool wanted = false;  // some frame that is asked for stands here
    std::uint32_t view = 0;
    Answer answer;
  };
  /// What all sites of a function have in common.
  struct FunctionView {
    std::string_view name;
    FrameLayout layout;
  };
  using SiteId = std::uint32_t;

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

  template <class Visit>
  void walk(Visit visit);
  template <class Take>
  void take_range(std::size_t count, std::size_t first, Take take);
  [[nodiscard]] SiteId add_site(const CodeCache& code, const Word* pc, Query::Kind kind);
  const Return& add_return(const CodeCache& code, const Word* pc);
  void explain_sites(Lowerer::Detail detail);
  void explain_function(std::span<const SiteId> sites, Lowerer::Detail detail);
  [[nodiscard]] Frame read_frame(const Site& site, const Slot* fp) const;

  const GuestThread& thread_;
  std::vector<Site> sites_;
  ReturnTable returns_;
  std::vector<FunctionView> views_;
  std::optional<Lowerer> lowerer_;
  const CodeCache* lowered_from_ = nullptr;
  std::uint32_t lowerings_ = 0;
};

}  // namespace fermata
