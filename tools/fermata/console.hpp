// What a command prints: results on stdout, complaints on stderr.
//
// Owns the wording around errors, `fermata: FILE: the error`, and that nothing from a file reaches
// a terminal unescaped.
#pragma once

#include <string>
#include <string_view>

#include "fermata/error.hpp"

namespace fermata::tool {

/// On stdout, as it is. Whether it arrived is checked once, by `finish_printing`.
void print(std::string_view text);
/// Brings to stdout what was printed, at the end of the command. Returns the exit code: `code`, or
/// `exit_failed` where that says that all went well and something did not arrive.
[[nodiscard]] int finish_printing(int code);
/// On stderr, as it is.
void print_error(std::string_view text);

/// `fermata: MESSAGE` on stderr, control characters escaped.
void complain(std::string_view message);
/// `fermata: FILE: ERROR` on stderr.
void complain(std::string_view path, const Error& error);

/// The text with what could confuse a terminal as `\hh`.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace fermata::tool
