// See cursor.hpp.
#include "lib/text/cursor.hpp"

#include <fmt/format.h>

#include "lib/text/text_error.hpp"

namespace fermata::text {
namespace {

/// The token as a message shows it; a long one is cut.
std::string show(std::string_view text) {
  constexpr std::size_t longest = 40;
  if (text.size() <= longest) return std::string(text);
  return std::string(text.substr(0, longest)) + "...";
}

bool is_unknown_operator(const Token& token) { return token.kind == TokenKind::reserved; }

}  // namespace

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
  const Token& token = peek();
  if (token.kind == TokenKind::bad) return fail(token, stream_->error);
  if (token.kind == TokenKind::end) {
    return fail(token, fmt::format("unexpected token: found the end, expected {}", expected));
  }
  if (is_unknown_operator(token)) {
    return fail(token, fmt::format("unknown operator {}: expected {}", show(text(token)), expected));
  }
  fail(token,
       fmt::format("unexpected token: found `{}`, expected {}", show(text(token)), expected));
}

void Cursor::fail(Token at, const std::string& message, Phase phase) {
  fail_at(at.begin, message, phase);
}

void Cursor::fail_at(std::size_t offset, const std::string& message, Phase phase) {
  if (failed()) return;
  error_ = make_error(stream_->source, offset, message, phase);
  pos_ = last_;
}

}  // namespace fermata::text
