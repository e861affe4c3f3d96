// Parsing the fields of a module but for types: functions, tables, memories, globals, tags,
// imports, exports, the start function and segments, with their inline abbreviations.
//
// All identifiers of the module are bound and all type definitions parsed before. Specification:
// "Text Format / Modules".
#pragma once

#include <array>
#include <optional>

#include "lib/text/parse/context.hpp"
#include "lib/text/parse/expression_parser.hpp"
#include "lib/text/parse/type_parser.hpp"

namespace fermata::text {

/// The kind of definition or import that a keyword begins.
[[nodiscard]] std::optional<ExternKind> extern_kind(Keyword k);
/// "function" and the like, as messages have it.
[[nodiscard]] std::string_view to_string(ExternKind kind);
[[nodiscard]] IdSpace& space_of(Context& c, ExternKind kind);
[[nodiscard]] Names::Map& names_of(Context& c, ExternKind kind);

class FieldParser {
 public:
  explicit FieldParser(Context& context) : c_(context), expression_(context) {}

  /// The field at the cursor, which stands on its `(`. Precondition: no type definition.
  void parse_field();

 private:
  void parse_definition(ExternKind kind);
  void parse_inline_exports(ExternKind kind, std::uint32_t index);

  void parse_function(std::uint32_t index);
  void parse_locals(FuncDef& function, const TypeUse& use);
  void bind_local(const ParamName& name);
  void parse_body(FuncDef& function);
  void parse_table(std::uint32_t index);
  void parse_memory(std::uint32_t index);
  void parse_global();
  void parse_tag();

  void parse_import();
  [[nodiscard]] Import parse_import_names();
  void parse_import_type(Import import, ExternKind kind, std::uint32_t index);
  void name_params(std::uint32_t function, const TypeUse& use);
  void parse_export();
  void parse_start();

  void parse_elem();
  void parse_elem_list(ElemSegment& segment);
  [[nodiscard]] std::vector<FuncIdx> parse_func_indices();
  [[nodiscard]] std::vector<ConstExpr> parse_elem_exprs();
  void parse_inline_elem(std::uint32_t table, const TableType& type);
  [[nodiscard]] ConstExpr zero_offset(AddressType address);
  [[nodiscard]] ConstExpr ref_func(FuncIdx function);
  void parse_data();
  void parse_inline_data(std::uint32_t memory, MemoryType type);

  Context& c_;
  ExpressionParser expression_;
  std::array<std::uint32_t, 5> next_{};  // the next index of each kind
};

}  // namespace fermata::text
