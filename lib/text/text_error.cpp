// See text_error.hpp.
#include "lib/text/text_error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fermata::text {
namespace {

bool is_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::uint32_t count_characters(std::string_view s) {
  return static_cast<std::uint32_t>(s.size()) -
         static_cast<std::uint32_t>(std::ranges::count_if(s, is_tail));
}

/// A line end is a line feed, a carriage return, or both in this order.
std::uint32_t count_lines(std::string_view before) {
  std::uint32_t lines = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool is_pair = before[i] == '\r' && i + 1 < before.size() && before[i + 1] == '\n';
    if (before[i] == '\n' || (before[i] == '\r' && !is_pair)) ++lines;
  }
  return lines;
}

std::size_t line_begin(std::string_view source, std::size_t offset) {
  const std::size_t newline = source.substr(0, offset).find_last_of("\r\n");
  return newline == std::string_view::npos ? 0 : newline + 1;
}

/// Up to `max_before` and `max_after` bytes of the line around a place, whole characters only.
struct Excerpt {
  std::string text;
  std::uint32_t column = 0;  // of the place in it, from 0
};

Excerpt excerpt_at(std::string_view source, std::size_t offset) {
  constexpr std::size_t max_before = 72;
  constexpr std::size_t max_after = 40;
  const std::size_t first = line_begin(source, offset);
  std::size_t begin = std::max(first, offset - std::min(offset, max_before));
  while (begin < offset && is_tail(source[begin])) ++begin;
  const std::size_t line_end = std::min(source.find_first_of("\r\n", offset), source.size());
  std::size_t end = std::min(line_end, offset + max_after);
  while (end < line_end && is_tail(source[end])) ++end;
  Excerpt excerpt;
  if (begin > first) excerpt.text = "...";
  excerpt.column = static_cast<std::uint32_t>(excerpt.text.size()) +
                   count_characters(source.substr(begin, offset - begin));
  excerpt.text += source.substr(begin, end - begin);
  if (end < line_end) excerpt.text += "...";
  std::ranges::replace_if(
      excerpt.text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return excerpt;
}

}  // namespace

SourcePosition position_at(std::string_view source, std::size_t offset) {
  offset = std::min(offset, source.size());
  const std::size_t begin = line_begin(source, offset);
  return {count_lines(source.substr(0, begin)) + 1,
          count_characters(source.substr(begin, offset - begin)) + 1};
}

Error make_error(std::string_view source, std::size_t offset, const std::string& message,
                 Phase phase) {
  offset = std::min(offset, source.size());
  const SourcePosition position = position_at(source, offset);
  const Excerpt excerpt = excerpt_at(source, offset);
  Error error;
  error.code = phase == Phase::malformed ? ErrorCode::malformed_text : ErrorCode::invalid_module;
  error.phase = phase;
  error.message = fmt::format("{} (line {}, column {})\n    {}\n    {:>{}}", message, position.line,
                              position.column, excerpt.text, "^", excerpt.column + 1);
  error.position = position;
  return error;
}

}  // namespace fermata::text
