// Random valid modules that end by themselves, for tests that compare ways of running.
//
// The same choices always make the same module. Every instruction that this build lowers may be
// in it, in the shapes that are hard for a lowering: operands left lying under everything,
// locals that change while references to them are pending, sums used as addresses, values taken
// along by branches, objects that are only there as operands. Loops and calls spend a global
// (`fuel`), so that every run ends; it may trap, or throw what nothing catches.
//
// For whoever runs it: the entry is `_start`, without parameters; the host functions are
// `host`.`f0`, `f1` ...; `memory`, which is number 0, is imported or exported, if there is one,
// `memory1` and `memory2` are exported; all mutable globals of a number type are exported as `g1`,
// `g2` ... and the fuel as `fuel`, and all tags but the last as `t0`, `t1` ...;
// `__indirect_function_table` begins with all functions of the module, in order.
#pragma once

#include "fermata/module.hpp"
#include "tests/support/choices.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

/// How many it may have; a process may have one.
enum class Memories : std::uint8_t { one, several };
/// Which engines have to take the module and to compute the same, bit for bit. With `any` there is
/// nothing in it that a standard leaves to the engine, or that one of them may lack: NaNs are made
/// alike where they are computed, no relaxed vector instruction, no wide arithmetic, no exceptions
/// as they were before 3.0, and waits end at once.
enum class Engines : std::uint8_t { this_one, any };
[[nodiscard]] Result<Module> load_random(const Bytes& module);
[[nodiscard]] Bytes random_module(Choices& choices, Memories memories = Memories::one,
                                  Engines engines = Engines::this_one);

}  // namespace fermata::test
