// Memory: bounds at their exact edges, limits, the budget, and growth.
#include "interp/runtime/memory.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

MemoryType type(std::uint64_t min, std::optional<std::uint64_t> max = {}) {
  return {.limits = {min, max}};
}

Budget no_budget;

std::unique_ptr<Memory> memory(const MemoryType& of, std::uint64_t limit = 65536,
                               Budget& budget = no_budget) {
  auto made = Memory::create(of, limit, budget);
  REQUIRE(made);
  return std::move(*made);
}

std::uint8_t at(const Memory& m, std::uint64_t address) {
  return std::to_integer<std::uint8_t>(m.data()[address]);
}

bool all_zero(const Memory& m, std::uint64_t from, std::uint64_t to) {
  return std::all_of(m.data() + from, m.data() + to, [](std::byte b) { return b == std::byte{0}; });
}

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

TEST_CASE("growth gives the previous size, keeps what was written, and adds zeros up to the limit") {
  const auto m = memory(type(1));
  m->data()[page_size - 1] = std::byte{7};
  CHECK(m->grow(0) == 1);
  CHECK(m->grow(2) == 1);
  // A 32-bit host has no room for all of it.
  constexpr std::uint64_t largest = sizeof(std::size_t) > 4 ? 65536 : 16384;
  CHECK(m->grow(largest - 3) == 3);
  CHECK(m->size() == largest * page_size);
  CHECK(at(*m, page_size - 1) == 7);
  CHECK(all_zero(*m, page_size, 3 * page_size));
  CHECK(at(*m, m->size() - 1) == 0);
  CHECK(m->grow(65536 - largest + 1) == refused);
  CHECK(m->grow(most) == refused);
}

TEST_CASE("a memory that grows page by page keeps every page, and moves seldom") {
  const auto m = memory(type(1));
  std::set<const std::byte*> places;
  for (std::uint64_t page = 0; page < 600; ++page) {
    if (page != 0) REQUIRE(m->grow(1) == page);
    REQUIRE(all_zero(*m, page * page_size, (page + 1) * page_size));
    REQUIRE(m->fill(page * page_size, static_cast<std::uint8_t>(page % 251 + 1), page_size) ==
            Trap::none);
    places.insert(m->data());
  }
  for (std::uint64_t page = 0; page < 600; ++page) {
    const auto value = static_cast<std::byte>(page % 251 + 1);
    const std::byte* const begin = m->data() + page * page_size;
    REQUIRE(std::all_of(begin, begin + page_size, [&](std::byte b) { return b == value; }));
  }
  CHECK(places.size() <= 11);  // one for each doubling
}

TEST_CASE("growth stops at the declared maximum and at the limit of the options") {
  CHECK(memory(type(1, 3))->grow(2) == 1);
  CHECK(memory(type(1, 3))->grow(3) == refused);
  CHECK(memory(type(1, 30), 3)->grow(2) == 1);
  CHECK(memory(type(1, 30), 3)->grow(3) == refused);
}

TEST_CASE("a minimum above the limit of the options is out of memory") {
  const auto m = Memory::create(type(4), 3, no_budget);
  REQUIRE_FALSE(m);
  CHECK(m.error().code == ErrorCode::out_of_memory);
}

TEST_CASE("a 64-bit memory that nothing bounds is made and grows") {
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

TEST_CASE("a memory is charged to the budget for as long as it lives, growth included") {
  Budget budget(4 * page_size);
  {
    const auto m = memory(type(1), most, budget);
    CHECK(budget.left() == 3 * page_size);
    CHECK(m->grow(4) == refused);
    CHECK(m->grow(2) == 1);
    CHECK(budget.left() == page_size);
    const auto other = Memory::create(type(2), most, budget);
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::out_of_memory);
    CHECK(other.error().message == "memory of 2 pages: the budget has 65536 bytes left");
    CHECK(m->grow(1) == 3);
    CHECK(m->grow(1) == refused);
    REQUIRE(m->reset());
    CHECK(budget.left() == 3 * page_size);
  }
  CHECK(budget.left() == 4 * page_size);
}

TEST_CASE("a growth that the system refuses leaves the memory and the budget as they were") {
  MemoryType huge = type(1);
  huge.address = AddressType::i64;
  Budget budget;
  const auto m = memory(huge, most, budget);
  REQUIRE(m->fill(0, 5, page_size) == Trap::none);
  const std::uint64_t left = budget.left();
  CHECK(m->grow((std::uint64_t{1} << 46) - 1) == refused);
  CHECK(budget.left() == left);
  CHECK(m->size() == page_size);
  CHECK(at(*m, page_size - 1) == 5);
}
