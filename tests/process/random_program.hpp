// Random valid modules that end by themselves, for tests that compare ways of running.
//
// From one number comes always the same module. Its functions call only later ones and its loops
// count down, so every program ends; it may trap. Imports: host functions of a few types, to pause
// in.
#pragma once

#include <cstdint>

#include "tests/support/module_builder.hpp"

namespace fermata::test {

[[nodiscard]] ModuleBuilder random_program(std::uint64_t seed);

}  // namespace fermata::test
