// ScarceMemory: the n-th allocation is refused, or all from the n-th on, for every n.
//
// For programs of their own: scarce_memory.cpp replaces the allocator. It refuses what `new`, and
// on systems whose linker can wrap them `malloc`, `calloc`, `realloc`, `mmap` and `mremap`, are
// asked for; without exceptions only those and `new (std::nothrow)`, since any other refusal ends a
// program there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace fermata::test {

class ScarceMemory {
 public:
  enum class Refusals : unsigned char { one, all_from_then_on };

  ScarceMemory(std::size_t granted, Refusals refusals);
  /// Nothing is refused, but all is counted.
  [[nodiscard]] static ScarceMemory plenty() { return {SIZE_MAX / 2, Refusals::one}; }
  ~ScarceMemory();
  ScarceMemory(const ScarceMemory&) = delete;
  ScarceMemory& operator=(const ScarceMemory&) = delete;

  /// Calls it with scarce memory; what it gives. Outside of this nothing is refused.
  template <class Work>
  auto operator()(Work&& work) -> decltype(work()) {
    const Period period;
    return std::forward<Work>(work)();
  }
  /// Whether anything was refused so far.
  [[nodiscard]] static bool has_refused();

 private:
  struct Period {
    Period();
    ~Period();
    Period(const Period&) = delete;
    Period& operator=(const Period&) = delete;
  };
};

/// Bytes that `new` gave while memory was scarce, and that are still in use.
[[nodiscard]] std::size_t bytes_in_use();

namespace detail {

void fail_of_leak(std::size_t bytes, std::size_t granted);

/// Whether anything was refused.
template <class Work>
bool work_with(std::size_t granted, ScarceMemory::Refusals refusals, Work& work) {
  ScarceMemory memory(granted, refusals);
  work(memory);
  return ScarceMemory::has_refused();
}

}  // namespace detail

/// Calls work(ScarceMemory&) with one allocation more granted each time, until none is refused, in
/// both ways. What is still in use after that is a leak, and a failure, unless it is no more the
/// second time: then it is kept for later. The number of times.
template <class Work>
std::size_t with_scarce_memory(Work work) {
  std::size_t times = 0;
  // What the program makes once and keeps is made here.
  {
    ScarceMemory plenty = ScarceMemory::plenty();
    work(plenty);
  }
  for (const auto refusals :
       {ScarceMemory::Refusals::one, ScarceMemory::Refusals::all_from_then_on}) {
    bool has_refused = true;
    for (std::size_t granted = 0; has_refused; ++granted, ++times) {
      const std::size_t before = bytes_in_use();
      has_refused = detail::work_with(granted, refusals, work);
      const std::size_t after = bytes_in_use();
      if (after == before) continue;
      detail::work_with(granted, refusals, work);
      if (bytes_in_use() != after) detail::fail_of_leak(bytes_in_use() - after, granted);
    }
  }
  return times;
}

}  // namespace fermata::test
