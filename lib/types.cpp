// Types in the text format, as messages show them.
#include "fermata/types.hpp"

#include <fmt/format.h>

namespace fermata {
namespace {

std::string_view abstract_name(HeapKind kind) {
  switch (kind) {
    case HeapKind::func:
      return "func";
    case HeapKind::nofunc:
      return "nofunc";
    case HeapKind::extern_:
      return "extern";
    case HeapKind::noextern:
      return "noextern";
    case HeapKind::any:
      return "any";
    case HeapKind::eq:
      return "eq";
    case HeapKind::i31:
      return "i31";
    case HeapKind::struct_:
      return "struct";
    case HeapKind::array:
      return "array";
    case HeapKind::none:
      return "none";
    case HeapKind::exn:
      return "exn";
    case HeapKind::noexn:
      return "noexn";
    case HeapKind::concrete:
      break;
  }
  return "";
}

/// The abbreviation of a nullable reference to an abstract type: `funcref`, `nullref` ...
std::string nullable_name(HeapKind kind) {
  switch (kind) {
    case HeapKind::none:
      return "nullref";
    case HeapKind::nofunc:
      return "nullfuncref";
    case HeapKind::noextern:
      return "nullexternref";
    case HeapKind::noexn:
      return "nullexnref";
    default:
      return fmt::format("{}ref", abstract_name(kind));
  }
}

}  // namespace

std::string to_string(HeapType type) {
  return type.is_concrete() ? fmt::format("{}", type.index.value)
                            : std::string(abstract_name(type.kind));
}

std::string to_string(ValType type) {
  switch (type.kind) {
    case ValKind::i32:
      return "i32";
    case ValKind::i64:
      return "i64";
    case ValKind::f32:
      return "f32";
    case ValKind::f64:
      return "f64";
    case ValKind::v128:
      return "v128";
    case ValKind::ref:
      break;
  }
  if (type.nullable && !type.heap.is_concrete()) return nullable_name(type.heap.kind);
  return fmt::format("(ref {}{})", type.nullable ? "null " : "", to_string(type.heap));
}

std::string to_string(const ResultType& types) {
  std::string text = "[";
  for (const ValType type : types) {
    if (text.size() > 1) text += ' ';
    text += to_string(type);
  }
  return text + "]";
}

std::string to_string(const FuncType& type) {
  return fmt::format("{} -> {}", to_string(type.params), to_string(type.results));
}

}  // namespace fermata
