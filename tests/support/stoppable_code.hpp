// StoppableCode: register code that can be made to stop at any of its instructions.
//
// The code is the one that is executed otherwise; of the instructions to stop at, the opcode alone
// is replaced, by the one that traps, and pairs are told apart only where they reach over such an
// instruction. So what is looked at is the code as users run it, and it costs them nothing. Knows
// the encoding, nothing of frames or threads.
#pragma once

#include <cstdint>
#include <vector>

#include "interp/isa/op.hpp"

namespace fermata::test {

class StoppableCode {
 public:
  /// `code` outlives this, and goes through nobody else's hands meanwhile.
  StoppableCode(Word* code, std::uint32_t size);

  void set_stop(std::uint32_t word, bool on) { stops_[word] = on; }
  [[nodiscard]] bool stops_at(std::uint32_t word) const { return stops_[word]; }

  /// Writes the stops into the code.
  void apply() const { write(stops_); }
  /// Writes the code as it is without stops, until `apply`.
  void restore() const { write(Stops(stops_.size())); }
  /// Writes stops at all instructions but the one at `word`, until `apply`.
  void stop_after(std::uint32_t word) const;

  /// Whether running on from `word` stops after it by `stop_after`: not if it can get back to
  /// itself without another instruction of this code; and nothing is lost: the accumulator of
  /// vectors would be.
  [[nodiscard]] bool can_stop_after(std::uint32_t word) const;

 private:
  /// The opcode of a pair's beginning, and where the last instruction of it is.
  struct Part {
    Op op{};
    std::uint32_t word = 0;
  };
  struct Place {
    std::uint32_t word = 0;
    std::vector<Part> parts;  // the single instruction first, the whole pair last
  };
  using Stops = std::vector<bool>;  // by word

  [[nodiscard]] Place describe(std::uint32_t word) const;
  [[nodiscard]] static Op longest(const Place& place, const Stops& stops);
  void write(const Stops& stops) const;

  Word* code_;
  std::vector<Place> places_;
  Stops stops_;
};

}  // namespace fermata::test
