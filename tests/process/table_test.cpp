// Table instructions: which elements they read and write, and where they trap. Specification:
// "Execution / Table Instructions", and "Control Instructions" of `call_indirect`.
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr Trap outside = Trap::out_of_bounds_table_access;

/// Functions that give 10, 11, 12 and 13, in a table of six elements: two nulls, 10, 11, 12, null.
/// A passive segment has 13, null, 12. `run` takes three i32 and has `body`; `all` shows every
/// element as its number, -1 for null.
std::string module_with(std::string_view body, std::string_view results = "") {
  return R"((module
    (type $f (func (result i32)))
    (table $t (export "table") 6 8 funcref)
    (table $other 4 funcref)
    (elem (table $t) (i32.const 2) func $ten $eleven $twelve)
    (elem (table $other) (i32.const 0) func $thirteen $twelve $eleven $ten)
    (elem $passive funcref (ref.func $thirteen) (ref.null func) (ref.func $twelve))
    (func $ten (result i32) (i32.const 10))
    (func $eleven (result i32) (i32.const 11))
    (func $twelve (result i32) (i32.const 12))
    (func $thirteen (result i32) (i32.const 13))
    (func $number (param i32) (result i32)
      (if (result i32) (ref.is_null (table.get $t (local.get 0)))
        (then (i32.const -1))
        (else (call_indirect $t (type $f) (local.get 0)))))
    (func (export "all") (result i32 i32 i32 i32 i32 i32)
      (call $number (i32.const 0)) (call $number (i32.const 1)) (call $number (i32.const 2))
      (call $number (i32.const 3)) (call $number (i32.const 4)) (call $number (i32.const 5)))
    (func (export "drop") (elem.drop $passive))
    (func (export "run") (param i32 i32 i32) )" +
         std::string(results) + " " + std::string(body) + "))";
}

Values three(std::int32_t a, std::int32_t b, std::int32_t c) {
  return {Value::i32(a), Value::i32(b), Value::i32(c)};
}

Values results_of(Alone& alone, std::string_view function) {
  const Outcome outcome = run(ok(alone.store.start_thread(ok(alone.instance.function(function)))));
  REQUIRE(std::holds_alternative<Finished>(outcome));
  const auto results = std::get<Finished>(outcome).results;
  return {results.begin(), results.end()};
}

std::vector<std::int32_t> all(Alone& alone) {
  std::vector<std::int32_t> numbers;
  for (const Value& value : results_of(alone, "all")) numbers.push_back(value.as_i32());
  return numbers;
}

using Numbers = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("table.set writes what table.get reads, one element") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with("(table.set $t (local.get 0) (table.get $t (local.get 1)))"), mode);
    CHECK(all(alone) == Numbers{-1, -1, 10, 11, 12, -1});
    CHECK(alone.results(three(5, 3, 0)).empty());
    CHECK(all(alone) == Numbers{-1, -1, 10, 11, 12, 11});
    CHECK(alone.results(three(2, 0, 0)).empty());
    CHECK(all(alone) == Numbers{-1, -1, -1, 11, 12, 11});
    CHECK(alone.trap(three(6, 3, 0)) == outside);
    CHECK(alone.trap(three(0, 6, 0)) == outside);
    CHECK(alone.trap(three(0, -1, 0)) == outside);
  }
}

TEST_CASE("table.fill writes its range of elements, or nothing") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with("(table.fill $t (local.get 0) (ref.func $eleven) (local.get 2))"),
                mode);
    CHECK(alone.results(three(0, 0, 3)).empty());
    CHECK(all(alone) == Numbers{11, 11, 11, 11, 12, -1});
    CHECK(alone.results(three(6, 0, 0)).empty());
    CHECK(alone.trap(three(7, 0, 0)) == outside);
    CHECK(alone.trap(three(4, 0, 3)) == outside);
    CHECK(alone.trap(three(1, 0, -1)) == outside);
    CHECK(all(alone) == Numbers{11, 11, 11, 11, 12, -1});
  }
}

TEST_CASE("table.copy gives the old elements of its source, in either direction") {
  constexpr std::string_view copy = "(table.copy $t $t (local.get 0) (local.get 1) (local.get 2))";
  for (const ExecutionOptions& mode : modes()) {
    Alone up(module_with(copy), mode);
    CHECK(up.results(three(3, 2, 3)).empty());
    CHECK(all(up) == Numbers{-1, -1, 10, 10, 11, 12});
    Alone down(module_with(copy), mode);
    CHECK(down.results(three(1, 2, 3)).empty());
    CHECK(all(down) == Numbers{-1, 10, 11, 12, 12, -1});
    CHECK(down.trap(three(4, 0, 3)) == outside);
    CHECK(down.trap(three(0, 4, 3)) == outside);
    CHECK(down.results(three(6, 6, 0)).empty());
    CHECK(down.trap(three(0, 7, 0)) == outside);
    CHECK(all(down) == Numbers{-1, 10, 11, 12, 12, -1});
  }
}

