// Memory: bounds at their exact edges, limits, growth that does not move, and growth that must.
#include "interp/runtime/memory.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "interp/runtime/pages.hpp"
#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

MemoryType type(std::uint64_t min, std::optional<std::uint64_t> max = {}) {
  return {.limits = {min, max}};
}

std::unique_ptr<Memory> memory(const MemoryType& of, std::uint64_t limit = 65536) {
  auto made = Memory::create(of, limit);
  REQUIRE(made);
  return std::move(*made);
}

std::uint8_t at(const Memory& m, std::uint64_t address) {
  return std::to_integer<std::uint8_t>(m.data()[address]);
}

bool all_zero(const Memory& m, std::uint64_t from, std::uint64_t to) {
  return std::all_of(m.data() + from, m.data() + to, [](std::byte b) { return b == std::byte{0}; });
}

/// Address space of this process, in bytes.
std::uint64_t address_space() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long long host_pages = 0;
  const int read = std::fscanf(file, "%llu", &host_pages);
  std::fclose(file);
  return read == 1 ? host_pages * 4096 : 0;
}

/// Lets the process have so much more address space while it lives.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(std::uint64_t more) {
    getrlimit(RLIMIT_AS, &before_);
    rlimit tight = before_;
    tight.rlim_cur = address_space() + more;
    setrlimit(RLIMIT_AS, &tight);
  }
  ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a new memory has its minimum of zeroed pages") {
  const auto m = memory(type(2, 5));
  CHECK(m->size() == 2 * page_size);
  CHECK(all_zero(*m, 0, m->size()));
}

TEST_CASE("a memory without pages has no address and takes no address space") {
  const auto m = memory(type(0));
  CHECK(m->data() == nullptr);
  CHECK(m->contains(0, 0));
  CHECK_FALSE(m->contains(0, 1));
  CHECK_FALSE(m->contains(1, 0));
  CHECK(m->fill(0, 1, 0) == Trap::none);
  CHECK(m->fill(0, 1, 1) == Trap::out_of_bounds_memory_access);
  CHECK(Memory::copy(*m, 0, *m, 0, 0) == Trap::none);
}

TEST_CASE("a memory with a maximum of no pages never grows") {
  const auto m = memory(type(0, 0));
  CHECK(m->grow(1) == refused);
  CHECK(m->grow(0) == 0);
}

TEST_CASE("growth gives the previous size and moves nothing after the first up to 4 GiB") {
  const auto m = memory(type(1));
  m->data()[page_size - 1] = std::byte{7};
  CHECK(m->grow(0) == 1);
  CHECK(m->grow(2) == 1);
  const std::byte* const begin = m->data();
  CHECK(m->grow(65533) == 3);
  CHECK(m->data() == begin);
  CHECK(m->size() == std::uint64_t{1} << 32);
  CHECK(at(*m, page_size - 1) == 7);
  CHECK(all_zero(*m, page_size, 3 * page_size));
  CHECK(at(*m, m->size() - 1) == 0);
  CHECK(m->grow(1) == refused);
  CHECK(m->grow(most) == refused);
}

TEST_CASE("growth stops at the declared maximum and at the limit of the options") {
  CHECK(memory(type(1, 3))->grow(2) == 1);
  CHECK(memory(type(1, 3))->grow(3) == refused);
  CHECK(memory(type(1, 30), 3)->grow(2) == 1);
  CHECK(memory(type(1, 30), 3)->grow(3) == refused);
}

TEST_CASE("a minimum above the limit of the options is out of memory") {
  const auto m = Memory::create(type(4), 3);
  REQUIRE_FALSE(m);
  CHECK(m.error().code == ErrorCode::out_of_memory);
}

TEST_CASE("a 64-bit memory that nothing bounds is made with as much reservation as there is") {
  MemoryType huge = type(1);
  huge.address = AddressType::i64;
  const auto m = memory(huge, most);
  CHECK(m->grow(3) == 1);
  CHECK(m->grow(most) == refused);
  CHECK(m->grow(std::uint64_t{1} << 46) == refused);
  CHECK(m->size() == 4 * page_size);
}

TEST_CASE("a range of a memory is inside up to its exact end, for any numbers") {
  const auto m = memory(type(1));
  CHECK(m->contains(0, page_size));
  CHECK(m->contains(page_size, 0));
  CHECK(m->contains(page_size - 1, 1));
  CHECK_FALSE(m->contains(page_size - 1, 2));
  CHECK_FALSE(m->contains(page_size + 1, 0));
  CHECK_FALSE(m->contains(most, 1));
  CHECK_FALSE(m->contains(1, most));
  CHECK_FALSE(m->contains(most, most));
}

TEST_CASE("a fill past the end traps and writes nothing") {
  const auto m = memory(type(1));
  CHECK(m->fill(page_size - 2, 9, 3) == Trap::out_of_bounds_memory_access);
  CHECK(at(*m, page_size - 2) == 0);
  CHECK(m->fill(page_size - 2, 9, 2) == Trap::none);
  CHECK(at(*m, page_size - 3) == 0);
  CHECK(at(*m, page_size - 2) == 9);
  CHECK(at(*m, page_size - 1) == 9);
}

