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

#ifdef __cpp_exceptions
constexpr std::uint32_t most = 16;  // with more of them they wait for memory

/// Nothing when the system has no OS thread left, or no memory for one.
std::optional<std::thread> start(const std::function<void(std::uint32_t)>& work,
                                 std::uint32_t number) {
  try {
    return std::thread(std::cref(work), number);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}
#else
// That there is no OS thread left is told by an exception, so none is asked for.
constexpr std::uint32_t most = 1;

std::optional<std::thread> start(const std::function<void(std::uint32_t)>& /*work*/,
                                 std::uint32_t /*number*/) {
  return std::nullopt;
}
#endif

}  // namespace

std::uint32_t Threads::concurrency() const {
  return std::clamp<std::uint32_t>(std::thread::hardware_concurrency(), 1, most);
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
