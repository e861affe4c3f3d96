// Branches, and the values that they take along. Specification: "Execution / Control Instructions".
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

/// What `run` gives for each of these arguments, in every mode.
void check_numbers(std::string_view text,
                   std::initializer_list<std::pair<std::int32_t, std::int32_t>> expected) {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    for (const auto& [argument, result] : expected) {
      INFO("of " << argument);
      CHECK(alone.results({Value::i32(argument)}) == Values{Value::i32(result)});
    }
  }
}

}  // namespace

TEST_CASE("br_table takes its label by number, and the last one for all other numbers") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (block $other (block $two (block $one (block $zero
      (br_table $zero $one $two $one $other (local.get 0)))
      (return (i32.const 100))) (return (i32.const 101))) (return (i32.const 102)))
    (i32.const 99))))",
                {{0, 100}, {1, 101}, {2, 102}, {3, 101}, {4, 99}, {5, 99}, {-1, 99}});
}

TEST_CASE("a br_table with no label but the last goes there") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (block $only (br_table $only (local.get 0)) (unreachable))
    (i32.const 7))))",
                {{0, 7}, {1, 7}, {-1, 7}});
}

TEST_CASE("br_table takes values along to labels of any depth, and drops what lies between") {
  constexpr std::string_view text = R"((module
    (func (export "run") (param i32) (result i64 i32)
      (block $outer (result i64 i32)
        (i64.const 1000)
        (block $middle (result i64 i32)
          (f64.const 0.5) (f32.const 0.5)
          (block $inner (result i64 i32)
            (i32.const 5) (v128.const i64x2 1 1)
            (i64.const 70) (i32.add (local.get 0) (i32.const 30))
            (br_table $inner $middle $outer (local.get 0)))
          ;; inner: the numbers below the result are still there
          (i32.const 1) (i32.add)
          (br $middle))
        ;; middle
        (local.set 0) (i64.add) (local.get 0))
      ;; outer
      )))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results({Value::i32(0)}) == Values{Value::i64(1070), Value::i32(31)});
    CHECK(alone.results({Value::i32(1)}) == Values{Value::i64(1070), Value::i32(31)});
    CHECK(alone.results({Value::i32(2)}) == Values{Value::i64(70), Value::i32(32)});
    CHECK(alone.results({Value::i32(-5)}) == Values{Value::i64(70), Value::i32(25)});
  }
}

TEST_CASE("br_table goes on with a loop, and leaves the function") {
  // Counts down from the argument in a loop, by twos, and returns the rounds.
  check_numbers(R"((module (func (export "run") (param i32) (result i32) (local $rounds i32)
    (loop $again
      (local.set $rounds (i32.add (local.get $rounds) (i32.const 1)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 2)))
      (block $stop
        (br_table $stop $again (i32.gt_s (local.get 0) (i32.const 0)))))
    (local.get $rounds))))",
                {{1, 1}, {2, 1}, {3, 2}, {10, 5}});
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (block $b (result i32)
      (br_table $b 1 (i32.const 40) (local.get 0)))
    (i32.add (i32.const 1)))))",
                {{0, 41}, {1, 40}});
}

TEST_CASE("br_if leaves its values where they are unless it is taken") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (block $b (result i32)
      (i32.const 3)
      (br_if $b (i32.const 50) (local.get 0))
      (i32.sub)))))",
                {{0, 3 - 50}, {1, 50}, {-1, 50}, {0x100, 50}, {INT32_MIN, 50}});
}

TEST_CASE("br_if takes several values along, in their order, past others of any type") {
  constexpr std::string_view text = R"((module
    (func (export "run") (param i32 i64 f64) (result i64 v128 f64 i32)
      (block $b (result i64 v128 f64 i32)
        (f32.const 1) (v128.const i64x2 8 9) (i32.const 2)
        (br_if $b (local.get 1) (v128.const i64x2 3 4) (local.get 2) (i32.const 6) (local.get 0))
        (drop) (drop) (drop) (drop) (drop) (drop) (drop)
        (i64.const -1) (v128.const i64x2 -1 -1) (f64.const -1) (i32.const -1)))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    const auto given = [](int taken) {
      return Values{Value::i32(taken), Value::i64(77), Value::f64(2.5)};
    };
    CHECK(alone.results(given(1)) ==
          Values{Value::i64(77), Value::from_bits(v128, 3, 4), Value::f64(2.5), Value::i32(6)});
    const std::uint64_t ones = ~std::uint64_t{0};
    CHECK(alone.results(given(0)) == Values{Value::i64(-1), Value::from_bits(v128, ones, ones),
                                            Value::f64(-1), Value::i32(-1)});
  }
}

