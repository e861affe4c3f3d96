// The proposals' names.
#include "fermata/features.hpp"

namespace fermata {

std::string_view to_string(Feature feature) noexcept {
  switch (feature) {
    case Feature::mutable_globals:
      return "mutable-global";
    case Feature::sign_extension:
      return "sign-extension-ops";
    case Feature::saturating_float_to_int:
      return "nontrapping-float-to-int-conversions";
    case Feature::multi_value:
      return "multi-value";
    case Feature::bulk_memory:
      return "bulk-memory-operations";
    case Feature::reference_types:
      return "reference-types";
    case Feature::simd:
      return "simd";
    case Feature::extended_const:
      return "extended-const";
    case Feature::tail_call:
      return "tail-call";
    case Feature::function_references:
      return "function-references";
    case Feature::gc:
      return "gc";
    case Feature::exceptions:
      return "exception-handling";
    case Feature::multi_memory:
      return "multi-memory";
    case Feature::memory64:
      return "memory64";
    case Feature::relaxed_simd:
      return "relaxed-simd";
    case Feature::threads:
      return "threads";
    case Feature::legacy_exceptions:
      return "legacy-exceptions";
    case Feature::custom_page_sizes:
      return "custom-page-sizes";
    case Feature::wide_arithmetic:
      return "wide-arithmetic";
  }
  return "";
}

std::optional<Feature> parse_feature(std::string_view name) noexcept {
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (to_string(feature) == name) return feature;
  }
  return std::nullopt;
}

}  // namespace fermata
