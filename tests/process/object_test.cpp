// Structs and arrays as the host reads, writes and makes them while their program is paused.
#include <algorithm>
#include <string>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

// Shows the host one object after the other; the host answers with one in its place.
constexpr std::string_view text = R"((module
  (type $box (sub (struct (field (mut i32)))))
  (type $named (sub $box (struct (field (mut i32)) (field i32))))
  (type $function (func (result i32)))
  (type $bytes (array (mut i8)))
  (type $units (array (mut i16)))
  (type $boxes (array (mut (ref null $box))))
  (type $constants (array i64))
  (type $all (struct (field (mut i8) (mut i16) (mut i32) (mut i64) (mut f32) (mut f64) (mut v128)
    (mut (ref $box)) (mut anyref) (mut (ref null $function)) i32)))
  (type $vectors (array (mut v128)))
  (type $large (struct (field (mut i32) i32 i64 i64 i64)))
  (import "env" "show" (func $show (param anyref) (result anyref)))
  (elem declare func $seven)
  (func $seven (export "seven") (type $function) (i32.const 7))

  (func (export "all") (result i32)
    (local $all (ref $all))
    (local.set $all (struct.new $all (i32.const -1) (i32.const -2) (i32.const -3) (i64.const -4)
      (f32.const 0.5) (f64.const nan:0x8000000000001) (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
      (struct.new $box (i32.const 5)) (ref.i31 (i32.const 6)) (ref.func $seven) (i32.const 8)))
    (drop (call $show (local.get $all)))
    (i32.add (i32.add (struct.get_s $all 0 (local.get $all)) (struct.get_s $all 1 (local.get $all)))
      (i32.add (struct.get $all 2 (local.get $all))
        (struct.get $box 0 (struct.get $all 7 (local.get $all))))))
  (func (export "arrays") (result i32)
    (local $bytes (ref $bytes))
    (local.set $bytes (array.new_fixed $bytes 4 (i32.const 1) (i32.const 2) (i32.const 3) (i32.const -4)))
    (drop (call $show (local.get $bytes)))
    (drop (call $show (array.new_fixed $units 2 (i32.const 0x0102) (i32.const -1))))
    (drop (call $show (array.new_fixed $boxes 1 (struct.new $box (i32.const 5)))))
    (drop (call $show (array.new_fixed $constants 2 (i64.const 11) (i64.const 12))))
    (drop (call $show (array.new_fixed $vectors 1
      (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15))))
    (i32.add (array.get_s $bytes (local.get $bytes) (i32.const 0))
      (array.get_s $bytes (local.get $bytes) (i32.const 3))))
  (func (export "boxes") (result i32)
    (drop (call $show (struct.new $box (i32.const 5))))
    (drop (call $show (struct.new $named (i32.const 5) (i32.const 6))))
    (i32.const 0))
  ;; Sums up what the host makes.
  (func (export "sum") (result i32)
    (local $boxes (ref $boxes)) (local $i i32) (local $sum i32)
    (local.set $boxes (ref.cast (ref $boxes) (call $show (ref.null any))))
    (loop $again
      (local.set $sum (i32.add (local.get $sum)
        (struct.get $box 0 (array.get $boxes (local.get $boxes) (local.get $i)))))
      (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
        (array.len (local.get $boxes)))))
    (local.get $sum))
  (func (export "litter") (result i32) (local $count i32)
    ;; The second of two of 40 bytes: where it is, none of 16 bytes ever begins.
    (drop (struct.new_default $large))
    (drop (call $show (struct.new $large (i32.const 5) (i32.const 6) (i64.const 0) (i64.const 0)
      (i64.const 0))))
    (loop $again
      (drop (struct.new $box (i32.const 9)))
      (br_if $again (i32.lt_u (local.tee $count (i32.add (local.get $count) (i32.const 1)))
        (i32.const 20000))))
    (drop (call $show (ref.null any)))
    (unreachable))))";

constexpr TypeIdx box{0}, named{1}, function{2}, bytes{3}, units{4}, boxes{5}, vectors{8}, large{9};
constexpr ValType any = ValType::ref({HeapKind::any}, true);
constexpr std::uint64_t heap_limit = 100'000;

