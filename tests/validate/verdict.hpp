// How the tests of the validator ask: a module in, the verdict as one string out.
//
// `"valid"`, or the message of the error; so that an expectation shows the words that a user sees.
#pragma once

#include <string>
#include <vector>

#include "lib/binary/decoder.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/validate/validate.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/choices.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

/// Decodes, which must succeed, and validates. Judges by the rules alone unless asked otherwise.
inline Result<Module> judged(const ModuleBuilder& module, Features features = Features::all(),
                             const ValidateOptions& options = {.executable = Features::all()}) {
  Result<ModuleData> data = decode(module.build(), features);
  if (!data) FAIL("malformed: " + data.error().message);
  return make_module(std::move(*data), features, options);
}

inline std::string verdict(const ModuleBuilder& module, Features features = Features::all()) {
  const Result<Module> result = judged(module, features);
  return result ? "valid" : result.error().message;
}

/// The verdict with all that validation finds out.
inline std::string whole_verdict(const Result<Module>& module) {
  if (!module) return to_string(module.error());
  std::string text = "valid:";
  for (const std::uint32_t slots : module->impl().max_operand_slots) {
    text += ' ' + std::to_string(slots);
  }
  for (const auto& [function, slots] : module->impl().caught_slots) {
    text += ", " + std::to_string(function) + " catches " + std::to_string(slots);
  }
  return text;
}

/// The same on bytes, which may be damaged.
inline std::string whole_verdict(const Bytes& bytes, const ValidateOptions& options) {
  Result<ModuleData> data = decode(bytes, Features::all());
  if (!data) return to_string(data.error());
  return whole_verdict(make_module(std::move(*data), Features::all(), options));
}

/// Some bytes replaced, so many or fewer.
inline Bytes damaged(Bytes bytes, int times, Choices& choices) {
  for (int i = 0; i < times; ++i) {
    bytes[choices.below(static_cast<std::uint32_t>(bytes.size()))] =
        static_cast<std::uint8_t>(choices.below(256));
  }
  return bytes;
}

/// The verdict on a module with one function.
inline std::string verdict(const ResultType& params, const ResultType& results, const Body& body,
                           const std::vector<LocalRun>& locals = {}) {
  ModuleBuilder module;
  module.func(params, results, body, locals);
  return verdict(module);
}

/// The verdict on a function without parameters.
inline std::string verdict(const ResultType& results, const Body& body) {
  return verdict({}, results, body);
}

inline ErrorCode code_of(const ModuleBuilder& module, Features features,
                         const ValidateOptions& options = {.executable = Features::all()}) {
  const Result<Module> result = judged(module, features, options);
  REQUIRE_FALSE(result.has_value());
  return result.error().code;
}

/// A constant of a number or vector type.
inline Code const_of(ValType type) {
  switch (type.kind) {
    case ValKind::i32:
      return i32_const(0);
    case ValKind::i64:
      return i64_const(0);
    case ValKind::f32:
      return f32_const(0);
    case ValKind::f64:
      return f64_const(0);
    case ValKind::v128:
      return v128_const({});
    case ValKind::ref:
      return ref_null(type.heap);
  }
  return {};
}

inline auto starts_with(const std::string& text) { return Catch::Matchers::StartsWith(text); }

}  // namespace fermata::test
