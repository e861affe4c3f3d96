// What Linux does better than other systems with mmap: it moves pages to another address without
// copying them, its MADV_DONTNEED promises zeros, and it tells which pages take up memory.

#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_parts.hpp"

namespace fermata::pages {
namespace {

std::uint64_t host_page() noexcept {
  static const auto bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

/// Whether what takes up no memory may yet have contents, swapped out.
bool may_be_swapped() noexcept {
  struct sysinfo system{};
  return ::sysinfo(&system) != 0 || system.totalswap != 0;
}

/// Zeroes what takes up memory, as long as there may be more of it.
class Keeper {
 public:
  explicit Keeper(std::uint64_t most) : most_(most), may_be_swapped_(may_be_swapped()) {}

  /// A run of host pages that all take up memory or all do not.
  [[nodiscard]] bool clear_run(std::byte* base, std::uint64_t bytes, bool resident) noexcept {
    if (!resident && !may_be_swapped_) return true;
    const std::uint64_t kept = resident ? std::min(bytes, most_ - resident_) : 0;
    std::memset(base, 0, static_cast<std::size_t>(kept));
    resident_ += kept;
    return kept == bytes || clear(base + kept, bytes - kept);
  }

  [[nodiscard]] std::uint64_t resident() const noexcept { return resident_; }
  [[nodiscard]] bool is_full() const noexcept { return resident_ == most_; }

 private:
  std::uint64_t most_;
  std::uint64_t resident_ = 0;
  bool may_be_swapped_;
};

// Up to so many bytes, to zero all of them costs less than to ask which take up memory.
constexpr std::uint64_t zeroed_whole = 128 << 10;

bool is_resident(unsigned char of_page) noexcept { return (of_page & 1) != 0; }

/// Makes all of it take up memory: one call of the system instead of a fault for each page, which takes longer
/// than to copy what goes into the page. Does nothing before Linux 5.14.
void populate(std::byte* base, std::uint64_t bytes) noexcept {
  constexpr int populate_write = 23;  // MADV_POPULATE_WRITE, which not all headers have
  constexpr std::uint64_t worth_a_call = 16 << 10;
  if (bytes < worth_a_call) return;
  static_cast<void>(::madvise(base, static_cast<std::size_t>(bytes), populate_write));
}

}  // namespace

std::byte* grow(std::byte* base, std::uint64_t bytes, std::uint64_t, std::uint64_t more) noexcept {
  if (more > std::numeric_limits<std::size_t>::max()) return nullptr;
  void* const grown = ::mremap(base, static_cast<std::size_t>(bytes),
                               static_cast<std::size_t>(more), MREMAP_MAYMOVE);
  return grown == MAP_FAILED ? nullptr : static_cast<std::byte*>(grown);
}

bool clear(std::byte* base, std::uint64_t bytes) noexcept {
  // Refused for locked pages.
  if (::madvise(base, static_cast<std::size_t>(bytes), MADV_DONTNEED) != 0) {
    std::memset(base, 0, static_cast<std::size_t>(bytes));
  }
  return true;
}

std::vector<Part> touched(const std::byte* base, std::uint64_t bytes) {
  constexpr std::uint64_t window_pages = 4096;
  unsigned char residency[window_pages];
  const std::uint64_t page = host_page();
  std::vector<Part> parts;
  for (std::uint64_t done = 0; done < bytes;) {
    const std::uint64_t window = std::min(bytes - done, window_pages * page);
    const bool is_known =
        !may_be_swapped() && ::mincore(const_cast<std::byte*>(base) + done,
                                       static_cast<std::size_t>(window), residency) == 0;
    for (std::uint64_t at = 0; at < window; at += page) {
      if (is_known && !is_resident(residency[at / page])) continue;
      if (parts.empty() || parts.back().begin + parts.back().bytes != done + at) {
        parts.push_back({done + at, 0});
      }
      parts.back().bytes += std::min(page, window - at);
    }
    done += window;
  }
  return parts;
}

/// Huge pages where half of one or more will be written.
void expect_writes(std::byte* base, std::uint64_t bytes, std::span<const Part> parts) noexcept {
  constexpr std::uint64_t huge = std::uint64_t{2} << 20;
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  const std::uint64_t first = (huge - address % huge) % huge;  // where the first can begin
  auto part = parts.begin();
  for (std::uint64_t begin = first; begin < bytes && huge <= bytes - begin; begin += huge) {
    const std::uint64_t end = begin + huge;
    while (part != parts.end() && part->begin + part->bytes <= begin) ++part;
    std::uint64_t written = 0;
    for (auto in = part; in != parts.end() && in->begin < end; ++in) {
      written += std::min(end, in->begin + in->bytes) - std::max(begin, in->begin);
    }
    if (written < huge / 2) continue;
    // Where there is a small page already, even a zero one, there will be no huge one.
    static_cast<void>(::madvise(base + begin, static_cast<std::size_t>(huge), MADV_DONTNEED));
    static_cast<void>(::madvise(base + begin, static_cast<std::size_t>(huge), MADV_HUGEPAGE));
  }
  for (const Part& in : parts) populate(base + in.begin, in.bytes);
}

Cleared clear_keeping(std::byte* base, std::uint64_t bytes, std::uint64_t most) noexcept {
  if (bytes <= std::min(most, zeroed_whole)) {
    std::memset(base, 0, static_cast<std::size_t>(bytes));
    return {true, bytes};
  }
  constexpr std::uint64_t window_pages = 1024;
  unsigned char residency[window_pages];
  const std::uint64_t page = host_page();
  if (most < page) return {clear(base, bytes), 0};
  Keeper keeper(most / page * page);
  for (std::uint64_t done = 0; done < bytes;) {
    if (keeper.is_full()) return {clear(base + done, bytes - done), keeper.resident()};
    const std::uint64_t window = std::min(bytes - done, window_pages * page);
    std::byte* const from = base + done;
    if (::mincore(from, static_cast<std::size_t>(window), residency) != 0) {
      return {clear(base, bytes), 0};
    }
    for (std::uint64_t i = 0; i < window / page;) {
      std::uint64_t end = i + 1;
      while (end < window / page && is_resident(residency[end]) == is_resident(residency[i])) ++end;
      if (!keeper.clear_run(from + i * page, (end - i) * page, is_resident(residency[i])))
        return {};
      i = end;
    }
    done += window;
  }
  return {true, keeper.resident()};
}

}  // namespace fermata::pages
