// The feature gate and the rules of types that stand alone; see context.hpp.
#include "lib/validate/context.hpp"

#include <fmt/format.h>

namespace fermata::validation {
namespace {

std::uint32_t mask_of(Features features, Features executable) {
  std::uint32_t mask = feature_bit(std::nullopt);
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (features.has(feature) && executable.has(feature)) mask |= feature_bit(feature);
  }
  return mask;
}

}  // namespace

Error invalid(std::string message, Offset offset, ErrorCode code) {
  return {code, Phase::invalid, std::move(message), offset, std::nullopt, {}};
}

Context::Context(ModuleImpl& m, const ValidateOptions& options)
    : module(m),
      allowed_(mask_of(m.features, options.executable)),
      declared_(m.func_types.size()) {}

Error Context::feature_error(Feature feature, std::string_view construct, Offset offset) const {
  if (!module.features.has(feature)) {
    return invalid(fmt::format("{} needs the proposal {}, which is switched off", construct,
                               to_string(feature)),
                   offset, ErrorCode::feature_disabled);
  }
  return invalid(fmt::format("{} needs the proposal {}, which cannot be executed yet", construct,
                             to_string(feature)),
                 offset, ErrorCode::unimplemented_feature);
}

Result<void> Context::require(Feature feature, std::string_view construct, Offset offset) const {
  if (allows(feature)) return {};
  return std::unexpected(feature_error(feature, construct, offset));
}

// The standard's proposal is named unless the module was loaded with the other one only.
Result<void> Context::require_tags(std::string_view construct, Offset offset) const {
  if ((allowed_ & tag_features) != 0) return {};
  const bool only_legacy =
      module.features.has(Feature::legacy_exceptions) && !module.features.has(Feature::exceptions);
  return require(only_legacy ? Feature::legacy_exceptions : Feature::exceptions, construct, offset);
}

// Which proposal brought a heap type depends on how it is used: `funcref` as a table's element type
// is in the MVP, which its users know. This is about values.
std::optional<Feature> feature_of(HeapType type) {
  switch (type.kind) {
    case HeapKind::func:
    case HeapKind::extern_:
      return Feature::reference_types;
    case HeapKind::exn:
    case HeapKind::noexn:
      return Feature::exceptions;
    case HeapKind::concrete:
      return Feature::function_references;
    default:
      return Feature::gc;
  }
}

std::optional<Feature> feature_of(ValType type) {
  if (type.kind == ValKind::v128) return Feature::simd;
  if (!type.is_ref()) return std::nullopt;
  const auto feature = feature_of(type.heap);
  const bool is_plain = feature == Feature::reference_types && !type.nullable;
  return is_plain ? Feature::function_references : feature;
}

Result<void> Context::check_heap_type(HeapType type, Offset offset) const {
  const Feature feature = *feature_of(type);
  if (!allows(feature)) {
    return std::unexpected(feature_error(feature, "heap type " + to_string(type), offset));
  }
  if (type.is_concrete() && type.index.value >= type_limit) {
    return std::unexpected(
        invalid(fmt::format("unknown type {}: {} types are defined", type.index.value, type_limit),
                offset));
  }
  if (type.is_concrete() && type.index.value >= recursive_from) {
    return require(Feature::gc, "a type that refers to itself", offset);
  }
  return {};
}

Result<void> Context::check_value_type(ValType type, Offset offset) const {
  if (type.is_num()) return {};
  const auto feature = feature_of(type);
  if (feature && !allows(*feature)) {
    return std::unexpected(feature_error(*feature, "value type " + to_string(type), offset));
  }
  return type.is_ref() ? check_heap_type(type.heap, offset) : Result<void>{};
}

Result<const FuncType*> Context::func_type(TypeIdx type, Offset offset) const {
  const auto& all = module.data.types;
  if (type.value >= all.size()) {
    return std::unexpected(invalid(
        fmt::format("unknown type {}: {} types are defined", type.value, all.size()), offset));
  }
  const auto* func = std::get_if<FuncType>(&all[type.value].composite);
  if (func == nullptr) {
    return std::unexpected(invalid(
        fmt::format("type mismatch: expected a function type, type {} is not one", type.value),
        offset));
  }
  return func;
}

}  // namespace fermata::validation
