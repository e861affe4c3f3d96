// Table: bounds at their exact edges, limits and growth.
#include "interp/runtime/table.hpp"

#include <deque>
#include <limits>

#include "interp/runtime/store.hpp"
#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

std::unique_ptr<Table> table(std::uint64_t min, std::optional<std::uint64_t> max = {},
                             std::uint64_t limit = 1000) {
  static Budget bytes;
  static std::deque<Budget> elements;  // live as long as their tables
  auto made = Table::create({.element = externref, .limits = {min, max}}, no_types(), bytes,
                            elements.emplace_back(limit));
  REQUIRE(made);
  return std::move(*made);
}

}  // namespace

TEST_CASE("a new table has its minimum of null elements") {
  const auto t = table(3);
  REQUIRE(t->size() == 3);
  CHECK(t->data()[0] == 0);
  CHECK(t->data()[2] == 0);
}

TEST_CASE("a table grows one by one and at once, and new elements have the value given") {
  const auto t = table(0);
  for (Slot i = 0; i < 100; ++i) REQUIRE(t->grow(1, i + 1) == i);
  CHECK(t->grow(2, 7) == 100);
  CHECK(t->data()[0] == 1);
  CHECK(t->data()[99] == 100);
  CHECK(t->data()[101] == 7);
  CHECK(t->grow(0, 9) == 102);
}

TEST_CASE("a table's growth stops at the declared maximum and at the limit of the options") {
  CHECK(table(1, 3)->grow(2, 0) == 1);
  CHECK(table(1, 3)->grow(3, 0) == refused);
  CHECK(table(1, {}, 3)->grow(2, 0) == 1);
  CHECK(table(1, {}, 3)->grow(3, 0) == refused);
  CHECK(table(1)->grow(most, 0) == refused);
}

TEST_CASE("a table whose minimum is above the limit of the options is out of memory") {
  Budget bytes;
  Budget elements(3);
  const auto t = Table::create({.limits = {4, {}}}, no_types(), bytes, elements);
  REQUIRE_FALSE(t);
  CHECK(t.error().code == ErrorCode::out_of_memory);
}

TEST_CASE("a table's fill past the end traps and writes nothing") {
  const auto t = table(4);
  CHECK(t->fill(2, 9, 3) == Trap::out_of_bounds_table_access);
  CHECK(t->data()[2] == 0);
  CHECK(t->fill(2, 9, 2) == Trap::none);
  CHECK(t->data()[1] == 0);
  CHECK(t->data()[3] == 9);
  CHECK(t->fill(4, 9, 0) == Trap::none);
  CHECK(t->fill(5, 9, 0) == Trap::out_of_bounds_table_access);
  CHECK(t->fill(1, 9, most) == Trap::out_of_bounds_table_access);
}

TEST_CASE("a table's copy may overlap, and traps whole past either end") {
  const auto t = table(4);
  for (Slot i = 0; i < 4; ++i) t->data()[i] = i + 1;
  CHECK(Table::copy(*t, 1, *t, 0, 3) == Trap::none);
  CHECK(t->data()[1] == 1);
  CHECK(t->data()[3] == 3);
  CHECK(Table::copy(*t, 2, *t, 0, 3) == Trap::out_of_bounds_table_access);
  CHECK(Table::copy(*t, 0, *t, 2, 3) == Trap::out_of_bounds_table_access);
  CHECK(t->data()[0] == 1);
  const auto empty = table(0);
  CHECK(Table::copy(*empty, 0, *t, 4, 0) == Trap::none);
}

TEST_CASE("a reset table has its minimum of null elements again") {
  const auto t = table(2);
  REQUIRE(t->fill(0, 5, 2) == Trap::none);
  REQUIRE(t->grow(10, 5) == 2);
  t->reset();
  CHECK(t->size() == 2);
  CHECK(t->data()[1] == 0);
}

TEST_CASE("the limit of elements is that of all tables together") {
  Budget bytes;
  Budget elements(5);
  const TableType type{.element = externref, .limits = {2, {}}};
  {
    const auto one = Table::create(type, no_types(), bytes, elements);
    const auto two = Table::create(type, no_types(), bytes, elements);
    REQUIRE(one);
    REQUIRE(two);
    const auto three = Table::create(type, no_types(), bytes, elements);
    REQUIRE_FALSE(three);
    CHECK(three.error().message ==
          "table of 2 elements: 1 more are allowed for all tables together");
    CHECK((*one)->grow(2, 0) == refused);
    CHECK((*one)->grow(1, 0) == 2);
    CHECK((*two)->grow(1, 0) == refused);
    (*one)->reset();
    CHECK((*two)->grow(1, 0) == 2);
  }
  CHECK(elements.left() == 5);
}

TEST_CASE("a table is charged to the budget for as long as it lives, growth included") {
  Budget bytes(8 * sizeof(Slot));
  Budget elements;
  {
    const auto t =
        Table::create({.element = externref, .limits = {4, {}}}, no_types(), bytes, elements);
    REQUIRE(t);
    CHECK(bytes.left() == 4 * sizeof(Slot));
    CHECK((*t)->grow(5, 0) == refused);
    CHECK((*t)->grow(4, 1) == 4);
    CHECK((*t)->grow(1, 0) == refused);
    CHECK((*t)->size() == 8);
    CHECK(elements.left() == Budget::unlimited - 8);
    const auto other =
        Table::create({.element = externref, .limits = {1, {}}}, no_types(), bytes, elements);
    REQUIRE_FALSE(other);
    CHECK(other.error().message == "table of 1 elements: the budget has 0 bytes left");
  }
  CHECK(bytes.left() == 8 * sizeof(Slot));
}
