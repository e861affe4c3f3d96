// What a fuzz target says when something does not hold: libFuzzer keeps the input of a program that
// aborts.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace fermata {

inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace fermata
