// Canonical types: equal exactly when equivalent, across modules; subtyping; counting; threads.
#include "lib/module/type_registry.hpp"

#include <thread>
#include <vector>

#include "tests/support/catch.hpp"

namespace fermata {
namespace {

/// Types and how they are grouped, as a module declares them.
struct Types {
  std::vector<SubType> types;
  std::vector<RecGroup> groups;

  std::uint32_t add(const SubType& type) { return add_group({type}); }
  /// The index of the group's first type.
  std::uint32_t add_group(const std::vector<SubType>& members) {
    const auto first = static_cast<std::uint32_t>(types.size());
    types.insert(types.end(), members.begin(), members.end());
    groups.push_back({first, static_cast<std::uint32_t>(members.size())});
    return first;
  }
  [[nodiscard]] CanonicalTypes canonical() const { return {types, groups}; }
};

SubType func(const ResultType& params, const ResultType& results) {
  return {true, {}, FuncType{params, results}};
}
SubType open_struct(const std::vector<FieldType>& fields, std::vector<TypeIdx> supers = {}) {
  return {false, std::move(supers), StructType{fields}};
}
ValType ref_to(std::uint32_t type) { return ValType::ref(HeapType::concrete({type}), false); }
ValType null_ref_to(std::uint32_t type) { return ValType::ref(HeapType::concrete({type}), true); }

TEST_CASE("Equal function types have one id, within a module and across modules") {
  Types a;
  a.add(func({i32}, {i64}));
  a.add(func({}, {}));
  a.add(func({i32}, {i64}));
  Types b;
  b.add(func({}, {}));
  b.add(func({i32}, {i64}));
  const CanonicalTypes ca = a.canonical();
  const CanonicalTypes cb = b.canonical();
  CHECK(ca.id({0}) == ca.id({2}));
  CHECK(ca.id({0}) != ca.id({1}));
  CHECK(ca.id({0}) == cb.id({1}));
  CHECK(ca.id({1}) == cb.id({0}));
  CHECK(ca.size() == 3);
}

TEST_CASE("Whatever differs makes another type") {
  Types t;
  const std::vector<SubType> different{
      func({i32, i32}, {}),
      func({i32}, {i32}),
      func({}, {i32, i32}),
      {false, {}, FuncType{{i32, i32}, {}}},
      func({funcref}, {}),
      func({externref}, {}),
      func({ValType::ref({HeapKind::func}, false)}, {}),
      open_struct({}),
      open_struct({{i32}}),
      open_struct({{i32, PackedType::none, true}}),
      open_struct({{i32, PackedType::i8}}),
      open_struct({{i32, PackedType::i16}}),
      open_struct({{i32}, {i32}}),
      {false, {}, ArrayType{{i32}}},
      {true, {}, ArrayType{{i32}}},
      {true, {}, ArrayType{{i64}}},
  };
  for (const SubType& type : different) t.add(type);
  t.add(open_struct({{i32}}, {{7}}));  // with a supertype
  const CanonicalTypes c = t.canonical();
  for (std::uint32_t i = 0; i < c.size(); ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      INFO("types " << i << " and " << j);
      CHECK(c.id({i}) != c.id({j}));
    }
  }
}

TEST_CASE("Recursive types are equivalent by structure, wherever they stand") {
  Types a;
  a.add(open_struct({{null_ref_to(0)}}));  // a list of itself
  Types b;
  b.add(func({}, {}));
  b.add(open_struct({{null_ref_to(1)}}));
  CHECK(a.canonical().id({0}) == a.canonical().id({0}));
  const CanonicalTypes ca = a.canonical();
  const CanonicalTypes cb = b.canonical();
  CHECK(ca.id({0}) == cb.id({1}));
}

TEST_CASE("A member of a larger group is another type than the same alone") {
  Types alone;
  alone.add(func({}, {}));
  Types pair;
  pair.add_group({func({}, {}), func({}, {})});
  const CanonicalTypes a = alone.canonical();
  const CanonicalTypes p = pair.canonical();
  CHECK(a.id({0}) != p.id({0}));
  CHECK(a.id({0}) != p.id({1}));
  CHECK(p.id({0}) != p.id({1}));
}

TEST_CASE("Mutually recursive groups are equivalent only in the same order") {
  const auto group = [](std::uint32_t at, bool swapped) {
    const SubType x = open_struct({{ref_to(at + (swapped ? 0 : 1))}});
    const SubType y = open_struct({{i32}, {ref_to(at + (swapped ? 1 : 0))}});
    return swapped ? std::vector{y, x} : std::vector{x, y};
  };
  Types t;
  t.add_group(group(0, false));
  t.add_group(group(2, false));
  t.add_group(group(4, true));
  const CanonicalTypes c = t.canonical();
  CHECK(c.id({0}) == c.id({2}));
  CHECK(c.id({1}) == c.id({3}));
  CHECK(c.id({4}) != c.id({1}));
  CHECK(c.id({5}) != c.id({0}));
}

TEST_CASE("A reference inside the group differs from one to an equal group before it") {
  Types t;
  t.add(open_struct({{null_ref_to(0)}}));  // refers to itself
  t.add(open_struct({{null_ref_to(0)}}));  // refers to the one before
  t.add(open_struct({{null_ref_to(2)}}));  // refers to itself
  const CanonicalTypes c = t.canonical();
  CHECK(c.id({0}) != c.id({1}));
  CHECK(c.id({0}) == c.id({2}));
}

TEST_CASE("A type is a subtype of itself and of all that it declares, not the other way") {
  Types t;
  t.add(open_struct({}));
  for (std::uint32_t i = 1; i < 100; ++i) t.add(open_struct({}, {{i - 1}}));
  const std::uint32_t other = t.add(open_struct({{i32}}, {{0}}));
  const CanonicalTypes c = t.canonical();
  for (std::uint32_t sub = 0; sub < 100; ++sub) {
    for (std::uint32_t super = 0; super < 100; ++super) {
      if (is_subtype(c.id({sub}), c.id({super})) != (sub >= super)) {
        FAIL("type " << sub << " below " << super);
      }
    }
  }
  CHECK(is_subtype(c.id({other}), c.id({0})));
  CHECK_FALSE(is_subtype(c.id({other}), c.id({1})));
  CHECK_FALSE(is_subtype(c.id({99}), c.id({other})));
}

TEST_CASE("Abstract heap types match as the specification's hierarchies say") {
  const CanonicalTypes no_types;
  const auto below = [&no_types](HeapKind a, HeapKind b) {
    return matches(HeapType{a}, no_types, HeapType{b}, no_types);
  };
  using enum HeapKind;
  CHECK(below(HeapKind::none, i31));
  CHECK(below(HeapKind::none, any));
  CHECK(below(i31, eq));
  CHECK(below(struct_, eq));
  CHECK(below(array, any));
  CHECK(below(eq, any));
  CHECK(below(nofunc, HeapKind::func));
  CHECK(below(noextern, extern_));
  CHECK(below(noexn, exn));
  CHECK_FALSE(below(any, eq));
  CHECK_FALSE(below(i31, struct_));
  CHECK_FALSE(below(HeapKind::func, any));
  CHECK_FALSE(below(extern_, any));
  CHECK_FALSE(below(HeapKind::none, HeapKind::func));
  CHECK_FALSE(below(nofunc, extern_));
  CHECK_FALSE(below(exn, any));
}

TEST_CASE("Concrete heap types match what lies above and below their composite type") {
  Types t;
  const HeapType f = HeapType::concrete({t.add(func({}, {}))});
  const HeapType s = HeapType::concrete({t.add(open_struct({}))});
  const HeapType a = HeapType::concrete({t.add({true, {}, ArrayType{{i32}}})});
  const CanonicalTypes c = t.canonical();
  const auto below = [&c](HeapType x, HeapType y) { return matches(x, c, y, c); };
  CHECK(below(f, {HeapKind::func}));
  CHECK(below({HeapKind::nofunc}, f));
  CHECK(below(s, {HeapKind::struct_}));
  CHECK(below(s, {HeapKind::eq}));
  CHECK(below(a, {HeapKind::array}));
  CHECK(below(a, {HeapKind::any}));
  CHECK(below({HeapKind::none}, s));
  CHECK(below({HeapKind::none}, a));
  CHECK_FALSE(below(f, {HeapKind::any}));
  CHECK_FALSE(below(s, {HeapKind::array}));
  CHECK_FALSE(below({HeapKind::none}, f));
  CHECK_FALSE(below({HeapKind::struct_}, s));
  CHECK_FALSE(below(s, a));
}

TEST_CASE("Value types match covariantly, and nullable is above the same not null") {
  Types t;
  t.add(open_struct({}));
  t.add(open_struct({{i32}}, {{0}}));
  const CanonicalTypes c = t.canonical();
  const auto below = [&c](ValType a, ValType b) { return matches(a, c, b, c); };
  CHECK(below(i32, i32));
  CHECK_FALSE(below(i32, i64));
  CHECK_FALSE(below(i32, funcref));
  CHECK_FALSE(below(funcref, i32));
  CHECK(below(ref_to(1), null_ref_to(0)));
  CHECK_FALSE(below(null_ref_to(1), ref_to(0)));
  CHECK_FALSE(below(ref_to(0), ref_to(1)));
}

TEST_CASE("Function types match with parameters the other way round") {
  Types t;
  t.add(open_struct({}));
  t.add(open_struct({{i32}}, {{0}}));
  const CanonicalTypes c = t.canonical();
  const FuncType takes_base{{ref_to(0)}, {ref_to(1)}};
  const FuncType takes_derived{{ref_to(1)}, {ref_to(0)}};
  CHECK(matches(takes_base, c, takes_derived, c));
  CHECK_FALSE(matches(takes_derived, c, takes_base, c));
  CHECK_FALSE(matches(FuncType{{i32}, {}}, c, FuncType{{}, {}}, c));
}

TEST_CASE("Types leave the registry with the last module that has them") {
  Types t;
  // No other test has this one.
  t.add(func({f32, f64, f32, f64, f32, f64}, {i64, f32}));
  t.add(func({f32, f64, f32, f64, f32, f64}, {i64, f64}));
  const std::size_t before = registered_type_count();
  CanonicalTypes first = t.canonical();
  CHECK(registered_type_count() == before + 2);
  {
    const CanonicalTypes second = t.canonical();
    CHECK(registered_type_count() == before + 2);
    CHECK(second.id({1}) == first.id({1}));
  }
  CHECK(registered_type_count() == before + 2);
  CanonicalTypes moved = std::move(first);
  CHECK(registered_type_count() == before + 2);
  moved = CanonicalTypes();
  CHECK(registered_type_count() == before);
}

TEST_CASE("Large groups are canonical") {
  // Every type refers to its neighbours and extends the one before: canonicalization by unfolding
  // would not come to an end.
  constexpr std::uint32_t count = 200'000;
  std::vector<SubType> members;
  for (std::uint32_t i = 0; i < count; ++i) {
    const ValType next = null_ref_to((i + 1) % count);
    std::vector<TypeIdx> supers;
    if (i > 0) supers.push_back({i - 1});
    members.push_back(open_struct({{next}, {null_ref_to(i / 2)}}, supers));
  }
  Types t;
  t.add_group(members);
  const CanonicalTypes a = t.canonical();
  const CanonicalTypes b = t.canonical();
  CHECK(a.id({count - 1}) == b.id({count - 1}));
  CHECK(is_subtype(a.id({count - 1}), a.id({0})));
  CHECK(is_subtype(a.id({count - 1}), a.id({count / 2})));
  CHECK_FALSE(is_subtype(a.id({0}), a.id({count - 1})));
}

TEST_CASE("Several OS threads make, compare and drop types at once") {
  const auto work = [](std::uint32_t seed, bool& agreed) {
    for (std::uint32_t round = 0; round < 200; ++round) {
      Types t;
      t.add(open_struct({}));
      for (std::uint32_t i = 1; i < 20; ++i) {
        t.add(open_struct({{(seed + round + i) % 3 == 0 ? i32 : i64}}, {{i - 1}}));
      }
      const CanonicalTypes a = t.canonical();
      const CanonicalTypes b = t.canonical();
      agreed = agreed && a.id({19}) == b.id({19}) && is_subtype(a.id({19}), b.id({3})) &&
               !is_subtype(a.id({3}), b.id({19}));
    }
  };
  bool agreed[4] = {true, true, true, true};
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < 4; ++i) threads.emplace_back(work, i, std::ref(agreed[i]));
  for (std::thread& thread : threads) thread.join();
  for (const bool each : agreed) CHECK(each);
}

}  // namespace
}  // namespace fermata
