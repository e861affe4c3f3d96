// Element and data segments, and their inline forms in tables and memories.
//
// Specification: "Text Format / Modules / Element Segments, Data Segments, Tables, Memories".
#include "lib/binary/encoder.hpp"
#include "lib/text/parse/field_parser.hpp"

namespace fermata::text {
namespace {

constexpr ValType func_items = ValType::ref({HeapKind::func}, false);

}  // namespace

// --- element segments
// -----------------------------------------------------------------------------

void FieldParser::parse_elem() {
  c_.cursor.skip(2);
  (void)c_.cursor.take_if(TokenKind::id);
  ElemSegment segment;
  const bool is_declared = c_.cursor.take_if(Keyword::declare);
  const bool has_table = !is_declared && c_.cursor.take_open(Keyword::table);
  // WebAssembly 1.0 wrote a table use as a bare index.
  const bool has_index = !is_declared && c_.cursor.at(TokenKind::nat);
  if (has_table || has_index) segment.table = {parse_index(c_, c_.tables, "table")};
  if (has_table) c_.cursor.close();
  const bool is_active =
      has_table || has_index ||
      (!is_declared && c_.cursor.at(TokenKind::left_paren) && !at_ref_type(c_.cursor));
  if (is_active) segment.offset_expr = {expression_.wrapped(Keyword::offset)};
  segment.mode = is_active     ? SegmentMode::active
                 : is_declared ? SegmentMode::declarative
                               : SegmentMode::passive;
  // Where the table use is left out, `func` may be left out as well.
  const bool has_kind = c_.cursor.at(Keyword::func) || at_ref_type(c_.cursor);
  if (is_active && !has_table && !has_kind) {
    segment.type = func_items;
    segment.items = parse_func_indices();
  } else {
    parse_elem_list(segment);
  }
  c_.cursor.close();
  segment.flags = elem_flags(segment);
  c_.module.elems.push_back(std::move(segment));
}

// `func` and indices, or a reference type and expressions.
void FieldParser::parse_elem_list(ElemSegment& segment) {
  if (c_.cursor.take_if(Keyword::func)) {
    segment.type = func_items;
    segment.items = parse_func_indices();
  } else {
    segment.type = parse_ref_type(c_);
    segment.items = parse_elem_exprs();
  }
}

std::vector<FuncIdx> FieldParser::parse_func_indices() {
  std::vector<FuncIdx> functions;
  while (c_.cursor.at_index()) functions.push_back({parse_index(c_, c_.funcs, "function")});
  return functions;
}

std::vector<ConstExpr> FieldParser::parse_elem_exprs() {
  std::vector<ConstExpr> exprs;
  while (c_.cursor.at(TokenKind::left_paren)) {
    exprs.push_back({expression_.wrapped(Keyword::item)});
  }
  return exprs;
}

// `(elem ...)` in a table: as many elements as the table has.
void FieldParser::parse_inline_elem(std::uint32_t table, const TableType& type) {
  c_.cursor.expect_open(Keyword::elem, "the table's limits or `(elem`");
  ElemSegment segment;
  segment.mode = SegmentMode::active;
  segment.table = {table};
  segment.offset_expr = zero_offset(type.address);
  segment.type = type.element;
  std::size_t count = 0;
  if (c_.cursor.at(TokenKind::left_paren)) {
    auto exprs = parse_elem_exprs();
    count = exprs.size();
    segment.items = std::move(exprs);
  } else {
    const auto functions = parse_func_indices();
    count = functions.size();
    if (type.element.heap == HeapType{HeapKind::func, {}}) {
      segment.type = func_items;
      segment.items = functions;
    } else {
      std::vector<ConstExpr> exprs;
      exprs.reserve(functions.size());
      for (const FuncIdx function : functions) exprs.push_back(ref_func(function));
      segment.items = std::move(exprs);
    }
  }
  c_.cursor.close();
  segment.flags = elem_flags(segment);
  c_.module.elems.push_back(std::move(segment));
  c_.module.tables.push_back({{type.element, {count, count}, type.address}, std::nullopt, 0});
}

ConstExpr FieldParser::zero_offset(AddressType address) {
  const std::uint32_t begin = c_.here();
  write_op(c_.code(), address == AddressType::i64 ? WasmOp::i64_const : WasmOp::i32_const);
  write_signed(c_.code(), 0);
  write_op(c_.code(), WasmOp::end);
  return {{begin, c_.here()}};
}

ConstExpr FieldParser::ref_func(FuncIdx function) {
  const std::uint32_t begin = c_.here();
  write_op(c_.code(), WasmOp::ref_func);
  write_u32(c_.code(), function.value);
  write_op(c_.code(), WasmOp::end);
  return {{begin, c_.here()}};
}

// --- data segments
// --------------------------------------------------------------------------------

void FieldParser::parse_data() {
  c_.cursor.skip(2);
  (void)c_.cursor.take_if(TokenKind::id);
  DataSegment segment;
  segment.mode = SegmentMode::passive;
  // WebAssembly 1.0 wrote a memory use as a bare index.
  const bool has_index = c_.cursor.at(TokenKind::nat);
  if (has_index) segment.memory = {parse_index(c_, c_.memories, "memory")};
  if (has_index || c_.cursor.at(TokenKind::left_paren)) {
    segment.mode = SegmentMode::active;
    if (!has_index && c_.cursor.take_open(Keyword::memory)) {
      segment.memory = {parse_index(c_, c_.memories, "memory")};
      c_.cursor.close();
    }
    segment.offset_expr = {expression_.wrapped(Keyword::offset)};
  }
  segment.bytes = parse_data_string(c_);
  c_.cursor.close();
  segment.flags = data_flags(segment);
  c_.module.datas.push_back(segment);
}

// `(data ...)` in a memory: as many pages as the data needs.
void FieldParser::parse_inline_data(std::uint32_t memory, MemoryType type) {
  c_.cursor.expect_open(Keyword::data, "the memory's limits or `(data`");
  DataSegment segment;
  segment.mode = SegmentMode::active;
  segment.memory = {memory};
  segment.offset_expr = zero_offset(type.address);
  segment.bytes = parse_data_string(c_);
  c_.cursor.close();
  segment.flags = data_flags(segment);
  c_.module.datas.push_back(segment);
  const std::uint64_t pages = (segment.bytes.size() + type.page_size() - 1) >> type.page_size_log2;
  type.limits = {pages, pages};
  c_.module.memories.push_back({type, 0});
}

}  // namespace fermata::text
