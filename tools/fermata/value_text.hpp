// Values on the command line: arguments of `run --invoke` by the parameter's type, and its results.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "fermata/fermata.hpp"

namespace fermata::tool {

/// Numbers are the text format's literals: `-7`, `0xff`, `1e10`, `0x1p-3`, `inf`, `nan:0x200000`.
/// References: `null`, and for externref a number. The error says what was expected.
[[nodiscard]] std::expected<Value, std::string> parse_value(std::string_view text, ValType type);

/// The value without its type: numbers in decimal, floats with the fewest digits that give them
/// back.
[[nodiscard]] std::string value_text(const Value& value);

}  // namespace fermata::tool
