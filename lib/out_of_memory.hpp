// What is done when an allocation is refused: `std::bad_alloc` becomes an answer before it reaches code that
// must not be left that way, or the embedder.
//
// Without exceptions the refused allocation itself ends the program, but for those that ask with `std::nothrow`.
#pragma once

#include <expected>
#include <new>
#include <stdexcept>
#include <utility>

#include "fermata/error.hpp"

namespace fermata {

/// Its message needs no memory.
[[gnu::cold]] inline Error no_memory_left() {
  return {ErrorCode::out_of_memory, Phase::usage, "out of memory", {}, {}, {}};
}

/// Does the work; false when an allocation in it was refused. What the work had changed until then stays so.
template <class Work>
[[nodiscard]] bool finds_memory(Work&& work) {
#ifdef __cpp_exceptions
  try {
    std::forward<Work>(work)();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  } catch (const std::length_error&) {  // of a container, where addresses have 32 bits
    return false;
  }
#else
  std::forward<Work>(work)();
  return true;
#endif
}

/// What a function gives that returns a Result, or `out_of_memory`.
template <class Work>
[[nodiscard]] auto or_out_of_memory(Work&& work) -> decltype(std::forward<Work>(work)()) {
#ifdef __cpp_exceptions
  try {
    return std::forward<Work>(work)();
  } catch (const std::bad_alloc&) {
    return std::unexpected(no_memory_left());
  } catch (const std::length_error&) {
    return std::unexpected(no_memory_left());
  }
#else
  return std::forward<Work>(work)();
#endif
}

}  // namespace fermata
