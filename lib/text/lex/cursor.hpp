// Cursor: where the parser is in a token stream, and the first error it met.
//
// Owns looking ahead, taking tokens and failing. A failure is kept and moves the cursor to the end
// of the stream, so that every construct being parsed comes to its end by itself: loops run on
// `more()` or on what they expect next, and callers look at `failed()` once. Knows nothing of
// modules.
#pragma once

#include <algorithm>
#include <optional>

#include "fermata/error.hpp"
#include "lib/text/lex/token.hpp"

namespace fermata::text {

class Cursor {
 public:
  /// Precondition: `stream` outlives the cursor; `first` is an index of one of its tokens.
  Cursor(const TokenStream& stream, std::uint32_t first)
      : stream_(&stream),
        pos_(first),
        last_(static_cast<std::uint32_t>(stream.tokens.size()) - 1) {}

  [[nodiscard]] std::uint32_t position() const { return pos_; }
  /// Does nothing after a failure.
  void seek(std::uint32_t position) {
    if (!failed()) pos_ = std::min(position, last_);
  }
  [[nodiscard]] const Token& peek() const { return stream_->tokens[pos_]; }
  [[nodiscard]] const Token& peek(std::uint32_t ahead) const {
    return stream_->tokens[std::min(pos_ + ahead, last_)];
  }
  Token take() {
    const Token token = peek();
    if (pos_ < last_) ++pos_;
    return token;
  }
  void skip(std::uint32_t count) { pos_ = std::min(pos_ + count, last_); }
  [[nodiscard]] std::string_view text(Token t) const { return stream_->text(t); }

  [[nodiscard]] bool at(TokenKind kind) const { return peek().kind == kind; }
  [[nodiscard]] bool at(Keyword k) const { return peek().is(k); }
  [[nodiscard]] bool at_open(Keyword k) const { return at(TokenKind::left_paren) && peek(1).is(k); }
  [[nodiscard]] bool at_open(WasmOp o) const { return at(TokenKind::left_paren) && peek(1).is(o); }
  [[nodiscard]] bool at_index() const { return at(TokenKind::nat) || at(TokenKind::id); }
  /// The end of the source, a lexical error, or a failure.
  [[nodiscard]] bool at_end() const { return pos_ == last_; }
  /// Something other than `)` follows.
  [[nodiscard]] bool more() const { return !at(TokenKind::right_paren) && !at_end(); }

  /// Takes what is asked for if it follows, and says whether it did.
  bool take_if(TokenKind kind) { return skip_if(at(kind), 1); }
  bool take_if(Keyword k) { return skip_if(at(k), 1); }
  bool take_open(Keyword k) { return skip_if(at_open(k), 2); }
  bool take_open(WasmOp o) { return skip_if(at_open(o), 2); }

  // Each fails when something else follows; `expected` completes "expected ...".
  Token expect(TokenKind kind, std::string_view expected);
  void expect(Keyword k, std::string_view expected);
  void expect_open(Keyword k, std::string_view expected);
  void open() { (void)expect(TokenKind::left_paren, "`(`"); }
  void close() { (void)expect(TokenKind::right_paren, "`)`"); }

  /// Fails at the next token: a lexical error, an unknown operator or an unexpected token.
  void unexpected(std::string_view expected);
  void fail(Token at, const std::string& message, Phase phase = Phase::malformed);
  void fail_at(std::size_t offset, const std::string& message, Phase phase = Phase::malformed);

  [[nodiscard]] bool failed() const { return error_.has_value(); }
  /// Precondition: failed().
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  bool skip_if(bool condition, std::uint32_t count) {
    if (condition) skip(count);
    return condition;
  }

  const TokenStream* stream_;
  std::uint32_t pos_;
  std::uint32_t last_;
  std::optional<Error> error_;
};

}  // namespace fermata::text
