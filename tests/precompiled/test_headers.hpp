// What most tests include, precompiled: a quarter of the time that a test takes to compile. Each test
// includes what it uses nonetheless; the Clang build of `.ci/run` is without (b_pch=false).
// No `#pragma once`: compiled as a file of its own, which GCC warns of.

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
