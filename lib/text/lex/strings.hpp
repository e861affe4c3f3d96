// String literals: where one ends, the bytes it denotes, and how bytes are written as one.
//
// Specification: "Text Format / Values / Strings".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fermata::text {

/// A string literal at the start of a text.
struct ScannedString {
  std::size_t size = 0;  // with both quotes; where the error is when there is one
  const char* error = nullptr;
};

/// Precondition: `text` starts with a quote.
[[nodiscard]] ScannedString scan_string(std::string_view text);

/// The bytes of a literal, given with its quotes. Precondition: scan_string accepts it.
[[nodiscard]] std::string unquote(std::string_view literal);

/// The literal of these bytes; valid UTF-8 beyond ASCII stays readable when `as_text`.
[[nodiscard]] std::string quote(std::string_view bytes, bool as_text);
[[nodiscard]] std::string quote(std::span<const std::uint8_t> bytes);

}  // namespace fermata::text
