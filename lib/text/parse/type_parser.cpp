// See type_parser.hpp.
#include "lib/text/parse/type_parser.hpp"

#include <fmt/format.h>

#include <bit>

#include "lib/text/parse/annotations.hpp"

namespace fermata::text {

// --- value types
// ----------------------------------------------------------------------------------

std::optional<HeapKind> abstract_heap_type(Keyword k) {
  switch (k) {
    case Keyword::func:
      return HeapKind::func;
    case Keyword::nofunc:
      return HeapKind::nofunc;
    case Keyword::extern_:
      return HeapKind::extern_;
    case Keyword::noextern:
      return HeapKind::noextern;
    case Keyword::any:
      return HeapKind::any;
    case Keyword::eq:
      return HeapKind::eq;
    case Keyword::i31:
      return HeapKind::i31;
    case Keyword::struct_:
      return HeapKind::struct_;
    case Keyword::array:
      return HeapKind::array;
    case Keyword::none:
      return HeapKind::none;
    case Keyword::exn:
      return HeapKind::exn;
    case Keyword::noexn:
      return HeapKind::noexn;
    default:
      return std::nullopt;
  }
}

namespace {

/// What an abbreviation like `funcref` is a nullable reference to.
std::optional<HeapKind> abbreviated_ref(Keyword k) {
  switch (k) {
    case Keyword::funcref:
      return HeapKind::func;
    case Keyword::nullfuncref:
      return HeapKind::nofunc;
    case Keyword::externref:
      return HeapKind::extern_;
    case Keyword::nullexternref:
      return HeapKind::noextern;
    case Keyword::anyref:
      return HeapKind::any;
    case Keyword::eqref:
      return HeapKind::eq;
    case Keyword::i31ref:
      return HeapKind::i31;
    case Keyword::structref:
      return HeapKind::struct_;
    case Keyword::arrayref:
      return HeapKind::array;
    case Keyword::nullref:
      return HeapKind::none;
    case Keyword::exnref:
      return HeapKind::exn;
    case Keyword::nullexnref:
      return HeapKind::noexn;
    default:
      return std::nullopt;
  }
}

std::optional<ValType> number_type(Keyword k) {
  switch (k) {
    case Keyword::i32:
      return i32;
    case Keyword::i64:
      return i64;
    case Keyword::f32:
      return f32;
    case Keyword::f64:
      return f64;
    case Keyword::v128:
      return v128;
    default:
      return std::nullopt;
  }
}

}  // namespace

HeapType parse_heap_type(Context& c) {
  if (const auto kind = abstract_heap_type(c.cursor.peek().keyword())) {
    c.cursor.take();
    return {*kind, {}};
  }
  if (c.cursor.at_index()) return HeapType::concrete({parse_index(c, c.types, "type")});
  c.cursor.unexpected("a heap type");
  return {};
}

bool at_ref_type(const Cursor& cursor) {
  return cursor.at_open(Keyword::ref) || abbreviated_ref(cursor.peek().keyword()).has_value();
}

ValType parse_ref_type(Context& c) {
  if (const auto kind = abbreviated_ref(c.cursor.peek().keyword())) {
    c.cursor.take();
    return ValType::ref({*kind, {}}, true);
  }
  c.cursor.expect_open(Keyword::ref, "a reference type");
  const bool nullable = c.cursor.take_if(Keyword::null);
  const HeapType heap = parse_heap_type(c);
  c.cursor.close();
  return ValType::ref(heap, nullable);
}

bool at_val_type(const Cursor& cursor) {
  return number_type(cursor.peek().keyword()).has_value() || at_ref_type(cursor);
}

ValType parse_val_type(Context& c) {
  if (const auto type = number_type(c.cursor.peek().keyword())) {
    c.cursor.take();
    return *type;
  }
  if (at_ref_type(c.cursor)) return parse_ref_type(c);
  c.cursor.unexpected("a value type");
  return {};
}

// --- types of memories, tables and globals
// --------------------------------------------------------

AddressType parse_address_type(Context& c) {
  if (c.cursor.take_if(Keyword::i64)) return AddressType::i64;
  (void)c.cursor.take_if(Keyword::i32);
  return AddressType::i32;
}

namespace {

// Before memory64, limits were 32-bit numbers.
std::uint64_t parse_limit(Context& c) {
  return c.features.has(Feature::memory64) ? parse_u64(c) : parse_u32(c);
}

}  // namespace

Limits parse_limits(Context& c) {
  Limits limits;
  limits.min = parse_limit(c);
  if (c.cursor.at(TokenKind::nat)) limits.max = parse_limit(c);
  return limits;
}

// Proposal: custom page sizes. `(pagesize N)`, if it is there; its logarithm.
std::uint8_t parse_page_size(Context& c) {
  if (!c.cursor.at_open(Keyword::pagesize)) return MemoryType{}.page_size_log2;
  const Token at = c.cursor.peek(1);
  if (!c.features.has(Feature::custom_page_sizes)) {
    c.cursor.fail(at, "a page size needs the proposal custom-page-sizes, which is switched off");
  }
  c.cursor.skip(2);
  const std::uint64_t bytes = parse_u64(c);
  if (!std::has_single_bit(bytes)) {
    c.cursor.fail(
        at, fmt::format("invalid custom page size: expected a power of two, found {}", bytes));
  }
  c.cursor.close();
  return static_cast<std::uint8_t>(std::countr_zero(bytes) & 63);
}

MemoryType parse_memory_type(Context& c) {
  MemoryType type;
  type.address = parse_address_type(c);
  type.limits = parse_limits(c);
  type.shared = c.cursor.take_if(Keyword::shared);
  type.page_size_log2 = parse_page_size(c);
  return type;
}

TableType parse_table_type(Context& c) {
  TableType type;
  type.address = parse_address_type(c);
  type.limits = parse_limits(c);
  type.element = parse_ref_type(c);
  return type;
}

GlobalType parse_global_type(Context& c) {
  const bool is_mutable = c.cursor.take_open(Keyword::mut);
  const ValType value = parse_val_type(c);
  if (is_mutable) c.cursor.close();
  return {value, is_mutable};
}

// --- type definitions
// -----------------------------------------------------------------------------

namespace {

void parse_params(Context& c, TypeUse& use, bool with_ids) {
  while (c.cursor.take_open(Keyword::param)) {
    const auto index = static_cast<std::uint32_t>(use.type.params.size());
    const bool has_id = with_ids && c.cursor.at(TokenKind::id);
    if (has_id) use.names.push_back({c.cursor.take(), index});
    if (with_ids) {
      if (auto name = take_name_annotation(c, "local")) use.annotated[index] = *std::move(name);
    }
    if (has_id) {
      use.type.params.push_back(parse_val_type(c));
    } else {
      while (c.cursor.more()) use.type.params.push_back(parse_val_type(c));
    }
    c.cursor.close();
  }
}

FieldType parse_storage_type(Context& c) {
  if (c.cursor.take_if(Keyword::i8)) return {i32, PackedType::i8, false};
  if (c.cursor.take_if(Keyword::i16)) return {i32, PackedType::i16, false};
  return {parse_val_type(c), PackedType::none, false};
}

FieldType parse_field_type(Context& c) {
  if (!c.cursor.take_open(Keyword::mut)) return parse_storage_type(c);
  FieldType type = parse_storage_type(c);
  type.mutable_ = true;
  c.cursor.close();
  return type;
}

// One `(field ...)`: a named one, or any number of anonymous ones.
void parse_fields(Context& c, std::uint32_t type, StructType& out) {
  IdSpace& space = c.fields[type];
  const bool has_id = c.cursor.at(TokenKind::id);
  const auto index = static_cast<std::uint32_t>(out.fields.size());
  if (has_id) {
    const Token id = c.cursor.take();
    bind_id(c, space, id, index, "field");
    c.module.names.fields[type][index] = id_text(c, id);
  }
  auto name = take_name_annotation(c, "field");
  if (name) c.module.names.fields[type][index] = *std::move(name);
  if (has_id) {
    out.fields.push_back(parse_field_type(c));
  } else {
    while (c.cursor.more()) out.fields.push_back(parse_field_type(c));
  }
  space.count = static_cast<std::uint32_t>(out.fields.size());
  c.cursor.close();
}

FuncType parse_signature(Context& c) {
  TypeUse use;
  parse_params(c, use, true);
  parse_results(c, use.type.results);
  return std::move(use.type);
}

CompType parse_composite_type(Context& c, std::uint32_t type) {
  c.cursor.open();
  if (c.cursor.take_if(Keyword::func)) {
    FuncType func = parse_signature(c);
    c.cursor.close();
    return func;
  }
  if (c.cursor.take_if(Keyword::struct_)) {
    StructType fields;
    while (c.cursor.take_open(Keyword::field)) parse_fields(c, type, fields);
    c.cursor.close();
    return fields;
  }
  c.cursor.expect(Keyword::array, "`func`, `struct`, `array` or `sub`");
  const FieldType field = parse_field_type(c);
  c.cursor.close();
  return ArrayType{field};
}

SubType parse_sub_type(Context& c, std::uint32_t type) {
  SubType sub;
  const bool is_explicit = c.cursor.take_open(Keyword::sub);
  if (is_explicit) {
    sub.final_ = c.cursor.take_if(Keyword::final_);
    while (c.cursor.at_index()) sub.supers.push_back({parse_index(c, c.types, "type")});
  }
  sub.composite = parse_composite_type(c, type);
  if (is_explicit) c.cursor.close();
  return sub;
}

// `(type id? subtype)`
void parse_type_definition(Context& c) {
  c.cursor.expect_open(Keyword::type, "a type definition");
  (void)c.cursor.take_if(TokenKind::id);
  const auto type = static_cast<std::uint32_t>(c.module.types.size());
  c.module.types.push_back(parse_sub_type(c, type));
  c.cursor.close();
}

std::string encode_func_type(const FuncType& type) {
  Bytes out;
  write_length(out, type.params.size());
  for (const ValType t : type.params) write_val_type(out, t);
  for (const ValType t : type.results) write_val_type(out, t);
  return {out.begin(), out.end()};
}

void remember_func_type(Context& c, std::uint32_t index) {
  const SubType& sub = c.module.types[index];
  const auto* func = std::get_if<FuncType>(&sub.composite);
  if (func != nullptr && sub.final_ && sub.supers.empty()) {
    c.func_types.emplace(encode_func_type(*func), index);  // the smallest index stays
  }
}

}  // namespace

void parse_type_field(Context& c) {
  const auto first = static_cast<std::uint32_t>(c.module.types.size());
  if (c.cursor.take_open(Keyword::rec)) {
    while (c.cursor.more()) parse_type_definition(c);
    c.cursor.close();
  } else {
    parse_type_definition(c);
  }
  const auto count = static_cast<std::uint32_t>(c.module.types.size()) - first;
  c.module.rec_groups.push_back({first, count});
  if (count == 1) remember_func_type(c, first);
}

// --- type uses
// ------------------------------------------------------------------------------------

namespace {

/// The function type of the index in a type use; fails with `problem` when it is none.
const FuncType* find_func_type(Context& c, const TypeUse& use, std::string_view problem) {
  const std::uint32_t index = use.index->value;
  if (index >= c.module.types.size()) {
    c.cursor.fail(use.index_token, fmt::format("unknown type {}", index));
    return nullptr;
  }
  const auto* func = std::get_if<FuncType>(&c.module.types[index].composite);
  if (func == nullptr) {
    c.cursor.fail(use.index_token,
                  fmt::format("{}: type {} is not a function type", problem, index));
  }
  return func;
}

bool has_inline(const TypeUse& use) {
  return !use.type.params.empty() || !use.type.results.empty();
}

}  // namespace

void parse_results(Context& c, ResultType& results) {
  while (c.cursor.take_open(Keyword::result)) {
    while (c.cursor.more()) results.push_back(parse_val_type(c));
    c.cursor.close();
  }
}

TypeUse parse_type_use(Context& c, bool with_ids) {
  TypeUse use;
  if (c.cursor.take_open(Keyword::type)) {
    use.index_token = c.cursor.peek();
    use.index = TypeIdx{parse_index(c, c.types, "type")};
    c.cursor.close();
  }
  parse_params(c, use, with_ids);
  parse_results(c, use.type.results);
  if (c.cursor.at_open(Keyword::param)) {
    c.cursor.take();
    c.cursor.unexpected("parameters before results");
  }
  return use;
}

TypeIdx resolve_type_use(Context& c, const TypeUse& use) {
  if (use.index) {
    if (!has_inline(use)) return *use.index;
    const FuncType* func = find_func_type(c, use, "inline function type");
    if (func != nullptr && *func != use.type) {
      c.cursor.fail(use.index_token,
                    fmt::format("inline function type does not match: type {} is {}, written is {}",
                                use.index->value, to_string(*func), to_string(use.type)));
    }
    return *use.index;
  }
  const auto next = static_cast<std::uint32_t>(c.module.types.size());
  const auto [found, is_new] = c.func_types.emplace(encode_func_type(use.type), next);
  if (is_new) {
    c.module.types.push_back({true, {}, use.type});
    c.module.rec_groups.push_back({next, 1});
    c.types.count = next + 1;
  }
  return {found->second};
}

std::uint32_t count_params(Context& c, const TypeUse& use) {
  if (!use.index || has_inline(use)) return static_cast<std::uint32_t>(use.type.params.size());
  const FuncType* func = find_func_type(c, use, "unknown type");
  return func == nullptr ? 0 : static_cast<std::uint32_t>(func->params.size());
}

}  // namespace fermata::text
