// Lowering of structs, arrays, i31 references and casts.
//
// An instruction that may collect takes its operands off the stack after it is emitted, so that
// they are roots while it is executed.
#include <cassert>
#include <utility>

#include "interp/isa/cast.hpp"
#include "interp/lower/lowerer.hpp"

namespace fermata {

const ObjectType& Lowerer::object_type(std::uint32_t type) const {
  return ObjectTypes::of(module_)[TypeIdx{type}];
}

/// The field or the element that an instruction is about.
const FieldType& Lowerer::field_of(const Instruction& in) const {
  const CompType& type = module_.data.types[in.index].composite;
  if (const auto* array = std::get_if<ArrayType>(&type)) return array->field;
  return std::get<StructType>(type).fields[in.index2];
}

// --- allocation ----------------------------------------------------------------------------------

/// The result takes the place of the operands.
void Lowerer::allocate(Op op, std::uint32_t operands, std::uint32_t type, const Word* third) {
  const std::uint32_t left = operands_.size() - operands;
  settle_from(left);
  const std::uint32_t to = operands == 0 ? operands_.next_slot() : operands_[left].slot;
  const Word first = make_word(op, to, to, op == Op::array_new_fixed ? operands : 0);
  emitter_.emit_result(std::nullopt, first, address_bits(&object_type(type)));
  if (third != nullptr) emitter_.append(*third);
  operands_.shrink(left);
  push_result(ValType::ref(HeapType::concrete(TypeIdx{type}), false));
}

void Lowerer::struct_new(const Instruction& in) {
  if (in.op == WasmOp::struct_new_default) return allocate(Op::struct_new_default, 0, in.index);
  const auto& type = std::get<StructType>(module_.data.types[in.index].composite);
  allocate(Op::struct_new, static_cast<std::uint32_t>(type.fields.size()), in.index);
}

void Lowerer::array_new(const Instruction& in) {
  const Word segment = in.index2;
  switch (in.op) {
    case WasmOp::array_new:
      return allocate(Op::array_new, 2, in.index);
    case WasmOp::array_new_default:
      return allocate(Op::array_new_default, 1, in.index);
    case WasmOp::array_new_fixed:
      return allocate(Op::array_new_fixed, in.index2, in.index);
    case WasmOp::array_new_data:
      return allocate(Op::array_new_data, 2, in.index, &segment);
    default:
      return allocate(Op::array_new_elem, 2, in.index, &segment);
  }
}

// --- fields and elements -------------------------------------------------------------------------

namespace {

/// The instructions of a struct or an array, for each way to store a field or element.
struct Accesses {
  Op get_s, get_u, set;
};

Accesses struct_accesses(Storage storage) {
  switch (storage) {
    case Storage::i8:
      return {Op::struct_get_8_s, Op::struct_get_8_u, Op::struct_set_8};
    case Storage::i16:
      return {Op::struct_get_16_s, Op::struct_get_16_u, Op::struct_set_16};
    case Storage::i32:
      return {Op::struct_get_32, Op::struct_get_32, Op::struct_set_32};
    case Storage::f32:
      return {Op::struct_get_f32, Op::struct_get_f32, Op::struct_set_32};
    case Storage::i64:
      return {Op::struct_get_64, Op::struct_get_64, Op::struct_set_64};
    case Storage::f64:
      return {Op::struct_get_f64, Op::struct_get_f64, Op::struct_set_64};
    case Storage::ref:
      return {Op::struct_get_ref, Op::struct_get_ref, Op::struct_set_64};
    case Storage::v128:
      return {Op::struct_get_v, Op::struct_get_v, Op::struct_set_v};
  }
  std::unreachable();
}

Accesses array_accesses(Storage storage) {
  switch (storage) {
    case Storage::i8:
      return {Op::array_get_8_s, Op::array_get_8_u, Op::array_set_8};
    case Storage::i16:
      return {Op::array_get_16_s, Op::array_get_16_u, Op::array_set_16};
    case Storage::i32:
      return {Op::array_get_32, Op::array_get_32, Op::array_set_32};
    case Storage::f32:
      return {Op::array_get_f32, Op::array_get_f32, Op::array_set_32};
    case Storage::i64:
      return {Op::array_get_64, Op::array_get_64, Op::array_set_64};
    case Storage::f64:
      return {Op::array_get_f64, Op::array_get_f64, Op::array_set_64};
    case Storage::ref:
      return {Op::array_get_ref, Op::array_get_ref, Op::array_set_64};
    case Storage::v128:
      return {Op::array_get_v, Op::array_get_v, Op::array_set_v};
  }
  std::unreachable();
}

}  // namespace

void Lowerer::struct_get(const Instruction& in) {
  const FieldType& field = field_of(in);
  const Accesses accesses = struct_accesses(storage_of(field));
  const Op op = in.op == WasmOp::struct_get_s ? accesses.get_s : accesses.get_u;
  const Operand object = operands_.pop();
  const std::uint32_t from = settled_slot(object);
  push_result(field.type);
  emit_value(field.type, make_word(op, object.slot, from),
             object_type(in.index).fields[in.index2].offset);
}

void Lowerer::struct_set(const Instruction& in) {
  const Operand value = operands_.pop();
  const Operand object = operands_.pop();
  const std::uint32_t a = settled_slot(object);
  const std::uint32_t b = settled_slot(value);
  emitter_.emit(make_word(struct_accesses(storage_of(field_of(in))).set, a, b),
                object_type(in.index).fields[in.index2].offset);
}

void Lowerer::array_get(const Instruction& in) {
  const FieldType& field = field_of(in);
  const Accesses accesses = array_accesses(storage_of(field));
  const Op op = in.op == WasmOp::array_get_s ? accesses.get_s : accesses.get_u;
  const Operand index = operands_.pop();
  const Operand array = operands_.pop();
  const std::uint32_t b = settled_slot(array);
  const std::uint32_t c = settled_slot(index);
  push_result(field.type);
  emit_value(field.type, make_word(op, array.slot, b, c));
}

void Lowerer::array_set(const Instruction& in) {
  const Operand value = operands_.pop();
  const Operand index = operands_.pop();
  const Operand array = operands_.pop();
  const std::uint32_t a = settled_slot(array);
  const std::uint32_t b = settled_slot(index);
  const std::uint32_t c = settled_slot(value);
  emitter_.emit(make_word(array_accesses(storage_of(field_of(in))).set, a, b, c));
}

void Lowerer::array_len(const Instruction&) {
  const Operand array = operands_.pop();
  const std::uint32_t from = settled_slot(array);
  push_result(i32);
  emitter_.emit_result(Acc::integer, make_word(Op::array_len, array.slot, from));
}

/// array.fill, array.copy, array.init_data, array.init_elem.
void Lowerer::array_many(const Instruction& in) {
  const bool copies = in.op == WasmOp::array_copy;
  const std::uint32_t left = operands_.size() - (copies ? 5 : 4);
  settle_from(left);
  const std::uint32_t first = operands_[left].slot;
  switch (in.op) {
    case WasmOp::array_fill:
      emitter_.emit(make_wide(Op::array_fill, first, field_of(in).type.slots()));
      break;
    case WasmOp::array_copy:
      emitter_.emit(make_wide(Op::array_copy, first, 0));
      break;
    case WasmOp::array_init_data:
      emitter_.emit(make_wide(Op::array_init_data, first, in.index2));
      break;
    default:
      emitter_.emit(make_wide(Op::array_init_elem, first, in.index2));
  }
  operands_.shrink(left);
}

// --- references ----------------------------------------------------------------------------------

/// References are equal when their bits are, as those of an i64 are.
void Lowerer::ref_eq(const Instruction&) {
  Instruction equal;
  equal.op = WasmOp::i64_eq;
  binary(equal);
}

void Lowerer::ref_i31(const Instruction&) {
  const Operand number = operands_.pop();
  const std::uint32_t from = settled_slot(number);
  push_result(ValType::ref({HeapKind::i31}, false));
  emitter_.emit_result(std::nullopt, make_word(Op::ref_i31, number.slot, from));
}

void Lowerer::i31_get(const Instruction& in) {
  const Operand reference = operands_.pop();
  const std::uint32_t from = settled_slot(reference);
  push_result(i32);
  const Op op = in.op == WasmOp::i31_get_s ? Op::i31_get_s : Op::i31_get_u;
  emitter_.emit_result(Acc::integer, make_word(op, reference.slot, from));
}

/// The bits stay as they are.
void Lowerer::convert_reference(const Instruction& in) {
  const bool to_any = in.op == WasmOp::any_convert_extern;
  const Operand reference = operands_.pop();
  const HeapType heap{to_any ? HeapKind::any : HeapKind::extern_};
  const ValType type = ValType::ref(heap, reference.type.nullable);
  if (reference.kind == Operand::Kind::constant) return operands_.push_constant(type, 0);
  push_again(reference, type);
}

Lowerer::Wanted Lowerer::wanted(HeapType type, bool nullable) const {
  using Kinds = WantedKinds;
  const auto kinds = [nullable](Word others) -> Wanted {
    return {Op::ref_test_kind, Op::ref_cast_kind, Op::br_on_kind, Op::br_on_not_kind,
            Kinds::word(others | (nullable ? Word{Kinds::null} : 0))};
  };
  switch (type.kind) {
    case HeapKind::any:
    case HeapKind::func:
    case HeapKind::extern_:
    case HeapKind::exn:
      return kinds(Kinds::all_but_null);
    case HeapKind::none:
    case HeapKind::nofunc:
    case HeapKind::noextern:
    case HeapKind::noexn:
      return kinds(0);
    case HeapKind::eq:
      return kinds(Kinds::i31 | Kinds::structure | Kinds::array);
    case HeapKind::i31:
      return kinds(Kinds::i31);
    case HeapKind::struct_:
      return kinds(Kinds::structure);
    case HeapKind::array:
      return kinds(Kinds::array);
    case HeapKind::concrete:
      break;
  }
  const TypeId id = module_.canonical.id(type.index);
  const bool is_function = composite_kind(id) == HeapKind::func;
  const std::uint32_t depth = is_function ? 0 : object_type(type.index.value).depth;
  const Word word = WantedType{id, depth, nullable, is_function}.word();
  if (is_function || depth >= ObjectType::known_depth) {
    return {Op::ref_test_subtype, Op::ref_cast_subtype, Op::br_on_subtype, Op::br_on_not_subtype,
            word};
  }
  return {Op::ref_test_type, Op::ref_cast_type, Op::br_on_type, Op::br_on_not_type, word};
}

void Lowerer::ref_test(const Instruction& in) {
  const Wanted what = wanted(in.heap, in.op == WasmOp::ref_test_null);
  const Operand reference = operands_.pop();
  const std::uint32_t from = settled_slot(reference);
  push_result(i32);
  emitter_.emit_result(Acc::integer, make_word(what.test, reference.slot, from), what.word);
}

void Lowerer::ref_cast(const Instruction& in) {
  const bool nullable = in.op == WasmOp::ref_cast_null;
  const Wanted what = wanted(in.heap, nullable);
  const Operand reference = operands_.pop();
  emitter_.emit(make_word(what.cast, settled_slot(reference)), what.word);
  push_again(reference, ValType::ref(in.heap, nullable));
}

/// The reference goes along where the branch is taken, and stays where it is not.
void Lowerer::br_on_cast(const Instruction& in) {
  const Wanted what = wanted(in.cast.to, in.cast.to_nullable);
  const bool on_fail = in.op == WasmOp::br_on_cast_fail;
  Label& target = label(in.index);
  settle_for(target);
  const std::uint32_t from = settled_slot(operands_.top());
  Condition holds{what.branch, what.branch_not, from, true, what.word};
  if (on_fail) std::swap(holds.when_true, holds.when_false);
  branch_when(target, holds);
  const bool still_nullable = in.cast.from_nullable && !in.cast.to_nullable;
  push_again(operands_.pop(), on_fail ? ValType::ref(in.cast.to, in.cast.to_nullable)
                                      : ValType::ref(in.cast.from, still_nullable));
}

}  // namespace fermata
