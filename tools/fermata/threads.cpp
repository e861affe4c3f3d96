// See threads.hpp.
#include "tools/fermata/threads.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

namespace fermata::tool {
namespace {

/// Nothing when the system has no OS thread left.
std::optional<std::thread> start(const std::function<void(std::uint32_t)>& work,
                                 std::uint32_t number) {
#ifdef __cpp_exceptions
  try {
    return std::thread(std::cref(work), number);
  } catch (const std::exception&) {  // no OS thread, or no memory
    return std::nullopt;
  }
#else
  return std::thread(std::cref(work), number);
#endif
}

}  // namespace

std::uint32_t Threads::concurrency() const {
#ifdef __cpp_exceptions
  constexpr std::uint32_t most = 16;  // with more of them they wait for memory
  return std::clamp<std::uint32_t>(std::thread::hardware_concurrency(), 1, most);
#else
  return 1;  // that no OS thread is left would be told by an exception
#endif
}

void Threads::run(std::uint32_t count, const std::function<void(std::uint32_t)>& work) {
  std::vector<std::thread> others;
  others.reserve(count);
  std::uint32_t next = 1;
  for (; next < count; ++next) {
    auto started = start(work, next);
    if (!started) break;
    others.push_back(std::move(*started));
  }
  work(0);
  for (; next < count; ++next) work(next);  // for whom there was no thread
  for (std::thread& other : others) other.join();
}

}  // namespace fermata::tool
