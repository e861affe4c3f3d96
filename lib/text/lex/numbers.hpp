// Number literals: from the text of a token to the bits of a value, exactly rounded.
//
// Owns ranges and rounding of all integer and float literals. The lexer has judged the form
// already. Specification: "Text Format / Values / Integers, Floating-Point".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/text/lex/token.hpp"

namespace fermata::text {

/// TokenKind::nat, integer or floating when `spelling` is a number literal.
[[nodiscard]] std::optional<TokenKind> number_kind(std::string_view spelling) noexcept;

/// An unsigned integer of up to `bits` bits; nothing when it is out of range. Precondition:
/// `spelling` is a nat.
[[nodiscard]] std::optional<std::uint64_t> parse_nat(std::string_view spelling, unsigned bits);

/// An integer constant of `bits` bits, written with or without a sign, as its bit pattern; nothing
/// when it is out of range or not an integer at all. Precondition: `spelling` is a number.
[[nodiscard]] std::optional<std::uint64_t> parse_int(std::string_view spelling, unsigned bits);

/// A float constant as its bits, rounded to nearest, ties to even, directly to its width; nothing
/// when it overflows or the payload of a NaN does not fit. Precondition: `spelling` is a number.
[[nodiscard]] std::optional<std::uint32_t> parse_f32(std::string_view spelling);
[[nodiscard]] std::optional<std::uint64_t> parse_f64(std::string_view spelling);

/// The float as a literal that parses back to the same bits: hexadecimal, or inf, or nan:0x...
[[nodiscard]] std::string print_f32(std::uint32_t bits);
[[nodiscard]] std::string print_f64(std::uint64_t bits);

}  // namespace fermata::text
