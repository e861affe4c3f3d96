// See encoder.hpp.
#include "lib/binary/encoder.hpp"

#include <algorithm>

#include "lib/binary/byte_writer.hpp"

namespace fermata {

// --- what there is to write
// -----------------------------------------------------------------------

bool has_section(const ModuleData& m, SectionId id) {
  switch (id) {
    case SectionId::custom:
      return !m.customs.empty();
    case SectionId::type:
      return !m.rec_groups.empty();
    case SectionId::import:
      return !m.imports.empty();
    case SectionId::function:
    case SectionId::code:
      return !m.functions.empty();
    case SectionId::table:
      return !m.tables.empty();
    case SectionId::memory:
      return !m.memories.empty();
    case SectionId::global:
      return !m.globals.empty();
    case SectionId::export_:
      return !m.exports.empty();
    case SectionId::start:
      return m.start.has_value();
    case SectionId::element:
      return !m.elems.empty();
    case SectionId::data:
      return !m.datas.empty();
    case SectionId::data_count:
      return m.data_count.has_value();
    case SectionId::tag:
      return !m.tags.empty();
  }
  return false;
}

std::uint8_t elem_flags(const ElemSegment& segment) {
  const bool has_exprs = std::holds_alternative<std::vector<ConstExpr>>(segment.items);
  const std::uint8_t exprs = has_exprs ? 4 : 0;
  if (segment.mode == SegmentMode::passive) return exprs | 1;
  if (segment.mode == SegmentMode::declarative) return exprs | 3;
  const bool is_explicit = segment.table.value != 0 || (has_exprs && segment.type != funcref);
  return is_explicit ? exprs | 2 : exprs;
}

std::uint8_t data_flags(const DataSegment& segment) {
  if (segment.mode == SegmentMode::passive) return 1;
  return segment.memory.value != 0 ? 2 : 0;
}

namespace {

// --- names
// ----------------------------------------------------------------------------------------

void write_subsection(Bytes& out, std::uint8_t id, const Bytes& contents) {
  write_byte(out, id);
  write_length(out, contents.size());
  write_bytes(out, contents);
}

void write_name_map(Bytes& out, const Names::Map& names) {
  write_length(out, names.size());
  for (const auto& [index, name] : names) {
    write_u32(out, index);
    write_name(out, name);
  }
}

void write_names(Bytes& out, std::uint8_t id, const Names::Map& names) {
  if (names.empty()) return;
  Bytes contents;
  write_name_map(contents, names);
  write_subsection(out, id, contents);
}

void write_names(Bytes& out, std::uint8_t id, const Names::IndirectMap& groups) {
  if (groups.empty()) return;
  Bytes contents;
  write_length(contents, groups.size());
  for (const auto& [index, names] : groups) {
    write_u32(contents, index);
    write_name_map(contents, names);
  }
  write_subsection(out, id, contents);
}

}  // namespace

std::vector<std::uint8_t> encode_names(const Names& names) {
  Bytes out;
  if (names.module) {
    Bytes contents;
    write_name(contents, *names.module);
    write_subsection(out, 0, contents);
  }
  write_names(out, 1, names.functions);
  write_names(out, 2, names.locals);
  write_names(out, 3, names.labels);
  write_names(out, 4, names.types);
  write_names(out, 5, names.tables);
  write_names(out, 6, names.memories);
  write_names(out, 7, names.globals);
  write_names(out, 8, names.elems);
  write_names(out, 9, names.datas);
  write_names(out, 10, names.fields);
  write_names(out, 11, names.tags);
  return out;
}

namespace {

class Encoder {
 public:
  explicit Encoder(const ModuleData& module) : m_(module) {}

