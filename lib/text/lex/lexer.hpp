// The lexer: from source text to a stream of tokens.
//
// Owns white space, comments, annotations, the longest match rule and what is reserved. It reads to
// the first lexical error, which becomes the last token, so that an earlier mistake of grammar is
// still reported first. Specification: "Text Format / Lexical Format".
#pragma once

#include <string_view>

#include "lib/text/lex/token.hpp"

namespace fermata::text {

/// Sources are smaller than this, so that offsets fit 32 bits with room to spare.
inline constexpr std::size_t max_source_size = std::size_t{1} << 30;

/// Precondition: `source.size() < max_source_size`; it outlives the result.
[[nodiscard]] TokenStream lex(std::string_view source);

}  // namespace fermata::text
