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
#include "interp/exec/frame_walker.hpp"
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
  /// What is known of a site, in the order of the walker's.
  struct Explained {
    bool wanted = false;  // some frame that is asked for stands here
    std::uint32_t view = 0;
    Answer answer;
  };
  /// What all sites of a function have in common.
  struct FunctionView {
    std::string_view name;
    FrameLayout layout;
  };
  using SiteId = FrameWalker::SiteId;

  template <class Take>
  void take_range(std::size_t count, std::size_t first, Take take);
  [[nodiscard]] Query query(SiteId id) const;
  void explain_sites(Lowerer::Detail detail);
  void explain_function(std::span<const SiteId> sites, Lowerer::Detail detail);
  [[nodiscard]] Frame read_frame(SiteId id, const Slot* fp) const;

  const GuestThread& thread_;
  FrameWalker walker_;
  std::vector<Explained> explained_;
  std::vector<FunctionView> views_;
  std::optional<Lowerer> lowerer_;
  const CodeCache* lowered_from_ = nullptr;
  std::uint32_t lowerings_ = 0;
};

}  // namespace fermata
