// The lexer: from source text to a stream of tokens.
//
// Owns white space, comments, annotations, the longest match rule and what is reserved. It reads to
// the first lexical error, which becomes the last token, so that an earlier mistake of grammar is
// still reported first. Specification: "Text Format / Lexical Format".
#pragma once

#include <string_view>

#include "lib/text/lex/token.hpp"

namespace fermata::text {

/// Precondition: `source.size() < limits::source_bytes`; it outlives the result.
[[nodiscard]] TokenStream lex(std::string_view source);

}  // namespace fermata::text
