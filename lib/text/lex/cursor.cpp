// See cursor.hpp.
#include "lib/text/lex/cursor.hpp"

#include <fmt/format.h>

#include "lib/module/quoted.hpp"
#include "lib/text/lex/text_error.hpp"

namespace fermata::text {
Token Cursor::expect(TokenKind kind, std::string_view expected) {
  if (at(kind)) return take();
  unexpected(expected);
  return peek();
}

void Cursor::expect(Keyword k, std::string_view expected) {
  if (!take_if(k)) unexpected(expected);
}

void Cursor::expect_open(Keyword k, std::string_view expected) {
  if (take_open(k)) return;
  if (at(TokenKind::left_paren)) take();  // then it is the word after it that is wrong
  unexpected(expected);
}

void Cursor::unexpected(std::string_view expected) {
  // A parenthesis is as wrong as the word after it.
  const TokenKind after = peek(1).kind;
  const bool is_word_wrong = after == TokenKind::reserved || after == TokenKind::bad;
  const Token& token = at(TokenKind::left_paren) && is_word_wrong ? peek(1) : peek();
  switch (token.kind) {
    case TokenKind::bad:
      return fail(token, stream_->error);
    case TokenKind::end:
      return fail(token, fmt::format("unexpected token: found the end, expected {}", expected));
    case TokenKind::reserved:
      return fail(
          token, fmt::format("unknown operator {}: expected {}", shortened(text(token)), expected));
    default:
      fail(token, fmt::format("unexpected token: found `{}`, expected {}", shortened(text(token)),
                              expected));
  }
}

void Cursor::fail(Token at, const std::string& message, Phase phase) {
  fail_at(at.begin, message, phase);
}

void Cursor::fail_at(std::size_t offset, const std::string& message, Phase phase) {
  if (failed()) return;
  error_ = make_error(stream_->source, stream_->positions, offset, message, phase);
  pos_ = last_;
}

}  // namespace fermata::text
