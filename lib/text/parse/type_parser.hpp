// Parsing types and type uses. Specification: "Text Format / Types".
#pragma once

#include <optional>
#include <span>

#include "lib/text/parse/context.hpp"

namespace fermata::text {

/// The abstract heap type that a keyword names.
[[nodiscard]] std::optional<HeapKind> abstract_heap_type(Keyword k);

[[nodiscard]] HeapType parse_heap_type(Context& c);
/// `(ref ...)` or an abbreviation like `funcref` follows.
[[nodiscard]] bool at_ref_type(const Cursor& cursor);
[[nodiscard]] ValType parse_ref_type(Context& c);
[[nodiscard]] bool at_val_type(const Cursor& cursor);
[[nodiscard]] ValType parse_val_type(Context& c);

[[nodiscard]] AddressType parse_address_type(Context& c);
[[nodiscard]] std::uint8_t parse_page_size(Context& c);
[[nodiscard]] Limits parse_limits(Context& c);
[[nodiscard]] MemoryType parse_memory_type(Context& c);
[[nodiscard]] TableType parse_table_type(Context& c);
[[nodiscard]] GlobalType parse_global_type(Context& c);

/// A `(type ...)` or `(rec ...)` field, whose identifiers are bound already: all its types go to
/// the module as one group.
void parse_type_field(Context& c);

/// A parameter's id, by its position.
struct ParamName {
  Token id;
  std::uint32_t index = 0;
};

/// A type use as written: `(type x)`, parameters and results, all optional.
struct TypeUse {
  std::optional<TypeIdx> index;
  Token index_token{};
  FuncType type;
  Names::Map annotated;  // (@name ...) of parameters
  std::vector<ParamName> names;
};

/// `with_ids` says whether parameters may have ids.
[[nodiscard]] TypeUse parse_type_use(Context& c, bool with_ids);
/// Any number of `(result ...)`.
void parse_results(Context& c, ResultType& results);
/// The index that the type use stands for; inserts a new type when it is an abbreviation and none
/// fits. Fails when the inline declarations do not match the type.
[[nodiscard]] TypeIdx resolve_type_use(Context& c, const TypeUse& use);
/// How many parameters the type use has, inline or by its index. Fails when that is no function
/// type.
[[nodiscard]] std::uint32_t count_params(Context& c, const TypeUse& use);

}  // namespace fermata::text