Process process_of(std::string_view entry) {
  ProcessOptions options;
  options.entry = entry;
  options.execution.max_heap_bytes = heap_limit;
  options.resettable = true;
  return ok(Process::create(ok(parse_text(text)), in_order(), options));
}

/// The next object that the program shows; what it showed before is answered with null.
ObjectRef shown(Process& process) {
  const bool first = ok(process.main_thread().state()) == ThreadState::ready;
  const Values answer = first ? Values{} : Values{Value::null(any)};
  return ok(process.object(expect_call(process.main_thread(), 0, answer).at(0)));
}

Values finish(Process& process, const Value& answer = Value::null(any)) {
  return expect_finish(process.main_thread(), {answer});
}

template <class T, std::size_t N>
std::span<const std::byte> bytes_of(const T (&items)[N]) {
  return std::as_bytes(std::span(items));
}

std::vector<int> numbers(const ObjectRef& object, std::uint32_t begin, std::size_t count) {
  std::vector<std::byte> read(count);
  ok(object.read(begin, read));
  std::vector<int> all_of_them;
  for (const std::byte byte : read) all_of_them.push_back(std::to_integer<int>(byte));
  return all_of_them;
}

constexpr V128 counting{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

}  // namespace

// --- reading and writing ------------------------------------------------------------------------

