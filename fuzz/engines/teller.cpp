#include "fuzz/engines/teller.hpp"

#include "fermata/module.hpp"

namespace fermata::test {

namespace {

constexpr ValType anyref = ValType::ref({HeapKind::any}, true);
constexpr ValType exnref = ValType::ref({HeapKind::exn}, true);
constexpr std::size_t most_types = 40;
constexpr std::uint32_t most_elements = 3;

bool loads_without(const Bytes& guest, Feature feature) {
  return Module::load(guest, {.features = Features::executable().without(feature)}).has_value();
}

ValType nullable(ValType type) { return type.is_ref() ? ValType::ref(type.heap, true) : type; }

Body number(std::uint32_t value) { return {i32_const(static_cast<std::int32_t>(value))}; }

}  // namespace

Uses uses_of(const Bytes& guest) {
  return {.gc = !loads_without(guest, Feature::gc),
          .exceptions = !loads_without(guest, Feature::exceptions)};
}

void append(Body& to, const Body& from) { to.insert(to.end(), from.begin(), from.end()); }

Body joined(std::initializer_list<Body> parts) {
  Body all;
  for (const Body& part : parts) append(all, part);
  return all;
}

Teller::Teller(const ModuleData& guest, Uses uses) : guest_(guest), uses_(uses) {
  for (const RecGroup& group : guest.rec_groups) {
    const auto first = guest.types.begin() + group.first;
    if (group.count == 1) {  // as engines before 3.0 know it
      module_.type(*first);
    } else {
      module_.rec_group({first, first + group.count});
    }
  }
  note_ = module_.import_func("log", "note", module_.type({i32, i32, i32}, {}));
}

Body Teller::note(Note what, const Body& high, const Body& low) const {
  return joined({number(static_cast<std::uint32_t>(what)), high, low, {call(note_)}});
}

Body Teller::note(Note what, std::uint32_t low) const { return note(what, number(0), number(low)); }

Body Teller::tell(ValType type) { return {call(teller_of(type))}; }

std::vector<LocalRun> Teller::locals(const ResultType& types) {
  std::vector<LocalRun> runs;
  for (const ValType type : types) runs.push_back({1, nullable(type)});
  return runs;
}

Body Teller::tell_all(const ResultType& types, std::uint32_t first_local) {
  Body body;
  for (std::size_t i = types.size(); i > 0; --i) {
    body.push_back(local_set(first_local + static_cast<std::uint32_t>(i - 1)));
  }
  for (std::uint32_t i = 0; i < types.size(); ++i) {
    body.push_back(local_get(first_local + i));
    append(body, tell(types[i]));
  }
  return body;
}

// --- what is told ------------------------------------------------------------------------------

bool Teller::is_function(HeapType heap) const {
  if (heap.is_concrete()) {
    return std::holds_alternative<FuncType>(guest_.types[heap.index.value].composite);
  }
  return heap.kind == HeapKind::func || heap.kind == HeapKind::nofunc;
}

/// A function that tells its only parameter: one for each hierarchy of references.
FuncIdx Teller::teller_of(ValType type) {
  const auto half = [&](const Body& value, bool high) {
    Body code = value;
    if (high) append(code, {i64_const(32), op(WasmOp::i64_shr_u)});
    code.push_back(op(WasmOp::i32_wrap_i64));
    return code;
  };
  const auto halves = [&](Note what, const Body& value) {
    return note(what, half(value, true), half(value, false));
  };
  const Body given{local_get(0)};
  Body body;
  if (type.is_ref()) {
    const HeapKind kind = type.heap.kind;
    const bool is_extern = kind == HeapKind::extern_ || kind == HeapKind::noextern;
    const bool is_exception = kind == HeapKind::exn || kind == HeapKind::noexn;
    type = is_function(type.heap) ? funcref
           : is_extern            ? externref
           : is_exception         ? exnref
                                  : anyref;
  }
  const auto [made, is_new] = tellers_.try_emplace(encoded(type));
  if (!is_new) return made->second;
  switch (type.kind) {
    case ValKind::i32:
      body = note(Note::i32, number(0), given);
      break;
    case ValKind::i64:
      body = halves(Note::i64, given);
      break;
    case ValKind::f32:
      body = note(Note::f32, number(0), {local_get(0), op(WasmOp::i32_reinterpret_f32)});
      break;
    case ValKind::f64:
      body = halves(Note::f64, {local_get(0), op(WasmOp::i64_reinterpret_f64)});
      break;
    case ValKind::v128:
      body = joined({halves(Note::v128, {local_get(0), op(WasmOp::i64x2_extract_lane, {0})}),
                     halves(Note::v128, {local_get(0), op(WasmOp::i64x2_extract_lane, {1})})});
      break;
    default:
      body = {local_get(0), op(WasmOp::ref_is_null), if_()};
      append(body, joined({note(Note::null, 0), {return_(), end()}}));
      if (type == anyref) append(body, of_any());
      if (type == funcref) append(body, of_func());
      if (type == externref && uses_.gc) {
        append(body, joined({{local_get(0), op(WasmOp::any_convert_extern)}, tell(anyref)}));
      } else if (type == externref || type == exnref) {
        append(body, note(Note::reference, 0));
      }
  }
  return tellers_[encoded(type)] = module_.func({type}, {}, body);
}

/// Which of the guest's types it has, and the numbers in it.
Body Teller::of_any() {
  const ValType i31 = ValType::ref({HeapKind::i31}, false);
  Body body{local_get(0), ref_test(i31), if_()};
  append(body, note(Note::i31, number(0), {local_get(0), ref_cast(i31), op(WasmOp::i31_get_u)}));
  append(body, {return_(), end()});
  for (std::uint32_t i = 0; i < guest_.types.size() && i < most_types; ++i) {
    const TypeIdx type{i};
    const CompType& composite = guest_.types[i].composite;
    if (std::holds_alternative<FuncType>(composite)) continue;
    append(body, {local_get(0), ref_test(ValType::ref(HeapType::concrete(type), false)), if_()});
    if (const auto* fields = std::get_if<StructType>(&composite)) {
      append(body, struct_fields(type, *fields));
    } else {
      append(body, array_elements(type, std::get<ArrayType>(composite)));
    }
    body.push_back(end());
  }
  return body;
}

Body Teller::of_func() {
  if (!uses_.gc) return note(Note::reference, 0);
  Body body = note(Note::reference, 0);
  for (std::uint32_t i = 0; i < guest_.types.size() && i < most_types; ++i) {
    if (!std::holds_alternative<FuncType>(guest_.types[i].composite)) continue;
    append(body, {local_get(0), ref_test(ValType::ref(HeapType::concrete({i}), false)), if_()});
    append(body, note(Note::function, i));
    body.push_back(end());
  }
  return body;
}

/// A field or element on the stack: of references only whether they are null.
Body Teller::stored(const FieldType& field) {
  if (!field.type.is_ref()) return tell(field.type);
  return joined({{op(WasmOp::ref_is_null)}, tell(i32)});
}

Body Teller::struct_fields(TypeIdx type, const StructType& fields) {
  Body body = note(Note::object, number(type.value), number(0));
  for (std::uint32_t i = 0; i < fields.fields.size(); ++i) {
    const FieldType& field = fields.fields[i];
    const bool is_packed = field.packed != PackedType::none;
    append(body, {local_get(0), ref_cast(ValType::ref(HeapType::concrete(type), false)),
                  op(is_packed ? WasmOp::struct_get_u : WasmOp::struct_get, {type.value, i})});
    append(body, stored(field));
  }
  return body;
}

Body Teller::array_elements(TypeIdx type, const ArrayType& array) {
  const Body cast{local_get(0), ref_cast(ValType::ref(HeapType::concrete(type), false))};
  const Body length = joined({cast, {op(WasmOp::array_len)}});
  const bool is_packed = array.field.packed != PackedType::none;
  Body body = note(Note::object, number(type.value), length);
  for (std::uint32_t i = 0; i < most_elements; ++i) {
    append(body, joined({length, number(i), {op(WasmOp::i32_gt_u), if_()}, cast, number(i)}));
    body.push_back(op(is_packed ? WasmOp::array_get_u : WasmOp::array_get, {type.value}));
    append(body, stored(array.field));
    body.push_back(end());
  }
  return body;
}

// --- what is invented --------------------------------------------------------------------------

/// i32 to i64: often one of the numbers that matter.
FuncIdx Teller::number_maker() {
  static constexpr std::array<std::uint64_t, 8> special{0,
                                                        1,
                                                        0xFFFF'FFFF'FFFF'FFFF,
                                                        0x8000'0000'8000'0000,
                                                        40,
                                                        0x7FC0'0001'7FA0'0001,
                                                        0x7FF8'0000'0000'0007,
                                                        0x3FF0'0000'3F80'0000};
  if (number_maker_) return *number_maker_;
  Body body(special.size(), block());
  append(body, {local_get(0), i32_const(7), op(WasmOp::i32_and)});
  body.push_back(br_table({0, 1, 2, 3, 4, 5, 6}, 7));
  for (const std::uint64_t value : special) {
    append(body,
           {end(), i64_const(static_cast<std::int64_t>(value)), local_get(0), i32_const(3),
            op(WasmOp::i32_shr_u), op(WasmOp::i64_extend_i32_u), op(WasmOp::i64_add), return_()});
  }
  body.push_back(unreachable());
  number_maker_ = module_.func({i32}, {i64}, body);
  return *number_maker_;
}

/// A caught exception.
FuncIdx Teller::exception_maker() {
  if (exception_maker_) return *exception_maker_;
  const TagIdx tag = module_.tag(module_.type(ResultType{}, ResultType{}));
  const Body body{block(exnref),
                  raw({0x1F, 0x40, 1, 3, 0}),  // try_table (catch_all_ref 0)
                  op(WasmOp::throw_, {tag.value}),
                  end(),
                  unreachable(),
                  end()};
  exception_maker_ = module_.func(ResultType{}, {exnref}, body);
  return *exception_maker_;
}

Body Teller::invent(ValType type, FuncIdx function) {
  const Body made{call(number_maker())};
  const Code wrap = op(WasmOp::i32_wrap_i64);
  const auto either = [&](std::uint32_t mask, const Body& value) {  // null when the bits are 0
    return joined(
        {{call(module_.func({i32}, {nullable(type)},
                            joined({{local_get(0), i32_const(static_cast<std::int32_t>(mask)),
                                     op(WasmOp::i32_and), if_(nullable(type))},
                                    value,
                                    {else_(), ref_null(type.heap), end()}})))}});
  };
  const Body no_value{drop(), type.nullable ? ref_null(type.heap) : unreachable()};
  const HeapKind kind = type.heap.kind;
  switch (type.kind) {
    case ValKind::i32:
      return joined({made, {wrap}});
    case ValKind::i64:
      return made;
    case ValKind::f32:
      return joined({made, {wrap, op(WasmOp::f32_reinterpret_i32)}});
    case ValKind::f64:
      return joined({made, {op(WasmOp::f64_reinterpret_i64)}});
    case ValKind::v128:
      return joined(
          {made, {op(WasmOp::i64x2_splat), i64_const(77), op(WasmOp::i64x2_replace_lane, {1})}});
    default:
      break;
  }
  if (kind == HeapKind::any || kind == HeapKind::eq || kind == HeapKind::i31) {
    if (!type.nullable) return {op(WasmOp::ref_i31)};
    return either(1, {local_get(0), op(WasmOp::ref_i31)});
  }
  if (kind == HeapKind::extern_ && uses_.gc) {
    const Body value{op(WasmOp::ref_i31), op(WasmOp::extern_convert_any)};
    return type.nullable ? either(3, joined({{local_get(0)}, value})) : value;
  }
  if (kind == HeapKind::func) {
    if (!type.nullable) return {drop(), ref_func(function)};
    return either(3, {ref_func(function)});
  }
  if (kind == HeapKind::exn && type.nullable && uses_.exceptions) {
    return either(3, {call(exception_maker())});
  }
  return no_value;
}

}  // namespace fermata::test
