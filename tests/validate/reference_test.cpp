// References, casts, structures and arrays.
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

ValType ref(std::uint32_t type) { return ValType::ref(HeapType::concrete({type}), false); }
ValType ref_null_to(std::uint32_t type) { return ValType::ref(HeapType::concrete({type}), true); }

constexpr ValType anyref = ValType::ref({HeapKind::any}, true);
constexpr ValType i31_ref = ValType::ref({HeapKind::i31}, false);

/// Type 0: a structure of a mutable i32, a constant packed i8 and a (ref func).
/// Type 1: a mutable array of i64. Type 2: a constant array of i8. Type 3: an array of funcref.
std::string with_types(const ResultType& params, const ResultType& results, const Body& body) {
  const ValType func_not_null = ValType::ref({HeapKind::func}, false);
  ModuleBuilder m;
  m.type(SubType{true,
                 {},
                 StructType{{{i32, PackedType::none, true},
                             {i32, PackedType::i8, false},
                             {func_not_null, PackedType::none, false}}}});
  m.type(SubType{true, {}, ArrayType{{i64, PackedType::none, true}}});
  m.type(SubType{true, {}, ArrayType{{i32, PackedType::i8, false}}});
  m.type(SubType{true, {}, ArrayType{{funcref, PackedType::none, true}}});
  m.func(params, results, body);
  m.passive_elem(externref, {{ref_null({HeapKind::extern_})}});
  m.passive_elem(funcref, {{ref_null({HeapKind::func})}});
  m.passive_data("x");
  m.data_count();
  return verdict(m);
}

TEST_CASE("ref.null gives a null of its heap type") {
  CHECK(verdict({externref}, {ref_null({HeapKind::extern_})}) == "valid");
  CHECK(verdict({funcref}, {ref_null({HeapKind::nofunc})}) == "valid");
  CHECK(verdict({funcref}, {ref_null({HeapKind::extern_})}) ==
        "type mismatch: expected funcref, found externref on the operand stack in end");
  CHECK_THAT(verdict({}, {ref_null(HeapType::concrete({3})), drop()}),
             starts_with("unknown type 3"));
}

TEST_CASE("ref.is_null takes any reference and nothing else") {
  const Code is_null = op(WasmOp::ref_is_null);
  CHECK(verdict({i32}, {const_of(funcref), is_null}) == "valid");
  CHECK(verdict({i32}, {const_of(externref), is_null}) == "valid");
  CHECK(verdict({i32}, {i32_const(0), is_null}) ==
        "type mismatch: expected a reference, found i32 on the operand stack in ref.is_null");
  CHECK_THAT(verdict({i32}, {is_null}),
             starts_with("type mismatch: expected a reference, found nothing"));
}

TEST_CASE("ref.func names a function that occurs outside of function bodies") {
  const auto with = [](const auto& declare) {
    ModuleBuilder m;
    const FuncIdx f = m.func({}, {}, {ref_func(FuncIdx{0}), drop()});
    declare(m, f);
    return verdict(m);
  };
  CHECK_THAT(with([](ModuleBuilder&, FuncIdx) {}), starts_with("undeclared function reference"));
  CHECK(with([](ModuleBuilder& m, FuncIdx f) { m.export_func("f", f); }) == "valid");
  CHECK(with([](ModuleBuilder& m, FuncIdx f) { m.declarative_elem({f}); }) == "valid");
  CHECK(with([](ModuleBuilder& m, FuncIdx f) { m.passive_elem({f}); }) == "valid");
  CHECK(with([](ModuleBuilder& m, FuncIdx f) { m.passive_elem(funcref, {{ref_func(f)}}); }) ==
        "valid");
  CHECK(with([](ModuleBuilder& m, FuncIdx f) { m.global({funcref, false}, {ref_func(f)}); }) ==
        "valid");
  CHECK_THAT(with([](ModuleBuilder& m, FuncIdx f) { m.start(f); }),
             starts_with("undeclared function reference"));
  CHECK(verdict({}, {ref_func(FuncIdx{4}), drop()}) == "unknown function 4: there is 1");
}