TEST_CASE("fields are read with their types, packed ones without their sign") {
  Process process = process_of("all");
  const ObjectRef object = shown(process);
  CHECK(process.kind_of(object.reference()) == HeapKind::struct_);
  CHECK(ok(object.size()) == 11);
  CHECK(ok(object.get(0)) == Value::i32(0xff));
  CHECK(ok(object.get(1)) == Value::i32(0xfffe));
  CHECK(ok(object.get(2)) == Value::i32(-3));
  CHECK(ok(object.get(3)) == Value::i64(-4));
  CHECK(ok(object.get(4)) == Value::f32(0.5));
  CHECK(ok(object.get(5)) == Value::f64_bits(0x7ff8'0000'0000'0001));
  CHECK(ok(object.get(6)) == Value::v128(counting));
  CHECK(ok(object.get(7)).type() == ValType::ref(HeapType::concrete(box), false));
  CHECK(ok(ok(process.object(ok(object.get(7)))).get(0)) == Value::i32(5));
  CHECK(ok(object.get(8)).as_i31() == 6);
  CHECK(process.kind_of(ok(object.get(9))) == HeapKind::func);
  CHECK(ok(object.get(10)) == Value::i32(8));
  CHECK(error_of(object.get(11)) == ErrorCode::object_out_of_bounds);
}

TEST_CASE("the guest sees what is written into fields") {
  Process process = process_of("all");
  ObjectRef object = shown(process);
  const Root five_hundred = ok(process.make_struct(box, Values{Value::i32(500)}));
  ok(object.set(0, Value::i32(0x1'20)));  // the lowest byte of it
  ok(object.set(1, Value::i32(-1000)));
  ok(object.set(2, Value::i32(70'000)));
  ok(object.set(3, Value::i64(1)));
  ok(object.set(5, Value::f64(1.5)));
  ok(object.set(6, Value::v128({9})));
  ok(object.set(7, five_hundred.value()));
  ok(object.set(8, Value::null(any)));
  CHECK(ok(object.get(0)) == Value::i32(0x20));
  CHECK(ok(object.get(3)) == Value::i64(1));
  CHECK(ok(object.get(5)) == Value::f64(1.5));
  CHECK(ok(object.get(6)) == Value::v128({9}));
  CHECK(ok(object.get(8)).is_null());
  CHECK(finish(process) == Values{Value::i32(0x20 - 1000 + 70'000 + 500)});
}

TEST_CASE("only a value of the field's type is written, and only into one that is mutable") {
  Process process = process_of("all");
  ObjectRef object = shown(process);
  const Value one = Value::i32(1);
  const Value a_box = ok(object.get(7));
  CHECK(error_of(object.set(11, one)) == ErrorCode::object_out_of_bounds);
  CHECK(error_of(object.set(10, one)) == ErrorCode::field_immutable);
  CHECK(error_of(object.set(3, one)) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.set(0, Value::i64(1))) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.set(7, Value::null(any))) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.set(7, object.reference())) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.set(9, a_box)) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.set(8, Value::from_bits(any, a_box.lo() + 8))) ==
        ErrorCode::wrong_value_type);
  CHECK(finish(process) == Values{Value::i32(-1)});
}

TEST_CASE("elements are read and written one by one, and numbers in bulk as bytes") {
  Process process = process_of("arrays");
  ObjectRef object = shown(process);
  CHECK(process.kind_of(object.reference()) == HeapKind::array);
  CHECK(ok(object.size()) == 4);
  CHECK(ok(object.get(3)) == Value::i32(0xfc));
  CHECK(error_of(object.get(4)) == ErrorCode::object_out_of_bounds);
  CHECK(numbers(object, 0, 4) == std::vector{1, 2, 3, 0xfc});
  CHECK(numbers(object, 2, 1) == std::vector{3});
  ok(object.write(1, bytes_of("xyz").first(3)));
  ok(object.set(0, Value::i32(-7)));
  CHECK(numbers(object, 0, 4) == std::vector<int>{0xf9, 'x', 'y', 'z'});

  ObjectRef wide = shown(process);
  CHECK(numbers(wide, 0, 4) == std::vector{2, 1, 0xff, 0xff});  // the lowest byte first
  CHECK(ok(wide.get(1)) == Value::i32(0xffff));
  const std::uint8_t five[] = {5, 0};
  ok(wide.write(1, bytes_of(five)));
  CHECK(ok(wide.get(1)) == Value::i32(5));

  const ObjectRef references = shown(process);
  CHECK(ok(ok(process.object(ok(references.get(0)))).get(0)) == Value::i32(5));

  const ObjectRef longs = shown(process);
  CHECK(ok(longs.get(1)) == Value::i64(12));
  CHECK(numbers(longs, 0, 16) == std::vector{11, 0, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0});
  CHECK(numbers(shown(process), 0, 16) == std::vector<int>(counting.begin(), counting.end()));
  CHECK(finish(process) == Values{Value::i32(-7 + 'z')});
}

TEST_CASE("of a range that goes past an array's end nothing is read or written") {
  Process process = process_of("arrays");
  ObjectRef object = shown(process);
  std::vector<std::byte> out(2, std::byte{9});
  CHECK(object.read(4, std::span(out).first(0)));
  CHECK(object.write(4, std::span(out).first(0)));
  CHECK(error_of(object.read(3, out)) == ErrorCode::object_out_of_bounds);
  CHECK(error_of(object.read(5, std::span(out).first(0))) == ErrorCode::object_out_of_bounds);
  CHECK(error_of(object.read(~std::uint32_t{0}, out)) == ErrorCode::object_out_of_bounds);
  CHECK(error_of(object.write(3, out)) == ErrorCode::object_out_of_bounds);
  CHECK(out == std::vector(2, std::byte{9}));
  CHECK(numbers(object, 0, 4) == std::vector{1, 2, 3, 0xfc});
}

TEST_CASE("bytes are whole elements of an array of numbers, to be written a mutable one") {
  Process process = process_of("arrays");
  const std::uint8_t three[] = {1, 2, 3};
  std::vector<std::byte> out(3);
  static_cast<void>(shown(process));
  ObjectRef object = shown(process);
  CHECK(error_of(object.read(0, out)) == ErrorCode::wrong_value_count);
  CHECK(error_of(object.write(0, bytes_of(three))) == ErrorCode::wrong_value_count);
  object = shown(process);
  CHECK(error_of(object.read(0, out)) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.write(0, bytes_of(three))) == ErrorCode::wrong_value_type);
  object = shown(process);
  CHECK(error_of(object.write(0, bytes_of({std::uint64_t{7}}))) == ErrorCode::field_immutable);
  CHECK(error_of(object.set(0, Value::i64(7))) == ErrorCode::field_immutable);
  Process structs = process_of("boxes");
  object = shown(structs);
  CHECK(error_of(object.read(0, out)) == ErrorCode::wrong_value_type);
  CHECK(error_of(object.write(0, bytes_of(three))) == ErrorCode::wrong_value_type);
}

// --- which references are objects ---------------------------------------------------------------

TEST_CASE("an object is of its type and of those above it") {
  Process process = process_of("boxes");
  const Module module = process.module();
  const Module other = ok(parse_text(R"((module (type (struct))
    (type (sub (struct (field (mut i32)))))))"));
  const ObjectRef plain = shown(process);
  CHECK(plain.is_a(module, box));
  CHECK(plain.is_a(other, TypeIdx{1}));
  CHECK_FALSE(plain.is_a(other, TypeIdx{0}));
  CHECK_FALSE(plain.is_a(module, named));
  CHECK_FALSE(plain.is_a(module, bytes));
  CHECK_FALSE(plain.is_a(module, function));
  CHECK_FALSE(plain.is_a(module, TypeIdx{1000}));
  const ObjectRef derived = shown(process);
  CHECK(derived.is_a(module, box));
  CHECK(derived.is_a(module, named));
}

TEST_CASE("only a struct or an array of this process is an object") {
  Process process = process_of("boxes");
  const Value mine = shown(process).reference();
  const Value as_extern = Value::from_bits(externref, mine.lo());
  CHECK(ok(ok(process.object(as_extern)).get(0)) == Value::i32(5));
  const auto refused = [&](const Value& reference) {
    return error_of(process.object(reference)) == ErrorCode::wrong_value_type;
  };
  CHECK(refused(Value::null(any)));
  CHECK(refused(Value::i31(1)));
  CHECK(refused(Value::i64(1)));
  CHECK(refused(Value::externref({1})));
  CHECK(refused(Value::from_bits(any, mine.lo() + 8)));
  CHECK(refused(Value::from_bits(fermata::i64, mine.lo())));
  Process other = process_of("boxes");
  CHECK(refused(shown(other).reference()));
  const Process moved = std::move(process);
  CHECK(error_of(process.object(mine)) == ErrorCode::wrong_value_type);  // NOLINT
  CHECK_FALSE(process.kind_of(mine));                                    // NOLINT
  CHECK(error_of(process.make_struct(box, {})) == ErrorCode::no_such_index);
  CHECK(moved.kind_of(mine) == HeapKind::struct_);
}

TEST_CASE("an exception is no object") {
  constexpr std::string_view shows = R"((module
    (import "env" "show" (func $show (param exnref)))
    (tag $tag (param i32))
    (func (export "_start")
      (call $show (block $h (result exnref)
        (try_table (catch_all_ref $h) (throw $tag (i32.const 1)))
        (unreachable))))))";
  Process process = ok(Process::create(ok(parse_text(shows)), in_order()));
  const Value exception = expect_call(process.main_thread(), 0).at(0);
  CHECK(process.kind_of(exception) == HeapKind::exn);
  CHECK(error_of(process.object(exception)) == ErrorCode::wrong_value_type);
}

TEST_CASE("what was collected can be neither read nor written, and what has a root can") {
  for (const bool rooted : {false, true}) {
    Process process = process_of("litter");
    ObjectRef object = shown(process);
    std::optional<Root> root;
    if (rooted) root = ok(process.root(object.reference()));
    static_cast<void>(expect_call(process.main_thread(), 0, {Value::null(any)}));
    CHECK(process.heap_use().collections != 0);
    CHECK(object.size().has_value() == rooted);
    CHECK(object.get(1).has_value() == rooted);
    CHECK(object.set(0, Value::i32(1)).has_value() == rooted);
    CHECK(object.is_a(process.module(), large) == rooted);
    if (!rooted) {
      CHECK(error_of(object.read(0, {})) == ErrorCode::wrong_value_type);
      CHECK(error_of(object.write(0, {})) == ErrorCode::wrong_value_type);
      CHECK(error_of(object.get(0)) == ErrorCode::wrong_value_type);
    }
  }
}

TEST_CASE("objects of a poisoned process are read, and go when it is set back") {
  Process process = process_of("litter");
  ObjectRef object = shown(process);
  const Root root = ok(process.root(object.reference()));
  static_cast<void>(expect_call(process.main_thread(), 0, {Value::null(any)}));
  CHECK(expect_trap(process.main_thread(), {Value::null(any)}) == Trap::unreachable);
  CHECK(process.poisoned());
  CHECK(ok(object.get(1)) == Value::i32(6));
  CHECK(process.make_struct(box, Values{Value::i32(1)}));
  ok(process.reset());
  CHECK(error_of(object.get(1)) == ErrorCode::wrong_value_type);
}

// --- making -------------------------------------------------------------------------------------

TEST_CASE("the guest gets structs and arrays that the host has made") {
  Process process = process_of("sum");
  static_cast<void>(expect_call(process.main_thread(), 0));
  const Root first = ok(process.make_struct(box, Values{Value::i32(30)}));
  const Root second = ok(process.make_struct(named, Values{Value::i32(4), Value::i32(1)}));
  const Root both = ok(process.make_array(boxes, Values{first.value(), second.value()}));
  CHECK(ok(ok(process.object(both.value())).size()) == 2);
  CHECK(ok(process.object(both.value())).is_a(process.module(), boxes));
  CHECK(finish(process, both.value()) == Values{Value::i32(34)});
}

TEST_CASE("arrays of numbers are made from bytes") {
  Process process = process_of("sum");
  const ObjectRef ascii = ok(
      process.object(ok(process.make_array_from_bytes(bytes, bytes_of("hello").first(5))).value()));
  CHECK(ok(ascii.size()) == 5);
  CHECK(ok(ascii.get(4)) == Value::i32('o'));
  const std::uint8_t two[] = {1, 2, 3, 4};
  const ObjectRef wide =
      ok(process.object(ok(process.make_array_from_bytes(units, bytes_of(two))).value()));
  CHECK(ok(wide.size()) == 2);
  CHECK(ok(wide.get(1)) == Value::i32(0x0403));
  const ObjectRef vector = ok(process.object(
      ok(process.make_array_from_bytes(vectors, std::as_bytes(std::span(counting)))).value()));
  CHECK(ok(vector.get(0)) == Value::v128(counting));
  CHECK(ok(ok(process.object(ok(process.make_array_from_bytes(bytes, {})).value())).size()) == 0);
}

TEST_CASE("what is made has the type's values, in number and each") {
  Process process = process_of("sum");
  const Value one = Value::i32(1);
  CHECK(error_of(process.make_struct(bytes, {})) == ErrorCode::no_such_index);
  CHECK(error_of(process.make_struct(function, {})) == ErrorCode::no_such_index);
  CHECK(error_of(process.make_struct(TypeIdx{100}, {})) == ErrorCode::no_such_index);
  CHECK(error_of(process.make_array(box, {})) == ErrorCode::no_such_index);
  CHECK(error_of(process.make_array_from_bytes(box, {})) == ErrorCode::no_such_index);
  CHECK(error_of(process.make_struct(box, {})) == ErrorCode::wrong_value_count);
  CHECK(error_of(process.make_struct(box, Values{one, one})) == ErrorCode::wrong_value_count);
  CHECK(error_of(process.make_struct(box, Values{Value::i64(1)})) == ErrorCode::wrong_value_type);
  CHECK(error_of(process.make_array(bytes, Values{one, Value::i64(1)})) ==
        ErrorCode::wrong_value_type);
  CHECK(error_of(process.make_array(boxes, Values{Value::i31(1)})) == ErrorCode::wrong_value_type);
  CHECK(error_of(process.make_array_from_bytes(boxes, {})) == ErrorCode::wrong_value_type);
  CHECK(error_of(process.make_array_from_bytes(units, bytes_of({'a'}))) ==
        ErrorCode::wrong_value_count);
  CHECK(process.heap_use() == HeapUse{});
}

TEST_CASE("what the host makes and forgets is collected, and what it holds is not") {
  Process process = process_of("sum");
  static_cast<void>(expect_call(process.main_thread(), 0));
  Root list = ok(process.make_array(boxes, Values(10, Value::null(any))));
  for (std::int32_t i = 0; i < 20'000; ++i) {
    const Root made = ok(process.make_struct(box, Values{Value::i32(i)}));
    ok(ok(process.object(list.value())).set(static_cast<std::uint32_t>(i) % 10, made.value()));
  }
  CHECK(process.heap_use().collections != 0);
  CHECK(process.heap_use().peak_bytes <= heap_limit);
  CHECK(finish(process, list.value()) == Values{Value::i32(10 * 19'990 + 45)});
}

TEST_CASE("values for an object live until it is made, without a root of their own") {
  Process process = process_of("sum");
  static_cast<void>(expect_call(process.main_thread(), 0));
  std::uint64_t collections = 0;
  for (std::int32_t i = 0; i < 20'000; ++i) {
    // Nothing but the host has this one, and with the next a collection may begin: since a pair
    // takes 48 bytes, the first begins there.
    const Value unrooted = ok(process.make_struct(box, Values{Value::i32(i)})).value();
    const Root holder = ok(process.make_array(boxes, Values{unrooted, unrooted}));
    const Value inner = ok(ok(process.object(holder.value())).get(0));
    CHECK(ok(ok(process.object(inner)).get(0)) == Value::i32(i));
    collections = process.heap_use().collections;
  }
  CHECK(collections > 5);
}

TEST_CASE("the heap's limit and the budget hold for what the host makes") {
  Process process = process_of("sum");
  const std::vector<std::byte> large(heap_limit);
  CHECK(error_of(process.make_array_from_bytes(bytes, large)) == ErrorCode::out_of_memory);
  std::vector<Root> kept;
  ErrorCode why{};
  while (why == ErrorCode{}) {
    auto made = process.make_array_from_bytes(bytes, std::span(large).first(1000));
    if (made) {
      kept.push_back(std::move(*made));
    } else {
      why = made.error().code;
    }
  }
  CHECK(why == ErrorCode::out_of_memory);
  CHECK(process.heap_use().bytes > heap_limit / 16 * 15 - 1016);
  CHECK(process.heap_use().bytes <= heap_limit);

  ProcessOptions options;
  options.entry = "sum";
  options.execution.max_bytes = 200'000;
  Process poor = ok(Process::create(ok(parse_text(text)), in_order(), options));
  const std::vector<std::byte> larger(200'000);
  CHECK(error_of(poor.make_array_from_bytes(bytes, larger)) == ErrorCode::out_of_memory);
}

// --- stores -------------------------------------------------------------------------------------

TEST_CASE("objects of a module's types are made in a store, which keeps the module") {
  Store store;
  const Root text_of_host = ok(store.make_array_from_bytes(
      ok(parse_text("(module (type (array i8)))")), TypeIdx{0}, bytes_of("abc").first(3)));
  const Module module = ok(parse_text(R"((module
    (type $point (struct (field (mut i32) i32)))
    (type $bytes (array i8))
    (type $points (array (ref $point)))
    (func (export "sum") (param $points anyref) (param $bytes (ref $bytes)) (result i32)
      (local $point (ref $point))
      (local.set $point (array.get $points (ref.cast (ref $points) (local.get $points)) (i32.const 1)))
      (i32.add (array.get_u $bytes (local.get $bytes) (i32.const 2))
        (i32.mul (struct.get $point 0 (local.get $point)) (struct.get $point 1 (local.get $point))))))
    )"));
  const InstanceRef instance = ok(Linker().instantiate(store, module));
  const Root point =
      ok(store.make_struct(module, TypeIdx{0}, Values{Value::i32(6), Value::i32(7)}));
  const Root points = ok(store.make_array(module, TypeIdx{2}, Values(2, point.value())));
  ObjectRef object = ok(store.object(point.value()));
  CHECK(ok(object.get(1)) == Value::i32(7));
  ok(object.set(0, Value::i32(10)));
  CHECK(error_of(object.set(1, Value::i32(10))) == ErrorCode::field_immutable);
  const Thread thread = ok(store.start_thread(ok(instance.function("sum")),
                                              Values{points.value(), text_of_host.value()}));
  CHECK(expect_finish(thread) == Values{Value::i32('c' + 70)});
  CHECK(error_of(store.make_struct(module, TypeIdx{1}, {})) == ErrorCode::no_such_index);
  Store other;
  CHECK(error_of(other.object(point.value())) == ErrorCode::wrong_value_type);
}
