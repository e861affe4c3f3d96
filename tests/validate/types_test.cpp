// The type section: scopes of type indices, supertypes, declared subtyping.
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

ValType ref(std::uint32_t type) { return ValType::ref(HeapType::concrete({type}), false); }

FieldType mutable_field(ValType type) { return {type, PackedType::none, true}; }
FieldType constant_field(ValType type) { return {type, PackedType::none, false}; }
SubType open_struct(std::vector<FieldType> fields, std::vector<TypeIdx> supers = {}) {
  return {false, std::move(supers), StructType{std::move(fields)}};
}
SubType open_func(const ResultType& params, const ResultType& results,
                  std::vector<TypeIdx> supers = {}) {
  return {false, std::move(supers), FuncType{params, results}};
}

std::string with(const std::vector<SubType>& types) {
  ModuleBuilder m;
  for (const SubType& type : types) m.type(type);
  return verdict(m);
}

TEST_CASE("A type refers to types of its own group and earlier ones") {
  CHECK(with({open_struct({}), open_struct({constant_field(ref(0))})}) == "valid");
  CHECK(with({open_struct({constant_field(ref(0))})}) == "valid");
  CHECK_THAT(with({open_struct({constant_field(ref(1))}), open_struct({})}),
             starts_with("unknown type 1: 1 types are defined, in type 0"));
  ModuleBuilder group;
  group.rec_group({open_struct({constant_field(ref(1))}), open_struct({constant_field(ref(0))})});
  CHECK(verdict(group) == "valid");
}

TEST_CASE("A supertype comes before its subtype, alone and not final") {
  CHECK(with({open_struct({}), open_struct({}, {{0}})}) == "valid");
  CHECK_THAT(with({open_struct({}, {{0}})}), starts_with("unknown type 0"));
  CHECK_THAT(with({open_struct({}, {{7}})}), starts_with("unknown type 7"));
  CHECK_THAT(with({open_struct({}), open_struct({}), open_struct({}, {{0}, {1}})}),
             starts_with("sub type 2 has 2 supertypes"));
  CHECK_THAT(with({SubType{true, {}, StructType{}}, open_struct({}, {{0}})}),
             starts_with("sub type 1 does not match its supertype 0, which is final"));
}

TEST_CASE("A structure's subtype has its fields and may have more") {
  const SubType super = open_struct({mutable_field(i32)});
  CHECK(with({super, open_struct({mutable_field(i32), constant_field(f32)}, {{0}})}) == "valid");
  CHECK_THAT(with({super, open_struct({}, {{0}})}), starts_with("sub type 1"));
  CHECK_THAT(with({super, open_struct({mutable_field(i64)}, {{0}})}), starts_with("sub type 1"));
  CHECK_THAT(with({super, open_struct({constant_field(i32)}, {{0}})}), starts_with("sub type 1"));
  CHECK_THAT(with({super, open_struct({{i32, PackedType::i8, true}}, {{0}})}),
             starts_with("sub type 1"));
}

TEST_CASE("A constant field may become narrower, a mutable one may not") {
  const ValType i31ref = ValType::ref({HeapKind::i31}, true);
  const ValType anyref = ValType::ref({HeapKind::any}, true);
  CHECK(with({open_struct({constant_field(anyref)}),
              open_struct({constant_field(i31ref)}, {{0}})}) == "valid");
  CHECK_THAT(
      with({open_struct({mutable_field(anyref)}), open_struct({mutable_field(i31ref)}, {{0}})}),
      starts_with("sub type 1"));
  CHECK_THAT(
      with({open_struct({constant_field(i31ref)}), open_struct({constant_field(anyref)}, {{0}})}),
      starts_with("sub type 1"));
}

TEST_CASE("A function's subtype takes more and gives less") {
  const ValType i31ref = ValType::ref({HeapKind::i31}, true);
  const ValType anyref = ValType::ref({HeapKind::any}, true);
  CHECK(with({open_func({i31ref}, {anyref}), open_func({anyref}, {i31ref}, {{0}})}) == "valid");
  CHECK_THAT(with({open_func({anyref}, {}), open_func({i31ref}, {}, {{0}})}),
             starts_with("sub type 1"));
  CHECK_THAT(with({open_func({}, {i31ref}), open_func({}, {anyref}, {{0}})}),
             starts_with("sub type 1"));
  CHECK_THAT(with({open_func({}, {}), open_func({i32}, {}, {{0}})}), starts_with("sub type 1"));
}

TEST_CASE("A subtype is of its supertype's kind") {
  const SubType array{false, {}, ArrayType{{i32, PackedType::none, true}}};
  CHECK_THAT(with({array, open_struct({mutable_field(i32)}, {{0}})}), starts_with("sub type 1"));
  CHECK(with({array, SubType{false, {{0}}, ArrayType{{i32, PackedType::none, true}}}}) == "valid");
}

TEST_CASE("Declared subtyping decides what matches") {
  ModuleBuilder m;
  m.type(open_struct({}));
  m.type(open_struct({}, {{0}}));
  m.type(open_struct({mutable_field(i32)}));
  ModuleBuilder up = m;
  up.func({ref(1)}, {ref(0)}, {local_get(0)});
  CHECK(verdict(up) == "valid");
  ModuleBuilder down = m;
  down.func({ref(0)}, {ref(1)}, {local_get(0)});
  CHECK_THAT(verdict(down), starts_with("type mismatch: expected (ref 1), found (ref 0)"));
  ModuleBuilder undeclared = m;  // wide enough, but it says nothing of type 0
  undeclared.func({ref(2)}, {ref(0)}, {local_get(0)});
  CHECK_THAT(verdict(undeclared), starts_with("type mismatch: expected (ref 0), found (ref 2)"));
}

TEST_CASE("Equal definitions are one type") {
  ModuleBuilder m;
  m.type(open_struct({mutable_field(i32)}));
  m.type(open_struct({mutable_field(i32)}));
  m.func({ref(0)}, {ref(1)}, {local_get(0)});
  CHECK(verdict(m) == "valid");
}

}  // namespace
}  // namespace fermata
