// The values of scripts: arguments made of literals, and results held against patterns.
//
// Owns what a NaN pattern means and the words for expected results. Knows nothing of instances.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fermata/value.hpp"
#include "lib/script/script.hpp"

namespace fermata::tool::wast {

[[nodiscard]] Value to_value(const text::Literal& literal);
[[nodiscard]] std::vector<Value> to_values(std::span<const text::Literal> literals);

[[nodiscard]] bool matches(const text::Pattern& pattern, const Value& value);
[[nodiscard]] bool matches(std::span<const text::Pattern> patterns, std::span<const Value> values);

/// As scripts write them: `(f32.const nan:canonical)`.
[[nodiscard]] std::string to_string(const text::Pattern& pattern);
/// `[]` when there is none.
[[nodiscard]] std::string to_string(std::span<const text::Pattern> patterns);
[[nodiscard]] std::string to_string(std::span<const Value> values);

}  // namespace fermata::tool::wast