  Bytes run() {
    out_.reserve(m_.bytes.size() + 256);
    write_fixed32(out_, 0x6D73'6100);  // "\0asm"
    write_fixed32(out_, 1);
    customs_after(0);
    for (const SectionId id : section_order) {
      if (has_section(m_, id)) {
        contents_.clear();
        section(id);
        put_section(id);
      }
      customs_after(static_cast<std::uint8_t>(id));
    }
    put_names();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::span<const std::uint8_t> bytes(ByteRange range) const {
    return std::span(m_.bytes).subspan(range.begin, range.size());
  }
  void put(ByteRange range) { write_bytes(contents_, bytes(range)); }

  void put_section(SectionId id) {
    write_byte(out_, static_cast<std::uint8_t>(id));
    write_length(out_, contents_.size());
    write_bytes(out_, contents_);
  }

  void put_custom(std::string_view name, std::span<const std::uint8_t> payload) {
    contents_.clear();
    write_name(contents_, name);
    write_bytes(contents_, payload);
    put_section(SectionId::custom);
  }

  void customs_after(std::uint8_t id) {
    for (const CustomSection& custom : m_.customs) {
      if (custom.after == id) put_custom(custom.name, bytes(custom.bytes));
    }
  }

  // The names, unless the module has its name section as it was written.
  void put_names() {
    if (std::ranges::find(m_.customs, "name", &CustomSection::name) != m_.customs.end()) return;
    const Bytes names = encode_names(m_.names);
    if (!names.empty()) put_custom("name", names);
  }

  void section(SectionId id) {
    switch (id) {
      case SectionId::custom:
        return;
      case SectionId::type:
        return types();
      case SectionId::import:
        return vector(m_.imports, &Encoder::import);
      case SectionId::function:
        return vector(m_.functions, &Encoder::function);
      case SectionId::table:
        return vector(m_.tables, &Encoder::table);
      case SectionId::memory:
        return vector(m_.memories, &Encoder::memory);
      case SectionId::global:
        return vector(m_.globals, &Encoder::global);
      case SectionId::export_:
        return vector(m_.exports, &Encoder::export_);
      case SectionId::start:
        return write_u32(contents_, m_.start->value);
      case SectionId::element:
        return vector(m_.elems, &Encoder::elem);
      case SectionId::code:
        return vector(m_.functions, &Encoder::code);
      case SectionId::data:
        return vector(m_.datas, &Encoder::data);
      case SectionId::data_count:
        return write_u32(contents_, *m_.data_count);
      case SectionId::tag:
        return vector(m_.tags, &Encoder::tag);
    }
  }

  template <class T>
  void vector(const std::vector<T>& items, void (Encoder::*write)(const T&)) {
    write_length(contents_, items.size());
    for (const T& item : items) (this->*write)(item);
  }

  // --- types ------------------------------------------------------------------------------------

  void types() {
    write_length(contents_, m_.rec_groups.size());
    for (const RecGroup& group : m_.rec_groups) {
      if (group.count != 1) {
        write_byte(contents_, 0x4E);
        write_u32(contents_, group.count);
      }
      for (std::uint32_t i = 0; i < group.count; ++i) sub_type(m_.types[group.first + i]);
    }
  }

  void sub_type(const SubType& sub) {
    if (!sub.final_ || !sub.supers.empty()) {
      write_byte(contents_, sub.final_ ? 0x4F : 0x50);
      write_length(contents_, sub.supers.size());
      for (const TypeIdx super : sub.supers) write_u32(contents_, super.value);
    }
    if (const auto* func = std::get_if<FuncType>(&sub.composite)) {
      write_byte(contents_, 0x60);
      result_type(func->params);
      result_type(func->results);
    } else if (const auto* fields = std::get_if<StructType>(&sub.composite)) {
      write_byte(contents_, 0x5F);
      vector(fields->fields, &Encoder::field);
    } else {
      write_byte(contents_, 0x5E);
      field(std::get<ArrayType>(sub.composite).field);
    }
  }

  void result_type(const ResultType& types) {
    write_length(contents_, types.size());
    for (const ValType type : types) write_val_type(contents_, type);
  }

  void field(const FieldType& field) {
    switch (field.packed) {
      case PackedType::none:
        write_val_type(contents_, field.type);
        break;
      case PackedType::i8:
        write_byte(contents_, 0x78);
        break;
      case PackedType::i16:
        write_byte(contents_, 0x77);
        break;
    }
    write_byte(contents_, field.mutable_ ? 1 : 0);
  }

  // --- imports and definitions ------------------------------------------------------------------

  void import(const Import& import) {
    write_name(contents_, import.module);
    write_name(contents_, import.name);
    write_byte(contents_, static_cast<std::uint8_t>(import.kind()));
    switch (import.kind()) {
      case ExternKind::func:
        write_u32(contents_, std::get<TypeIdx>(import.desc).value);
        break;
      case ExternKind::table:
        write_table_type(contents_, std::get<TableType>(import.desc));
        break;
      case ExternKind::memory:
        write_memory_type(contents_, std::get<MemoryType>(import.desc));
        break;
      case ExternKind::global:
        write_global_type(contents_, std::get<GlobalType>(import.desc));
        break;
      case ExternKind::tag:
        tag(std::get<TagDef>(import.desc));
        break;
    }
  }

  void function(const FuncDef& function) { write_u32(contents_, function.type.value); }

  void table(const TableDef& table) {
    if (!table.init) return write_table_type(contents_, table.type);
    write_byte(contents_, 0x40);
    write_byte(contents_, 0x00);
    write_table_type(contents_, table.type);
    put(table.init->code);
  }

  void memory(const MemoryDef& memory) { write_memory_type(contents_, memory.type); }

  void global(const GlobalDef& global) {
    write_global_type(contents_, global.type);
    put(global.init.code);
  }

  void tag(const TagDef& tag) {
    write_byte(contents_, 0);  // the attribute: an exception
    write_u32(contents_, tag.type.value);
  }

  void export_(const Export& e) {
    write_name(contents_, e.name);
    write_byte(contents_, static_cast<std::uint8_t>(e.kind));
    write_u32(contents_, e.index);
  }

  // --- segments and code ------------------------------------------------------------------------

  void elem(const ElemSegment& segment) {
    const std::uint8_t flags = elem_flags(segment);
    write_byte(contents_, flags);
    if (segment.mode == SegmentMode::active) {
      if ((flags & 2) != 0) write_u32(contents_, segment.table.value);
      put(segment.offset_expr.code);
    }
    const bool is_explicit = (flags & 3) != 0;
    if (const auto* functions = std::get_if<std::vector<FuncIdx>>(&segment.items)) {
      if (is_explicit) write_byte(contents_, 0);  // the element kind: functions
      vector(*functions, &Encoder::func_index);
    } else {
      if (is_explicit) write_val_type(contents_, segment.type);
      vector(std::get<std::vector<ConstExpr>>(segment.items), &Encoder::expr);
    }
  }

  void func_index(const FuncIdx& index) { write_u32(contents_, index.value); }
  void expr(const ConstExpr& expr) { put(expr.code); }

  void code(const FuncDef& function) {
    Bytes locals;
    write_locals(locals, m_.locals(function));
    write_length(contents_, locals.size() + function.body.size());
    write_bytes(contents_, locals);
    put(function.body);
  }

  void data(const DataSegment& segment) {
    const std::uint8_t flags = data_flags(segment);
    write_byte(contents_, flags);
    if (flags == 2) write_u32(contents_, segment.memory.value);
    if (segment.mode == SegmentMode::active) put(segment.offset_expr.code);
    write_length(contents_, segment.bytes.size());
    put(segment.bytes);
  }

  const ModuleData& m_;
  Bytes out_;
  Bytes contents_;  // of the section being written
};

}  // namespace

std::vector<std::uint8_t> encode(const ModuleData& module) { return Encoder(module).run(); }

}  // namespace fermata
