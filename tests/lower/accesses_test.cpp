// Every load and store with every shape of address, and every store with its value in every place,
// in every mode. Among them, as a regression: a constant that an indexed store cannot hold was once
// written over the index.
#include <algorithm>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/support/differential.hpp"
#include "tests/support/module_builder.hpp"
#include "tests/support/random_plan.hpp"

namespace fermata::test {
namespace {

constexpr std::uint32_t base = 0, index = 1;  // locals; the globals 0 and 1 hold the same numbers
constexpr std::uint32_t values = 2;           // locals 2 to 5: an i32, i64, f32 and f64

/// Shapes of addresses; all come to something small.
std::vector<Body> addresses() {
  const Body sum{local_get(base), i32_const(12), op(WasmOp::i32_add)};
  const Body shifted{local_get(index), i32_const(2), op(WasmOp::i32_shl)};
  const Body global{global_get(0)};
  const Code add = op(WasmOp::i32_add);
  std::vector<Body> shapes{{i32_const(48)}, {local_get(base)}, global, sum};
  const auto both = [&](const Body& left, const Body& right) {
    shapes.push_back(left);
    shapes.back().insert(shapes.back().end(), right.begin(), right.end());
    shapes.back().push_back(add);
  };
  const std::vector<Body> parts{{local_get(base)}, {local_get(index)}, global, sum,
                                shifted,           {i32_const(24)}};
  for (const Body& left : parts) {
    for (const Body& right : parts) both(left, right);
  }
  both(sum, {i32_const(-8)});
  both({local_get(base), i32_const(4), op(WasmOp::i32_sub)}, {local_get(index)});
  return shapes;
}

/// Places of a value to be stored.
std::vector<Body> values_of(ValType type) {
  const std::uint32_t local = values + static_cast<std::uint32_t>(type.kind);
  if (type == i32) {
    return {{i32_const(-3)},
            {i32_const(70'000)},
            {local_get(local)},
            {global_get(1)},
            {local_get(local), i32_const(9), op(WasmOp::i32_add)},
            {local_get(base)},
            {local_get(local), i32_const(5), op(WasmOp::i32_mul)}};
  }
  if (type == i64) {
    return {{i64_const(-3)},
            {i64_const(70'000)},
            {i64_const(0x1234'5678'9ABC'DEF0)},
            {local_get(local)},
            {local_get(local), i64_const(5), op(WasmOp::i64_mul)}};
  }
  if (type == f32) {
    return {{f32_const(0)},
            {f32_const(-0.0F)},
            {f32_const(1.1F)},
            {local_get(local)},
            {local_get(local), op(WasmOp::f32_neg)}};
  }
  return {{f64_const(0)},
          {f64_const(-0.0)},
          {f64_const(1.1)},
          {local_get(local)},
          {local_get(local), op(WasmOp::f64_neg)}};
}

Code store_of(ValType type) {
  return store(type == i32   ? WasmOp::i32_store
               : type == i64 ? WasmOp::i64_store
               : type == f32 ? WasmOp::f32_store
                             : WasmOp::f64_store);
}

/// Runs a body with the locals and globals set.
Module module_of(const Body& tested) {
  ModuleBuilder m;
  m.memory(1);
  m.export_memory("memory");
  m.data({{i32_const(0)}, 0},
         "Sphinx of black quartz, judge my vow! 0123456789 \x80\xFF\xFE and so on until 99");
  m.global({i32, true}, {i32_const(16)});
  m.global({i32, true}, {i32_const(7)});
  Body body{i32_const(16),
            local_set(base),
            i32_const(7),
            local_set(index),
            i32_const(-77),
            local_set(values),
            i64_const(0x1111'2222'3333),
            local_set(values + 1),
            f32_const(2.5F),
            local_set(values + 2),
            f64_const(-1e100),
            local_set(values + 3)};
  body.insert(body.end(), tested.begin(), tested.end());
  m.export_func("_start", m.func({}, {}, body, {{2, i32}, {1, i32}, {1, i64}, {1, f32}, {1, f64}}));
  auto module = Module::load(m.build());
  if (!module) FAIL(to_string(module.error()));
  return *module;
}

void expect_same_end(const Module& module) {
  const auto difference = find_difference(module);
  if (difference) FAIL(*difference);
  REQUIRE(std::ranges::count(tell(module, all_modes().front()), "finished ") == 1);
}

void append(Body& body, const Body& part) { body.insert(body.end(), part.begin(), part.end()); }

}  // namespace

TEST_CASE("loads give the same with any address") {
  for (const AccessOp& tested : loads()) {
    INFO(info(tested.op).text);
    const std::uint32_t local = values + static_cast<std::uint32_t>(tested.value.kind);
    std::int32_t place = 4096;  // where what was loaded is kept
    Body body;
    for (const Body& address : addresses()) {
      for (const std::uint64_t offset : {0, 3}) {
        append(body, {i32_const(place)});
        append(body, address);
        append(body, {load(tested.op, offset), store_of(tested.value)});
        append(body, address);
        append(body, {load(tested.op, offset), local_set(local)});
        append(body, {i32_const(place + 8), local_get(local), store_of(tested.value)});
        place += 16;
      }
    }
    expect_same_end(module_of(body));
  }
}

TEST_CASE("stores write the same with any address and any value") {
  for (const AccessOp& tested : stores()) {
    for (const Body& value : values_of(tested.value)) {
      Body body;
      for (const Body& address : addresses()) {
        INFO(info(tested.op).text << ", value of " << value.size() << " instructions");
        append(body, address);
        append(body, value);
        append(body, {store(tested.op, 5)});
        // what was written moves on, so that a later store does not hide it
        append(body,
               {i32_const(200), i32_const(0), i32_const(1000), op(WasmOp::memory_copy, {0, 0})});
      }
      expect_same_end(module_of(body));
    }
  }
}

TEST_CASE("an indexed store of a constant leaves its index alone") {
  ModuleBuilder m;
  m.memory(1);
  m.export_func("_start",
                m.func({}, {i32},
                       {i32_const(16), local_set(0), i32_const(3), local_set(1), local_get(0),
                        local_get(1), i32_const(2), op(WasmOp::i32_shl), i32_const(0),
                        op(WasmOp::i32_or), op(WasmOp::i32_add), f32_const(-0.0F),
                        store(WasmOp::f32_store), i32_const(28), load(WasmOp::i32_load)},
                       {{2, i32}}));
  const auto module = Module::load(m.build());
  REQUIRE(module);
  for (const Mode& mode : all_modes()) {
    INFO(mode.name());
    CHECK(std::ranges::count(tell(*module, mode), "finished i32 0x80000000, ") == 1);
  }
}

}  // namespace fermata::test
