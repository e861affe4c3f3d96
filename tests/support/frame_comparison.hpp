// Frame comparison: two runs of a module side by side, paused at the same places, show the same.
//
// Owns the choice of the places: every host call, and loops at random, the rare ones as well as the
// hot ones. What is compared are the frames (function, offset, locals, operands), the globals, how
// much of the heap is used, and now and then the memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/choices.hpp"
#include "tests/support/pausing_run.hpp"

namespace fermata::test {

/// What a host call gives: results, or the values of an exception.
struct Answer {
  Answer() = default;
  Answer(std::vector<Value> given, std::optional<TagIdx> with = {})
      : values(std::move(given)), thrown(with) {}

  std::vector<Value> values;
  std::optional<TagIdx> thrown;
};

/// The answer to the host call, the `nth` one, at which the run is paused; may write its memory.
/// Must not depend on anything else than that.
using Host = std::function<Answer(const PausingRun& run, std::size_t nth)>;

struct Compared {
  std::size_t loops = 0;  ///< how often the frames were compared at a loop
  std::size_t host_calls = 0;
  std::size_t frames = 0;
  bool finished = false;  ///< both did, not trapped
  std::optional<std::string> difference;
};

/// Runs both to their end, pausing at loops `most_loops` times.
[[nodiscard]] Compared compare_frames(PausingRun& reference, PausingRun& other, const Host& host,
                                      Choices& choices, std::size_t most_loops);

}  // namespace fermata::test
