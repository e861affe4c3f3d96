// Recorder: runs that are interrupted at random, written for other builds; and such runs, held
// against what this build makes of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tests/carry/pack.hpp"
#include "tests/carry/passenger.hpp"

namespace fermata::test {

/// SplitMix64: the same numbers on every machine.
class RandomNumbers {
 public:
  explicit RandomNumbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  /// Below the end, which is not 0.
  std::uint64_t below(std::uint64_t end) { return next() % end; }

 private:
  std::uint64_t state_;
};

struct RecordOptions {
  std::uint64_t seed = 1;
  std::size_t pauses = 3;                   ///< the most of a run
  std::uint64_t fuel = FuelRef::unlimited;  ///< the most of a run
  std::uint64_t heap = ExecutionOptions{}.max_heap_bytes;
};

/// A passenger that is about to run; each time the same.
using Begin = std::function<Result<Passenger>()>;

/// A run, and the passenger at its end.
struct Recorded {
  Run run;
  Passenger passenger;
};

/// Runs to the end without a pause, and once more with pauses at random fuel counts. The error is
/// in words: the two differ.
[[nodiscard]] std::expected<Recorded, std::string> record(const std::string& name,
                                                          const Begin& begin,
                                                          const RecordOptions& options,
                                                          RandomNumbers& random);

/// How far a stop's process is run.
enum class Until : std::uint8_t {
  next_stop,  ///< where it must be what was saved there
  end,
};

/// Restores each stop, saves it again and runs it on. What differs first, or nothing.
[[nodiscard]] std::optional<std::string> find_difference(const Module& module, const Run& run,
                                                         Until until,
                                                         const ExecutionOptions& execution);

}  // namespace fermata::test
