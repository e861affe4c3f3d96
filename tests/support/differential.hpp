// Differential: runs a module in every mode of execution and compares all that can be seen.
//
// A module's story is what an embedder sees of a run: each host call with its arguments, the frames
// at each pause, traps with their places, exceptions that nothing catches, and the memory, globals,
// table and use of the heap. The embedder of the story answers host calls, some with exceptions,
// writes the memory, grows it, sets globals and starts threads, all by numbers that depend on the
// pause and the module alone, and gives back objects that it was shown. Of metered runs the fuel is
// told as well, which others must agree on that tell it. A module with several memories, which a
// process may not have, is run in a store, where the embedder only answers host calls. Only the
// public API is used, but to tell objects.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fermata/module.hpp"
#include "fermata/process.hpp"

namespace fermata::test {

/// A way of running.
struct Mode {
  ExecutionOptions execution;
  /// The process is run for a while and reset before the story begins.
  bool after_reset = false;
  /// Of a metered one: threads run no further than this at once. The pauses are told as well.
  std::optional<std::uint64_t> slice;
  /// The embedder keeps objects that it was shown, in Roots. A process that is restored has none.
  bool keeps_objects = true;
  /// At every pause the process is saved, and goes on as one that is restored in another mode.
  bool restores = false;

  [[nodiscard]] std::string name() const;
};

/// The debug lowering without fusion by the switch comes first: the reference.
[[nodiscard]] const std::vector<Mode>& all_modes();

/// What is the same in all modes of a comparison.
struct Surroundings {
  std::size_t max_stack_bytes = ExecutionOptions{}.max_stack_bytes;
  std::uint64_t max_heap_bytes = 100'000;
};
/// In which recursion soon exhausts the stack.
inline constexpr Surroundings small_stack{.max_stack_bytes = 1500, .max_heap_bytes = 6000};
/// In which a few objects are enough for a collection.
inline constexpr Surroundings small_heap{.max_heap_bytes = 2000};
inline constexpr std::array all_surroundings{Surroundings{}, small_stack, small_heap};

/// One line for each thing seen; those about fuel begin with "fuel".
using Story = std::vector<std::string>;
[[nodiscard]] Story tell(const Module& module, const Mode& mode, const Surroundings& around = {});

/// What differs between the first two modes that differ, in words, or between a run with
/// collections and one without, or one that is saved and restored at every pause; nothing when all
/// agree. Of the agreed story `lines`, if given, gets
/// the number.
[[nodiscard]] std::optional<std::string> find_difference(const Module& module,
                                                         const Surroundings& around = {},
                                                         std::size_t* lines = nullptr);

}  // namespace fermata::test
