// Random valid modules that end by themselves, for tests that compare ways of running.
//
// From one number comes always the same module. Its functions call only later ones and its loops
// count down, so every program ends; it may trap or throw. Imports: host functions of a few types,
// to pause in.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/support/module_builder.hpp"

namespace fermata::test {

/// Its exported tag.
inline constexpr std::string_view random_tag_name = "thrown";
inline const ResultType random_tag_values{i32, f64};

[[nodiscard]] ModuleBuilder random_program(std::uint64_t seed);

}  // namespace fermata::test
