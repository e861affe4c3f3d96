// Mappings by mmap.

#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_parts.hpp"

namespace fermata::pages {

// Without MAP_NORESERVE the system may refuse what is never written to. Neighbours made by this
// become one mapping of the system's, of which it allows a program only so many.
std::byte* map(std::uint64_t bytes) noexcept {
  if (bytes > std::numeric_limits<std::size_t>::max()) return nullptr;
  void* const base = ::mmap(nullptr, static_cast<std::size_t>(bytes), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return base == MAP_FAILED ? nullptr : static_cast<std::byte*>(base);
}

void unmap(std::byte* base, std::uint64_t bytes) noexcept {
  ::munmap(base, static_cast<std::size_t>(bytes));
}

// Linux counts private mappings as data.
std::uint64_t share() noexcept {
  std::uint64_t most = half_of_address_space;
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) continue;
    most = std::min<std::uint64_t>(most, limit.rlim_cur / 4 * 3);
  }
  return most;
}

}  // namespace fermata::pages
