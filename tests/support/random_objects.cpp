// Objects: expressions and statements with structs, arrays, i31 references and casts.
#include "tests/support/random_body.hpp"

namespace fermata::test {

namespace {

WasmOp get_op(const Place& place, bool is_signed) {
  if (place.storage.packed == PackedType::none) {
    return place.is_element ? WasmOp::array_get : WasmOp::struct_get;
  }
  if (place.is_element) return is_signed ? WasmOp::array_get_s : WasmOp::array_get_u;
  return is_signed ? WasmOp::struct_get_s : WasmOp::struct_get_u;
}

}  // namespace

/// A reference that is not null, unless a trap may be.
void RandomBody::object(HeapType heap, int depth) {
  value(reference_to(heap, choices_.chance(plan_.trap_percent)), depth);
}
void RandomBody::object(TypeIdx type, int depth) { object(HeapType::concrete(type), depth); }

/// A local for use between two instructions alone.
std::uint32_t RandomBody::scratch(ValType type) {
  for (const std::uint32_t local : scratches_) {
    if (locals_[local] == type) return local;
  }
  scratches_.push_back(add_local(type));
  fixed_[scratches_.back()] = true;
  return scratches_.back();
}

// --- making them ---------------------------------------------------------------------------------

/// One of the type that is new, or an i31.
void RandomBody::new_object(ValType type, int depth) {
  const std::vector<TypeIdx> fitting = plan_.objects_of(type.heap);
  const HeapKind kind = type.heap.kind;
  const bool may_be_i31 = kind == HeapKind::any || kind == HeapKind::eq;
  if (fitting.empty() || (may_be_i31 && choices_.chance(30))) {
    value(i32, depth);
    return apply_op(WasmOp::ref_i31, {i32}, {type});
  }
  const TypeIdx made = choices_.pick(may_be_i31 && choices_.chance(30) ? plan_.arrays() : fitting);
  plan_.array(made) != nullptr ? new_array(made, depth) : new_struct(made, depth);
  stack_.back() = type;
}

void RandomBody::new_struct(TypeIdx type, int depth) {
  const ValType made = reference_to(type, false);
  if (plan_.is_defaultable(type) && choices_.chance(40)) {
    return apply_op(WasmOp::struct_new_default, {}, {made}, {type.value});
  }
  ResultType params;
  for (const FieldType& field : std::get<StructType>(plan_.objects[type.value].composite).fields) {
    value(field.type, choices_.chance(20) ? depth : 0);
    params.push_back(field.type);
  }
  apply_op(WasmOp::struct_new, params, {made}, {type.value});
}

void RandomBody::array_length(int depth) {
  if (choices_.chance(plan_.trap_percent)) return value(i32, depth);
  if (choices_.chance(30)) return i32_constant(static_cast<std::int32_t>(choices_.below(21)));
  bounded(16);
}

void RandomBody::new_array(TypeIdx type, int depth) {
  const FieldType element = plan_.array(type)->field;
  const ResultType made{reference_to(type, false)};
  switch (choices_.below(6)) {
    case 0:
    case 1:
      value(element.type, depth);
      array_length(depth);
      return apply_op(WasmOp::array_new, {element.type, i32}, made, {type.value});
    case 2: {
      const ResultType items(choices_.below(8), element.type);
      for (const ValType item : items) value(item, choices_.chance(20) ? depth : 0);
      const auto count = static_cast<std::uint32_t>(items.size());
      return apply_op(WasmOp::array_new_fixed, items, made, {type.value, count});
    }
    case 3:
    case 4:
      if (const auto part = plan_.any_part(element, 20)) {
        segment_part(*part, depth);
        const bool is_ref = element.type.is_ref();
        return apply_op(is_ref ? WasmOp::array_new_elem : WasmOp::array_new_data, {i32, i32}, made,
                        {type.value, part->segment});
      }
      [[fallthrough]];
    default:
      array_length(depth);
      return apply_op(WasmOp::array_new_default, {i32}, made, {type.value});
  }
}

/// Where it begins and how long it is.
void RandomBody::segment_part(const SegmentPart& part, int depth) {
  i32_constant(static_cast<std::int32_t>(part.offset));
  if (choices_.chance(plan_.trap_percent)) return value(i32, depth);
  i32_constant(static_cast<std::int32_t>(part.count));
}

// --- reading them --------------------------------------------------------------------------------

/// What some object holds or tells.
void RandomBody::of_object(ValType type, int depth) {
  if (type == i32 && choices_.chance(60)) return question(depth);
  const std::vector<Place> places = plan_.places(type);
  if (places.empty()) return leaf(type);
  const Place place = choices_.pick(places);
  if (place.is_element) return element(place, depth);
  object(place.type, depth);
  apply_op(get_op(place, choices_.chance(50)), {reference_to(place.type)}, {type},
           {place.type.value, place.field});
}

/// (if (i32.lt_u index (array.len array)) (then (array.get array index)) (else another value))
void RandomBody::element(const Place& place, int depth) {
  const ValType reference = reference_to(place.type);
  const ValType type = place.storage.type;
  const WasmOp get = get_op(place, choices_.chance(50));
  object(place.type, depth);
  if (choices_.chance(plan_.trap_percent)) {
    value(i32, depth);
    return apply_op(get, {reference, i32}, {type}, {place.type.value});
  }
  const std::uint32_t array = scratch(reference), index = scratch(i32);
  bounded(16);
  apply(local_set(index), {i32}, {});
  apply(local_set(array), {reference}, {});
  apply(local_get(index), {}, {i32});
  if_longer(array, {type});
  apply(local_get(array), {}, {reference});
  apply(local_get(index), {}, {i32});
  apply_op(get, {reference, i32}, {type}, {place.type.value});
  otherwise();
  leaf(type);
  close_control({type});
}

/// Opens an `if`: whether the array in a local has more elements than the number on the stack says.
void RandomBody::if_longer(std::uint32_t array, const ResultType& results) {
  apply(local_get(array), {}, {locals_[array]});
  apply_op(WasmOp::array_len, {locals_[array]}, {i32});
  apply_op(WasmOp::i32_lt_u, {i32, i32}, {i32});
  pop(1);
  emit(opening(WasmOp::if_, {}, results));
  open_control(results, {});
}

void RandomBody::otherwise() {
  stack_.resize(controls_.back().height);
  controls_.back().dead = false;
  emit(else_());
}

/// An i32 that says something of references.
void RandomBody::question(int depth) {
  switch (choices_.below(6)) {
    case 0:
      object(HeapType{HeapKind::i31}, depth);
      return apply_op(choices_.chance(50) ? WasmOp::i31_get_s : WasmOp::i31_get_u, {i31ref}, {i32});
    case 1:
      value(eqref, depth);
      value(eqref, depth);
      return apply_op(WasmOp::ref_eq, {eqref, eqref}, {i32});
    case 2: {
      const bool any_array = choices_.chance(30);
      const std::vector<TypeIdx> arrays = plan_.arrays();
      const HeapType heap =
          any_array ? HeapType{HeapKind::array} : HeapType::concrete(choices_.pick(arrays));
      object(heap, depth);
      return apply_op(WasmOp::array_len, {reference_to(heap)}, {i32});
    }
    case 3: {
      static constexpr std::array types{funcref, funcref, externref, externref, exnref};
      const ValType type = choices_.pick(types);
      const HeapKind none = type == funcref     ? HeapKind::nofunc
                            : type == externref ? HeapKind::noextern
                                                : HeapKind::noexn;
      const HeapType tested = choices_.chance(30) ? HeapType{none} : type.heap;
      value(type, depth);
      const ValType to = type == funcref && choices_.chance(70)
                             ? any_function_type()
                             : reference_to(tested, choices_.chance(50));
      return apply(ref_test(to), {type}, {i32});
    }
    default: {
      const ValType tested = any_object_type();
      perhaps(tested, depth);
      return apply(ref_test(tested), {anyref}, {i32});
    }
  }
}

// --- casts ---------------------------------------------------------------------------------------

/// One to test for or cast to.
ValType RandomBody::any_object_type() {
  if (choices_.chance(60)) return choices_.pick(plan_.references);
  if (choices_.chance(10)) return reference_to({HeapKind::none}, choices_.chance(50));
  const auto count = static_cast<std::uint32_t>(plan_.objects.size());
  const bool is_nullable = choices_.chance(50);  // in this order, whatever a compiler's is
  return reference_to(TypeIdx{choices_.below(count)}, is_nullable);
}

ValType RandomBody::any_function_type() {
  const auto count = static_cast<std::uint32_t>(plan_.functions.size());
  const bool is_nullable = choices_.chance(50);
  return reference_to(plan_.type_of(choices_.below(count)), is_nullable);
}

/// An anyref, often of the type.
void RandomBody::perhaps(ValType type, int depth) {
  if (type.heap.kind == HeapKind::none || choices_.chance(50)) return value(anyref, depth);
  value(type, depth);
  stack_.back() = anyref;
}

/// A reference of the type that had another one before.
void RandomBody::cast_value(ValType type, int depth) {
  if (choices_.chance(plan_.trap_percent)) {
    perhaps(type, depth);
    return apply(ref_cast(type), {anyref}, {type});
  }
  switch (choices_.below(4)) {
    case 0:
      new_object(type, depth);
      return apply(ref_cast(type), {anyref}, {type});
    case 1: {
      const std::uint32_t local = scratch(anyref);
      perhaps(type, depth);
      apply(local_tee(local), {anyref}, {anyref});
      apply(ref_test(type), {anyref}, {});
      emit(opening(WasmOp::if_, {}, {type}));
      open_control({type}, {});
      apply(local_get(local), {}, {anyref});
      apply(ref_cast(type), {anyref}, {type});
      otherwise();
      break;
    }
    case 2:
      emit(opening(WasmOp::block, {}, {type}));
      open_control({type}, {});
      perhaps(type, depth);
      apply(br_on_cast(WasmOp::br_on_cast, 0, anyref, type), {anyref}, {anyref});
      apply(drop(), {anyref}, {});
      break;
    default:
      emit(opening(WasmOp::block, {}, {type}));
      open_control({type}, {});
      emit(opening(WasmOp::block, {}, {anyref}));
      open_control({anyref}, {});
      perhaps(type, depth);
      apply(br_on_cast(WasmOp::br_on_cast_fail, 0, anyref, type), {anyref}, {type});
      apply(br(1), {type}, {});
      close_control({anyref});
      apply(drop(), {anyref}, {});
  }
  leaf(type);
  close_control({type});
}

/// (block (result funcref) (br_on_cast 0 funcref TYPE (value))), or a cast that succeeds.
void RandomBody::cast_function(int depth) {
  if (choices_.chance(30)) {
    const auto count = static_cast<std::uint32_t>(plan_.functions.size());
    const std::uint32_t function = choices_.below(count);
    apply(ref_func(FuncIdx{function}), {}, {funcref});
    const ValType to = reference_to(plan_.type_of(function), choices_.chance(50));
    return apply(ref_cast(to), {funcref}, {funcref});
  }
  emit(opening(WasmOp::block, {}, {funcref}));
  open_control({funcref}, {});
  value(funcref, depth);
  const WasmOp branch = choices_.chance(50) ? WasmOp::br_on_cast : WasmOp::br_on_cast_fail;
  apply(br_on_cast(branch, 0, funcref, any_function_type()), {funcref}, {funcref});
  close_control({funcref});
}

/// To a label that takes along a reference; the rest of what there is stays where it does not go.
void RandomBody::cast_branch_statement(int depth) {
  const std::uint32_t label = any_label();
  ResultType types = label_types(label);
  if (types.empty() || !is_object(types.back())) return set_field(depth);
  const ValType to = types.back();
  const bool on_fail = to == anyref && choices_.chance(50);
  types.pop_back();
  for (const ValType type : types) value(type, depth);
  const ValType tested = on_fail ? any_object_type() : to;
  perhaps(tested, depth);
  ResultType before = types, after = types;
  before.push_back(anyref);
  after.push_back(on_fail ? tested : anyref);
  const WasmOp branch = on_fail ? WasmOp::br_on_cast_fail : WasmOp::br_on_cast;
  apply(br_on_cast(branch, label, anyref, tested), before, after);
}

// --- references ----------------------------------------------------------------------------------

void RandomBody::object_reference(ValType type, int depth) {
  switch (choices_.below(8)) {
    case 0:
    case 1:
      return new_object(type, depth);
    case 2:
      return of_object(type, depth);
    case 3:
    case 4:
      return cast_value(type, depth);
    case 5:
      if (type != anyref) break;
      value(externref, depth);
      return apply_op(WasmOp::any_convert_extern, {externref}, {anyref});
    default:
      break;
  }
  type.nullable ? leaf(type) : non_null_or_null(type, depth);
}

// --- statements ----------------------------------------------------------------------------------

void RandomBody::object_statement(int depth) {
  switch (choices_.below(7)) {
    case 0:
      return set_field(depth);
    case 1:
      return set_element(depth);
    case 2:
      return cast_branch_statement(depth);
    case 3:
    case 4:
      return make_many();
    default:
      return set_elements(depth);
  }
}

void RandomBody::set_field(int depth) {
  const ValType type = plan_.any_type();
  for (const Place& place : plan_.places(type)) {
    if (place.is_element || !place.storage.mutable_ || choices_.chance(50)) continue;
    object(place.type, depth);
    value(type, depth);
    return apply_op(WasmOp::struct_set, {reference_to(place.type), type}, {},
                    {place.type.value, place.field});
  }
}

void RandomBody::set_element(int depth) {
  const std::vector<TypeIdx> arrays = plan_.arrays();
  const TypeIdx type = choices_.pick(arrays);
  const ValType element = plan_.array(type)->field.type;
  const ValType reference = reference_to(type);
  const bool is_wild = choices_.chance(plan_.trap_percent);
  const std::uint32_t array = scratch(reference), index = scratch(i32);
  object(type, depth);
  is_wild ? value(i32, 1) : bounded(16);
  apply(local_set(index), {i32}, {});
  apply(local_set(array), {reference}, {});
  if (!is_wild) {
    apply(local_get(index), {}, {i32});
    if_longer(array, {});
  }
  apply(local_get(array), {}, {reference});
  apply(local_get(index), {}, {i32});
  value(element, depth);
  apply_op(WasmOp::array_set, {reference, i32, element}, {}, {type.value});
  if (!is_wild) close_control({});
}

/// (if (i32.lt_u (i32.const 6) (array.len array)) (then (array.fill array ...)))
void RandomBody::set_elements(int depth) {
  const std::vector<TypeIdx> arrays = plan_.arrays();
  const TypeIdx type = choices_.pick(arrays);
  const ValType reference = reference_to(type);
  const bool is_wild = choices_.chance(plan_.trap_percent);
  const std::uint32_t array = scratch(reference);
  object(type, depth);
  apply(local_set(array), {reference}, {});
  if (!is_wild) {
    i32_constant(6);
    if_longer(array, {});
  }
  apply(local_get(array), {}, {reference});
  is_wild ? value(i32, depth) : bounded(4);
  change_elements(type, depth);
  if (!is_wild) close_control({});
}

/// A loop that makes objects, of which the last one or two stay: something to collect.
void RandomBody::make_many() {
  const ValType type = choices_.pick(plan_.references);
  const auto local = local_of(type);
  const std::uint32_t count = add_local(i32);
  fixed_[count] = true;
  i32_constant(static_cast<std::int32_t>(5 + choices_.below(40)));
  apply(local_set(count), {i32}, {});
  emit(loop());
  open_control({}, {}, false);
  new_object(type, 1);
  if (choices_.chance(50)) new_object(anyref, 0), apply(drop(), {anyref}, {});
  local ? apply(local_set(*local), {type}, {}) : apply(drop(), {type}, {});
  apply(local_get(count), {}, {i32});
  i32_constant(-1);
  apply_op(WasmOp::i32_add, {i32, i32}, {i32});
  apply(local_tee(count), {i32}, {i32});
  apply(br_if(0), {i32}, {});
  close_control({});
}

/// The array and where in it lie on the stack; up to four are changed.
void RandomBody::change_elements(TypeIdx type, int depth) {
  const FieldType element = plan_.array(type)->field;
  const ValType reference = reference_to(type);
  switch (choices_.below(3)) {
    case 0: {
      if (choices_.chance(50)) {
        apply(local_get(scratch(reference)), {}, {reference});
      } else {
        value(element.type, depth);
        i32_constant(static_cast<std::int32_t>(6 + choices_.below(10)));
        apply_op(WasmOp::array_new, {element.type, i32}, {reference}, {type.value});
      }
      bounded(4), bounded(4);
      return apply_op(WasmOp::array_copy, {reference, i32, reference, i32, i32}, {},
                      {type.value, type.value});
    }
    case 1:
      if (const auto part = plan_.any_part(element, 3)) {
        segment_part(*part, depth);
        const bool is_ref = element.type.is_ref();
        return apply_op(is_ref ? WasmOp::array_init_elem : WasmOp::array_init_data,
                        {reference, i32, i32, i32}, {}, {type.value, part->segment});
      }
      [[fallthrough]];
    default:
      value(element.type, depth);
      bounded(4);
      return apply_op(WasmOp::array_fill, {reference, i32, element.type, i32}, {}, {type.value});
  }
}

}  // namespace fermata::test
