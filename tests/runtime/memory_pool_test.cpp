// MemoryPool: what one process left in a memory, no other ever sees; and the pool stays small.
#include "interp/runtime/memory_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "interp/runtime/memory.hpp"
#include "interp/runtime/pages.hpp"
#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

constexpr int often = 40;  // so that the pool takes its processes for many

std::unique_ptr<Memory> memory(MemoryPool& pool, std::uint64_t min) {
  auto made = Memory::create({.limits = {min, {}}}, 65536, &pool);
  REQUIRE(made);
  return std::move(*made);
}

bool all_zero(const Memory& m) {
  return std::all_of(m.data(), m.data() + m.size(), [](std::byte b) { return b == std::byte{0}; });
}

void dirty(Memory& m) { REQUIRE(m.fill(0, 0xA5, m.size()) == Trap::none); }

void make_busy(MemoryPool& pool) {
  for (int i = 0; i < often; ++i) dirty(*memory(pool, 1));
}

/// How many of a block's bytes take up memory.
std::uint64_t resident(std::byte* block, std::uint64_t bytes) {
  const auto host_page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> present(bytes / host_page);
  REQUIRE(::mincore(block, bytes, present.data()) == 0);
  return host_page * static_cast<std::uint64_t>(std::count(present.begin(), present.end(), 1));
}

/// Takes all blocks of that size out of the pool; how many bytes of them take up memory.
std::uint64_t take_all(MemoryPool& pool, std::uint64_t bytes) {
  std::uint64_t sum = 0;
  while (std::byte* const block = pool.take(bytes)) {
    sum += resident(block, bytes);
    pages::release(block, bytes);
  }
  return sum;
}

}  // namespace

TEST_CASE("a memory that takes the place of another is all zero") {
  for (const std::uint64_t min : {1, 2, 3, 16, 17}) {
    MemoryPool pool;
    std::set<const std::byte*> places;
    for (int i = 0; i < often; ++i) {
      const auto m = memory(pool, min);
      places.insert(m->data());
      CHECK(m->size() == min * page_size);
      CHECK(all_zero(*m));
      dirty(*m);
    }
    INFO(min);
    if (min <= 16) CHECK(places.size() == 1);  // or nothing was put to the test
  }
}

TEST_CASE("a memory that was grown or reset leaves nothing to the next") {
  MemoryPool pool;
  for (int i = 0; i < often; ++i) {
    const auto m = memory(pool, 1);
    CHECK(all_zero(*m));
    dirty(*m);
    if (i % 2 == 0) {
      REQUIRE(m->grow(3) == 1);
      CHECK(std::all_of(m->data(), m->data() + page_size,
                        [](std::byte b) { return b == std::byte{0xA5}; }));
      CHECK(std::all_of(m->data() + page_size, m->data() + m->size(),
                        [](std::byte b) { return b == std::byte{0}; }));
      dirty(*m);
    }
    if (i % 3 == 0) {
      REQUIRE(m->reset());
      CHECK(m->size() == page_size);
      CHECK(all_zero(*m));
      dirty(*m);
    }
  }
}

TEST_CASE("memories that live at the same time share nothing") {
  MemoryPool pool;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Memory>> all;
    std::set<const std::byte*> places;
    for (int i = 0; i < often; ++i) {
      all.push_back(memory(pool, 1 + i % 2));
      CHECK(all_zero(*all.back()));
      dirty(*all.back());
      places.insert(all.back()->data());
    }
    CHECK(places.size() == all.size());
  }
}

TEST_CASE("a pool keeps a bounded number of blocks, none of them large, and gives out each once") {
  MemoryPool pool;
  std::vector<std::unique_ptr<Memory>> all;
  for (int i = 0; i < 100; ++i) all.push_back(memory(pool, 1));
  all.clear();
  std::set<std::byte*> kept;
  while (std::byte* const block = pool.take(page_size)) CHECK(kept.insert(block).second);
  CHECK(kept.size() == 16);
  for (std::byte* const block : kept) pages::release(block, page_size);

  CHECK(memory(pool, 17) != nullptr);
  CHECK(pool.take(17 * page_size) == nullptr);
  CHECK(memory(pool, 16) != nullptr);
  CHECK(pool.take(15 * page_size) == nullptr);
  std::byte* const block = pool.take(16 * page_size);
  REQUIRE(block != nullptr);
  pages::release(block, 16 * page_size);
}

TEST_CASE("of many memories given back at once few stay warm, and those go first") {
  for (const std::uint64_t min : {1, 2, 3}) {
    MemoryPool pool;
    make_busy(pool);
    std::vector<std::unique_ptr<Memory>> all;
    for (int i = 0; i < often; ++i) {
      all.push_back(memory(pool, min));
      dirty(*all.back());
    }
    all.clear();
    INFO(min);
    std::byte* const first = pool.take(min * page_size);
    REQUIRE(first != nullptr);
    const std::uint64_t of_first = resident(first, min * page_size);
    CHECK(of_first == (min <= 2 ? min * page_size : 0));
    pages::release(first, min * page_size);
    const std::uint64_t warm =
        of_first + take_all(pool, min * page_size) + take_all(pool, page_size);
    CHECK(warm <= MemoryPool::most_warm_bytes);
  }
}

TEST_CASE("what a pool kept warm and gave out makes room for others") {
  MemoryPool pool;
  make_busy(pool);
  for (int i = 0; i < often; ++i) {
    std::vector<std::unique_ptr<Memory>> all;
    for (int j = 0; j < 8; ++j) all.push_back(memory(pool, 1 + j % 2));
    for (const auto& m : all) dirty(*m);
  }
  const std::uint64_t warm = take_all(pool, page_size) + take_all(pool, 2 * page_size);
  CHECK(warm == MemoryPool::most_warm_bytes);
  make_busy(pool);
  CHECK(take_all(pool, page_size) == page_size);
}

TEST_CASE("the memory of a module that runs a few times is not kept warm") {
  MemoryPool pool;
  for (int i = 0; i < 4; ++i) dirty(*memory(pool, 1));
  CHECK(take_all(pool, page_size) == 0);
}

TEST_CASE("OS threads that use one pool at once never see what another wrote") {
  MemoryPool pool;
  std::atomic<int> dirty_ones = 0;
  const auto work = [&] {
    for (int i = 0; i < 200; ++i) {
      const auto m = Memory::create({.limits = {1, {}}}, 65536, &pool);
      if (!m || !all_zero(**m)) ++dirty_ones;
      if (m) static_cast<void>((*m)->fill(0, 0xFF, (*m)->size()));
    }
  };
  std::thread other(work);
  work();
  other.join();
  CHECK(dirty_ones == 0);
}
