// The text parser: from a module's source to ModuleData.
//
// Knows the order of work: find the fields, bind all identifiers, parse the type definitions, then
// everything else. Knows nothing of validity. Specification: "Text Format / Modules".
#pragma once

#include <string_view>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "lib/module/module_data.hpp"
#include "lib/text/lex/token.hpp"

namespace fermata {

/// Parses one module: `(module ...)` or its fields alone. Identifiers become the result's names.
/// `features` decides only what a proposal changed in the grammar (memory64's limits). Errors:
/// `malformed_text`, with line and column; `implementation_limit`; and `invalid_module` for a
/// branch hint at an instruction that is no branch.
[[nodiscard]] Result<ModuleData> parse_module(std::string_view source, Features features);

namespace text {

/// Whether a module is all of its source, or one form of many in a script.
enum class Extent : std::uint8_t { whole_source, one_form };

/// The same for a module whose first token is `first`.
[[nodiscard]] Result<ModuleData> parse_module(const TokenStream& stream, std::uint32_t first,
                                              Extent extent, Features features);

}  // namespace text
}  // namespace fermata
