// Tokens of the text format, and the stream of them that the lexer makes of a source.
//
// Owns the words (keywords and instruction names) and how a token refers to its source. Knows
// nothing of what may follow what. Specification: "Text Format / Lexical Format / Tokens".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/isa/wasm_op.hpp"
#include "lib/text/lex/text_error.hpp"

namespace fermata::text {

enum class Keyword : std::uint16_t {
  unknown,  // a word that is neither a keyword nor an instruction
#define FERMATA_TEXT_KEYWORD(id, text) id,
#include "lib/text/lex/keywords.def"
#undef FERMATA_TEXT_KEYWORD
  instruction,  // this and all above: WasmOp
};

enum class TokenKind : std::uint8_t {
  left_paren,
  right_paren,
  nat,       // unsigned integer
  integer,   // integer with a sign
  floating,  // anything else that only a float constant accepts
  string,
  id,
  keyword,
  offset_eq,  // `offset=` and a nat
  align_eq,   // `align=` and a nat
  reserved,
  bad,  // the lexical error that ended the stream
  end,
};

struct Token {
  std::uint32_t begin = 0;  // bytes of the source
  std::uint32_t end = 0;
  std::uint16_t word = 0;  // for TokenKind::keyword: Keyword, or Keyword::instruction + WasmOp
  TokenKind kind = TokenKind::end;

  [[nodiscard]] bool is(Keyword k) const { return word == static_cast<std::uint16_t>(k); }
  [[nodiscard]] bool is_op() const {
    return word >= static_cast<std::uint16_t>(Keyword::instruction);
  }
  /// Precondition: is_op().
  [[nodiscard]] WasmOp op() const {
    return static_cast<WasmOp>(word - static_cast<std::uint16_t>(Keyword::instruction));
  }
  [[nodiscard]] bool is(WasmOp o) const { return is_op() && op() == o; }
  [[nodiscard]] Keyword keyword() const {
    return is_op() ? Keyword::unknown : static_cast<Keyword>(word);
  }
};

/// The annotations that mean something here; all others are white space.
enum class AnnotationKind : std::uint8_t { custom, name, branch_hint };

struct Annotation {
  AnnotationKind kind{};
  std::uint32_t begin = 0;  // bytes of the source, at its `(`
  std::uint32_t token = 0;  // index of the token that follows it
  std::uint32_t first = 0;  // its content: TokenStream::annotation_tokens [first, last)
  std::uint32_t last = 0;
};

struct TokenStream {
  std::string_view source;
  std::vector<Token> tokens;  // ends with one `end` or `bad`
  std::vector<Token> annotation_tokens;
  std::vector<Annotation> annotations;  // ascending
  std::string error;                    // of the `bad` token
  PositionTable positions;              // filled by whoever may ask for many

  [[nodiscard]] std::string_view text(Token t) const {
    return source.substr(t.begin, t.end - t.begin);
  }
  [[nodiscard]] std::uint32_t line_of(Token t) const {
    return positions.position_at(source, t.begin).line;
  }
};

/// The word of this spelling: a Keyword, or Keyword::instruction + WasmOp; 0 for an unknown one.
[[nodiscard]] std::uint16_t find_word(std::string_view spelling) noexcept;

}  // namespace fermata::text
