// Blocks, branches, calls and code that cannot be reached.

#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

const Code add = op(WasmOp::i32_add);

// --- blocks --------------------------------------------------------------------------------------

TEST_CASE("A block gives exactly its results") {
  CHECK(verdict({i32}, {block(i32), i32_const(1), end()}) == "valid");
  CHECK(verdict({i32}, {block(i32), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in end");
  CHECK(verdict({i32}, {block(i32), i64_const(1), end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in end");
  CHECK(verdict({i32}, {block(i32), i32_const(1), i32_const(2), end()}) ==
        "type mismatch: expected an empty operand stack, found 1 more in end");
  CHECK(verdict({}, {block(), i32_const(1), end()}) ==
        "type mismatch: expected an empty operand stack, found 1 more in end");
}

TEST_CASE("A function gives exactly its results") {
  CHECK(verdict({i32, i64}, {i32_const(1), i64_const(2)}) == "valid");
  CHECK(verdict({i32, i64}, {i64_const(2), i32_const(1)}) ==
        "type mismatch: expected i64, found i32 on the operand stack in end");
  CHECK(verdict({i32}, Body{}) ==
        "type mismatch: expected i32, found nothing on the operand stack in end");
  CHECK(verdict({}, {nop()}) == "valid");
}

TEST_CASE("A block takes its parameters from the stack") {
  ModuleBuilder m;
  const TypeIdx type = m.type({i32, i32}, {i32});
  const auto with = [&](const Body& body) {
    ModuleBuilder copy = m;
    copy.func({}, {i32}, body);
    return verdict(copy);
  };
  CHECK(with({i32_const(1), i32_const(2), block(type), add, end()}) == "valid");
  CHECK(with({i32_const(1), i32_const(2), loop(type), add, end()}) == "valid");
  CHECK(with({i32_const(1), i32_const(2), i32_const(3), if_(type), add, else_(), drop(), end()}) ==
        "valid");
  CHECK(with({i32_const(1), block(type), add, end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in block");
  CHECK(with({i32_const(1), i64_const(2), loop(type), add, end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in loop");
}

TEST_CASE("A block's type must be a function type that exists") {
  CHECK_THAT(verdict({}, {block(TypeIdx{5}), end()}), starts_with("unknown type 5"));
  ModuleBuilder m;
  const TypeIdx structure = m.type(SubType{true, {}, StructType{}});
  m.func({}, {}, {block(structure), end()});
  CHECK_THAT(verdict(m), starts_with("type mismatch: expected a function type"));
}

TEST_CASE("An if with a result needs an else") {
  CHECK(verdict({i32}, {i32_const(1), if_(i32), i32_const(2), else_(), i32_const(3), end()}) ==
        "valid");
  CHECK(verdict({i32}, {i32_const(1), if_(i32), i32_const(2), end()}) ==
        "type mismatch: expected an else, because the if takes 0 and gives 1");
  CHECK(verdict({}, {i32_const(1), if_(), nop(), end()}) == "valid");
}

TEST_CASE("An if without an else passes its parameters on") {
  ModuleBuilder same;
  const TypeIdx keep = same.type({i32}, {i32});
  same.func({}, {i32}, {i32_const(1), i32_const(2), if_(keep), end()});
  CHECK(verdict(same) == "valid");
  ModuleBuilder other;
  const TypeIdx change = other.type({i32}, {i64});
  other.func({}, {i64}, {i32_const(1), i32_const(2), if_(change), drop(), i64_const(1), end()});
  CHECK_THAT(verdict(other), starts_with("type mismatch: expected an else"));
}

TEST_CASE("Both arms of an if give the result") {
  CHECK(verdict({i32}, {i32_const(1), if_(i32), i32_const(2), else_(), i64_const(3), end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in end");
  CHECK(verdict({i32}, {i32_const(1), if_(i32), i64_const(2), else_(), i32_const(3), end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in else");
  CHECK(verdict({}, {i64_const(1), if_(), end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in if");
}

TEST_CASE("An else outside of an if is malformed") {
  for (const Body& body : {Body{else_()}, Body{block(), else_(), end()}}) {
    ModuleBuilder m;
    m.func({}, {}, body);
    const auto result = judged(m);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().phase == Phase::malformed);
  }
}

TEST_CASE("Code that ends early or goes on after its end is malformed") {
  for (const Body& body : {Body{block()}, Body{end()}, Body{end(), nop()}}) {
    ModuleBuilder m;
    m.func({}, {}, body);
    const auto result = judged(m);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().phase == Phase::malformed);
    CHECK(result.error().code == ErrorCode::malformed_binary);
  }
}

// --- branches ------------------------------------------------------------------------------------

TEST_CASE("A label must exist; the function's own is the outermost") {
  CHECK(verdict({}, {br(0)}) == "valid");
  CHECK(verdict({}, {br(1)}) == "unknown label 1: there is 1");
  CHECK(verdict({}, {block(), br(1), end()}) == "valid");
  CHECK(verdict({}, {block(), br(2), end()}) == "unknown label 2: there are 2");
  CHECK_THAT(verdict({}, {i32_const(0), br_if(1)}), starts_with("unknown label"));
  CHECK_THAT(verdict({}, {i32_const(0), br_table({0, 1}, 0)}), starts_with("unknown label"));
  CHECK_THAT(verdict({}, {i32_const(0), br_table({0}, 1)}), starts_with("unknown label"));
  CHECK_THAT(verdict({}, {br(0xFFFF'FFFF)}), starts_with("unknown label"));
}

TEST_CASE("A branch takes the label's values: a block's results, a loop's parameters") {
  CHECK(verdict({i32}, {block(i32), i32_const(1), br(0), end()}) == "valid");
  CHECK(verdict({i32}, {block(i32), br(0), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in br");
  CHECK(verdict({i32}, {loop(i32), br(0), end()}) == "valid");
  CHECK(verdict({i32}, {i64_const(1), br(0)}) ==
        "type mismatch: expected i32, found i64 on the operand stack in br");
  ModuleBuilder m;
  const TypeIdx type = m.type({i64}, {i32});
  m.func({}, {i32}, {i64_const(1), loop(type), br(0), end()});
  CHECK(verdict(m) == "valid");
}

TEST_CASE("A branch may leave operands behind, the end of a block may not") {
  CHECK(verdict({i32}, {block(i32), f32_const(1), i32_const(1), br(0), end()}) == "valid");
  CHECK(verdict({i32}, {f32_const(1), i32_const(1), return_()}) == "valid");
  CHECK(verdict({i32}, {f32_const(1), i32_const(1)}) ==
        "type mismatch: expected an empty operand stack, found 1 more in end");
}

TEST_CASE("br_if takes a condition and keeps the label's values") {
  CHECK(verdict({i32}, {block(i32), i32_const(1), i32_const(0), br_if(0), end()}) == "valid");
  CHECK(verdict({i32}, {block(i32), i32_const(1), i64_const(0), br_if(0), end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in br_if");
  CHECK(verdict({i32}, {block(i32), i64_const(1), i32_const(0), br_if(0), end()}) ==
        "type mismatch: expected i32, found i64 on the operand stack in br_if");
}

TEST_CASE("br_if types the values it keeps as the label does") {
  // (ref func) goes in, funcref comes out: a precise type is lost.
  const ValType func_not_null = ValType::ref({HeapKind::func}, false);
  CHECK_THAT(verdict({func_not_null}, {func_not_null},
                     {block(funcref), local_get(0), i32_const(0), br_if(0),
                      op(WasmOp::ref_as_non_null), return_(), end(), drop(), local_get(0)}),
             starts_with("valid"));
  CHECK_THAT(verdict({func_not_null}, {func_not_null},
                     {block(funcref), local_get(0), i32_const(0), br_if(0), return_(), end(),
                      drop(), local_get(0)}),
             starts_with("type mismatch: expected (ref func), found funcref"));
}

TEST_CASE("All labels of br_table take the operands, and have one arity") {
  CHECK(verdict({i32}, {block(i32), block(i32), i32_const(1), i32_const(0), br_table({0, 1}, 1),
                        end(), end()}) == "valid");
  CHECK_THAT(verdict({i32}, {block(i32), block(), i32_const(1), i32_const(0), br_table({0}, 1),
                             end(), i32_const(1), end()}),
             starts_with("type mismatch: expected labels of one arity in br_table"));
  CHECK(verdict({i32}, {block(i32), block(i64), i32_const(1), i32_const(0), br_table({1}, 0), end(),
                        drop(), i32_const(1), end()}) ==
        "type mismatch: expected i64, found i32 on the operand stack in br_table");
  CHECK(verdict({}, {i64_const(0), br_table({0}, 0)}) ==
        "type mismatch: expected i32, found i64 on the operand stack in br_table");
}

// --- calls ---------------------------------------------------------------------------------------

TEST_CASE("A call takes the parameters and gives the results") {
  const auto with = [](const Body& body) {
    ModuleBuilder m;
    m.func({i32, i64}, {f32, f64}, {f32_const(1), f64_const(2)});
    m.func({}, {f32, f64}, body);
    return verdict(m);
  };
  CHECK(with({i32_const(1), i64_const(2), call(0)}) == "valid");
  CHECK(with({i64_const(2), i32_const(1), call(0)}) ==
        "type mismatch: expected i64, found i32 on the operand stack in call");
  CHECK(with({i64_const(2), call(0)}) ==
        "type mismatch: expected i32, found nothing on the operand stack in call");
  CHECK(with({call(2)}) == "unknown function 2: there are 2");
}

TEST_CASE("call_indirect needs a table of functions, a function type and an i32") {
  const auto with = [](ValType element, const Body& body) {
    ModuleBuilder m;
    m.type({i64}, {i32});
    m.type(SubType{true, {}, StructType{}});
    m.table({element, {1, {}}});
    m.func({}, {i32}, body);
    return verdict(m);
  };
  const Code good = call_indirect(TypeIdx{0});
  CHECK(with(funcref, {i64_const(1), i32_const(0), good}) == "valid");
  CHECK(with(funcref, {i64_const(1), i64_const(0), good}) ==
        "type mismatch: expected i32, found i64 on the operand stack in call_indirect");
  CHECK(with(externref, {i64_const(1), i32_const(0), good}) ==
        "type mismatch: expected funcref, found externref");
  CHECK(with(funcref, {i64_const(1), i32_const(0), call_indirect(TypeIdx{9})}) ==
        "unknown type 9: 3 types are defined");
  CHECK_THAT(with(funcref, {i64_const(1), i32_const(0), call_indirect(TypeIdx{1})}),
             starts_with("type mismatch: expected a function type"));
  CHECK(with(funcref, {i64_const(1), i32_const(0), call_indirect(TypeIdx{0}, 1)}) ==
        "unknown table 1: there is 1");
}

TEST_CASE("A tail call must give the caller's results") {
  const auto with = [](const ResultType& results, const Body& body) {
    ModuleBuilder m;
    m.func({i32}, {i64}, {i64_const(1)});
    m.func({}, results, body);
    return verdict(m);
  };
  const Code tail = op(WasmOp::return_call, {0});
  CHECK(with({i64}, {i32_const(1), tail}) == "valid");
  CHECK(with({i64}, {f32_const(0), i32_const(1), tail, f32_const(0), drop()}) == "valid");
  CHECK_THAT(with({i32}, {i32_const(1), tail}), starts_with("type mismatch"));
  CHECK_THAT(with({}, {i32_const(1), tail}), starts_with("type mismatch"));
  CHECK_THAT(with({i64}, {tail}), starts_with("type mismatch: expected i32, found nothing"));
}

// --- unreachable code ----------------------------------------------------------------------------

TEST_CASE("In a long body nothing is known of another function's locals, nor of narrow addresses") {
  // As many instructions as are judged in one run.
  const auto long_body = [](Body body) {
    for (int i = 0; i < 16; ++i) body.push_back(nop());
    return body;
  };
  ModuleBuilder m;
  m.func({}, {}, long_body({local_get(2), drop()}), {{3, i32}});
  m.func({}, {}, long_body({local_get(2), drop()}));
  CHECK_THAT(verdict(m), starts_with("unknown local 2"));
  ModuleBuilder wide;
  wide.memory({{1, {}}, AddressType::i64});
  wide.func({}, {}, long_body({i32_const(0), load(WasmOp::i32_load), drop()}));
  CHECK_THAT(verdict(wide), starts_with("type mismatch"));
}

TEST_CASE("Unreachable code has every operand that an instruction asks for") {
  CHECK(verdict({i32}, {unreachable()}) == "valid");
  CHECK(verdict({i32}, {unreachable(), add}) == "valid");
  CHECK(verdict({i32}, {unreachable(), i32_const(1), add}) == "valid");
  CHECK(verdict({i32}, {unreachable(), call_indirect(TypeIdx{0})}) ==
        "unknown table 0: there are 0");
  CHECK(verdict({i64}, {return_(), op(WasmOp::select)}) ==
        "type mismatch: expected i64, found nothing on the operand stack in return");
  CHECK(verdict({i64}, {unreachable(), op(WasmOp::select)}) == "valid");
  CHECK(verdict({i64}, {block(), br(0), op(WasmOp::i64_eqz), drop(), end(), i64_const(1)}) ==
        "valid");
  CHECK(verdict({externref}, {unreachable(), op(WasmOp::ref_is_null), drop()}) == "valid");
  // What lies below the block stays there.
  CHECK(verdict({i32}, {i32_const(1), block(), unreachable(), drop(), end()}) == "valid");
}

TEST_CASE("Unreachable code still has types") {
  CHECK(verdict({i32}, {unreachable(), i64_const(1), add}) ==
        "type mismatch: expected i32, found i64 on the operand stack in i32.add");
  CHECK(verdict({i32}, {unreachable(), i64_const(1)}) ==
        "type mismatch: expected i32, found i64 on the operand stack in end");
  CHECK(verdict({}, {unreachable(), i32_const(1)}) ==
        "type mismatch: expected an empty operand stack, found 1 more in end");
  CHECK(verdict({i32}, {unreachable(), i64_const(1), i32_const(0), op(WasmOp::select)}) ==
        "type mismatch: expected i32, found i64 on the operand stack in end");
  CHECK_THAT(verdict({}, {unreachable(), local_get(0), drop()}), starts_with("unknown local 0"));
  CHECK_THAT(verdict({}, {unreachable(), br(3)}), starts_with("unknown label 3"));
}

TEST_CASE("A reachable block within unreachable code has no operands to spare") {
  CHECK(verdict({}, {unreachable(), block(), drop(), end()}) ==
        "type mismatch: expected any type, found nothing on the operand stack in drop");
  CHECK(verdict({}, {block(), unreachable(), end(), drop()}) ==
        "type mismatch: expected any type, found nothing on the operand stack in drop");
  CHECK(verdict({}, {block(), unreachable(), drop(), end()}) == "valid");
  CHECK(verdict({}, {i32_const(0), if_(), unreachable(), else_(), drop(), end()}) ==
        "type mismatch: expected any type, found nothing on the operand stack in drop");
}

TEST_CASE("References of unreachable code match every reference type") {
  const Code as_non_null = op(WasmOp::ref_as_non_null);
  CHECK(verdict({funcref}, {unreachable(), as_non_null}) == "valid");
  CHECK(verdict({externref}, {unreachable(), as_non_null}) == "valid");
  CHECK(verdict({i32}, {unreachable(), as_non_null}) ==
        "type mismatch: expected i32, found a reference on the operand stack in end");
  CHECK(verdict({}, {unreachable(), as_non_null, op(WasmOp::call_ref, {0})}) == "valid");
}

TEST_CASE("br_table in unreachable code accepts labels of different types but one arity") {
  CHECK(verdict({}, {block(i32), block(f32), unreachable(), br_table({0, 1}, 1), end(), drop(),
                     i32_const(1), end(), drop()}) == "valid");
  CHECK_THAT(
      verdict({}, {block(), block(f32), unreachable(), br_table({0, 1}, 1), end(), drop(), end()}),
      starts_with("type mismatch: expected labels of one arity"));
  CHECK(verdict({}, {block(i32), block(f32), unreachable(), i32_const(1), i32_const(0),
                     br_table({0, 1}, 1), end(), drop(), i32_const(1), end(), drop()}) ==
        "type mismatch: expected f32, found i32 on the operand stack in br_table");
}

TEST_CASE("Everything that does not go on makes the rest unreachable") {
  ModuleBuilder m;
  const TypeIdx thrown = m.type({}, {});
  m.tag(thrown);
  m.table({funcref, {1, {}}});
  for (const Body& body :
       {Body{unreachable()}, Body{i32_const(1), br(0)}, Body{i32_const(1), return_()},
        Body{i32_const(1), i32_const(0), br_table({0}, 0)}, Body{op(WasmOp::return_call, {0})},
        Body{op(WasmOp::throw_, {0})}, Body{ref_null({HeapKind::exn}), op(WasmOp::throw_ref)}}) {
    Body after = body;
    after.push_back(add);
    ModuleBuilder copy = m;
    copy.func({}, {i32}, after);
    CHECK(verdict(copy) == "valid");
  }
}

// --- exceptions ----------------------------------------------------------------------------------

TEST_CASE("throw takes the tag's values") {
  const auto with = [](const Body& body) {
    ModuleBuilder m;
    m.tag(m.type({i32}, {}));
    m.func({}, {}, body);
    return verdict(m);
  };
  CHECK(with({i32_const(1), op(WasmOp::throw_, {0})}) == "valid");
  CHECK(with({op(WasmOp::throw_, {0})}) ==
        "type mismatch: expected i32, found nothing on the operand stack in throw");
  CHECK(with({op(WasmOp::throw_, {1})}) == "unknown tag 1: there is 1");
  CHECK(with({i32_const(1), op(WasmOp::throw_ref)}) ==
        "type mismatch: expected exnref, found i32 on the operand stack in throw_ref");
}

TEST_CASE("A catch clause brings its label what the label takes") {
  // try_table with an empty type and one clause: kind, tag if any, label.
  const auto with = [](ValType result, std::initializer_list<std::uint8_t> clause) {
    ModuleBuilder m;
    m.tag(m.type({i32}, {}));
    Bytes bytes{0x1F, 0x40, 0x01};
    bytes.insert(bytes.end(), clause);
    m.func({}, {}, {block(result), Code{bytes}, end(), unreachable(), end(), drop()});
    return verdict(m);
  };
  const ValType exnref = ValType::ref({HeapKind::exn}, true);
  CHECK(with(i32, {0x00, 0x00, 0x00}) == "valid");
  CHECK_THAT(with(i64, {0x00, 0x00, 0x00}), starts_with("type mismatch: expected i64, found i32"));
  CHECK_THAT(with(i32, {0x01, 0x00, 0x00}), starts_with("type mismatch"));
  CHECK(with(exnref, {0x03, 0x00}) == "valid");
  CHECK_THAT(with(exnref, {0x02, 0x00}), starts_with("type mismatch"));
  CHECK_THAT(with(funcref, {0x03, 0x00}), starts_with("type mismatch"));
  CHECK(with(i32, {0x00, 0x01, 0x00}) == "unknown tag 1: there is 1");
  CHECK(with(i32, {0x02, 0x07}) == "unknown label 7: there are 2");
}

// --- legacy exceptions ---------------------------------------------------------------------------

const Code catch_all = op(WasmOp::catch_all);
Code catch_(std::uint32_t tag) { return op(WasmOp::catch_, {tag}); }
Code rethrow(std::uint32_t label) { return op(WasmOp::rethrow, {label}); }
Code delegate(std::uint32_t label) { return op(WasmOp::delegate, {label}); }

/// Of a function in a module whose tag 0 has an i32, and whose tag 1 nothing.
std::string verdict_with_tags(const ResultType& results, const Body& body) {
  ModuleBuilder m;
  m.tag(m.type({i32}, {}));
  m.tag(m.type({}, {}));
  m.func({}, results, body);
  return verdict(m);
}

TEST_CASE("Every part of a try gives its results, and a catch begins with the tag's values") {
  const auto with = [](const Body& body) { return verdict_with_tags({i32}, body); };
  CHECK(with({try_(i32), i32_const(1), end()}) == "valid");
  CHECK(with({try_(i32), i32_const(1), catch_(0), end()}) == "valid");
  CHECK(with({try_(i32), i32_const(1), catch_(0), catch_(0), catch_(1), i32_const(2), catch_all,
              i32_const(3), end()}) == "valid");
  CHECK(with({try_(i32), unreachable(), catch_(0), br(0), end()}) == "valid");
  CHECK(with({try_(i32), catch_(0), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in catch");
  CHECK(with({try_(i32), i32_const(1), catch_(1), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in end");
  CHECK(with({try_(i32), i32_const(1), catch_(0), i32_const(2), end()}) ==
        "type mismatch: expected an empty operand stack, found 1 more in end");
  CHECK(with({try_(i32), i32_const(1), catch_(0), drop(), catch_all, i32_const(2), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in catch_all");
  CHECK(with({try_(i32), unreachable(), catch_all, end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in end");
  CHECK(with({try_(i32), i32_const(1), catch_(2), end()}) == "unknown tag 2: there are 2");
}

TEST_CASE("A try's parameters are operands of its first part only") {
  ModuleBuilder m;
  m.tag(m.type({}, {}));
  const TypeIdx type = m.type({i32}, {i32});
  const auto with = [&](const Body& body) {
    ModuleBuilder copy = m;
    copy.func({}, {i32}, body);
    return verdict(copy);
  };
  CHECK(with({i32_const(1), try_(type), catch_(0), i32_const(2), end()}) == "valid");
  CHECK(with({i32_const(1), try_(type), catch_(0), end()}) ==
        "type mismatch: expected i32, found nothing on the operand stack in end");
}

TEST_CASE("catch, catch_all and delegate stand in a try only, in this order") {
  const auto with = [](const Body& body) { return verdict_with_tags({}, body); };
  const std::string rule = "END opcode expected: found ";
  CHECK(with({catch_(1), end()}) == rule + "catch outside of a try");
  CHECK(with({catch_all, end()}) == rule + "catch_all outside of a try");
  CHECK(with({delegate(0), end()}) == rule + "delegate outside of a try");
  CHECK(with({block(), catch_all, end()}) == rule + "catch_all outside of a try");
  CHECK(with({try_(), block(), catch_all, end(), end()}) == rule + "catch_all outside of a try");
  CHECK(with({try_(), catch_all, catch_(1), end()}) ==
        rule + "catch after a catch_all of the same try");
  CHECK(with({try_(), catch_all, catch_all, end()}) ==
        rule + "catch_all after a catch_all of the same try");
  CHECK(with({try_(), catch_(1), delegate(0)}) == rule + "delegate after a catch of the same try");
  CHECK(with({try_(), else_(), end()}) == rule + "else outside of an if");
}

TEST_CASE("rethrow's label is a catch or catch_all around it") {
  const auto with = [](const Body& body) { return verdict_with_tags({i32}, body); };
  CHECK(with({try_(i32), i32_const(1), catch_(1), rethrow(0), end()}) == "valid");
  CHECK(with({try_(i32), i32_const(1), catch_all, block(), rethrow(1), end(), i32_const(2),
              end()}) == "valid");
  const std::string rule =
      "invalid rethrow label: expected one of a catch or catch_all around the rethrow, found ";
  CHECK(with({rethrow(0)}) == rule + "0");
  CHECK(with({try_(i32), rethrow(0), catch_all, i32_const(1), end()}) == rule + "0");
  CHECK(with({try_(i32), i32_const(1), catch_all, rethrow(1), end()}) == rule + "1");
  CHECK(with({rethrow(1)}) == "unknown label 1: there is 1");
}

TEST_CASE("delegate ends a try, and its label is one outside of it") {
  const auto with = [](const Body& body) { return verdict_with_tags({i32}, body); };
  CHECK(with({try_(i32), i32_const(1), delegate(0)}) == "valid");
  CHECK(with({block(i32), try_(i32), i32_const(1), delegate(1), end()}) == "valid");
  CHECK(with({try_(i32), i32_const(1), delegate(1)}) == "unknown label 1: there is 1");
  CHECK(with({try_(i32), i32_const(1), delegate(0xFFFF'FFFF)}) ==
        "unknown label 4294967295: there is 1");
  CHECK(with({try_(i32), delegate(0)}) ==
        "type mismatch: expected i32, found nothing on the operand stack in delegate");
}

TEST_CASE("Code after a delegate is judged with the labels outside of its try") {
  // The runs of plain instructions keep the labels by themselves.
  const auto with = [](const Body& body) { return verdict_with_tags({}, body); };
  CHECK(with({block(), try_(i32), i32_const(1), delegate(0), br_if(0), end()}) == "valid");
  CHECK(with({block(), try_(), delegate(0), i32_const(1), br_if(2), end()}) ==
        "unknown label 2: there are 2");
}

TEST_CASE("A local that one part of a try sets is unset in the next") {
  ModuleBuilder m;
  m.tag(m.type({}, {}));
  const ValType ref = ValType::ref({HeapKind::func}, false);
  const FuncIdx f = m.func({}, {}, {});
  m.export_func("f", f);
  const auto with = [&](const Body& body) {
    ModuleBuilder copy = m;
    copy.func(copy.type({}, {}), body, {{1, ref}});
    return verdict(copy);
  };
  const Code set = Code{concat({ref_func(f).bytes, local_set(0).bytes})};
  const Code get = Code{concat({local_get(0).bytes, drop().bytes})};
  CHECK(with({set, try_(), catch_(0), get, end()}) == "valid");
  CHECK_THAT(with({try_(), set, catch_(0), get, end()}), starts_with("uninitialized local"));
  CHECK_THAT(with({try_(), set, delegate(0), get}), starts_with("uninitialized local"));
}

TEST_CASE("What was found of a pair of long lists of types holds for that pair only") {
  // The lists of two tags, and of two labels that only the first tag matches.
  ModuleBuilder m;
  const ResultType functions(1000, ValType::ref({HeapKind::func}, false));
  ResultType one_other = functions;
  one_other[500] = externref;
  m.tag(m.type(functions, {}));
  m.tag(m.type(one_other, {}));
  const TypeIdx wide = m.type({}, ResultType(1000, funcref));
  const auto with = [&](std::initializer_list<std::uint8_t> clauses) {
    ModuleBuilder copy = m;
    Bytes bytes{0x1F, 0x40, static_cast<std::uint8_t>(clauses.size() / 3)};
    bytes.insert(bytes.end(), clauses);
    copy.func({}, {}, {block(wide), Code{bytes}, end(), unreachable(), end(), unreachable()});
    return verdict(copy);
  };
  CHECK(with({0, 0, 0, 0, 0, 0, 0, 0, 0}) == "valid");
  CHECK_THAT(with({0, 0, 0, 0, 1, 0}),
             starts_with("type mismatch: expected funcref, found externref"));
  CHECK_THAT(with({0, 1, 0, 0, 0, 0}),
             starts_with("type mismatch: expected funcref, found externref"));
}

TEST_CASE("A br_table in turn to labels of many types judges each of them") {
  // Labels 0 and 1 take supertypes of the operands; label 2 takes one that is not.
  ModuleBuilder m;
  ResultType one_other(1000, funcref);
  one_other[500] = externref;
  const TypeIdx inner = m.type({}, ResultType(1000, funcref));
  const TypeIdx middle = m.type({}, ResultType(1000, funcref));
  const TypeIdx outer = m.type({}, one_other);
  const TypeIdx source = m.type({}, ResultType(1000, ValType::ref({HeapKind::func}, false)));
  const FuncIdx give = m.func(source, {unreachable()});
  const auto with = [&](std::vector<std::uint32_t> labels) {
    ModuleBuilder copy = m;
    copy.func(
        {}, {},
        {block(outer), block(middle), block(inner), call(give), i32_const(0), br_table(labels, 0),
         end(), unreachable(), end(), unreachable(), end(), unreachable()});
    return verdict(copy);
  };
  CHECK(with({0, 1, 0, 1, 1, 0}) == "valid");
  CHECK_THAT(with({0, 1, 0, 1, 2, 0}), starts_with("type mismatch: expected externref, found"));
}

TEST_CASE("What one br_table's operands match says nothing of the next one's") {
  ModuleBuilder m;
  const TypeIdx label = m.type({}, ResultType(1000, funcref));
  const FuncIdx functions = m.func({}, ResultType(1000, funcref), {unreachable()});
  const FuncIdx others = m.func({}, ResultType(1000, externref), {unreachable()});
  const FuncIdx none =
      m.func({}, ResultType(1000, ValType::ref({HeapKind::nofunc}, true)), {unreachable()});
  const auto table_of = [](FuncIdx callee) {
    return Body{block(), call(callee), i32_const(0), br_table({1, 1}, 1), end()};
  };
  const auto with = [&](FuncIdx first, FuncIdx second) {
    ModuleBuilder copy = m;
    Body body{block(label)};
    for (const FuncIdx callee : {first, second}) {
      for (const Code& code : table_of(callee)) body.push_back(code);
    }
    for (const Code& code : {unreachable(), end(), unreachable()}) body.push_back(code);
    copy.func({}, {}, body);
    return verdict(copy);
  };
  CHECK(with(functions, none) == "valid");
  CHECK(with(none, none) == "valid");
  CHECK_THAT(with(none, others), starts_with("type mismatch: expected funcref, found externref"));
  CHECK_THAT(with(others, none), starts_with("type mismatch: expected funcref, found externref"));
}

TEST_CASE("References match along a hierarchy of types, through types defined twice") {
  // 0 and 1 are one type, 2 extends it, 3 extends 2, 4 extends 0 and is final, 5 stands alone.
  ModuleBuilder m;
  const auto type = [&m](bool final, std::vector<TypeIdx> supers, ValType param) {
    return m.type(SubType{final, std::move(supers), FuncType{{param}, {}}});
  };
  static_cast<void>(type(false, {}, i32));
  static_cast<void>(type(false, {}, i32));
  static_cast<void>(type(false, {{1}}, i32));
  static_cast<void>(type(false, {{2}}, i32));
  static_cast<void>(type(true, {{0}}, i32));
  static_cast<void>(type(false, {}, i64));
  const bool matches[6][6] = {
      {true, true, false, false, false, false}, {true, true, false, false, false, false},
      {true, true, true, false, false, false},  {true, true, true, true, false, false},
      {true, true, false, false, true, false},  {false, false, false, false, false, true}};
  for (std::uint32_t sub = 0; sub < 6; ++sub) {
    for (std::uint32_t super = 0; super < 6; ++super) {
      INFO(sub << " to " << super);
      ModuleBuilder copy = m;
      const auto ref = [](std::uint32_t index) {
        return ValType::ref(HeapType::concrete({index}), true);
      };
      copy.func({ref(sub)}, {ref(super)}, {local_get(0)});
      CHECK((verdict(copy) == "valid") == matches[sub][super]);
    }
    ModuleBuilder copy = m;
    copy.func({ValType::ref(HeapType::concrete({sub}), true)}, {funcref}, {local_get(0)});
    CHECK(verdict(copy) == "valid");
  }
}

}  // namespace
}  // namespace fermata
