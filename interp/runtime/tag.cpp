#include "interp/runtime/tag.hpp"

namespace fermata {

Tag::Tag(const FuncType& of, TypeId canonical, const CanonicalTypes& with)
    : signature(&of), types(&with) {
  id = canonical;
  is_exception = true;
  std::vector<FieldType> values;
  values.reserve(of.params.size());
  for (const ValType type : of.params) values.push_back({.type = type});
  lay_out(*this, values, with);
}

}  // namespace fermata
