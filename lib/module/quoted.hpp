// Names out of a module as messages show them: not endless; in quotes, on one line.
//
// A name is UTF-8 of the guest's choosing, up to megabytes of it, line breaks and control
// characters included. Every message that shows one goes through here.
#pragma once

#include <string>
#include <string_view>

namespace fermata {

inline constexpr std::size_t longest_name = 100;  ///< bytes of a name that messages show

/// The text, or as many whole characters as `longest` bytes hold and `...`.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t longest = longest_name);

/// The name so shortened, as `"name"`, with quotes, backslashes and control characters escaped as
/// the text format does.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace fermata
