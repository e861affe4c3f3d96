// What a call of the library may have come to when memory was scarce.
#pragma once

#include "tests/process/process_support.hpp"
#include "tests/support/scarce_memory.hpp"

namespace fermata::test {

/// Whether there is a result. There is nothing wrong but a lack of memory.
template <class T>
bool is_there(const Result<T>& result) {
  if (!result && result.error().code != ErrorCode::out_of_memory) FAIL(to_string(result.error()));
  if (!result && !ScarceMemory::has_refused()) FAIL("memory lacks, and nothing was refused");
  return result.has_value();
}

/// Whether there is a result exactly when nothing was refused.
template <class T>
bool is_right(const Result<T>& result) {
  const bool there = is_there(result);
  return there != ScarceMemory::has_refused();
}

/// As `is_there`, of what was told to a guest.
inline bool goes_on(const Result<Outcome>& outcome) {
  if (!is_there(outcome)) return false;
  const auto* const trapped = std::get_if<Trapped>(&*outcome);
  if (trapped != nullptr && trapped->trap == Trap::out_of_memory) {
    if (!ScarceMemory::has_refused()) FAIL("a trap for want of memory, and nothing was refused");
    return false;
  }
  return trapped == nullptr;
}

}  // namespace fermata::test
