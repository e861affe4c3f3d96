// Blocks: all zero, none shared, few mappings, a share that is kept, and growth that loses nothing.
#include "interp/runtime/blocks.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "interp/runtime/pages.hpp"
#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

bool all_bytes(const Block& block, std::uint64_t from, std::uint64_t to, std::byte value) {
  return std::all_of(block.base + from, block.base + to, [&](std::byte b) { return b == value; });
}

void fill(const Block& block, std::byte value) {
  std::fill_n(block.base, static_cast<std::size_t>(block.bytes), value);
}

}  // namespace

TEST_CASE("a block has at least the size asked for, at most a quarter more, and is all zero") {
  Blocks blocks;
  for (std::uint64_t pages = 1; pages <= 100; ++pages) {
    const Block block = blocks.take(pages * page_size);
    INFO(pages);
    REQUIRE(block.base != nullptr);
    CHECK(block.bytes >= pages * page_size);
    CHECK(block.bytes * 4 <= 5 * pages * page_size);
    CHECK((block.slab == nullptr) == (pages * page_size > Blocks::largest_in_slab));
    CHECK(all_bytes(block, 0, block.bytes, std::byte{0}));
    fill(block, std::byte{1});
    blocks.give(block);
  }
  CHECK(blocks.mappings() == 0);
  CHECK(blocks.mapped_bytes() == 0);
}

TEST_CASE("blocks that exist at the same time share nothing, and those of one size few mappings") {
  Blocks blocks;
  std::vector<Block> all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(blocks.take(2 * page_size));
    REQUIRE(all.back().base != nullptr);
  }
  CHECK(blocks.mappings() <= 20);
  CHECK(blocks.mapped_bytes() < 1100 * 2 * page_size);
  std::ranges::sort(all, {}, &Block::base);
  for (std::size_t i = 1; i < all.size(); ++i) {
    REQUIRE(all[i - 1].base + all[i - 1].bytes <= all[i].base);
  }
  for (const Block& block : all) blocks.give(block);
  CHECK(blocks.mappings() == 0);
}

TEST_CASE("a block that was given back is all zero when it is given out again") {
  Blocks blocks;
  const Block stays = blocks.take(page_size);  // or the slab would be given back
  for (int i = 0; i < 20; ++i) {
    const Block block = blocks.take(page_size);
    REQUIRE(all_bytes(block, 0, block.bytes, std::byte{0}));
    fill(block, std::byte{0xA5});
    blocks.give(block);
  }
  blocks.give(stays);
}

TEST_CASE("a block grows within slabs, out of them, and as a mapping, and keeps its contents") {
  Blocks blocks;
  Block block = blocks.take(page_size);
  std::fill_n(block.base, page_size, std::byte{7});
  std::uint64_t used = page_size;
  for (const std::uint64_t pages : {2, 30, 70, 150, 500}) {
    const Block grown = blocks.grow(block, used, pages * page_size, 2 * pages * page_size);
    INFO(pages);
    REQUIRE(grown.base != nullptr);
    CHECK(grown.bytes >= 2 * pages * page_size);
    CHECK(all_bytes(grown, 0, used, std::byte{7}));
    CHECK(all_bytes(grown, used, grown.bytes, std::byte{0}));
    used = pages * page_size;
    std::fill_n(grown.base, static_cast<std::size_t>(used), std::byte{7});
    block = grown;
  }
  CHECK(blocks.mappings() == 1);
  CHECK(blocks.mapped_bytes() == block.bytes);
  blocks.give(block);
  CHECK(blocks.mapped_bytes() == 0);
}

TEST_CASE("a block too large for what is wanted grows to what is needed") {
  Blocks blocks;
  const Block block = blocks.take(40 * page_size);
  const Block grown =
      blocks.grow(block, 0, 50 * page_size, std::numeric_limits<std::uint64_t>::max() / 2);
  REQUIRE(grown.base != nullptr);
  CHECK(grown.bytes == 50 * page_size);
  blocks.give(grown);
}

TEST_CASE("blocks together take no more than their share of address space") {
  Blocks blocks;
  CHECK(blocks.take(pages::share() + page_size).base == nullptr);
  CHECK(blocks.take(std::numeric_limits<std::uint64_t>::max() / page_size * page_size).base ==
        nullptr);
  CHECK(blocks.mapped_bytes() == 0);
  CHECK(blocks.mappings() == 0);

  const Block block = blocks.take(40 * page_size);
  REQUIRE(block.base != nullptr);
  CHECK(blocks.grow(block, 0, pages::share() + page_size, pages::share() + page_size).base ==
        nullptr);
  CHECK(blocks.mapped_bytes() == block.bytes);
  blocks.give(block);
}

TEST_CASE("blocks together take no more than their share of the system's mappings") {
  Blocks blocks;
  std::vector<Block> all;
  const std::uint64_t bytes = Blocks::largest_in_slab + page_size;
  const bool has_room = bytes * Blocks::most_mappings < pages::share();
  for (;;) {
    const Block block = blocks.take(bytes);
    if (block.base == nullptr) break;
    all.push_back(block);
    REQUIRE(all.size() <= Blocks::most_mappings);
  }
  if (has_room) {
    CHECK(all.size() == Blocks::most_mappings);
    CHECK(blocks.take(page_size).base == nullptr);
  }
  for (const Block& block : all) blocks.give(block);
  CHECK(blocks.mappings() == 0);
  CHECK(blocks.mapped_bytes() == 0);
}
