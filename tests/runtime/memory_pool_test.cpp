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
#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

constexpr int often = 40;  // so that the pool takes its processes for many

std::unique_ptr<Memory> memory(MemoryPool& pool, std::uint64_t min) {
  static Budget no_budget;
  auto made = Memory::create({.limits = {min, {}}}, 65536, no_budget, &pool);
  REQUIRE(made);
  return std::move(*made);
}

bool all_zero(const Memory& m, std::uint64_t from, std::uint64_t to) {
  return std::all_of(m.data() + from, m.data() + to, [](std::byte b) { return b == std::byte{0}; });
}

bool all_zero(const Memory& m) { return all_zero(m, 0, m.size()); }

void dirty(Memory& m) { REQUIRE(m.fill(0, 0xA5, m.size()) == Trap::none); }

void make_busy(MemoryPool& pool) {
  for (int i = 0; i < often; ++i) dirty(*memory(pool, 1));
}

/// How many of a block's bytes take up memory.
std::uint64_t resident(const Block& block) {
  const auto host_page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> present(static_cast<std::size_t>(block.bytes / host_page));
  REQUIRE(::mincore(block.base, static_cast<std::size_t>(block.bytes), present.data()) == 0);
  return host_page * static_cast<std::uint64_t>(std::count(present.begin(), present.end(), 1));
}

struct Taken {
  std::vector<Block> blocks;
  std::uint64_t resident = 0;  // bytes
  Taken() = default;
  Taken(Taken&&) = default;
  ~Taken() {
    for (const Block& block : blocks) Blocks::shared().give(block);
  }
};

/// Takes all blocks of at least that size out of the pool.
Taken take_all(MemoryPool& pool, std::uint64_t bytes = page_size) {
  Taken taken;
  for (Block block = pool.take(bytes); block.base != nullptr; block = pool.take(bytes)) {
    taken.blocks.push_back(block);
    taken.resident += resident(block);
  }
  return taken;
}

}  // namespace

TEST_CASE("a memory that takes the place of another is all zero") {
  for (const std::uint64_t min : {1, 2, 3, 16, 17, 100}) {
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
    CHECK(places.size() == 1);  // or nothing was put to the test
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

TEST_CASE("a pool keeps a bounded number of blocks and gives out each once") {
  MemoryPool pool;
  std::vector<std::unique_ptr<Memory>> all;
  for (int i = 0; i < 100; ++i) all.push_back(memory(pool, 1));
  all.clear();
  const Taken taken = take_all(pool);
  std::set<std::byte*> places;
  for (const Block& block : taken.blocks) places.insert(block.base);
  CHECK(taken.blocks.size() == MemoryPool::most_blocks);
  CHECK(places.size() == MemoryPool::most_blocks);
}

TEST_CASE("a pool keeps blocks of any size, up to its share of address space together") {
  MemoryPool pool;
  constexpr std::uint64_t quarter = MemoryPool::most_bytes / 4 / page_size;
  std::vector<std::unique_ptr<Memory>> all;
  for (int i = 0; i < 6; ++i) all.push_back(memory(pool, quarter));
  all.clear();
  CHECK(take_all(pool).blocks.size() == 4);
  CHECK(memory(pool, 5 * quarter) != nullptr);
  CHECK(take_all(pool).blocks.empty());
}

TEST_CASE("a block too small for a memory is left in the pool") {
  MemoryPool pool;
  CHECK(memory(pool, 2) != nullptr);
  CHECK(pool.take(5 * page_size).base == nullptr);
  CHECK(memory(pool, 5)->size() == 5 * page_size);
  CHECK(take_all(pool).blocks.size() == 2);
}

TEST_CASE("of many memories given back at once few stay warm, and those go first") {
  for (const std::uint64_t min : {1, 2, 3, 40}) {
    MemoryPool pool;
    make_busy(pool);
    std::vector<std::unique_ptr<Memory>> all;
    for (int i = 0; i < often; ++i) {
      all.push_back(memory(pool, min));
      dirty(*all.back());
    }
    all.clear();
    INFO(min);
    const Taken taken = take_all(pool, min * page_size);
    const Taken others = take_all(pool);
    REQUIRE_FALSE(taken.blocks.empty());
    CHECK(resident(taken.blocks.front()) != 0);
    CHECK(taken.resident + others.resident == MemoryPool::most_warm_bytes);
  }
}

TEST_CASE("a large memory of which little is written to is kept warm as a small one is") {
  MemoryPool pool;
  for (int i = 0; i < often; ++i) {
    const auto m = memory(pool, 200);
    REQUIRE(all_zero(*m, 0, page_size));
    REQUIRE(all_zero(*m, m->size() - page_size, m->size()));
    REQUIRE(m->fill(0, 1, 4096) == Trap::none);
    REQUIRE(m->fill(m->size() - 4096, 1, 4096) == Trap::none);
  }
  const Taken taken = take_all(pool);
  REQUIRE(taken.blocks.size() == 1);
  CHECK(taken.resident >= 2 * 4096);
  CHECK(taken.resident <= MemoryPool::most_warm_bytes_of_block);
}

TEST_CASE("what a pool kept warm and gave out makes room for others") {
  MemoryPool pool;
  make_busy(pool);
  for (int i = 0; i < often; ++i) {
    std::vector<std::unique_ptr<Memory>> all;
    for (int j = 0; j < 8; ++j) all.push_back(memory(pool, 2));
    for (const auto& m : all) dirty(*m);
  }
  CHECK(take_all(pool).resident == MemoryPool::most_warm_bytes);
  make_busy(pool);
  CHECK(take_all(pool).resident == page_size);
}

TEST_CASE("the memory of a module that runs a few times is not kept warm") {
  MemoryPool pool;
  for (int i = 0; i < 4; ++i) dirty(*memory(pool, 1));
  CHECK(take_all(pool).resident == 0);
}

TEST_CASE("OS threads that use one pool at once never see what another wrote") {
  MemoryPool pool;
  std::atomic<int> dirty_ones = 0;
  const auto work = [&] {
    Budget budget;
    for (int i = 0; i < 200; ++i) {
      const auto m = Memory::create({.limits = {1, {}}}, 65536, budget, &pool);
      if (!m || !all_zero(**m)) ++dirty_ones;
      if (m) static_cast<void>((*m)->fill(0, 0xFF, (*m)->size()));
    }
  };
  std::thread other(work);
  work();
  other.join();
  CHECK(dirty_ones == 0);
}
