// Context: what every rule of validation looks at, and how its errors are made.
//
// Owns the feature gate, the packed types and the set of functions that may be referenced (`C.refs`
// of the specification). Filled while the module is judged, in the order of the rules.
// Specification: "Validation / Conventions / Contexts".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/validate/type_table.hpp"
#include "lib/validate/validate.hpp"

namespace fermata::validation {

/// The bit of a feature in a mask, and the one for instructions that every module may use.
[[nodiscard]] constexpr std::uint32_t feature_bit(std::optional<Feature> feature) {
  return 1u << (feature ? static_cast<unsigned>(*feature) : 31u);
}

/// Tags and `throw` belong to both proposals for exceptions; either will do.
inline constexpr std::uint32_t tag_features =
    feature_bit(Feature::exceptions) | feature_bit(Feature::legacy_exceptions);

/// The byte offset that an error is about; nothing where decoding keeps none.
using Offset = std::optional<std::uint64_t>;

class Context {
 public:
  Context(ModuleImpl& module, const ValidateOptions& options);

  ModuleImpl& module;  // NOLINT: a context is a view
  TypeTable types;     // filled after the type section is judged

  /// Whether constructs of the feature are judged at all; else `feature_error`.
  [[nodiscard]] bool allows(Feature feature) const {
    return (allowed_ & feature_bit(feature)) != 0;
  }
  /// One bit per allowed feature, see `feature_bit`.
  [[nodiscard]] std::uint32_t allowed_mask() const { return allowed_; }

  /// Why a construct of this feature is refused: disabled, or not executable yet. Precondition: not
  /// allowed.
  [[nodiscard]] Error feature_error(Feature feature, std::string_view construct,
                                    Offset offset) const;
  [[nodiscard]] Result<void> require(Feature feature, std::string_view construct,
                                     Offset offset) const;
  /// For tags and what uses them, see `tag_features`.
  [[nodiscard]] Result<void> require_tags(std::string_view construct, Offset offset) const;

  /// Specification: "Validation / Types". Type indices must lie below `type_limit`, the number of
  /// types defined so far.
  [[nodiscard]] Result<void> check_value_type(ValType type, Offset offset) const;
  [[nodiscard]] Result<void> check_heap_type(HeapType type, Offset offset) const;
  std::uint32_t type_limit = 0;
  /// While types are checked: from here on they refer to themselves or each other.
  std::uint32_t recursive_from = UINT32_MAX;

  /// The function type at `type`, or an error: out of range, or not a function type.
  [[nodiscard]] Result<const FuncType*> func_type(TypeIdx type, Offset offset) const;

  // --- functions that ref.func may name: those that occur outside of function bodies -------------
  void declare_function(std::uint32_t function) { declared_[function] = true; }
  [[nodiscard]] bool is_declared(std::uint32_t function) const { return declared_[function]; }

 private:
  std::uint32_t allowed_ = 0;
  std::vector<bool> declared_;
};

/// An error of phase `invalid` at a byte offset.
[[nodiscard]] Error invalid(std::string message, Offset offset,
                            ErrorCode code = ErrorCode::invalid_module);

/// The proposal without which a value type does not exist; nothing for the number types.
[[nodiscard]] std::optional<Feature> feature_of(ValType type);
[[nodiscard]] std::optional<Feature> feature_of(HeapType type);

/// Whether locals, fields and elements of the type have a default value.
[[nodiscard]] constexpr bool is_defaultable(ValType type) {
  return !type.is_ref() || type.nullable;
}

}  // namespace fermata::validation
