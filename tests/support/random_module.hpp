// Random valid modules that end by themselves, for tests that compare ways of running.
//
// The same choices always make the same module. Every instruction of WebAssembly 2.0 without SIMD
// may be in it, in the shapes that are hard for a lowering: operands left lying under everything,
// locals that change while references to them are pending, sums used as addresses, values taken
// along by branches. Loops and calls spend a global (`fuel`), so that every run ends; it may trap.
//
// For whoever runs it: the entry is `_start`, without parameters; the host functions are
// `host`.`f0`, `f1` ...; `memory` is imported or exported, if there is one; all mutable globals of
// a number type are exported as `g1`, `g2` ... and the fuel as `fuel`; `__indirect_function_table`
// begins with all functions of the module, in order.
#pragma once

#include "tests/support/choices.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

[[nodiscard]] Bytes random_module(Choices& choices);

}  // namespace fermata::test
