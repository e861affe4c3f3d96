// Errors in text: the place, the line with its caret, and the code.
#include <string>

#include "lib/text/text_error.hpp"
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
  CHECK(text::position_at("a\nb", 2) == SourcePosition{2, 1});
  CHECK(text::position_at("a\rb", 2) == SourcePosition{2, 1});
  CHECK(text::position_at("a\r\nb", 3) == SourcePosition{2, 1});
  CHECK(text::position_at("a\n\rb", 3) == SourcePosition{3, 1});
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
