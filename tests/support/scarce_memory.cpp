#include "tests/support/scarce_memory.hpp"

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <new>

#include "tests/support/catch.hpp"

#ifdef FERMATA_WRAPS_ALLOCATIONS
#include <sys/mman.h>
#endif

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// Tests have one OS thread.
std::size_t granted = unlimited;  // before the next refusal
bool refuses_all = false;
bool has_refused = false;
bool is_scarce = false;
std::size_t in_use = 0;

bool is_refused() noexcept {
  if (!is_scarce) return false;
  if (granted > 0) {
    --granted;
    return false;
  }
  if (has_refused && !refuses_all) return false;
  has_refused = true;
  return true;
}

}  // namespace

#ifdef FERMATA_WRAPS_ALLOCATIONS
// The linker sends the program's calls of these here.
extern "C" {
void* __real_malloc(std::size_t bytes);
void* __real_calloc(std::size_t count, std::size_t bytes);
void* __real_realloc(void* block, std::size_t bytes);
void* __real_mmap(void* address, std::size_t bytes, int protection, int flags, int file, off_t at);
void* __real_mremap(void* address, std::size_t bytes, std::size_t wanted, int flags, void* place);

void* __wrap_malloc(std::size_t bytes) { return is_refused() ? nullptr : __real_malloc(bytes); }
void* __wrap_calloc(std::size_t count, std::size_t bytes) {
  return is_refused() ? nullptr : __real_calloc(count, bytes);
}
void* __wrap_realloc(void* block, std::size_t bytes) {
  return is_refused() ? nullptr : __real_realloc(block, bytes);
}
void* __wrap_mmap(void* address, std::size_t bytes, int protection, int flags, int file, off_t at) {
  if (!is_refused()) return __real_mmap(address, bytes, protection, flags, file, at);
  errno = ENOMEM;
  return MAP_FAILED;
}
void* __wrap_mremap(void* address, std::size_t bytes, std::size_t wanted, int flags, void* place) {
  if (!is_refused()) return __real_mremap(address, bytes, wanted, flags, place);
  errno = ENOMEM;
  return MAP_FAILED;
}
}
#endif

namespace {

struct Header {
  std::size_t bytes;  // 0: not counted
  std::max_align_t begin;
};
constexpr std::size_t header_bytes = offsetof(Header, begin);

void* system_allocate(std::size_t bytes) noexcept {
#ifdef FERMATA_WRAPS_ALLOCATIONS
  return __real_malloc(bytes);
#else
  return std::malloc(bytes);
#endif
}

void* allocate(std::size_t bytes) noexcept {
  auto* const header = static_cast<Header*>(system_allocate(header_bytes + bytes));
  if (header == nullptr) std::abort();
  header->bytes = is_scarce ? bytes : 0;
  in_use += header->bytes;
  return &header->begin;
}

void* allocate_or_throw(std::size_t bytes) {
#ifdef __cpp_exceptions
  if (is_refused()) throw std::bad_alloc();
#endif
  return allocate(bytes);
}

void release(void* block) noexcept {
  if (block == nullptr) return;
  auto* const header = reinterpret_cast<Header*>(static_cast<std::byte*>(block) - header_bytes);
  in_use -= header->bytes;
  std::free(header);
}

}  // namespace

// All of them: sanitizers' own would not fall back on the others. Those for more alignment stay the
// system's, but for the refusals.
void* operator new(std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new[](std::size_t bytes) { return allocate_or_throw(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return is_refused() ? nullptr : allocate(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return is_refused() ? nullptr : allocate(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return is_refused() ? nullptr : std::aligned_alloc(static_cast<std::size_t>(alignment), bytes);
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(block);
}

namespace fermata::test {

ScarceMemory::ScarceMemory(std::size_t allocations, Refusals refusals) {
  granted = allocations;
  refuses_all = refusals == Refusals::all_from_then_on;
  ::has_refused = false;
}
ScarceMemory::~ScarceMemory() {
  granted = unlimited;
  ::has_refused = false;
}

bool ScarceMemory::has_refused() { return ::has_refused; }

ScarceMemory::Period::Period() { is_scarce = true; }
ScarceMemory::Period::~Period() { is_scarce = false; }

std::size_t bytes_in_use() { return in_use; }

void detail::fail_of_leak(std::size_t bytes, std::size_t allocations) {
  FAIL(bytes << " bytes are lost when " << allocations << " allocations were granted");
}

}  // namespace fermata::test
