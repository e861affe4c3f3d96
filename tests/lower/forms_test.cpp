// Every numeric instruction with its operands in every place that the lowering tells apart, and its
// result put to every use that it is fused with, in every mode.
#include <algorithm>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/differential.hpp"
#include "tests/support/module_builder.hpp"
#include "tests/support/random_plan.hpp"

namespace fermata::test {
namespace {

void append(Body& body, const Body& part) { body.insert(body.end(), part.begin(), part.end()); }

Code number(ValType type, int value) {
  if (type == i32) return i32_const(value);
  if (type == i64) return i64_const(value);
  return type == f32 ? f32_const(static_cast<float>(value) / 4) : f64_const(value / 8.0);
}

/// Locals of each type hold one number, globals another. `x` ones are first operands, `y` second.
constexpr std::uint32_t index_of(ValType type, bool second) {
  return 2 * static_cast<std::uint32_t>(type.kind) + (second ? 1 : 0);
}
constexpr std::uint32_t set_local_of = 8;  // and 9, 10, 11: locals that results are set to

enum class Place { constant, local, accumulator, sum, shifted };
constexpr std::array places{Place::constant, Place::local, Place::accumulator, Place::sum,
                            Place::shifted};

/// An operand that is there when the instruction comes.
Body operand(ValType type, Place place, bool second, int value) {
  const std::uint32_t index = index_of(type, second);
  switch (place) {
    case Place::constant:
      return {number(type, value)};
    case Place::local:
      return {local_get(index)};
    case Place::accumulator:
      return {global_get(index)};
    case Place::sum:
      if (type != i32)
        return {local_get(index), number(type, value),
                op(type == i64   ? WasmOp::i64_add
                   : type == f32 ? WasmOp::f32_add
                                 : WasmOp::f64_add)};
      return {local_get(index), i32_const(value), op(WasmOp::i32_add)};
    case Place::shifted:
      if (type != i32) return {global_get(index)};
      return {local_get(index), i32_const(3), op(WasmOp::i32_shl)};
  }
  return {};
}

Code store_of(ValType type) {
  return store(type == i32   ? WasmOp::i32_store
               : type == i64 ? WasmOp::i64_store
               : type == f32 ? WasmOp::f32_store
                             : WasmOp::f64_store);
}

/// Each use leaves what came of the result in memory, 8 bytes a use.
class Uses {
 public:
  /// `computed` leaves a result of this type.
  void add(const Body& computed, ValType type) {
    store_result(computed, type);
    append(body_, computed);
    const std::uint32_t local = set_local_of + static_cast<std::uint32_t>(type.kind);
    append(body_, {local_set(local)});
    store_result({local_get(local)}, type);
    if (type != i32) return;
    // as a condition of br_if, of br_if behind eqz, of if and of select
    for (const Body& negation : {Body{}, Body{op(WasmOp::i32_eqz)}}) {
      Body branched{block(i32), i32_const(1)};
      append(branched, computed);
      append(branched, negation);
      append(branched, {br_if(0), drop(), i32_const(2), end()});
      store_result(branched, i32);
      Body chosen{i32_const(3), i32_const(4)};
      append(chosen, computed);
      append(chosen, negation);
      append(chosen, {op(WasmOp::select)});
      store_result(chosen, i32);
    }
    Body conditional = computed;
    append(conditional, {if_(i32), i32_const(5), else_(), i32_const(6), end()});
    store_result(conditional, i32);
    // as an address, alone and indexed
    Body loaded = computed;
    append(loaded, {i32_const(0xFF8), op(WasmOp::i32_and), load(WasmOp::i32_load, 8)});
    store_result(loaded, i32);
  }
  [[nodiscard]] const Body& body() const { return body_; }

 private:
  void store_result(const Body& computed, ValType type) {
    append(body_, {i32_const(static_cast<std::int32_t>(8 * next_++))});
    append(body_, computed);
    append(body_, {store_of(type)});
  }

  Body body_;
  std::uint32_t next_ = 0;
};

/// Numbers for first and second operands, constants and what is in locals and globals.
struct Numbers {
  int first, second;
};

Bytes module_of(const NumericOp& tested, Numbers numbers) {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("memory");
  Body body;
  for (const ValType type : {i32, i64, f32, f64}) {
    for (const bool second : {false, true}) {
      const int value = second ? numbers.second : numbers.first;
      m.global({type, true}, {number(type, value)});
      append(body, {number(type, value), local_set(index_of(type, second))});
    }
  }
  Uses uses;
  for (const Place first : places) {
    for (const Place second : places) {
      Body computed = operand(tested.params[0], first, false, numbers.first);
      if (tested.params.size() == 2)
        append(computed, operand(tested.params[1], second, true, numbers.second));
      append(computed, {op(tested.op)});
      uses.add(computed, tested.result);
    }
  }
  append(body, uses.body());
  std::vector<LocalRun> locals;
  for (const ValType type : {i32, i64, f32, f64}) locals.push_back({2, type});
  for (const ValType type : {i32, i64, f32, f64}) locals.push_back({1, type});
  m.export_func("_start", m.func({}, {}, body, locals));
  return m.build();
}

}  // namespace

TEST_CASE("numeric instructions give the same with operands anywhere and for any use") {
  for (const ValType type : {i32, i64, f32, f64}) {
    std::optional<WasmOp> before;
    for (const NumericOp& tested : numeric_ops(type)) {
      if (before == tested.op) continue;
      before = tested.op;
      for (const Numbers numbers :
           {Numbers{7, 3}, Numbers{-40, 5}, Numbers{9, 9}, Numbers{0, 33}}) {
        if (tested.may_trap && numbers.first < 0) continue;
        INFO(info(tested.op).text << " of " << numbers.first << " and " << numbers.second);
        const auto module = Module::load(module_of(tested, numbers));
        if (!module) FAIL(to_string(module.error()));
        const auto difference = find_difference(*module);
        if (difference) FAIL(*difference);
        const Story story = tell(*module, all_modes().front());
        REQUIRE(std::ranges::count(story, "finished ") == 1);
      }
    }
  }
}

}  // namespace fermata::test
