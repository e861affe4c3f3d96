// UTF-8: one sequence at a time, and how a code point is encoded.
//
// Whole strings are judged by fermata::is_utf8 (lib/binary/reader.hpp). Specification: "Text Format
// / Lexical Format / Characters".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fermata::text {

/// Bytes of the valid sequence that `text` starts with; 0 when it starts with none.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// Whether `code_point` is a Unicode scalar value.
[[nodiscard]] constexpr bool is_scalar(std::uint64_t code_point) noexcept {
  return code_point < 0xD800 || (code_point >= 0xE000 && code_point < 0x110000);
}

/// Precondition: is_scalar(code_point).
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace fermata::text