TEST_CASE("table.copy between tables reads the second and writes the first") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with("(table.copy $t $other (local.get 0) (local.get 1) (local.get 2))"),
                mode);
    CHECK(alone.results(three(4, 0, 2)).empty());
    CHECK(all(alone) == Numbers{-1, -1, 10, 11, 13, 12});
    CHECK(alone.trap(three(0, 3, 2)) == outside);
    CHECK(alone.trap(three(0, 5, 0)) == outside);
    CHECK(alone.results(three(6, 4, 0)).empty());
  }
}

TEST_CASE("table.init writes a part of its segment, until that is dropped") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with("(table.init $t $passive (local.get 0) (local.get 1) (local.get 2))"),
                mode);
    CHECK(alone.results(three(2, 0, 2)).empty());
    CHECK(all(alone) == Numbers{-1, -1, 13, -1, 12, -1});
    CHECK(alone.results(three(0, 2, 1)).empty());
    CHECK(all(alone) == Numbers{12, -1, 13, -1, 12, -1});
    CHECK(alone.trap(three(0, 2, 2)) == outside);
    CHECK(alone.trap(three(5, 0, 2)) == outside);
    CHECK(alone.results(three(6, 3, 0)).empty());
    CHECK(alone.trap(three(0, 4, 0)) == outside);
    CHECK(results_of(alone, "drop").empty());
    CHECK(alone.trap(three(0, 0, 1)) == outside);
    CHECK(alone.results(three(0, 0, 0)).empty());
    CHECK(all(alone) == Numbers{12, -1, 13, -1, 12, -1});
  }
}

TEST_CASE("table.grow adds elements of its value up to the maximum, and gives the old size") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with(R"((table.size $t) (table.grow $t (ref.func $twelve) (local.get 0))
                               (table.size $t))",
                            "(result i32 i32 i32)"),
                mode);
    CHECK(alone.results(three(0, 0, 0)) == three(6, 6, 6));
    CHECK(alone.results(three(3, 0, 0)) == three(6, -1, 6));
    CHECK(alone.results(three(-1, 0, 0)) == three(6, -1, 6));
    CHECK(alone.results(three(2, 0, 0)) == three(6, 6, 8));
    CHECK(alone.results(three(1, 0, 0)) == three(8, -1, 8));
    const TableRef table = ok(alone.instance.table("table"));
    CHECK(table.size() == 8);
    CHECK(ok(table.get(7)) == ok(table.get(4)));
  }
}

TEST_CASE("call_indirect traps past the table, on null, and on a function of another type") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with(R"((call_indirect $t (type $f) (local.get 0)))", "(result i32)"), mode);
    CHECK(alone.results(three(4, 0, 0)) == Values{Value::i32(12)});
    CHECK(alone.trap(three(6, 0, 0)) == Trap::undefined_element);
    CHECK(alone.trap(three(-1, 0, 0)) == Trap::undefined_element);
    CHECK(alone.trap(three(0, 0, 0)) == Trap::uninitialized_element);
    Alone other(module_with(R"((drop (call_indirect $t (result i64) (local.get 0))))"), mode);
    CHECK(other.trap(three(2, 0, 0)) == Trap::indirect_call_type_mismatch);
  }
}

TEST_CASE("an element of a subtype is called as its supertype, and not the other way") {
  constexpr std::string_view text = R"((module
    (type $above (sub (func (result i32)))) (type $below (sub $above (func (result i32))))
    (func $a (type $above) (i32.const 6)) (func $b (type $below) (i32.const 5))
    (table 2 funcref) (elem (i32.const 0) $a $b)
    (func $tail_above (param i32) (result i32) (return_call_indirect (type $above) (local.get 0)))
    (func $tail_below (param i32) (result i32) (return_call_indirect (type $below) (local.get 0)))
    (func (export "run") (param $how i32) (param $at i32) (result i32)
      (block $3 (block $2 (block $1 (block $0 (br_table $0 $1 $2 $3 (local.get $how)))
        (return (call_indirect (type $above) (local.get $at))))
        (return (call_indirect (type $below) (local.get $at))))
        (return (call $tail_above (local.get $at))))
      (call $tail_below (local.get $at)))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    const auto given = [](int how, int at) { return Values{Value::i32(how), Value::i32(at)}; };
    for (const int above : {0, 2}) {
      CHECK(alone.results(given(above, 0)) == Values{Value::i32(6)});
      CHECK(alone.results(given(above, 1)) == Values{Value::i32(5)});
    }
    for (const int below : {1, 3}) {
      CHECK(alone.trap(given(below, 0)) == Trap::indirect_call_type_mismatch);
      CHECK(alone.results(given(below, 1)) == Values{Value::i32(5)});
    }
  }
}
