// Locals, globals, drop and select.
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

const ValType func_not_null = ValType::ref({HeapKind::func}, false);

TEST_CASE("Parameters come before locals, in the order of their declaration") {
  const std::vector<LocalRun> locals{{2, f32}, {0, f64}, {1, i64}};
  CHECK(verdict({i32}, {i32}, {local_get(0)}, locals) == "valid");
  CHECK(verdict({i32}, {f32}, {local_get(1)}, locals) == "valid");
  CHECK(verdict({i32}, {f32}, {local_get(2)}, locals) == "valid");
  CHECK(verdict({i32}, {i64}, {local_get(3)}, locals) == "valid");
  CHECK(verdict({i32}, {i64}, {local_get(4)}, locals) == "unknown local 4: there are 4");
  CHECK(verdict({i32}, {f32}, {local_get(3)}, locals) ==
        "type mismatch: expected f32, found i64 on the operand stack in end");
}

TEST_CASE("Locals far behind the first ones have their types too") {
  const std::vector<LocalRun> locals{{1'000, i32}, {1'000, i64}};
  CHECK(verdict({}, {i32}, {local_get(999)}, locals) == "valid");
  CHECK(verdict({}, {i64}, {local_get(1'000)}, locals) == "valid");
  CHECK(verdict({}, {i64}, {local_get(1'999)}, locals) == "valid");
  CHECK(verdict({}, {i64}, {local_get(2'000)}, locals) == "unknown local 2000: there are 2000");
}

TEST_CASE("local.set and local.tee take the local's type") {
  const std::vector<LocalRun> locals{{1, i64}};
  CHECK(verdict({}, {}, {i64_const(1), local_set(0)}, locals) == "valid");
  CHECK(verdict({}, {i64}, {i64_const(1), local_tee(0)}, locals) == "valid");
  CHECK(verdict({}, {}, {i32_const(1), local_set(0)}, locals) ==
        "type mismatch: expected i64, found i32 on the operand stack in local.set");
  CHECK(verdict({}, {i64}, {i32_const(1), local_tee(0)}, locals) ==
        "type mismatch: expected i64, found i32 on the operand stack in local.tee");
  CHECK_THAT(verdict({}, {}, {i64_const(1), local_set(1)}, locals), starts_with("unknown local 1"));
  CHECK_THAT(verdict({}, {}, {i64_const(1), local_tee(1)}, locals), starts_with("unknown local 1"));
}

TEST_CASE("local.tee gives the local's type, not the operand's") {
  CHECK_THAT(
      verdict({func_not_null}, {func_not_null}, {local_get(0), local_tee(1)}, {{1, funcref}}),
      starts_with("type mismatch: expected (ref func), found funcref"));
}

TEST_CASE("A local without a default value must be set before it is read") {
  const std::vector<LocalRun> locals{{1, func_not_null}};
  const auto with = [&](const Body& body) { return verdict({func_not_null}, {}, body, locals); };
  CHECK_THAT(with({local_get(1), drop()}), starts_with("uninitialized local 1"));
  CHECK(with({local_get(0), local_set(1), local_get(1), drop()}) == "valid");
  CHECK(with({local_get(0), local_tee(1), drop(), local_get(1), drop()}) == "valid");
  CHECK(with({local_get(0), drop()}) == "valid");
}

TEST_CASE("What a block initialises is forgotten at its end") {
  const std::vector<LocalRun> locals{{1, func_not_null}};
  const auto with = [&](const Body& body) { return verdict({func_not_null}, {}, body, locals); };
  const Body set{local_get(0), local_set(1)};
  CHECK_THAT(with({block(), local_get(0), local_set(1), end(), local_get(1), drop()}),
             starts_with("uninitialized local 1"));
  CHECK(with({local_get(0), local_set(1), block(), local_get(1), drop(), end(), local_get(1),
              drop()}) == "valid");
  CHECK_THAT(
      with({i32_const(0), if_(), local_get(0), local_set(1), else_(), local_get(1), drop(), end()}),
      starts_with("uninitialized local 1"));
}

TEST_CASE("Initialisation in one function means nothing in the next") {
  ModuleBuilder m;
  m.func({func_not_null}, {}, {local_get(0), local_set(1)}, {{1, func_not_null}});
  m.func({func_not_null}, {}, {local_get(1), drop()}, {{1, func_not_null}});
  CHECK_THAT(verdict(m), starts_with("uninitialized local 1"));
}

TEST_CASE("Globals are read with their type and written when mutable") {
  const auto with = [](const ResultType& results, const Body& body) {
    ModuleBuilder m;
    m.global({i32, false}, {i32_const(1)});
    m.global({i64, true}, {i64_const(1)});
    m.func({}, results, body);
    return verdict(m);
  };
  CHECK(with({i32}, {global_get(0)}) == "valid");
  CHECK(with({}, {i64_const(1), global_set(1)}) == "valid");
  CHECK(with({}, {i32_const(1), global_set(1)}) ==
        "type mismatch: expected i64, found i32 on the operand stack in global.set");
  CHECK_THAT(with({}, {i32_const(1), global_set(0)}), starts_with("immutable global"));
  CHECK(with({i32}, {global_get(2)}) == "unknown global 2: there are 2");
  CHECK(with({}, {i32_const(1), global_set(2)}) == "unknown global 2: there are 2");
}

TEST_CASE("drop takes anything") {
  for (const ValType type : {i32, i64, f32, f64, v128, funcref, externref}) {
    CHECK(verdict({}, {const_of(type), drop()}) == "valid");
  }
  CHECK_THAT(verdict({}, {drop()}), starts_with("type mismatch"));
}

TEST_CASE("select without a type takes two numbers or vectors of one type") {
  const Code select = op(WasmOp::select);
  for (const ValType type : {i32, i64, f32, f64, v128}) {
    CHECK(verdict({type}, {const_of(type), const_of(type), i32_const(0), select}) == "valid");
  }
  CHECK(verdict({i32}, {i32_const(1), i64_const(1), i32_const(0), select}) ==
        "type mismatch: expected two operands of one type, found i32 and i64 in select");
  CHECK_THAT(verdict({funcref}, {const_of(funcref), const_of(funcref), i32_const(0), select}),
             starts_with("type mismatch: expected a number or vector"));
  CHECK(verdict({i32}, {i32_const(1), i32_const(1), i64_const(0), select}) ==
        "type mismatch: expected i32, found i64 on the operand stack in select");
}

TEST_CASE("select with a type takes that type, references too") {
  const Body operands{const_of(externref), const_of(externref), i32_const(0)};
  const auto with = [&](std::initializer_list<ValType> types) {
    Body body = operands;
    body.push_back(select_t(types));
    return verdict({externref}, body);
  };
  CHECK(with({externref}) == "valid");
  CHECK_THAT(with({funcref}), starts_with("type mismatch: expected funcref, found externref"));
  CHECK(with({}) == "invalid result arity: expected 1 type in select, found 0");
  CHECK(with({externref, externref}) == "invalid result arity: expected 1 type in select, found 2");
  CHECK_THAT(with({ValType::ref(HeapType::concrete({9}), true)}), starts_with("unknown type 9"));
}

}  // namespace
}  // namespace fermata
