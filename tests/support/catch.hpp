// Catch2, version 2 or 3, whichever the build found.
//
// Owns the differences between the two: a test includes this header and no other of Catch2, and
// uses what is the same in both, or the names of `fermata::test` below.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <string>

namespace fermata::test {

using Catch::Approx;

/// Matches a string that has this one in it: `CHECK_THAT(message, has_text("expected i32"))`.
inline auto has_text(const std::string& part) {
#if __has_include(<catch2/catch_test_macros.hpp>)
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

}  // namespace fermata::test