TEST_CASE("ref.func gives a reference of the function's type") {
  ModuleBuilder m;
  const TypeIdx type = m.type({i32}, {});
  const FuncIdx f = m.func(type, {});
  m.func({}, {ref(type.value)}, {ref_func(f)});
  m.export_func("f", f);
  CHECK(verdict(m) == "valid");
  m.func({}, {ref(0), ref(1)}, {ref_func(f), ref_func(f)});
  CHECK_THAT(verdict(m), starts_with("type mismatch: expected (ref 1), found (ref 0)"));
}

TEST_CASE("call_ref takes arguments and a reference of exactly its type") {
  const auto with = [](const Body& body) {
    ModuleBuilder m;
    m.type({i32}, {i64});
    m.func({}, {i64}, body);
    return verdict(m);
  };
  const Code call_ref = op(WasmOp::call_ref, {0});
  CHECK(with({i32_const(1), ref_null(HeapType::concrete({0})), call_ref}) == "valid");
  CHECK_THAT(with({i32_const(1), const_of(funcref), call_ref}),
             starts_with("type mismatch: expected (ref null 0), found funcref"));
  CHECK_THAT(with({i32_const(1), ref_null(HeapType::concrete({0})), op(WasmOp::call_ref, {7})}),
             starts_with("unknown type 7"));
}

TEST_CASE("br_on_null goes on without null, br_on_non_null branches without it") {
  const ValType extern_not_null = ValType::ref({HeapKind::extern_}, false);
  CHECK(verdict({externref}, {extern_not_null},
                {local_get(0), op(WasmOp::br_on_null, {0}), return_()}) ==
        "type mismatch: expected (ref extern), found nothing on the operand stack in br_on_null");
  CHECK(verdict({externref}, {},
                {block(), local_get(0), op(WasmOp::br_on_null, {0}), block(extern_not_null),
                 unreachable(), end(), drop(), drop(), end()}) == "valid");
  CHECK(verdict({externref}, {extern_not_null},
                {block(), local_get(0), op(WasmOp::br_on_null, {0}), return_(), end(),
                 unreachable()}) == "valid");
  CHECK(verdict({externref}, {extern_not_null},
                {local_get(0), op(WasmOp::br_on_non_null, {0}), unreachable()}) == "valid");
  CHECK_THAT(verdict({externref}, {}, {local_get(0), op(WasmOp::br_on_non_null, {0})}),
             starts_with("type mismatch: expected a label whose last type is a reference"));
}

TEST_CASE("A cast stays within its hierarchy of types") {
  // ref.test i31, ref.cast (ref null i31)
  const Code test_i31 = raw({0xFB, 0x14, 0x6C});
  const Code cast_i31 = raw({0xFB, 0x17, 0x6C});
  CHECK(verdict({anyref}, {i32}, {local_get(0), test_i31}) == "valid");
  CHECK(verdict({anyref}, {ValType::ref({HeapKind::i31}, true)}, {local_get(0), cast_i31}) ==
        "valid");
  CHECK_THAT(verdict({anyref}, {i31_ref}, {local_get(0), cast_i31}), starts_with("type mismatch"));
  CHECK_THAT(verdict({funcref}, {i32}, {local_get(0), test_i31}),
             starts_with("type mismatch: expected anyref, found funcref"));
}

TEST_CASE("Exceptions are a hierarchy of their own for casts") {
  const ValType exn = ValType::ref({HeapKind::exn}, true);
  const Code test_noexn = raw({0xFB, 0x14, 0x74});
  CHECK(verdict({exn}, {i32}, {local_get(0), test_noexn}) == "valid");
  CHECK_THAT(verdict({anyref}, {i32}, {local_get(0), test_noexn}), starts_with("type mismatch"));
}

