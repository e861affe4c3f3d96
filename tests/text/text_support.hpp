// What the tests of the text format share: parsing that must succeed or fail, and comparing texts
// by the modules they mean.
#pragma once

#include <string>
#include <string_view>

#include "lib/script/script.hpp"
#include "lib/text/parse/module_parser.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/same_module.hpp"

namespace fermata::test {

/// The module; the test fails when the text is refused.
inline ModuleData parsed(std::string_view text) {
  Result<ModuleData> module = parse_module(text, Features::all());
  if (!module) FAIL(to_string(module.error()));
  return *std::move(module);
}

/// The error; the test fails when the text is accepted.
inline Error refused(std::string_view text) {
  const Result<ModuleData> module = parse_module(text, Features::all());
  if (module) FAIL("accepted: " << text);
  return module.error();
}

/// The first line of the message of the error.
inline std::string why(std::string_view text) {
  const std::string message = refused(text).message;
  return message.substr(0, message.find(" (line"));
}

/// Whether two texts mean the same module, names aside.
inline bool mean_the_same(std::string_view a, std::string_view b) {
  return same_program(parsed(a), parsed(b));
}

/// The bytes of a function's body, or any other range.
inline std::vector<std::uint8_t> bytes_of(const ModuleData& module, ByteRange range) {
  return {module.bytes.begin() + range.begin, module.bytes.begin() + range.end};
}

inline text::Script parsed_script(std::string source) {
  Result<text::Script> script = text::parse_script(std::move(source));
  if (!script) FAIL(to_string(script.error()));
  return *std::move(script);
}

}  // namespace fermata::test
