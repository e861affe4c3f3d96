// What most sources of the libraries and the command include, precompiled: a fifth of the time that they take to
// compile. Each includes what it uses nonetheless; the Clang build of `.ci/run` is without (b_pch=false).
// No `#pragma once`: compiled as a file of its own, which GCC warns of.

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
