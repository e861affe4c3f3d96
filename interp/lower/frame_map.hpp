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
#include <string_view>
#include <unordered_map>
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

  template <class Visit>
  void walk(Visit visit);
  template <class Take>
  void take_range(std::size_t count, std::size_t first, Take take);
  [[nodiscard]] SiteId site(const CodeCache& code, const Word* pc, Query::Kind kind);
  [[nodiscard]] SiteId add_site(const CodeCache& code, const Word* pc, Query::Kind kind);
  void explain_sites(Lowerer::Detail detail);
  void explain_function(std::span<const SiteId> sites, Lowerer::Detail detail);
  [[nodiscard]] Frame read_frame(const Site& site, const Slot* fp) const;

  const GuestThread& thread_;
  std::vector<Site> sites_;
  std::unordered_map<const Word*, SiteId> returning_;  // sites behind calls
  const Word* last_pc_ = nullptr;                      // of the last of these that was asked for
  SiteId last_site_ = 0;
  std::vector<FunctionView> views_;
  std::optional<Lowerer> lowerer_;
  const CodeCache* lowered_from_ = nullptr;
  std::uint32_t lowerings_ = 0;
};

}  // namespace fermata
