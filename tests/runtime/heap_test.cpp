// Heap and Cells: sizes at their edges, what a collection frees, and which addresses are objects.
#include "interp/runtime/heap.hpp"

#include <set>
#include <vector>

#include "tests/support/catch.hpp"

using namespace fermata;

namespace {

/// A struct of so many bytes, its header included, without references or with one in front.
ObjectType struct_of(std::uint32_t bytes, bool refers = false) {
  ObjectType type;
  type.bytes = bytes;
  if (refers) type.references = {ObjectType::header_bytes};
  return type;
}

ObjectType array_of(Storage element) {
  ObjectType type;
  type.is_array = true;
  type.element = element;
  type.traced_elements = element == Storage::ref;
  return type;
}

struct Roots final : RootSource {
  std::vector<Object*> kept;
  void mark_roots(Heap& heap) override {
    for (const Object* object : kept) heap.mark(address_bits(object));
  }
};

}  // namespace

TEST_CASE("objects of every size are there, and do not overlap") {
  Budget budget;
  Heap heap(budget, std::uint64_t{1} << 30, {});
  std::set<std::pair<std::uint64_t, std::uint64_t>> ranges;
  std::vector<ObjectType> types;
  types.reserve(600);
  for (std::uint32_t bytes = 8; bytes <= 4400; bytes += 8) {
    const ObjectType& type = types.emplace_back(struct_of(bytes));
    for (int i = 0; i < 3; ++i) {
      Object* const object = heap.make(type);
      REQUIRE(object != nullptr);
      std::memset(object->at(ObjectType::header_bytes), 0xEE, bytes - ObjectType::header_bytes);
      ranges.emplace(address_bits(object), bytes);
    }
  }
  std::uint64_t end = 0;
  for (const auto& [address, bytes] : ranges) {
    CHECK(address >= end);
    CHECK(address % 8 == 0);
    CHECK(heap.owns(address));
    CHECK_FALSE(heap.owns(address + 8));
    CHECK(object_of(address)->type().bytes == bytes);
    end = address + bytes;
  }
}

TEST_CASE("a collection frees what no root reaches, and its memory is used again") {
  Budget budget;
  Roots roots;
  Heap heap(budget, std::uint64_t{1} << 30, {&roots});
  const ObjectType node = struct_of(24, true);
  const auto make = [&](const Object* next) {
    Object* const object = heap.make(node);
    const Slot reference = address_bits(next);
    std::memcpy(object->at(8), &reference, sizeof reference);
    return object;
  };
  Object* const last = make(nullptr);
  Object* const first = make(last);
  roots.kept = {first};
  std::uint64_t most = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 5'000; ++i) static_cast<void>(make(last));
    most = std::max(most, Budget::unlimited - budget.left());
    REQUIRE(heap.collect());
    CHECK(heap.use().bytes == 48);
    CHECK(heap.owns(address_bits(first)));
    CHECK(heap.owns(address_bits(last)));
  }
  CHECK(most < 400'000);
  CHECK(heap.use() == HeapUse{48, 48 + 5'000 * 24, 20});
  roots.kept.clear();
  REQUIRE(heap.collect());  // what is not swept yet is gone as well
  CHECK_FALSE(heap.owns(address_bits(first)));
  CHECK(heap.use().bytes == 0);
}

TEST_CASE("large objects come and go with a collection") {
  Budget budget;
  {
    Roots roots;
    Heap heap(budget, std::uint64_t{1} << 30, {&roots});
    const ObjectType bytes = array_of(Storage::i8), references = array_of(Storage::ref);
    Object* const kept = heap.make(references, 1000);
    std::memset(kept->elements(), 0, 8000);
    Object* const reached = heap.make(bytes, 100'000);
    Object* const gone = heap.make(bytes, 100'000);
    const Slot reference = address_bits(reached);
    std::memcpy(kept->elements() + 7992, &reference, sizeof reference);
    roots.kept = {kept};
    REQUIRE(heap.collect());
    CHECK(heap.owns(address_bits(kept)));
    CHECK(heap.owns(address_bits(reached)));
    CHECK_FALSE(heap.owns(address_bits(gone)));
    CHECK(heap.use().bytes == 8016 + 100'016);
    heap.clear();
    CHECK_FALSE(heap.owns(address_bits(kept)));
  }
  CHECK(budget.left() == Budget::unlimited);
}

TEST_CASE("a heap ends at its limit, at that of the budget, and where lengths end") {
  Budget budget;
  Heap heap(budget, 1000, {});
  const ObjectType type = array_of(Storage::i64);
  CHECK(heap.make(type, 124) == nullptr);
  CHECK(heap.failure() == Trap::heap_exhausted);
  REQUIRE(heap.make(type, 123) != nullptr);
  CHECK(heap.make(type, 1) == nullptr);
  CHECK(heap.is_due(1'000));

  Budget small(40'000);
  Heap poor(small, std::uint64_t{1} << 40, {});
  CHECK(poor.make(type, 5'000) == nullptr);
  CHECK(poor.failure() == Trap::out_of_memory);
  CHECK(poor.make(array_of(Storage::v128), UINT32_MAX) == nullptr);
  CHECK(poor.failure() == Trap::out_of_memory);
  CHECK(poor.make(type, 100) != nullptr);
}

TEST_CASE("what is no object's address is not owned, whatever it is") {
  Budget budget;
  Heap heap(budget, 100'000, {});
  CHECK_FALSE(heap.owns(0));
  CHECK_FALSE(heap.owns(8));
  CHECK_FALSE(heap.owns(~std::uint64_t{0}));
  const ObjectType type = struct_of(16);
  const std::uint64_t address = address_bits(heap.make(type));
  for (const std::uint64_t near :
       {address - 16, address - 8, address + 1, address + 8, address + 16}) {
    CHECK_FALSE(heap.owns(near));
  }
}

TEST_CASE("addresses are found after others are removed") {
  AddressSet set;
  CHECK_FALSE(set.contains(16));
  for (std::uintptr_t i = 1; i <= 1000; ++i) REQUIRE(set.add(i * 32768));
  for (std::uintptr_t i = 1; i <= 1000; i += 3) set.remove(i * 32768);
  for (std::uintptr_t i = 1; i <= 1000; ++i) CHECK(set.contains(i * 32768) == (i % 3 != 1));
}
