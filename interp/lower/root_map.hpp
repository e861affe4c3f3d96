// RootMap: where in the frames of one function references to the heap lie.
//
// Made by lowering the function once more, and kept: a collection that finds frames of it asks for
// the word at which each stands. Takes space in proportion to the function's size.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "interp/lower/emitter.hpp"
#include "interp/lower/frame_layout.hpp"
#include "interp/lower/operands.hpp"

namespace fermata {

class RootMap {
 public:
  /// Calls visit(slot) for each local, which is a reference as long as there is the frame.
  template <class Visit>
  void each_local(Visit visit) const {
    for (const auto& [slot, count] : locals_) {
      for (std::uint32_t i = 0; i < count; ++i) visit(slot + i);
    }
  }

  /// Calls visit(slot) for each operand that is a reference in its own slot while the instruction
  /// at `word` is executed.
  template <class Visit>
  void each_operand(std::uint32_t word, Visit visit) const {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const std::span spans = std::span(spans_).subspan(slots_[i].first_span, slots_[i].spans);
      const auto after = std::ranges::upper_bound(spans, word, {}, &Span::begin);
      if (after != spans.begin() && word < std::prev(after)->end) visit(slots_[i].slot);
    }
  }

 private:
  friend class RootRecorder;
  /// The words from `begin` to `end` of the code.
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
  };
  struct SlotSpans {
    std::uint32_t slot;
    std::uint32_t first_span;
    std::uint32_t spans;
  };
  struct Locals {
    std::uint32_t slot;
    std::uint32_t count;
  };
  std::vector<Locals> locals_;
  std::vector<SlotSpans> slots_;
  std::vector<Span> spans_;  // slot by slot, ascending
};

/// Makes a RootMap while a function is lowered.
class RootRecorder final : public StoredOperands {
 public:
  RootRecorder(const Emitter& emitter, const ModuleImpl& module)
      : emitter_(emitter), module_(module) {}

  void stored(const Operand& operand) override;
  void gone(const Operand& operand) override;
  /// What was recorded of the function, whose operands are all gone, with its locals.
  [[nodiscard]] RootMap finish(FuncIdx function);

 private:
  void add_locals(RootMap& map, FuncIdx function) const;

  struct Stay {
    std::uint32_t slot;
    std::uint32_t begin;
    std::uint32_t end;
  };
  static constexpr std::uint32_t none = UINT32_MAX;

  const Emitter& emitter_;
  const ModuleImpl& module_;
  std::vector<std::uint32_t> since_;  // by slot: the word since when a reference is there, or none
  std::vector<Stay> stays_;
};

}  // namespace fermata
