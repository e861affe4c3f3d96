// The lexer: tokens, what separates them, and what is no token at all.
#include "lib/text/lex/lexer.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace fermata::text {
namespace {

using enum TokenKind;

std::vector<TokenKind> kinds(std::string_view source) {
  std::vector<TokenKind> out;
  for (const Token& token : lex(source).tokens) out.push_back(token.kind);
  return out;
}

using Kinds = std::vector<TokenKind>;

/// The lexical error that ends the stream.
std::string error_of(std::string_view source) {
  const TokenStream stream = lex(source);
  REQUIRE(stream.tokens.back().kind == bad);
  return stream.error;
}

TEST_CASE("Tokens are parentheses, words, numbers, strings and identifiers") {
  CHECK(kinds("(module $m \"s\" 1 -1 1.5)") ==
        Kinds{left_paren, keyword, id, string, nat, integer, floating, right_paren, end});
  CHECK(kinds("offset=1 align=0x4") == Kinds{offset_eq, align_eq, end});
  CHECK(kinds("inf nan nan:0x1 nan:canonical") ==
        Kinds{floating, floating, floating, keyword, end});
}

TEST_CASE("A word is a keyword, an instruction or unknown") {
  const TokenStream stream = lex("module i32.add v128.load8x8_s nonsense");
  CHECK(stream.tokens[0].is(Keyword::module));
  CHECK(stream.tokens[1].is(WasmOp::i32_add));
  CHECK(stream.tokens[2].is(WasmOp::v128_load8x8_s));
  CHECK(stream.tokens[3].kind == reserved);
}

TEST_CASE("Tokens must be separated, else they are one reserved token") {
  CHECK(kinds("0$x") == Kinds{reserved, end});
  CHECK(kinds("\"a\"\"b\"") == Kinds{reserved, end});
  CHECK(kinds("\"a\"b") == Kinds{reserved, end});
  CHECK(kinds("$a\"b\"") == Kinds{reserved, end});
  CHECK(kinds("offset=-1") == Kinds{reserved, end});
  CHECK(kinds("a,b") == Kinds{reserved, reserved, reserved, end});
  CHECK(kinds("(;x;)1(2)") == Kinds{nat, left_paren, nat, right_paren, end});
}

TEST_CASE("Comments are space, and block comments nest") {
  CHECK(kinds(";; a comment") == Kinds{end});
  CHECK(kinds(";; to the line's end\r1") == Kinds{nat, end});
  CHECK(kinds("(; (; inner ;) ;; ;)1") == Kinds{nat, end});
  CHECK(error_of("1 (; (; ;)") == "unclosed comment");
  CHECK(error_of(";; \xff") == "malformed UTF-8 encoding");
}

TEST_CASE("Unknown annotations are space, whatever tokens are in them") {
  CHECK(kinds("(@a ) 1") == Kinds{nat, end});
  CHECK(kinds("(@a (x) \")\" (; ) ;) , ; [ ] {} (@b) $x 0q) 1") == Kinds{nat, end});
  CHECK(kinds("(@\"any id\" x)") == Kinds{end});
  CHECK(lex("(@a x)").annotations.empty());
  CHECK(error_of("(@a (b)") == "unclosed annotation");
  CHECK(error_of("(@)") == "empty annotation id");
  CHECK(error_of("(@a \x01)") == "illegal character");
  CHECK(error_of("(@\"\\ff\")") == "malformed UTF-8 encoding");
}

TEST_CASE("Known annotations are kept beside the tokens, with the token they stand before") {
  const TokenStream stream = lex("( (@name \"x\") 1");
  REQUIRE(stream.annotations.size() == 1);
  CHECK(stream.annotations[0].kind == AnnotationKind::name);
  CHECK(stream.annotations[0].token == 1);
  CHECK(stream.text(stream.annotation_tokens[0]) == "\"x\"");
}

TEST_CASE("An identifier is not empty") {
  CHECK(error_of("$") == "empty identifier");
  CHECK(error_of("$\"\"") == "empty identifier");
  CHECK(error_of("$ \"a\"") == "empty identifier");
  CHECK(error_of("$\"a\nb\"") == "empty identifier");
  CHECK(kinds("$\"a b\"") == Kinds{id, end});
}

TEST_CASE("A string has no control characters, only the known escapes, and valid UTF-8") {
  CHECK(kinds(R"("\t\n\r\"\'\\\00\ff\u{1_F600}")") == Kinds{string, end});
  CHECK(error_of("\"abc") == "unclosed string literal");
  CHECK(error_of("\"a\nb\"") == "unclosed string literal");
  CHECK(error_of("\"a\tb\"") == "illegal control character in string literal");
  CHECK(error_of(R"("\a")") == "illegal escape");
  CHECK(error_of(R"("\0g")") == "illegal escape");
  CHECK(error_of(R"("\u{110000}")") == "illegal escape");
  CHECK(error_of(R"("\u{d800}")") == "illegal escape");
  CHECK(kinds("\"\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"") == Kinds{string, end});
  const auto malformed = {"\"\xC0\x80\"",          // overlong, of two bytes
                          "\"\xE0\x9F\xBF\"",      // of three
                          "\"\xED\xA0\x80\"",      // a surrogate
                          "\"\xE2\x82\"",          // cut off
                          "\"\xF0\x8F\xBF\xBF\"",  // overlong, of four
                          "\"\xF4\x90\x80\x80\"",  // above U+10FFFF
                          "\"\xF5\x80\x80\x80\""};
  for (const char* const text : malformed) CHECK(error_of(text) == "malformed UTF-8 encoding");
}

TEST_CASE("Between tokens there are only ASCII characters, and of the controls only space") {
  CHECK(error_of("\x01") == "misplaced control character");
  CHECK(error_of("\xC3\xA9") == "misplaced unicode character");
  CHECK(error_of("\x80") == "malformed UTF-8 encoding");
}

TEST_CASE("What comes before a lexical error is read") {
  CHECK(kinds("(1 \x01 2)") == Kinds{left_paren, nat, bad});
}

}  // namespace
}  // namespace fermata::text
