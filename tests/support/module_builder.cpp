// The encodings behind ModuleBuilder. Checks nothing: tests also build what must be refused.
#include "tests/support/module_builder.hpp"

#include <array>
#include <bit>

namespace fermata::test {
namespace {

void append(Bytes& to, const Bytes& from) { to.insert(to.end(), from.begin(), from.end()); }

template <class T>
Bytes little_endian(T value) {
  Bytes bytes;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  return bytes;
}

Bytes byte(unsigned value) { return {static_cast<std::uint8_t>(value)}; }

Bytes flatten(const Body& body) {
  Bytes bytes;
  for (const Code& code : body) append(bytes, code.bytes);
  return bytes;
}

/// A constant expression or a function's instructions, with the closing `end`.
Bytes expression(const Body& body) { return concat({flatten(body), byte(0x0B)}); }

template <class T, class F>
Bytes vec_of(const std::vector<T>& items, F&& encode) {
  Bytes bytes = leb_u(items.size());
  for (const T& item : items) append(bytes, encode(item));
  return bytes;
}

Bytes encoded_types(const ResultType& types) {
  return vec_of(types, [](ValType t) { return encoded(t); });
}

Bytes encoded_functions(const std::vector<FuncIdx>& functions) {
  return vec_of(functions, [](FuncIdx f) { return leb_u(f.value); });
}

Bytes encoded_field(const FieldType& field) {
  Bytes storage = encoded(field.type);
  if (field.packed == PackedType::i8) storage = byte(0x78);
  if (field.packed == PackedType::i16) storage = byte(0x77);
  return concat({storage, byte(field.mutable_ ? 1 : 0)});
}

Bytes encoded_composite(const CompType& type) {
  if (const auto* func = std::get_if<FuncType>(&type)) {
    return concat({byte(0x60), encoded_types(func->params), encoded_types(func->results)});
  }
  if (const auto* fields = std::get_if<StructType>(&type)) {
    return concat({byte(0x5F), vec_of(fields->fields, encoded_field)});
  }
  return concat({byte(0x5E), encoded_field(std::get<ArrayType>(type).field)});
}

Bytes encoded_subtype(const SubType& type) {
  if (type.final_ && type.supers.empty()) return encoded_composite(type.composite);
  return concat({byte(type.final_ ? 0x4F : 0x50),
                 vec_of(type.supers, [](TypeIdx t) { return leb_u(t.value); }),
                 encoded_composite(type.composite)});
}

Bytes encoded_limits(const Limits& limits, AddressType address, bool shared) {
  const unsigned flags =
      (limits.max ? 1u : 0u) | (shared ? 2u : 0u) | (address == AddressType::i64 ? 4u : 0u);
  Bytes bytes = concat({byte(flags), leb_u(limits.min)});
  if (limits.max) append(bytes, leb_u(*limits.max));
  return bytes;
}

Bytes encoded_table(const TableType& type) {
  return concat({encoded(type.element), encoded_limits(type.limits, type.address, false)});
}
Bytes encoded_memory(const MemoryType& type) {
  Bytes bytes = encoded_limits(type.limits, type.address, type.shared);
  if (!type.has_custom_page_size()) return bytes;
  bytes[0] |= 8;
  append(bytes, leb_u(type.page_size_log2));
  return bytes;
}
Bytes encoded_global(GlobalType type) {
  return concat({encoded(type.value), byte(type.mutable_ ? 1 : 0)});
}

Code opcode_with(WasmOp op, const Bytes& immediates) {
  Bytes bytes;
  if (info(op).prefix == 0) {
    bytes = byte(info(op).code);
  } else {
    bytes = concat({byte(info(op).prefix), leb_u(info(op).code)});
  }
  append(bytes, immediates);
  return {bytes};
}

Code block_of_type(WasmOp op, TypeIdx type) { return opcode_with(op, leb_s(type.value)); }

}  // namespace

Bytes leb_u(std::uint64_t value) {
  Bytes bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(value | 0x80));
  bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

Bytes leb_s(std::int64_t value) {
  Bytes bytes;
  while (value < -64 || value > 63) {
    bytes.push_back(static_cast<std::uint8_t>((value & 0x7F) | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<std::uint8_t>(value & 0x7F));
  return bytes;
}

Bytes encoded(HeapType type) {
  // In HeapKind's order.
  constexpr std::array<std::uint8_t, 12> abstract{0x70, 0x73, 0x6F, 0x72, 0x6E, 0x6D,
                                                  0x6C, 0x6B, 0x6A, 0x71, 0x69, 0x74};
  if (type.is_concrete()) return leb_s(type.index.value);
  return byte(abstract[static_cast<std::size_t>(type.kind)]);
}

Bytes encoded(ValType type) {
  if (!type.is_ref()) return byte(0x7Fu - static_cast<unsigned>(type.kind));
  if (type.nullable && !type.heap.is_concrete()) return encoded(type.heap);
  return concat({byte(type.nullable ? 0x63 : 0x64), encoded(type.heap)});
}

Bytes encoded_name(std::string_view text) {
  return concat({leb_u(text.size()), Bytes(text.begin(), text.end())});
}

Bytes concat(std::initializer_list<Bytes> parts) {
  Bytes bytes;
  for (const Bytes& part : parts) append(bytes, part);
  return bytes;
}

Code raw(std::initializer_list<std::uint8_t> bytes) { return {bytes}; }

Code op(WasmOp op, std::initializer_list<std::uint32_t> immediates) {
  Bytes bytes;
  for (const std::uint32_t immediate : immediates) append(bytes, leb_u(immediate));
  return opcode_with(op, bytes);
}

Code i32_const(std::int32_t value) { return opcode_with(WasmOp::i32_const, leb_s(value)); }
Code i64_const(std::int64_t value) { return opcode_with(WasmOp::i64_const, leb_s(value)); }
Code f32_const(float value) {
  return opcode_with(WasmOp::f32_const, little_endian(std::bit_cast<std::uint32_t>(value)));
}
Code f64_const(double value) {
  return opcode_with(WasmOp::f64_const, little_endian(std::bit_cast<std::uint64_t>(value)));
}
Code v128_const(std::array<std::uint8_t, 16> value) {
  return opcode_with(WasmOp::v128_const, Bytes(value.begin(), value.end()));
}

Code local_get(std::uint32_t index) { return op(WasmOp::local_get, {index}); }
Code local_set(std::uint32_t index) { return op(WasmOp::local_set, {index}); }
Code local_tee(std::uint32_t index) { return op(WasmOp::local_tee, {index}); }
Code global_get(std::uint32_t index) { return op(WasmOp::global_get, {index}); }
Code global_set(std::uint32_t index) { return op(WasmOp::global_set, {index}); }

Code block() { return opcode_with(WasmOp::block, byte(0x40)); }
Code block(ValType result) { return opcode_with(WasmOp::block, encoded(result)); }
Code block(TypeIdx type) { return block_of_type(WasmOp::block, type); }
Code loop() { return opcode_with(WasmOp::loop, byte(0x40)); }
Code loop(ValType result) { return opcode_with(WasmOp::loop, encoded(result)); }
Code loop(TypeIdx type) { return block_of_type(WasmOp::loop, type); }
Code if_() { return opcode_with(WasmOp::if_, byte(0x40)); }
Code if_(ValType result) { return opcode_with(WasmOp::if_, encoded(result)); }
Code if_(TypeIdx type) { return block_of_type(WasmOp::if_, type); }
Code try_() { return opcode_with(WasmOp::try_, byte(0x40)); }
Code try_(ValType result) { return opcode_with(WasmOp::try_, encoded(result)); }
Code try_(TypeIdx type) { return block_of_type(WasmOp::try_, type); }
Code else_() { return op(WasmOp::else_); }
Code end() { return op(WasmOp::end); }

Code br(std::uint32_t label) { return op(WasmOp::br, {label}); }
Code br_if(std::uint32_t label) { return op(WasmOp::br_if, {label}); }
Code br_table(const std::vector<std::uint32_t>& labels, std::uint32_t otherwise) {
  Bytes bytes = vec_of(labels, [](std::uint32_t label) { return leb_u(label); });
  append(bytes, leb_u(otherwise));
  return opcode_with(WasmOp::br_table, bytes);
}
Code return_() { return op(WasmOp::return_); }
Code unreachable() { return op(WasmOp::unreachable); }
Code drop() { return op(WasmOp::drop); }
Code nop() { return op(WasmOp::nop); }
Code select_t(std::initializer_list<ValType> types) {
  return opcode_with(WasmOp::select_t, encoded_types(types));
}
Code call(FuncIdx function) { return call(function.value); }
Code call(std::uint32_t function) { return op(WasmOp::call, {function}); }
Code call_indirect(TypeIdx type, std::uint32_t table) {
  return op(WasmOp::call_indirect, {type.value, table});
}
Code call_ref(TypeIdx type) { return op(WasmOp::call_ref, {type.value}); }
Code return_call(std::uint32_t function) { return op(WasmOp::return_call, {function}); }
Code return_call_indirect(TypeIdx type, std::uint32_t table) {
  return op(WasmOp::return_call_indirect, {type.value, table});
}
Code return_call_ref(TypeIdx type) { return op(WasmOp::return_call_ref, {type.value}); }
Code ref_null(HeapType type) { return opcode_with(WasmOp::ref_null, encoded(type)); }
Code ref_func(FuncIdx function) { return op(WasmOp::ref_func, {function.value}); }
Code ref_test(ValType type) {
  const WasmOp op = type.nullable ? WasmOp::ref_test_null : WasmOp::ref_test;
  return opcode_with(op, encoded(type.heap));
}
Code ref_cast(ValType type) {
  const WasmOp op = type.nullable ? WasmOp::ref_cast_null : WasmOp::ref_cast;
  return opcode_with(op, encoded(type.heap));
}
Code br_on_cast(WasmOp op, std::uint32_t label, ValType from, ValType to) {
  const unsigned flags = (from.nullable ? 1u : 0u) | (to.nullable ? 2u : 0u);
  return opcode_with(op, concat({byte(flags), leb_u(label), encoded(from.heap), encoded(to.heap)}));
}

Code memory_access(WasmOp op, std::uint64_t offset, std::optional<std::uint32_t> align_log2,
                   std::uint32_t memory) {
  const std::uint32_t align = align_log2.value_or(info(op).natural_align);
  if (memory == 0) return opcode_with(op, concat({leb_u(align), leb_u(offset)}));
  return opcode_with(op, concat({leb_u(align | 0x40), leb_u(memory), leb_u(offset)}));
}
Code load(WasmOp op, std::uint64_t offset) { return memory_access(op, offset); }
Code store(WasmOp op, std::uint64_t offset) { return memory_access(op, offset); }

// --- modules ------------------------------------------------------------------------------------

std::uint32_t ModuleBuilder::add(Section section, const Bytes& item) {
  Items& items = sections_[section];
  append(items.bytes, item);
  return items.count++;
}

TypeIdx ModuleBuilder::type(const ResultType& params, const ResultType& results) {
  return type(SubType{true, {}, FuncType{params, results}});
}
TypeIdx ModuleBuilder::type(const SubType& type) {
  add(Section::type, encoded_subtype(type));
  return {type_count_++};
}
TypeIdx ModuleBuilder::rec_group(const std::vector<SubType>& types) {
  add(Section::type, concat({byte(0x4E), vec_of(types, encoded_subtype)}));
  const TypeIdx first{type_count_};
  type_count_ += static_cast<std::uint32_t>(types.size());
  return first;
}

std::uint32_t ModuleBuilder::import(std::string_view module, std::string_view name, ExternKind kind,
                                    const Bytes& type) {
  add(Section::import,
      concat({encoded_name(module), encoded_name(name), byte(static_cast<unsigned>(kind)), type}));
  return counts_[kind]++;
}
FuncIdx ModuleBuilder::import_func(std::string_view module, std::string_view name, TypeIdx type) {
  return {import(module, name, ExternKind::func, leb_u(type.value))};
}
TableIdx ModuleBuilder::import_table(std::string_view module, std::string_view name,
                                     const TableType& type) {
  return {import(module, name, ExternKind::table, encoded_table(type))};
}
MemIdx ModuleBuilder::import_memory(std::string_view module, std::string_view name,
                                    const MemoryType& type) {
  return {import(module, name, ExternKind::memory, encoded_memory(type))};
}
GlobalIdx ModuleBuilder::import_global(std::string_view module, std::string_view name,
                                       GlobalType type) {
  return {import(module, name, ExternKind::global, encoded_global(type))};
}
TagIdx ModuleBuilder::import_tag(std::string_view module, std::string_view name, TypeIdx type) {
  return {import(module, name, ExternKind::tag, concat({byte(0), leb_u(type.value)}))};
}

FuncIdx ModuleBuilder::add_func(TypeIdx type, const Body& body,
                                const std::vector<LocalRun>& locals) {
  add(Section::function, leb_u(type.value));
  const Bytes code = concat(
      {vec_of(locals,
              [](const LocalRun& run) { return concat({leb_u(run.count), encoded(run.type)}); }),
       expression(body)});
  add(Section::code, concat({leb_u(code.size()), code}));
  return {counts_[ExternKind::func]++};
}
FuncIdx ModuleBuilder::func(const ResultType& params, const ResultType& results, const Body& body,
                            const std::vector<LocalRun>& locals) {
  const Bytes key = encoded_composite(FuncType{params, results});
  if (!func_types_.contains(key)) func_types_[key] = type(params, results);
  return add_func(func_types_[key], body, locals);
}

TableIdx ModuleBuilder::table(const TableType& type) {
  add(Section::table, encoded_table(type));
  return {counts_[ExternKind::table]++};
}
TableIdx ModuleBuilder::table(const TableType& type, const Body& init) {
  add(Section::table, concat({{0x40, 0x00}, encoded_table(type), expression(init)}));
  return {counts_[ExternKind::table]++};
}
MemIdx ModuleBuilder::memory(const MemoryType& type) {
  add(Section::memory, encoded_memory(type));
  return {counts_[ExternKind::memory]++};
}
MemIdx ModuleBuilder::memory(std::uint64_t min, std::optional<std::uint64_t> max) {
  return memory(MemoryType{{min, max}});
}
TagIdx ModuleBuilder::tag(TypeIdx type) {
  add(Section::tag, concat({byte(0), leb_u(type.value)}));
  return {counts_[ExternKind::tag]++};
}
GlobalIdx ModuleBuilder::global(GlobalType type, const Body& init) {
  add(Section::global, concat({encoded_global(type), expression(init)}));
  return {counts_[ExternKind::global]++};
}

ModuleBuilder& ModuleBuilder::add_export(std::string_view name, ExternKind kind,
                                         std::uint32_t index) {
  add(Section::export_,
      concat({encoded_name(name), byte(static_cast<unsigned>(kind)), leb_u(index)}));
  return *this;
}
ModuleBuilder& ModuleBuilder::export_func(std::string_view name, FuncIdx index) {
  return add_export(name, ExternKind::func, index.value);
}
ModuleBuilder& ModuleBuilder::export_table(std::string_view name, TableIdx index) {
  return add_export(name, ExternKind::table, index.value);
}
ModuleBuilder& ModuleBuilder::export_memory(std::string_view name, MemIdx index) {
  return add_export(name, ExternKind::memory, index.value);
}
ModuleBuilder& ModuleBuilder::export_global(std::string_view name, GlobalIdx index) {
  return add_export(name, ExternKind::global, index.value);
}
ModuleBuilder& ModuleBuilder::export_tag(std::string_view name, TagIdx index) {
  return add_export(name, ExternKind::tag, index.value);
}
ModuleBuilder& ModuleBuilder::start(FuncIdx function) {
  start_ = function.value;
  return *this;
}

ElemIdx ModuleBuilder::elem(const ActiveAt& at, const std::vector<FuncIdx>& functions) {
  const Bytes offset = expression(at.offset);
  const Bytes items = encoded_functions(functions);
  if (at.index == 0) return {add(Section::element, concat({byte(0), offset, items}))};
  return {add(Section::element, concat({byte(2), leb_u(at.index), offset, byte(0), items}))};
}
ElemIdx ModuleBuilder::passive_elem(const std::vector<FuncIdx>& functions) {
  return {add(Section::element, concat({byte(1), byte(0), encoded_functions(functions)}))};
}
ElemIdx ModuleBuilder::declarative_elem(const std::vector<FuncIdx>& functions) {
  return {add(Section::element, concat({byte(3), byte(0), encoded_functions(functions)}))};
}
ElemIdx ModuleBuilder::elem(const ActiveAt& at, ValType type, const std::vector<Body>& items) {
  const Bytes offset = expression(at.offset);
  const Bytes encoded_items = vec_of(items, expression);
  if (at.index == 0 && type == funcref) {
    return {add(Section::element, concat({byte(4), offset, encoded_items}))};
  }
  return {add(Section::element,
              concat({byte(6), leb_u(at.index), offset, encoded(type), encoded_items}))};
}
ElemIdx ModuleBuilder::passive_elem(ValType type, const std::vector<Body>& items) {
  return {add(Section::element, concat({byte(5), encoded(type), vec_of(items, expression)}))};
}

DataIdx ModuleBuilder::data(const ActiveAt& at, std::string_view bytes) {
  const Bytes offset = expression(at.offset);
  ++data_total_;
  if (at.index == 0) return {add(Section::data, concat({byte(0), offset, encoded_name(bytes)}))};
  return {add(Section::data, concat({byte(2), leb_u(at.index), offset, encoded_name(bytes)}))};
}
DataIdx ModuleBuilder::passive_data(std::string_view bytes) {
  ++data_total_;
  return {add(Section::data, concat({byte(1), encoded_name(bytes)}))};
}
ModuleBuilder& ModuleBuilder::data_count(std::optional<std::uint32_t> count) {
  data_count_ = count;
  return *this;
}

ModuleBuilder& ModuleBuilder::custom(std::string_view name, const Bytes& payload, Section after) {
  customs_.emplace_back(after, section(Section::custom, concat({encoded_name(name), payload})));
  return *this;
}
ModuleBuilder& ModuleBuilder::name_module(std::string_view name) {
  module_name_ = name;
  return *this;
}
ModuleBuilder& ModuleBuilder::name_func(FuncIdx function, std::string_view name) {
  func_names_[function.value] = name;
  return *this;
}
ModuleBuilder& ModuleBuilder::name_local(FuncIdx function, std::uint32_t local,
                                         std::string_view name) {
  local_names_[function.value][local] = name;
  return *this;
}

namespace {

Bytes name_map(const std::map<std::uint32_t, std::string>& names) {
  Bytes bytes = leb_u(names.size());
  for (const auto& [index, name] : names) append(bytes, concat({leb_u(index), encoded_name(name)}));
  return bytes;
}

Bytes subsection(unsigned id, const Bytes& contents) {
  return concat({byte(id), leb_u(contents.size()), contents});
}

}  // namespace

Bytes ModuleBuilder::name_section() const {
  Bytes bytes = encoded_name("name");
  if (module_name_) append(bytes, subsection(0, encoded_name(*module_name_)));
  if (!func_names_.empty()) append(bytes, subsection(1, name_map(func_names_)));
  if (!local_names_.empty()) {
    Bytes locals = leb_u(local_names_.size());
    for (const auto& [function, names] : local_names_) {
      append(locals, concat({leb_u(function), name_map(names)}));
    }
    append(bytes, subsection(2, locals));
  }
  return section(Section::custom, bytes);
}

void ModuleBuilder::write_section(Bytes& out, Section id) const {
  if (id == Section::start && start_) append(out, section(id, leb_u(*start_)));
  if (id == Section::data_count && data_count_) {
    append(out, section(id, leb_u(data_count_->value_or(data_total_))));
  }
  if (const auto found = sections_.find(id); found != sections_.end()) {
    append(out, section(id, concat({leb_u(found->second.count), found->second.bytes})));
  }
  for (const auto& [after, custom] : customs_) {
    if (after == id) append(out, custom);
  }
}

Bytes ModuleBuilder::build() const {
  using enum Section;
  Bytes out = module_of({});
  for (const Section id : {custom, type, import, function, table, memory, tag, global, export_,
                           Section::start, element, Section::data_count, code, Section::data}) {
    write_section(out, id);
  }
  if (module_name_ || !func_names_.empty() || !local_names_.empty()) append(out, name_section());
  return out;
}

Bytes module_of(std::initializer_list<std::pair<Section, Bytes>> sections) {
  Bytes out{0x00, 'a', 's', 'm', 0x01, 0x00, 0x00, 0x00};
  for (const auto& [id, contents] : sections) append(out, section(id, contents));
  return out;
}

Bytes section(Section id, const Bytes& contents) {
  return concat({byte(static_cast<unsigned>(id)), leb_u(contents.size()), contents});
}

Bytes vec(std::initializer_list<Bytes> items) {
  return concat({leb_u(items.size()), concat(items)});
}

}  // namespace fermata::test
