// FuelCounter: a second opinion on fuel, from a module that counts for itself.
//
// Code is added to a module that does what docs/fuel.md says: at the begin of each block and behind
// each instruction whose cost depends on a size it adds to a global. The interpreter that runs it
// counts nothing. Knows the binary format and the page alone.
#pragma once

#include <optional>
#include <string>

#include "fermata/process.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

/// The export that has the count, an i64.
inline constexpr std::string_view counted_fuel = "counted fuel";

[[nodiscard]] Bytes with_fuel_counter(const Module& module);

/// Runs the module metered and the one that counts, through up to so many pauses, and compares
/// after each; what differs, or nothing. `compared`, if given, becomes the number of comparisons:
/// none of a module that no process can be made of.
[[nodiscard]] std::optional<std::string> find_fuel_difference(const Module& module,
                                                              const ExecutionOptions& metered,
                                                              std::size_t* compared = nullptr);

}  // namespace fermata::test
