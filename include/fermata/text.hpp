// The WebAssembly text format (.wat): reading it, and converting between it and the binary format.
//
// Complete for WebAssembly 3.0 with threads. Knows nothing of test scripts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "fermata/module.hpp"

namespace fermata {

/// Parses, encodes and validates a module given as text. Identifiers become the module's names.
/// Errors: `malformed_text`, with `Error::position` and the line in the message; everything that
/// `Module::load` returns, whose offsets are those of `wat_to_wasm`'s result.
///
///     auto module = fermata::parse_text("(module (func (export \"_start\")))");
[[nodiscard]] Result<Module> parse_text(std::string_view source, const ModuleOptions& options = {});

/// The binary module of a text, with a name section when it has identifiers. Nothing is validated.
/// Errors: `malformed_text`, `implementation_limit`.
[[nodiscard]] Result<std::vector<std::uint8_t>> wat_to_wasm(std::string_view source,
                                                            Features features = Features::all());

/// The text of a binary module, which parses back to the same one: names as identifiers, custom
/// sections as annotations, floats exact. Nothing is validated. Errors: `malformed_binary`;
/// `implementation_limit` when the text would be longer than 16 MiB plus 256 times the module,
/// which is judged while it is written.
[[nodiscard]] Result<std::string> wasm_to_wat(std::span<const std::uint8_t> bytes,
                                              Features features = Features::all());

}  // namespace fermata