TEST_CASE(
    "Null goes with br_on_cast's target if that takes it, and the target is below the source") {
  const ValType i31_or_null = ValType::ref({HeapKind::i31}, true);
  const ValType any_not_null = ValType::ref({HeapKind::any}, false);
  const auto cast = [](ValType from, ValType to) {
    return br_on_cast(WasmOp::br_on_cast, 0, from, to);
  };
  CHECK(verdict({anyref}, {any_not_null},
                {block(i31_or_null), local_get(0), cast(anyref, i31_or_null), return_(), end(),
                 unreachable()}) == "valid");
  CHECK_THAT(verdict({i31_or_null}, {},
                     {block(anyref), local_get(0), cast(i31_or_null, anyref), end(), drop()}),
             starts_with("type mismatch"));
}

TEST_CASE("br_on_cast narrows on one side and keeps the rest on the other") {
  // flags: 1 the source is nullable, 2 the target is; then label, source, target
  const Code to_i31 = raw({0xFB, 0x18, 0x01, 0x00, 0x6E, 0x6C});
  const Code from_i31 = raw({0xFB, 0x18, 0x01, 0x00, 0x6C, 0x6E});
  CHECK(verdict({anyref}, {},
                {block(i31_ref), local_get(0), to_i31, drop(), return_(), end(), drop()}) ==
        "valid");
  CHECK_THAT(verdict({anyref}, {},
                     {block(ValType::ref({HeapKind::struct_}, true)), local_get(0), to_i31, drop(),
                      unreachable(), end(), drop()}),
             starts_with("type mismatch"));
  CHECK_THAT(verdict({anyref}, {},
                     {block(anyref), local_get(0), from_i31, drop(), unreachable(), end(), drop()}),
             starts_with("type mismatch"));
}

TEST_CASE("i31 and conversions keep to their types") {
  CHECK(verdict({i31_ref}, {i32_const(1), op(WasmOp::ref_i31)}) == "valid");
  CHECK(verdict({i32}, {i32_const(1), op(WasmOp::ref_i31), op(WasmOp::i31_get_u)}) == "valid");
  CHECK_THAT(verdict({i32}, {const_of(funcref), op(WasmOp::i31_get_s)}),
             starts_with("type mismatch"));
  const Code to_any = op(WasmOp::any_convert_extern);
  CHECK(verdict({externref}, {anyref}, {local_get(0), to_any}) == "valid");
  const ValType extern_not_null = ValType::ref({HeapKind::extern_}, false);
  const ValType any_not_null = ValType::ref({HeapKind::any}, false);
  CHECK(verdict({extern_not_null}, {any_not_null}, {local_get(0), to_any}) == "valid");
  CHECK_THAT(verdict({externref}, {any_not_null}, {local_get(0), to_any}),
             starts_with("type mismatch"));
  CHECK_THAT(verdict({anyref}, {anyref}, {local_get(0), to_any}), starts_with("type mismatch"));
}

TEST_CASE("struct.new takes the fields; without them they must have defaults") {
  const ValType func_not_null = ValType::ref({HeapKind::func}, false);
  CHECK(with_types({func_not_null}, {ref(0)},
                   {i32_const(1), i32_const(2), local_get(0), op(WasmOp::struct_new, {0})}) ==
        "valid");
  CHECK_THAT(with_types({func_not_null}, {ref(0)},
                        {i64_const(1), i32_const(2), local_get(0), op(WasmOp::struct_new, {0})}),
             starts_with("type mismatch: expected i32, found i64"));
  CHECK_THAT(with_types({}, {ref(0)}, {op(WasmOp::struct_new_default, {0})}),
             starts_with("type mismatch: expected fields with default values"));
  CHECK_THAT(with_types({}, {}, {op(WasmOp::struct_new, {1})}),
             starts_with("type mismatch: expected a structure type"));
  CHECK_THAT(with_types({}, {}, {op(WasmOp::struct_new, {99})}), starts_with("unknown type 99"));
}

