// The printer: from ModuleData to the text format.
//
// What it writes parses back to the same module (lib/binary/same_module.hpp). Names become
// identifiers where they are valid and unique, (@name ...) annotations otherwise; floats are
// written exactly; custom sections as (@custom ...). Knows nothing of validity.
#pragma once

#include <string>

#include "fermata/error.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

/// Errors: `malformed_binary` when a function body's instructions are malformed,
/// `implementation_limit` when the text would be unreasonably large for the module, and
/// `invalid_module` when a table's initializer is empty, which the text format cannot say.
/// Precondition: every ByteRange lies in `module.bytes`.
[[nodiscard]] Result<std::string> print_module(const ModuleData& module);

}  // namespace fermata
