// Errors in text: the place, the line with its caret, and the code.
#include <string>

#include "lib/text/lex/text_error.hpp"
#include "tests/text/text_support.hpp"

namespace fermata {
namespace {

using namespace test;

TEST_CASE("An error shows its line and points at the place") {
  const Error error = refused("(module\n  (func (param i32)\n    (i32.add $x)))\n");
  CHECK(error.code == ErrorCode::malformed_text);
  CHECK(error.phase == Phase::malformed);
  CHECK(error.position == SourcePosition{3, 14});
  CHECK(error.message ==
        "unexpected token: found `$x`, expected a folded instruction or `)` (line 3, column 14)\n"
        "        (i32.add $x)))\n"
        "                 ^");
}

TEST_CASE("Columns count characters, and tabs are shown as one") {
  const Error error = refused("(;\xC3\xA9\xC3\xA9;)\t(funk)");
  CHECK(error.position == SourcePosition{1, 9});
  CHECK_THAT(error.message, has_text("\n    (;\xC3\xA9\xC3\xA9;) (funk)\n            ^"));
}

TEST_CASE("Lines end with a line feed, a carriage return or both") {
  CHECK(text::PositionTable().position_at("a\nb", 2) == SourcePosition{2, 1});
  CHECK(text::PositionTable().position_at("a\rb", 2) == SourcePosition{2, 1});
  CHECK(text::PositionTable().position_at("a\r\nb", 3) == SourcePosition{2, 1});
  CHECK(text::PositionTable().position_at("a\n\rb", 3) == SourcePosition{3, 1});
}

TEST_CASE("Where counting begins makes no difference to a position") {
  // Line ends of all kinds and long characters, at every distance from where counting may begin.
  std::string source;
  while (source.size() < 5000) source += "a\r\n\xC3\xA9\n\r\xE2\x82\xAC b\n";
  const text::PositionTable none;
  const text::PositionTable table(source);
  for (std::size_t offset = 0; offset <= source.size(); ++offset) {
    REQUIRE(table.position_at(source, offset) == none.position_at(source, offset));
  }
  CHECK(text::PositionTable("").position_at("", 0) == SourcePosition{1, 1});
}

TEST_CASE("An excerpt is cut where the line goes on past what is shown") {
  const auto excerpt = [](std::size_t before, std::size_t after) {
    const std::string source = std::string(before, 'b') + "x" + std::string(after, 'a');
    const std::string message = text::make_error(source, {}, before, "m").message;
    return message.substr(message.find("    ") + 4);
  };
  CHECK(excerpt(72, 39).starts_with("bbb"));
  CHECK(excerpt(73, 39).starts_with("...bbb"));
  CHECK_THAT(excerpt(0, 39), !has_text("..."));
  CHECK_THAT(excerpt(0, 40), has_text("a...\n"));
}

TEST_CASE("Bytes that continue no character make no excerpt long") {
  const std::string source = "x" + std::string(5000, '\x80');
  CHECK(text::make_error(source, {}, 0, "m").message.size() < 400);
}

TEST_CASE("Of a long line only the surroundings are shown") {
  const std::string padding(5000, ' ');
  const Error error = refused("(module" + padding + "x" + padding + ")");
  CHECK(error.position == SourcePosition{1, 5008});
  CHECK(error.message.size() < 400);
  CHECK_THAT(error.message, has_text("..."));
}

TEST_CASE("A parenthesis that is not closed is shown with its line") {
  CHECK(why("(module\n(func") ==
        "unexpected token: found the end, expected `)` for the `(` on line 2");
}

TEST_CASE("A mistake of grammar before a lexical error is the one that is reported") {
  CHECK(why("(module (foo)) \x01") == "unknown operator foo: expected a field of a module");
}

TEST_CASE("The lexical error is reported when there is no other") {
  CHECK(why("(module \"") == "unclosed string literal");
}

}  // namespace
}  // namespace fermata