TEST_CASE("a copy within one memory may overlap, and traps whole past either end") {
  const auto m = memory(type(1));
  const std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  REQUIRE(m->init(0, bytes, 0, 4) == Trap::none);
  CHECK(Memory::copy(*m, 1, *m, 0, 4) == Trap::none);
  CHECK(at(*m, 1) == 1);
  CHECK(at(*m, 4) == 4);
  CHECK(Memory::copy(*m, page_size - 1, *m, 0, 2) == Trap::out_of_bounds_memory_access);
  CHECK(Memory::copy(*m, 0, *m, page_size - 1, 2) == Trap::out_of_bounds_memory_access);
  CHECK(at(*m, page_size - 1) == 0);
  CHECK(at(*m, 0) == 1);
}

TEST_CASE("a copy between two memories checks each against its own size") {
  const auto small = memory(type(1));
  const auto large = memory(type(2));
  CHECK(Memory::copy(*large, page_size, *small, 0, page_size) == Trap::none);
  CHECK(Memory::copy(*small, 0, *large, page_size, page_size) == Trap::none);
  CHECK(Memory::copy(*small, 1, *large, page_size, page_size) == Trap::out_of_bounds_memory_access);
}

TEST_CASE("an init checks the segment and the memory") {
  const auto m = memory(type(1));
  const std::array<std::uint8_t, 3> bytes{5, 6, 7};
  CHECK(m->init(page_size - 3, bytes, 0, 3) == Trap::none);
  CHECK(m->init(page_size, bytes, 3, 0) == Trap::none);
  CHECK(m->init(0, bytes, 1, 3) == Trap::out_of_bounds_memory_access);
  CHECK(m->init(0, bytes, 4, 0) == Trap::out_of_bounds_memory_access);
  CHECK(m->init(page_size - 2, bytes, 0, 3) == Trap::out_of_bounds_memory_access);
  CHECK(m->init(0, {}, 0, 1) == Trap::out_of_bounds_memory_access);
  CHECK(at(*m, page_size - 1) == 7);
  CHECK(at(*m, 0) == 0);
}

TEST_CASE("a reset memory has its minimum again, all zero, and grows as new") {
  const auto m = memory(type(1, 4));
  REQUIRE(m->grow(3) == 1);
  REQUIRE(m->fill(0, 255, m->size()) == Trap::none);
  REQUIRE(m->reset());
  CHECK(m->size() == page_size);
  CHECK(all_zero(*m, 0, page_size));
  CHECK(m->grow(3) == 1);
  CHECK(all_zero(*m, page_size, 4 * page_size));
}

TEST_CASE("pages that move keep their contents, and new ones are zero") {
  std::byte* base = pages::reserve(2 * page_size);
  REQUIRE(base != nullptr);
  REQUIRE(pages::commit(base, 0, page_size));
  base[page_size - 1] = std::byte{42};
  base = pages::move(base, 2 * page_size, page_size, 8 * page_size);
  REQUIRE(base != nullptr);
  REQUIRE(pages::commit(base, page_size, 8 * page_size));
  CHECK(base[page_size - 1] == std::byte{42});
  CHECK(base[page_size] == std::byte{0});
  CHECK(base[8 * page_size - 1] == std::byte{0});
  pages::release(base, 8 * page_size);
}

// The first part was written to before the first move, so that the system cannot treat it and what
// is committed behind it as one.
TEST_CASE("pages move a second time with what was committed since the first") {
  std::byte* base = pages::allocate(page_size);
  REQUIRE(base != nullptr);
  std::fill_n(base, page_size, std::byte{1});
  base = pages::move(base, page_size, page_size, 4 * page_size);
  REQUIRE(base != nullptr);
  REQUIRE(pages::commit(base, page_size, 3 * page_size));
  std::fill_n(base + page_size, 2 * page_size, std::byte{2});
  base = pages::move(base, 4 * page_size, 3 * page_size, 8 * page_size);
  REQUIRE(base != nullptr);
  REQUIRE(pages::commit(base, 3 * page_size, 8 * page_size));
  CHECK(std::count(base, base + page_size, std::byte{1}) == page_size);
  CHECK(std::count(base + page_size, base + 3 * page_size, std::byte{2}) == 2 * page_size);
  CHECK(std::count(base + 3 * page_size, base + 8 * page_size, std::byte{0}) == 5 * page_size);
  pages::release(base, 8 * page_size);
}

TEST_CASE("where address space is short a memory reserves less and moves again when it grows") {
  constexpr std::uint64_t megabyte = 1 << 20;
  if (address_space() == 0) return;  // no such limit on this system
  const auto m = memory(type(1));
  REQUIRE(m->fill(0, 3, page_size) == Trap::none);
  {
    const AddressSpaceLimit tight(96 * megabyte);
    REQUIRE(m->grow(4) == 1);
    REQUIRE(m->grow(2048 * 16) == refused);  // 2 GiB, which were not reserved then
    REQUIRE(m->size() == 5 * page_size);
  }
  REQUIRE(m->fill(page_size, 4, 4 * page_size) == Trap::none);
  const std::byte* const before = m->data();
  REQUIRE(m->grow(2048 * 16) == 5);
  CHECK(m->data() != before);
  CHECK(std::count(m->data(), m->data() + page_size, std::byte{3}) == page_size);
  CHECK(std::count(m->data() + page_size, m->data() + 5 * page_size, std::byte{4}) ==
        4 * page_size);
  CHECK(all_zero(*m, 5 * page_size, 6 * page_size));
  CHECK(at(*m, m->size() - 1) == 0);
}

TEST_CASE("a large memory never moves") {
  const auto m = memory(type(17));
  const std::byte* const begin = m->data();
  CHECK(m->grow(40) == 17);
  CHECK(m->data() == begin);
}
