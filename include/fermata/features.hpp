// The run-time set of WebAssembly proposals that a module may use.
//
// Every proposal since the 2017 MVP is one element; each can be switched off alone. Owns the
// names of the proposals, which error messages and the command line use as well.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fermata {

enum class Feature : std::uint8_t {
  mutable_globals,         ///< import and export of mutable globals (1.0)
  sign_extension,          ///< i32.extend8_s ... (2.0)
  saturating_float_to_int, ///< i32.trunc_sat_f32_s ... (2.0)
  multi_value,             ///< several results, block parameters (2.0)
  bulk_memory,             ///< memory.copy, table.init, passive segments ... (2.0)
  reference_types,         ///< externref, several tables, table.get ... (2.0)
  simd,                    ///< v128 (2.0)
  extended_const,          ///< add, sub, mul in constant expressions (3.0)
  tail_call,               ///< return_call ... (3.0)
  function_references,     ///< (ref $t), call_ref ... (3.0)
  gc,                      ///< struct, array, i31, subtyping (3.0)
  exceptions,              ///< try_table, throw, tags (3.0)
  multi_memory,            ///< several memories in one module (3.0)
  memory64,                ///< 64-bit memories and tables (3.0)
  relaxed_simd,            ///< i8x16.relaxed_swizzle ... (3.0)
  threads,                 ///< shared memories and atomics
  legacy_exceptions,       ///< try, catch, delegate ...: exceptions as they were before 3.0
  // Not in a standard yet, and so off by default:
  custom_page_sizes,       ///< memories with pages of one byte
  wide_arithmetic,         ///< i64.add128 ...
};

inline constexpr std::uint8_t feature_count =
    static_cast<std::uint8_t>(Feature::wide_arithmetic) + 1;

/// The proposal's name as its repository has it, e.g. "multi-value".
[[nodiscard]] std::string_view to_string(Feature feature) noexcept;
/// The inverse of `to_string`; nothing for an unknown name.
[[nodiscard]] std::optional<Feature> parse_feature(std::string_view name) noexcept;

/// A set of features; a small value.
class Features {
 public:
  constexpr Features() = default;  ///< the empty set: the 2017 MVP

  [[nodiscard]] static constexpr Features mvp() { return {}; }
  /// Everything of WebAssembly 2.0, SIMD included.
  [[nodiscard]] static constexpr Features wasm2() { return up_to(Feature::simd); }
  /// Everything of WebAssembly 3.0.
  [[nodiscard]] static constexpr Features wasm3() { return up_to(Feature::relaxed_simd); }
  /// Everything that can be decoded.
  [[nodiscard]] static constexpr Features all() { return up_to(Feature::wide_arithmetic); }
  /// What this build can also execute: all of it, today. A module that needs more would be refused
  /// with `ErrorCode::unimplemented_feature`, never half-run.
  [[nodiscard]] static constexpr Features executable() { return all(); }
  /// What a module may use unless it is loaded with other features: all that can be executed, but
  /// for proposals that may still change.
  [[nodiscard]] static constexpr Features defaults() {
    return executable().without(Feature::custom_page_sizes).without(Feature::wide_arithmetic);
  }

  [[nodiscard]] constexpr bool has(Feature f) const { return (bits_ & bit(f)) != 0; }
  [[nodiscard]] constexpr Features with(Feature f) const { return Features{bits_ | bit(f)}; }
  [[nodiscard]] constexpr Features without(Feature f) const { return Features{bits_ & ~bit(f)}; }
  friend constexpr bool operator==(Features, Features) = default;

 private:
  constexpr explicit Features(std::uint32_t bits) : bits_(bits) {}
  static constexpr std::uint32_t bit(Feature f) { return 1u << static_cast<unsigned>(f); }
  static constexpr Features up_to(Feature f) { return Features{(bit(f) << 1) - 1}; }

  std::uint32_t bits_ = 0;
};

}  // namespace fermata
