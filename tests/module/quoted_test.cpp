// How names of a guest's choosing look in messages.
#include "lib/module/quoted.hpp"

#include "fermata/error.hpp"
#include "fermata/text.hpp"
#include "tests/support/catch.hpp"

namespace fermata {
namespace {

std::string times(std::size_t count, std::string_view part) {
  std::string text;
  while (count-- > 0) text += part;
  return text;
}

TEST_CASE("A name of up to 100 bytes is shown whole, a longer one up to there") {
  CHECK(shortened("").empty());
  CHECK(shortened(times(100, "x")) == times(100, "x"));
  CHECK(shortened(times(101, "x")) == times(100, "x") + "...");
  CHECK(shortened(times(1'000'000, "x")) == times(100, "x") + "...");
  CHECK(quoted(times(100, "x")) == "\"" + times(100, "x") + "\"");
  CHECK(quoted(times(101, "x")) == "\"" + times(100, "x") + "...\"");
}

TEST_CASE("A name is cut between characters, of however many bytes") {
  const std::string two = "\xC3\xA9";
  const std::string three = "\xE2\x82\xAC";
  const std::string four = "\xF0\x9D\x84\x90";
  CHECK(shortened(times(50, two)) == times(50, two));
  CHECK(shortened(times(51, two)) == times(50, two) + "...");
  CHECK(shortened("x" + times(50, two)) == "x" + times(49, two) + "...");
  CHECK(shortened(times(40, three)) == times(33, three) + "...");
  CHECK(shortened(times(26, four)) == times(25, four) + "...");
  for (std::size_t before = 97; before <= 99; ++before) {
    CHECK(shortened(times(before, "x") + four) == times(before, "x") + "...");
  }
  CHECK(shortened(times(96, "x") + four) == times(96, "x") + four);
}

TEST_CASE("A quoted name is one line, and ends where its quotes do") {
  CHECK(quoted("a\"b\\c\n\x1B\x7F") == R"("a\"b\\c\0a\1b\7f")");
}

TEST_CASE("An error shows the name of its function as any other name") {
  const auto line = [](std::string name) {
    return to_string(
        Error{ErrorCode::invalid_module, Phase::invalid, "m", {}, FuncIdx{3}, std::move(name)});
  };
  CHECK(line("f") == "invalid: m (function 3 \"f\")");
  CHECK(line("a\n\"b") == R"(invalid: m (function 3 "a\0a\"b"))");
  CHECK(line(times(1'000'000, "x")) == "invalid: m (function 3 \"" + times(100, "x") + "...\")");
}

TEST_CASE("A text is shortened to as many bytes as are asked for") {
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdef", 5) == "abcde...");
  CHECK(shortened("ab\xC3\xA9", 3) == "ab...");
}

TEST_CASE("Identifiers and words of 1 MB are cut in the errors of the text format") {
  const std::string id = "$" + times(1'000'000, "x");
  for (const std::string& text : {
           "(module (func (call " + id + ")))",
           "(module (func " + id + ") (func " + id + "))",
           "(module (func (br " + id + ")))",
           "(module (func block " + id + " end $y))",
           "(module (" + id + "))",
           "(module (func " + id.substr(1) + "))",
           "(module (func (i32.const " + id + ")))",
       }) {
    const auto module = parse_text(text);
    REQUIRE_FALSE(module);
    CHECK(module.error().message.size() < 500);
  }
}

}  // namespace
}  // namespace fermata
