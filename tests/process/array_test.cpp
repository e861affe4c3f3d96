// Instructions that change many elements of an array: which, and where they trap. Specification:
// "Execution / Aggregate Reference Instructions".
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr Trap outside = Trap::out_of_bounds_array_access;

/// `run` takes four i32, leaves an array of 10 to 15 changed by `change`, and gives its six
/// elements.
std::string module_with(std::string_view change, std::string_view element = "i32",
                        std::string_view get = "array.get") {
  std::string text = R"((module (type $a (array (mut )" + std::string(element) + R"()))
    (data $data "\01\02\03\04\05\06\07\08")
    (func (export "run") (param i32 i32 i32 i32) (result i32 i32 i32 i32 i32 i32)
      (local $a (ref null $a))
      (local.set $a (array.new_fixed $a 6 (i32.const 10) (i32.const 11) (i32.const 12)
                                          (i32.const 13) (i32.const 14) (i32.const 15)))
      )" + std::string(change);
  for (char index = '0'; index < '6'; ++index) {
    text += "(" + std::string(get) + " $a (local.get $a) (i32.const " + index + "))";
  }
  return text + "))";
}

Values numbers(std::initializer_list<std::int32_t> of) {
  Values values;
  for (const std::int32_t number : of) values.push_back(Value::i32(number));
  return values;
}

}  // namespace

TEST_CASE("array.fill writes its range of elements, or nothing") {
  const std::string text =
      module_with("(array.fill $a (local.get $a) (local.get 0) (local.get 1) (local.get 2))");
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results(numbers({1, -7, 3, 0})) == numbers({10, -7, -7, -7, 14, 15}));
    CHECK(alone.results(numbers({0, 9, 6, 0})) == numbers({9, 9, 9, 9, 9, 9}));
    CHECK(alone.results(numbers({6, 9, 0, 0})) == numbers({10, 11, 12, 13, 14, 15}));
    CHECK(alone.trap(numbers({7, 9, 0, 0})) == outside);
    CHECK(alone.trap(numbers({5, 9, 2, 0})) == outside);
    CHECK(alone.trap(numbers({1, 9, -1, 0})) == outside);
  }
}

TEST_CASE("array.fill writes as much of its value as an element holds") {
  const std::string text =
      module_with("(array.fill $a (local.get $a) (local.get 0) (local.get 1) (local.get 2))", "i8",
                  "array.get_s");
  for (const ExecutionOptions& mode : modes()) {
    CHECK(Alone(text, mode).results(numbers({2, 0x1FE, 3, 0})) ==
          numbers({10, 11, -2, -2, -2, 15}));
  }
}

TEST_CASE("array.copy gives the old elements of its source, in either direction") {
  const std::string text = module_with(
      "(array.copy $a $a (local.get $a) (local.get 0) (local.get $a) (local.get 1) (local.get 2))");
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results(numbers({2, 0, 4, 0})) == numbers({10, 11, 10, 11, 12, 13}));
    CHECK(alone.results(numbers({0, 2, 4, 0})) == numbers({12, 13, 14, 15, 14, 15}));
    CHECK(alone.results(numbers({6, 6, 0, 0})) == numbers({10, 11, 12, 13, 14, 15}));
    CHECK(alone.trap(numbers({4, 0, 3, 0})) == outside);
    CHECK(alone.trap(numbers({0, 4, 3, 0})) == outside);
    CHECK(alone.trap(numbers({0, 7, 0, 0})) == outside);
  }
}

TEST_CASE("array.init_data reads elements from its segment's bytes, the lowest first") {
  const std::string text = module_with(
      "(array.init_data $a $data (local.get $a) (local.get 0) (local.get 1) (local.get 2))");
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results(numbers({4, 3, 1, 0})) == numbers({10, 11, 12, 13, 0x0706'0504, 15}));
    CHECK(alone.results(numbers({0, 0, 2, 0})) ==
          numbers({0x0403'0201, 0x0807'0605, 12, 13, 14, 15}));
    CHECK(alone.results(numbers({6, 8, 0, 0})) == numbers({10, 11, 12, 13, 14, 15}));
    CHECK(alone.trap(numbers({5, 0, 2, 0})) == outside);
    CHECK(alone.trap(numbers({0, 5, 1, 0})) == Trap::out_of_bounds_memory_access);
    CHECK(alone.trap(numbers({0, 9, 0, 0})) == Trap::out_of_bounds_memory_access);
  }
}

TEST_CASE("what changes many elements of an array traps on null, of no elements too") {
  for (const char* const change :
       {"(array.fill $a (ref.null $a) (i32.const 0) (i32.const 0) (i32.const 0))",
        "(array.copy $a $a (ref.null $a) (i32.const 0) (local.get $a) (i32.const 0) (i32.const 0))",
        "(array.copy $a $a (local.get $a) (i32.const 0) (ref.null $a) (i32.const 0) (i32.const 0))",
        "(array.init_data $a $data (ref.null $a) (i32.const 0) (i32.const 0) (i32.const 0))"}) {
    INFO(change);
    for (const ExecutionOptions& mode : modes()) {
      CHECK(Alone(module_with(change), mode).trap(numbers({0, 0, 0, 0})) ==
            Trap::null_array_reference);
    }
  }
}

TEST_CASE("lengths, begins and counts near 2^32 wrap nowhere") {
  for (const std::string_view element : {"i8", "i64", "v128"}) {
    INFO(element);
    const std::string_view get = element == "i8" ? "array.get_u" : "array.get";
    const std::string type = "(type $a (array (mut " + std::string(element) + ")))";
    const std::string made = "(module " + type + R"((data $d "12345678")
      (func (export "run") (param i32 i32 i32) )";
    const std::string array = "(array.new_default $a (i32.const 4))";
    for (const ExecutionOptions& mode : modes()) {
      Alone long_one(made + "(drop (array.new_default $a (local.get 0)))))", mode);
      for (const std::uint32_t length : {0xFFFF'FFFFu, 0xFFFF'FFF0u, 0x8000'0000u, 0x4000'0001u}) {
        CHECK(long_one.trap({Value::u32(length), Value::i32(0), Value::i32(0)}) ==
              Trap::heap_exhausted);
      }
      Alone read(made + "(drop (" + std::string(get) + " $a " + array + " (local.get 0)))))", mode);
      Alone copied(made + "(array.copy $a $a " + array + " (local.get 0) " + array +
                       " (local.get 1) (local.get 2))))",
                   mode);
      for (const std::uint32_t far : {0xFFFF'FFFFu, 0xFFFF'FFFCu, 0x8000'0000u, 0x2000'0000u}) {
        const Value at = Value::u32(far), zero = Value::i32(0), four = Value::i32(4);
        CHECK(read.trap({at, zero, zero}) == outside);
        CHECK(copied.trap({at, zero, four}) == outside);
        CHECK(copied.trap({zero, at, four}) == outside);
        CHECK(copied.trap({four, zero, at}) == outside);
      }
    }
  }
}