TEST_CASE("A field is read as it is packed and written when mutable") {
  const auto get = [](WasmOp get_op, std::uint32_t field) {
    return with_types({ref_null_to(0)}, {i32}, {local_get(0), op(get_op, {0, field})});
  };
  CHECK(get(WasmOp::struct_get, 0) == "valid");
  CHECK(get(WasmOp::struct_get_s, 1) == "valid");
  CHECK_THAT(get(WasmOp::struct_get, 1), starts_with("type mismatch: expected struct.get_s"));
  CHECK_THAT(get(WasmOp::struct_get_u, 0), starts_with("type mismatch: expected a packed field"));
  CHECK_THAT(get(WasmOp::struct_get, 3), starts_with("unknown field 3"));
  const auto set = [](std::uint32_t field) {
    return with_types({ref_null_to(0)}, {},
                      {local_get(0), i32_const(1), op(WasmOp::struct_set, {0, field})});
  };
  CHECK(set(0) == "valid");
  CHECK_THAT(set(1), starts_with("immutable field"));
}

TEST_CASE("Arrays are made from values, segments or nothing") {
  CHECK(with_types({}, {ref(1)}, {i64_const(7), i32_const(3), op(WasmOp::array_new, {1})}) ==
        "valid");
  CHECK(with_types({}, {ref(1)}, {i32_const(3), op(WasmOp::array_new_default, {1})}) == "valid");
  CHECK(with_types({}, {ref(1)},
                   {i64_const(1), i64_const(2), op(WasmOp::array_new_fixed, {1, 2})}) == "valid");
  CHECK_THAT(with_types({}, {ref(1)}, {i64_const(1), op(WasmOp::array_new_fixed, {1, 2})}),
             starts_with("type mismatch: expected i64, found nothing"));
  const Body range{i32_const(0), i32_const(1)};
  const auto from = [&](WasmOp new_op, std::uint32_t type, std::uint32_t segment) {
    Body body = range;
    body.push_back(op(new_op, {type, segment}));
    return with_types({}, {ref(type)}, body);
  };
  CHECK(from(WasmOp::array_new_data, 1, 0) == "valid");
  CHECK_THAT(from(WasmOp::array_new_data, 3, 0),
             starts_with("array type is not numeric or vector"));
  CHECK_THAT(from(WasmOp::array_new_data, 1, 1), starts_with("unknown data segment 1"));
  CHECK(from(WasmOp::array_new_elem, 3, 1) == "valid");
  CHECK_THAT(from(WasmOp::array_new_elem, 3, 0), starts_with("type mismatch: expected funcref"));
  CHECK_THAT(from(WasmOp::array_new_elem, 3, 2), starts_with("unknown elem segment 2"));
}

TEST_CASE("Elements are read as they are packed and written when the array is mutable") {
  const auto get = [](WasmOp get_op, std::uint32_t type, ValType result) {
    return with_types({ref_null_to(type)}, {result},
                      {local_get(0), i32_const(0), op(get_op, {type})});
  };
  CHECK(get(WasmOp::array_get, 1, i64) == "valid");
  CHECK(get(WasmOp::array_get_u, 2, i32) == "valid");
  CHECK_THAT(get(WasmOp::array_get, 2, i32), starts_with("type mismatch: expected array.get_s"));
  CHECK(with_types({ref_null_to(1)}, {},
                   {local_get(0), i32_const(0), i64_const(1), op(WasmOp::array_set, {1})}) ==
        "valid");
  CHECK_THAT(with_types({ref_null_to(2)}, {},
                        {local_get(0), i32_const(0), i32_const(1), op(WasmOp::array_set, {2})}),
             starts_with("immutable array"));
}

TEST_CASE("array.copy and array.fill keep element types") {
  const auto copy = [](std::uint32_t to, std::uint32_t from) {
    return with_types({ref_null_to(to), ref_null_to(from)}, {},
                      {local_get(0), i32_const(0), local_get(1), i32_const(0), i32_const(1),
                       op(WasmOp::array_copy, {to, from})});
  };
  CHECK(copy(1, 1) == "valid");
  CHECK_THAT(copy(1, 2), starts_with("array types do not match"));
  CHECK_THAT(copy(2, 2), starts_with("immutable array"));
  CHECK(with_types({ref_null_to(1)}, {},
                   {local_get(0), i32_const(0), i64_const(1), i32_const(1),
                    op(WasmOp::array_fill, {1})}) == "valid");
}

}  // namespace
}  // namespace fermata
