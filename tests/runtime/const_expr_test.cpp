// Values of constant expressions: numbers, arithmetic that wraps, references, other globals,
// objects.
#include "interp/runtime/const_expr.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "fermata/text.hpp"
#include "interp/runtime/instance_layout.hpp"
#include "interp/runtime/instantiate.hpp"
#include "lib/module/module_impl.hpp"
#include "tests/support/catch.hpp"

namespace fermata {
namespace {

/// An instance of a module whose globals have the expressions to be tested.
class Globals {
 public:
  explicit Globals(const std::string& fields, const StoreLimits& limits = {})
      : store_(limits), module_(loaded(fields)) {
    auto made = instantiate(store_, module_, CodeMode{}, {});
    if (made)
      instance_ = *made;
    else
      error_ = made.error();
  }

  [[nodiscard]] Instance& instance() { return *instance_; }
  [[nodiscard]] const Error& error() const { return error_; }
  /// The value of the n-th global's expression, evaluated again.
  [[nodiscard]] ConstValue evaluate(std::size_t n = 0) {
    ConstEvaluator evaluator(*instance_);
    const ConstValue value = evaluator.evaluate(module_.impl().data.globals[n].init);
    CHECK(evaluator.failure() == Trap::none);
    return value;
  }

 private:
  static Module loaded(const std::string& fields) {
    auto module = parse_text("(module " + fields + ")");
    if (!module) FAIL(to_string(module.error()));
    return std::move(*module);
  }

