// Object types: the structs and arrays of a random module, which of them fit where, and constants.
#include <algorithm>

#include "tests/support/random_plan.hpp"

namespace fermata::test {

namespace {

// The last of the chain have more supertypes than are known without a search.
constexpr std::uint32_t chain_length = 10;
constexpr std::size_t storage_count = 12;

FieldType changing(ValType type) { return {.type = type, .mutable_ = true}; }

/// What fields and elements are, with references to the first struct. One array has each.
std::array<FieldType, storage_count> all_storages(TypeIdx first_struct) {
  return {{{i32, PackedType::i8, true},
           {i32, PackedType::i16, true},
           changing(i32),
           changing(i64),
           changing(f32),
           changing(f64),
           changing(v128),
           changing(anyref),
           changing(funcref),
           changing(externref),
           changing(exnref),
           changing(reference_to(first_struct))}};
}

std::uint32_t bytes_of(const FieldType& field) {
  if (field.packed != PackedType::none) return field.packed == PackedType::i8 ? 1 : 2;
  return field.type == v128 ? 16 : field.type == i32 || field.type == f32 ? 4 : 8;
}

/// Whether i31 references are of the type, beside objects.
bool is_of_i31(HeapType heap) { return heap.kind == HeapKind::any || heap.kind == HeapKind::eq; }

bool has_default(const FieldType& field) { return !field.type.is_ref() || field.type.nullable; }

}  // namespace

/// As an array has it, sometimes constant; or an array, which is not null.
FieldType RandomPlan::any_field() {
  const std::vector<TypeIdx> all = arrays();
  const TypeIdx type = choices.pick(all);
  FieldType field = array(type)->field;
  if (choices.chance(8)) field = {.type = reference_to(type, false)};
  field.mutable_ = !choices.chance(20);
  return field;
}

/// Sometimes of one that is there already.
SubType RandomPlan::any_struct(TypeIdx first_struct) {
  SubType made{.final_ = choices.chance(20), .supers = {}, .composite = StructType{}};
  const auto count = static_cast<std::uint32_t>(objects.size());
  if (const TypeIdx super{first_struct.value + choices.below(count - first_struct.value)};
      choices.chance(50) && !objects[super.value].final_) {
    made.supers = {super};
    made.composite = objects[super.value].composite;
  }
  auto& fields = std::get<StructType>(made.composite).fields;
  for (std::uint32_t i = choices.below(6); i > 0; --i) fields.push_back(any_field());
  return made;
}

/// Arrays of everything and some structs, which may refer to each other, then a chain of subtypes.
void RandomPlan::plan_objects() {
  const TypeIdx first_struct{storage_count};
  const auto storages = all_storages(first_struct);
  for (const FieldType& storage : storages) objects.push_back({true, {}, ArrayType{storage}});
  objects.push_back({false, {}, StructType{{storages.begin(), storages.end()}}});
  for (std::uint32_t i = 1 + choices.below(3); i > 0; --i) {
    objects.push_back(any_struct(first_struct));
  }
  module.rec_group(objects);
  const TypeIdx first_of_chain{static_cast<std::uint32_t>(objects.size())};
  StructType fields{{changing(i32)}};
  for (std::uint32_t i = 0; i < chain_length; ++i) {
    if (i % 3 == 1) fields.fields.push_back(any_field());
    SubType made{false, {}, fields};
    if (i > 0) made.supers = {{first_of_chain.value + i - 1}};
    objects.push_back(made);
    module.type(made);
  }
  const TypeIdx last_of_chain{first_of_chain.value + chain_length - 1};
  const auto any_object = [&] {
    return TypeIdx{choices.below(static_cast<std::uint32_t>(objects.size()))};
  };
  references = {anyref,
                eqref,
                i31ref,
                reference_to({HeapKind::i31}, false),
                reference_to({HeapKind::struct_}),
                reference_to({HeapKind::array}),
                reference_to(first_struct),
                reference_to(first_struct, false),
                reference_to(first_of_chain),
                reference_to(last_of_chain, false),
                reference_to(any_object()),
                reference_to(any_object(), false)};
}

// --- what fits where -----------------------------------------------------------------------------

std::vector<TypeIdx> RandomPlan::objects_of(HeapType heap) const {
  std::vector<TypeIdx> found;
  for (TypeIdx type{0}; type.value < objects.size(); ++type.value) {
    if (is_of(type, heap)) found.push_back(type);
  }
  return found;
}

bool RandomPlan::is_of(TypeIdx type, HeapType heap) const {
  const bool is_array = array(type) != nullptr;
  switch (heap.kind) {
    case HeapKind::any:
    case HeapKind::eq:
      return true;
    case HeapKind::struct_:
      return !is_array;
    case HeapKind::array:
      return is_array;
    case HeapKind::concrete: {
      const auto& supers = objects[type.value].supers;
      return type == heap.index || (!supers.empty() && is_of(supers[0], heap));
    }
    default:
      return false;
  }
}

bool RandomPlan::is_defaultable(TypeIdx type) const {
  const auto* fields = std::get_if<StructType>(&objects[type.value].composite);
  return fields == nullptr || std::ranges::all_of(fields->fields, has_default);
}

std::vector<Place> RandomPlan::places(ValType value) const {
  std::vector<Place> found;
  for (TypeIdx type{0}; type.value < objects.size(); ++type.value) {
    if (const ArrayType* of = array(type)) {
      if (of->field.type == value) found.push_back({type, 0, of->field, true});
      continue;
    }
    const auto& fields = std::get<StructType>(objects[type.value].composite).fields;
    for (std::uint32_t i = 0; i < fields.size(); ++i) {
      if (fields[i].type == value) found.push_back({type, i, fields[i], false});
    }
  }
  return found;
}

std::optional<SegmentPart> RandomPlan::any_part(const FieldType& element, std::uint32_t most) {
  std::vector<SegmentPart> whole;
  const std::uint32_t bytes = bytes_of(element);
  const bool is_ref = element.type.is_ref();
  const auto segments = static_cast<std::uint32_t>(is_ref ? elem_types.size() : data_sizes.size());
  for (std::uint32_t i = 0; i < segments; ++i) {
    if (!is_ref) whole.push_back({i, 0, data_sizes[i]});
    if (is_ref && elem_types[i] == element.type) whole.push_back({i, 0, elem_sizes[i]});
  }
  if (whole.empty()) return std::nullopt;
  SegmentPart part = choices.pick(whole);
  const std::uint32_t size = part.count;
  const std::uint32_t fitting = std::min(most, is_ref ? size : size / bytes);
  // After a drop only nothing can be taken.
  part.count = choices.chance(60) ? choices.below(fitting + 1) : 0;
  part.offset = part.count == 0 ? 0 : choices.below(size - part.count * (is_ref ? 1 : bytes) + 1);
  return part;
}

// --- constants -----------------------------------------------------------------------------------

Code RandomPlan::constant(ValType type) {
  if (!is_object(type)) return interesting_constant(choices, type);
  if (type.nullable && !choices.chance(40)) return ref_null(type.heap);
  const std::vector<TypeIdx> fitting = objects_of(type.heap);
  if (fitting.empty() || (is_of_i31(type.heap) && choices.chance(30))) {
    return {concat({constant(i32).bytes, op(WasmOp::ref_i31).bytes})};
  }
  return object_constant(choices.pick(fitting));
}

Code RandomPlan::object_constant(TypeIdx type) {
  if (array(type) != nullptr) {
    const auto length = static_cast<std::int32_t>(choices.below(4));
    const Code make = op(WasmOp::array_new_default, {type.value});
    return {concat({i32_const(length).bytes, make.bytes})};
  }
  if (is_defaultable(type) && !choices.chance(30)) {
    return op(WasmOp::struct_new_default, {type.value});
  }
  Bytes code;
  for (const FieldType& field : std::get<StructType>(objects[type.value].composite).fields) {
    code = concat({code, constant(field.type).bytes});
  }
  return {concat({code, op(WasmOp::struct_new, {type.value}).bytes})};
}

}  // namespace fermata::test
