// Values that code with fewer moves could lose: what an accumulator holds, what a slot still holds,
// what lies where a branch puts its values. Each result is written down, since all ways of running
// share the handlers.
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Values numbers(std::initializer_list<std::int32_t> given) {
  Values values;
  for (const std::int32_t number : given) values.push_back(Value::i32(number));
  return values;
}

struct Case {
  Values arguments;
  Values results;
};

/// What `run` gives for each of these arguments, in every mode.
void check(std::string_view text, std::initializer_list<Case> cases) {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    for (const auto& [arguments, results] : cases) CHECK(alone.results(arguments) == results);
  }
}

}  // namespace

TEST_CASE("values that a branch moves down by one slot keep their order") {
  check(R"((module (func (export "run") (param i32 i32 i32) (result i32 i32 i32)
    (block $b (result i32 i32 i32)
      (i32.const 9)
      (br $b (i32.add (local.get 0) (i32.const 1)) (i32.add (local.get 1) (i32.const 1))
        (i32.add (local.get 2) (i32.const 1)))))))",
        {{numbers({10, 20, 30}), numbers({11, 21, 31})}});
  check(R"((module (func (export "run") (param i32) (result i32 i32)
    (block $b (result i32 i32)
      (i32.const 9)
      (br_if $b (i32.const 7) (i32.const 8) (local.get 0))
      (drop) (drop) (drop) (i32.const 1) (i32.const 2)))))",
        {{numbers({1}), numbers({7, 8})}, {numbers({0}), numbers({1, 2})}});
}

TEST_CASE("a comparison that was dropped is not the condition of the branch behind it") {
  check(R"((module (func (export "run") (param i32 i32) (result i32)
    (block $zero
      (drop (i32.lt_s (local.get 0) (local.get 1)))
      (br_if $zero (i32.eqz (local.get 0)))
      (return (i32.const 1)))
    (i32.const 0))))",
        {{numbers({0, 1}), numbers({0})},
         {numbers({1, 0}), numbers({1})},
         {numbers({0, 0}), numbers({0})}});
}

TEST_CASE("a local that an accumulator held is read anew once a select has set it") {
  check(R"((module (func (export "run") (param i32 i32 i32) (result i32) (local $x i32)
    (local.set $x (i32.add (local.get 0) (i32.const 100)))
    (local.set $x (select (local.get 0) (local.get 1) (local.get 2)))
    (i32.mul (local.get $x) (i32.const 3)))))",
        {{numbers({10, 20, 1}), numbers({30})}, {numbers({10, 20, 0}), numbers({60})}});
}

TEST_CASE("a slot that an accumulator held is read anew once two values were moved over it") {
  // The dropped sum lay where the second of the two locals is moved before the branch.
  check(R"((module (func (export "run") (param i32 i32 i32) (result i32 i32)
    (block $b (result i32 i32)
      (i32.const 0) (i32.add (local.get 1) (i32.const 5)) (drop) (drop)
      (br_if $b (local.get 0) (local.get 1) (local.get 2))
      (i32.sub) (i32.const 2)))))",
        {{numbers({3, 4, 0}), numbers({-1, 2})}, {numbers({3, 4, 1}), numbers({3, 4})}});
  // And here where the first is.
  check(R"((module (func (export "run") (param i32 i32 i32) (result i32 i32)
    (block $b (result i32 i32)
      (drop (i32.add (local.get 0) (i32.const 5)))
      (br_if $b (local.get 0) (local.get 1) (local.get 2))
      (local.set 2) (i32.mul (i32.const 10)) (local.get 2)))))",
        {{numbers({3, 4, 0}), numbers({30, 4})}});
}

TEST_CASE(
    "a slot that an accumulator held is read anew once a constant or a local was moved over it") {
  check(R"((module (func (export "run") (param i32 i32) (result i32)
    (block $b (result i32)
      (drop (i32.add (local.get 0) (i32.const 5)))
      (br_if $b (i32.const 8) (local.get 1))
      (i32.mul (i32.const 3))))))",
        {{numbers({1, 0}), numbers({24})}, {numbers({1, 1}), numbers({8})}});
  check(R"((module (func (export "run") (param i32 i64) (result i64)
    (block $b (result i64)
      (drop (i64.add (local.get 1) (i64.const 5)))
      (br_if $b (i64.const 0x100000000) (local.get 0))
      (i64.mul (i64.const 3))))))",
        {{{Value::i32(0), Value::i64(1)}, {Value::i64(0x3'0000'0000)}}});
  check(R"((module (func (export "run") (param i32 i32 i32) (result i32)
    (block $b (result i32)
      (drop (i32.add (local.get 0) (i32.const 5)))
      (br_if $b (local.get 2) (local.get 1))
      (i32.mul (i32.const 3))))))",
        {{numbers({1, 0, 7}), numbers({21})}});
}

TEST_CASE("both halves of a wide sum are read anew, whatever an accumulator held there") {
  const Module module = ok(parse_text(R"((module
    (func (export "run") (param i64 i64 i64 i64) (result i64)
      (i64.add128 (local.get 0) (i64.add (local.get 1) (i64.const 1)) (local.get 2) (local.get 3))
      (i64.sub))))",
                                      {Features::all()}));
  for (const ExecutionOptions& mode : modes()) {
    Store store(mode);
    const InstanceRef instance = ok(store.instantiate(module, {}));
    const Values arguments{Value::i64(100), Value::i64(20), Value::i64(7), Value::i64(3)};
    Thread thread = ok(store.start_thread(ok(instance.function("run")), arguments));
    CHECK(expect_finish(thread) == Values{Value::i64(107 - 24)});
  }
}

TEST_CASE("a vector that an accumulator held is read anew once a half of it was written over") {
  check(R"((module (func (export "run") (param i32 i32 v128) (result i32)
    (drop (i32x4.add (local.get 2) (local.get 2)))
    (i32.const 0)
    (block $b (result i32)
      (br_if $b (i32.mul (local.get 0) (i32.const 2)) (local.get 1))
      (i32.add (i32.const 1)))
    (i32.add))))",
        {{{Value::i32(4), Value::i32(0), Value::from_bits(v128, 1, 1)}, numbers({9})}});
}