  StoreObjects store_;
  Module module_;
  Instance* instance_ = nullptr;
  Error error_;
};

/// The slot that an expression of this type gives.
Slot value_of(const std::string& type, const std::string& expression) {
  INFO(expression);
  return Globals(fmt::format("(global {} {})", type, expression)).evaluate().lo;
}

Slot field(const Object& object, std::size_t index) {
  const ObjectField& of = object.type().fields[index];
  Slot slots[2] = {};
  load_value(slots, of.storage, object.at(of.offset));
  return slots[0];
}

Slot element(const Object& array, std::uint32_t index) {
  Slot slots[2] = {};
  const Storage storage = array.type().element;
  load_value(slots, storage, array.elements() + std::size_t{index} * bytes_of(storage));
  return slots[0];
}

}  // namespace

TEST_CASE("constants of numbers are their bits, those of 32 bits with nothing above") {
  CHECK(value_of("i32", "(i32.const -1)") == 0xFFFF'FFFF);
  CHECK(value_of("i64", "(i64.const -2)") == 0xFFFF'FFFF'FFFF'FFFE);
  CHECK(value_of("f32", "(f32.const -0)") == 0x8000'0000);
  CHECK(value_of("f64", "(f64.const 1)") == 0x3FF0'0000'0000'0000);
  CHECK(value_of("f32", "(f32.const nan:0x200001)") == 0x7FA0'0001);
  Globals vector("(global v128 (v128.const i64x2 5 -6))");
  CHECK(vector.evaluate().lo == 5);
  CHECK(vector.evaluate().hi == 0xFFFF'FFFF'FFFF'FFFA);
}

TEST_CASE("arithmetic in constant expressions wraps, in its operands' order") {
  CHECK(value_of("i32", "(i32.add (i32.const -1) (i32.const 3))") == 2);
  CHECK(value_of("i32", "(i32.sub (i32.const 3) (i32.const 5))") == 0xFFFF'FFFE);
  CHECK(value_of("i32", "(i32.mul (i32.const 0x10001) (i32.const 0x10001))") == 0x2'0001);
  CHECK(value_of("i64", "(i64.add (i64.const -1) (i64.const 3))") == 2);
  CHECK(value_of("i64", "(i64.sub (i64.const 3) (i64.const 5))") == 0xFFFF'FFFF'FFFF'FFFE);
  CHECK(value_of("i64", "(i64.mul (i64.const 0x100000001) (i64.const 0x100000001))") ==
        0x2'0000'0001);
  CHECK(value_of("i32",
                 "(i32.sub (i32.mul (i32.const 7) (i32.const 6)) "
                 "(i32.add (i32.const 1) (i32.const 1)))") == 40);
}

TEST_CASE("a global's expression sees the globals before it, whole") {
  Globals globals(R"((global $a i32 (i32.const -5)) (global $b i64 (i64.const 1))
    (global $v v128 (v128.const i64x2 7 8)) (global $f f32 (f32.const 1))
    (global i32 (i32.add (global.get $a) (i32.const 1)))
    (global v128 (global.get $v)) (global i64 (global.get $b)) (global f32 (global.get $f)))");
  CHECK(globals.evaluate(4).lo == 0xFFFF'FFFC);
  CHECK(globals.evaluate(5).lo == 7);
  CHECK(globals.evaluate(5).hi == 8);
  CHECK(globals.evaluate(6).lo == 1);
  CHECK(globals.evaluate(7).lo == 0x3F80'0000);
}

TEST_CASE("what lies above a global of 32 bits is no part of its value") {
  Globals globals("(global $a i32 (i32.const 5)) (global i32 (global.get $a))");
  *globals.instance().global(GlobalIdx{0}) |= Slot{0xDEAD} << 32;
  CHECK(globals.evaluate(1).lo == 5);
}

TEST_CASE("references are null, functions of the instance, or small integers") {
  CHECK(value_of("funcref", "(ref.null func)") == 0);
  CHECK(value_of("anyref", "(ref.null any)") == 0);
  CHECK(value_of("i31ref", "(ref.i31 (i32.const -3))") == make_i31(static_cast<std::uint32_t>(-3)));
  CHECK(value_of("externref", "(extern.convert_any (ref.i31 (i32.const 4)))") == make_i31(4));
  CHECK(value_of("anyref", "(any.convert_extern (ref.null extern))") == 0);
  Globals globals("(func) (func $f) (elem declare func $f) (global funcref (ref.func $f))");
  CHECK(globals.evaluate().lo == address_bits(globals.instance().func(FuncIdx{1})));
}

TEST_CASE("a struct's fields have their operands, or zeros") {
  Globals globals(R"((type $s (struct (field i8) (field i64) (field f32) (field anyref)))
    (global (ref $s) (struct.new $s (i32.const 0x1FE) (i64.const -1) (f32.const 1)
                                    (ref.i31 (i32.const 9))))
    (global (ref $s) (struct.new_default $s)))");
  const Object& given = *object_of(globals.evaluate(0).lo);
  CHECK(field(given, 0) == 0xFE);
  CHECK(field(given, 1) == 0xFFFF'FFFF'FFFF'FFFF);
  CHECK(field(given, 2) == 0x3F80'0000);
  CHECK(field(given, 3) == make_i31(9));
  const Object& blank = *object_of(globals.evaluate(1).lo);
  for (std::size_t i = 0; i < 4; ++i) CHECK(field(blank, i) == 0);
}

TEST_CASE("an array has its length and elements, in their operands' order") {
  Globals globals(R"((type $a (array i16)) (type $w (array v128))
    (global (ref $a) (array.new $a (i32.const 0x10007) (i32.const 3)))
    (global (ref $a) (array.new_default $a (i32.const 2)))
    (global (ref $a) (array.new_fixed $a 3 (i32.const 10) (i32.const 20) (i32.const 30)))
    (global (ref $a) (array.new_fixed $a 0))
    (global (ref $w) (array.new_fixed $w 2 (v128.const i64x2 1 2) (v128.const i64x2 3 4))))");
  const auto elements = [&](std::size_t n) {
    const Object& array = *object_of(globals.evaluate(n).lo);
    std::vector<Slot> all;
    for (std::uint32_t i = 0; i < array.length(); ++i) all.push_back(element(array, i));
    return all;
  };
  CHECK(elements(0) == std::vector<Slot>{7, 7, 7});
  CHECK(elements(1) == std::vector<Slot>{0, 0});
  CHECK(elements(2) == std::vector<Slot>{10, 20, 30});
  CHECK(elements(3).empty());
  CHECK(elements(4) == std::vector<Slot>{1, 3});
}

TEST_CASE("every evaluation makes an object of its own") {
  Globals globals("(type $s (struct)) (global (ref $s) (struct.new $s))");
  CHECK(globals.evaluate().lo != globals.evaluate().lo);
}

TEST_CASE("an expression whose objects the heap has no room for gives null and says why") {
  constexpr auto fields = R"((type $a (array i64))
    (global (ref $a) (array.new_default $a (i32.const 1000))))";
  CHECK(Globals(fields, {.max_heap_bytes = 1 << 20}).evaluate().lo != 0);

  const Globals full(fields, {.max_heap_bytes = 4096});
  CHECK(full.error().code == ErrorCode::out_of_memory);
  CHECK_THAT(full.error().message, test::has_text("constant expressions"));
}

}  // namespace fermata