TEST_CASE("values exchange their places on the way round a loop") {
  // Fibonacci's numbers: the loop's parameters are (a, b), then (b, a + b).
  check_numbers(
      R"((module (func (export "run") (param $n i32) (result i32) (local $a i32) (local $b i32)
    (i32.const 0) (i32.const 1)
    (loop $next (param i32 i32) (result i32 i32)
      (local.set $b) (local.set $a)
      (local.get $b) (i32.add (local.get $a) (local.get $b))
      (local.tee $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next))
    (drop))))",
      {{1, 1}, {2, 1}, {3, 2}, {10, 55}, {47, static_cast<std::int32_t>(2971215073U)}});
}

TEST_CASE("a local that changes after it was pushed does not change what a branch takes") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (block $b (result i32)
      (local.get 0)
      (local.set 0 (i32.const 1000))
      (br_if $b (i32.eqz (i32.const 0)))))))",
                {{5, 5}});
}

TEST_CASE("if takes parameters, and either arm gives the results") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (i32.const 10) (i32.const 3)
    (if (param i32 i32) (result i32) (local.get 0)
      (then (i32.sub)) (else (i32.mul))))))",
                {{0, 30}, {1, 7}, {-2, 7}});
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (local.set 0 (i32.const 0))))
    (local.get 0))))",
                {{-5, 0}, {5, 5}});
}

TEST_CASE("br out of nested blocks drops what each of them had, and to the outermost returns") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (i32.const 1)
    (block $a (result i32)
      (i32.const 2)
      (block $b (result i32)
        (i32.const 3)
        (if (result i32) (local.get 0)
          (then (br $a (i32.const 40)))
          (else (br 3 (i32.const 80))))
        (i32.add))
      (i32.add))
    (i32.add))))",
                {{1, 41}, {0, 80}});
}

TEST_CASE("what follows a branch in its block is not executed, whatever it is") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (block $b (result i32)
      (br $b (local.get 0))
      (unreachable) (i32.add) (block (br_if 0 (i32.const 1)) (br 0))
      (if (then (unreachable)))))))",
                {{9, 9}});
}

TEST_CASE("select takes its first operand for every i32 but zero, wherever that was computed") {
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (select (i32.const 10) (i32.const 20) (local.get 0)))))",
                {{0, 20}, {1, 10}, {2, 10}, {INT32_MIN, 10}});
  check_numbers(R"((module (func (export "run") (param i32) (result i32)
    (select (i32.const 10) (i32.const 20) (i32.and (local.get 0) (i32.const 6))))))",
                {{0, 20}, {1, 20}, {2, 10}, {4, 10}});
}

TEST_CASE("a condition is every i32 but zero, of which nothing above counts") {
  constexpr std::string_view text = R"((module (func (export "run") (param i64) (result i32)
    (block $b (result i32)
      (br_if $b (i32.const 1) (i32.wrap_i64 (local.get 0)))
      (drop) (select (i32.const 2) (i32.const 3) (i32.wrap_i64 (local.get 0)))))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results({Value::i64(std::int64_t{1} << 32)}) == Values{Value::i32(3)});
    CHECK(alone.results({Value::i64(std::int64_t{1} << 31)}) == Values{Value::i32(1)});
  }
  constexpr std::string_view computed = R"((module (func (export "run") (param i64) (result i32)
    (if (result i32) (i32.wrap_i64 (i64.add (local.get 0) (i64.const 0x500000000)))
      (then (i32.const 1)) (else (i32.const 2))))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(computed, mode);
    CHECK(alone.results({Value::i64(0)}) == Values{Value::i32(2)});
    CHECK(alone.results({Value::i64(4)}) == Values{Value::i32(1)});
  }
}
