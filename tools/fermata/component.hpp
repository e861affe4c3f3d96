// Components on the command line: what a command says that is given one in the place of a core
// module, and what `dump` shows of one.
#pragma once

#include <cstdint>
#include <span>

#include "fermata/error.hpp"
#include "lib/module/text_sink.hpp"

namespace fermata::tool {

/// Says that the file is a component, what can be seen of it, and how to get at a core module in
/// it. Precondition: `is_component(bytes)`.
[[nodiscard]] Error component_error(std::span<const std::uint8_t> bytes);

/// A line for each section, nested components' too, as far as the bytes can be followed. Errors:
/// `ComponentWalk`'s.
[[nodiscard]] Result<void> print_component(std::span<const std::uint8_t> bytes, TextSink& out);

}  // namespace fermata::tool
