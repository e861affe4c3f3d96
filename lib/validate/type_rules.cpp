// First every index is checked, then the canonical types are made, then declared subtyping is
// checked on them. See type_rules.hpp.
#include "lib/validate/type_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fermata/limits.hpp"
#include "lib/module/limit_error.hpp"
namespace fermata::validation {
namespace {

using Check = Result<void>;

// Offsets are added to the errors by `at_type`.
Check refuse(std::string message) {
  return std::unexpected(invalid(std::move(message), std::nullopt));
}

/// The check of a type definition, its error at where that begins.
Check at_type(const ModuleData& module, std::uint32_t type, Check check) {
  if (!check) check.error().offset = module.type_offset(type);
  return check;
}

Check at_most(std::size_t count, std::uint32_t limit, std::string_view what, std::uint32_t type) {
  if (count <= limit) return {};
  return std::unexpected(limit_error(
      fmt::format("type {} has {} {}, at most {} are supported", type, count, what, limit)));
}

/// The rules of one type definition that need no subtyping.
class Definition {
 public:
  Definition(const Context& context, std::uint32_t index)
      : context_(context), index_(index), type_(context.module.data.types[index]) {}

  Check check() const {
    const bool is_plain = type_.final_ && type_.supers.empty();
    if (!is_plain) {
      if (auto ok = context_.require(Feature::gc, "a subtype declaration", std::nullopt); !ok)
        return ok;
    }
    return std::visit([this](const auto& composite) { return check(composite); }, type_.composite);
  }

 private:
  Check check(const FuncType& type) const {
    if (auto ok = at_most(type.params.size(), limits::function_params, "parameters", index_); !ok)
      return ok;
    if (auto ok = at_most(type.results.size(), limits::function_results, "results", index_); !ok)
      return ok;
    if (type.results.size() > 1) {
      if (auto ok = context_.require(Feature::multi_value, "a function type with several results",
                                     std::nullopt);
          !ok) {
        return ok;
      }
    }
    if (auto ok = check(type.params); !ok) return ok;
    return check(type.results);
  }
  Check check(const StructType& type) const {
    if (auto ok = context_.require(Feature::gc, "a structure type", std::nullopt); !ok) return ok;
    if (auto ok = at_most(type.fields.size(), limits::struct_fields, "fields", index_); !ok)
      return ok;
    for (const FieldType& field : type.fields) {
      if (auto ok = context_.check_value_type(field.type, std::nullopt); !ok) return ok;
    }
    return {};
  }
  Check check(const ArrayType& type) const {
    if (auto ok = context_.require(Feature::gc, "an array type", std::nullopt); !ok) return ok;
    return context_.check_value_type(type.field.type, std::nullopt);
  }
  Check check(const ResultType& types) const {
    for (const ValType type : types) {
      if (auto ok = context_.check_value_type(type, std::nullopt); !ok) return ok;
    }
    return {};
  }

  const Context& context_;
  std::uint32_t index_;
  const SubType& type_;
};

/// Supertypes: at most one, defined before, not final, and no chain too long.
class Supertypes {
 public:
  explicit Supertypes(const std::vector<SubType>& types) : types_(types), depth_(types.size(), 0) {}

  Check check(std::uint32_t index) {
    const auto& supers = types_[index].supers;
    if (supers.empty()) return {};
    if (supers.size() > 1) {
      return refuse(
          fmt::format("sub type {} has {} supertypes, expected at most one", index, supers.size()));
    }
    const std::uint32_t super = supers.front().value;
    if (super >= types_.size()) {
      return refuse(fmt::format("unknown type {}: it is the supertype of type {}", super, index));
    }
    if (super >= index) {
      return refuse(fmt::format(
          "unknown type {}: a supertype must be defined before its sub type {}", super, index));
    }
    if (types_[super].final_) {
      return refuse(
          fmt::format("sub type {} does not match its supertype {}, which is final", index, super));
    }
    depth_[index] = depth_[super] + 1;
    if (depth_[index] <= limits::subtype_depth) return {};
    return std::unexpected(limit_error(fmt::format(
        "sub type {} has more than {} supertypes above it", index, limits::subtype_depth)));
  }

 private:
  const std::vector<SubType>& types_;
  std::vector<std::uint32_t> depth_;
};

// Specification: "Validation / Matching / Composite Types".
class CompositeMatching {
 public:
  explicit CompositeMatching(const TypeTable& types) : types_(types) {}

  bool matches(const FuncType& sub, const FuncType& super) const {
    return matches(super.params, sub.params) && matches(sub.results, super.results);
  }
  bool matches(const StructType& sub, const StructType& super) const {
    if (sub.fields.size() < super.fields.size()) return false;
    return std::equal(super.fields.begin(), super.fields.end(), sub.fields.begin(),
                      [this](const FieldType& b, const FieldType& a) { return matches(a, b); });
  }
  bool matches(const ArrayType& sub, const ArrayType& super) const {
    return matches(sub.field, super.field);
  }
  template <class Sub, class Super>
  bool matches(const Sub&, const Super&) const {
    return false;  // of different kinds
  }

 private:
  bool matches(const ResultType& sub, const ResultType& super) const {
    return std::ranges::equal(sub, super,
                              [this](ValType a, ValType b) { return types_.matches(a, b); });
  }
  bool matches(const FieldType& sub, const FieldType& super) const {
    if (sub.packed != super.packed || sub.mutable_ != super.mutable_) return false;
    return types_.matches(sub.type, super.type) &&
           (!sub.mutable_ || types_.matches(super.type, sub.type));
  }

  const TypeTable& types_;
};

Check check_group(Context& context, const RecGroup& group, Supertypes& supertypes) {
  if (group.count != 1) {
    const Offset offset = context.module.data.type_offset(group.first);
    if (auto ok = context.require(Feature::gc, "a group of recursive types", offset); !ok)
      return ok;
  }
  context.type_limit = group.first + group.count;
  context.recursive_from = group.first;
  for (std::uint32_t i = group.first; i < group.first + group.count; ++i) {
    const ModuleData& module = context.module.data;
    if (auto ok = at_type(module, i, supertypes.check(i)); !ok) return ok;
    if (auto ok = at_type(module, i, Definition(context, i).check()); !ok) {
      ok.error().message += fmt::format(", in type {}", i);
      return ok;
    }
  }
  return {};
}

Check check_declared_subtyping(const Context& context) {
  const auto& types = context.module.data.types;
  const CompositeMatching matching(context.types);
  for (std::uint32_t i = 0; i < types.size(); ++i) {
    if (types[i].supers.empty()) continue;
    const std::uint32_t super = types[i].supers.front().value;
    const bool matches =
        std::visit([&](const auto& a, const auto& b) { return matching.matches(a, b); },
                   types[i].composite, types[super].composite);
    if (!matches) {
      return at_type(context.module.data, i,
                     refuse(fmt::format("sub type {} does not match its supertype {}", i, super)));
    }
  }
  return {};
}

}  // namespace

Result<void> check_types(Context& context) {
  ModuleImpl& module = context.module;
  Supertypes supertypes(module.data.types);
  for (const RecGroup& group : module.data.rec_groups) {
    if (auto ok = check_group(context, group, supertypes); !ok) return ok;
  }
  context.type_limit = static_cast<std::uint32_t>(module.data.types.size());
  context.recursive_from = UINT32_MAX;
  module.canonical = CanonicalTypes(module.data.types, module.data.rec_groups);
  context.types = TypeTable(module);
  return check_declared_subtyping(context);
}

}  // namespace fermata::validation
