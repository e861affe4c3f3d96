// The printer: from ModuleData to the text format.
//
// What it writes parses back to the same module (tests/support/same_module.hpp). Names become
// identifiers where they are valid and unique, (@name ...) annotations otherwise; floats are
// written exactly; custom sections as (@custom ...). Knows nothing of validity.
#pragma once

#include <string>

#include "fermata/error.hpp"
#include "lib/module/module_data.hpp"
#include "lib/module/text_sink.hpp"

namespace fermata {

/// The bound of a module's text: that of every text about it, and one below which it can be read.
[[nodiscard]] std::uint64_t max_printed_size(const ModuleData& module);

/// Writes the text to `out` while it is made, and finishes that. Errors: `malformed_binary` when a
/// function body's instructions are malformed, `implementation_limit` when `out` is full, and
/// `invalid_module` when a table's initializer is empty, which the text format cannot say. What was
/// written before an error is no text that can be read. Precondition: every ByteRange lies in
/// `module.bytes`.
[[nodiscard]] Result<void> print_module(const ModuleData& module, TextSink& out);
/// The whole text, of at most `max_printed_size`.
[[nodiscard]] Result<std::string> print_module(const ModuleData& module);

}  // namespace fermata
