// Names out of a module as messages show them: in quotes, on one line, not endless.
//
// A name is UTF-8 of the guest's choosing, up to megabytes of it, line breaks and control
// characters included. Every message that shows one goes through here.
#pragma once

#include <string>
#include <string_view>

namespace fermata {

/// `"name"`, with quotes, backslashes and control characters escaped as the text format does and
/// anything past 100 bytes replaced by `...`.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace fermata
