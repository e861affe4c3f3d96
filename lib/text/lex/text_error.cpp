// See text_error.hpp.
#include "lib/text/lex/text_error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fermata::text {
namespace {

bool is_tail(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::uint32_t count_characters(std::string_view s) {
  return static_cast<std::uint32_t>(s.size()) -
         static_cast<std::uint32_t>(std::ranges::count_if(s, is_tail));
}

/// Counts on from `position`, which is that of byte `from`, to that of byte `to`. A line end is a
/// line feed, a carriage return, or both in this order, which are one.
void count(SourcePosition& position, std::string_view source, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    const char c = source[i];
    if (c == '\n' || c == '\r') {
      const bool is_second = c == '\n' && i > 0 && source[i - 1] == '\r';
      if (!is_second) ++position.line;
      position.column = 1;
    } else if (!is_tail(c)) {
      ++position.column;
    }
  }
}

/// Up to `max_before` and `max_after` bytes of the line around a place, whole characters only.
struct Excerpt {
  std::string text;
  std::uint32_t column = 0;  // of the place in it, from 0
};

// Looks no further than it shows, however long the line is.
Excerpt excerpt_at(std::string_view source, std::size_t offset) {
  constexpr std::size_t max_before = 72;
  constexpr std::size_t max_after = 40;
  constexpr std::size_t max_tails = 3;  // of a character
  const std::size_t look_from = offset - std::min(offset, max_before + 1);
  const std::size_t newline = source.substr(look_from, offset - look_from).find_last_of("\r\n");
  const std::size_t first = newline == std::string_view::npos ? look_from : look_from + newline + 1;
  std::size_t begin = std::max(first, offset - std::min(offset, max_before));
  while (begin < offset && is_tail(source[begin])) ++begin;
  const std::string_view after = source.substr(offset, max_after + max_tails + 1);
  const std::size_t line_end = offset + std::min(after.find_first_of("\r\n"), after.size());
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

PositionTable::PositionTable(std::string_view source) {
  SourcePosition position{1, 1};
  for (std::size_t offset = 0; offset < source.size(); offset += step) {
    known_.push_back(position);
    count(position, source, offset, std::min(offset + step, source.size()));
  }
}

SourcePosition PositionTable::position_at(std::string_view source, std::size_t offset) const {
  offset = std::min(offset, source.size());
  SourcePosition position{1, 1};
  std::size_t from = 0;
  if (!known_.empty()) {
    const std::size_t nearest = std::min(offset / step, known_.size() - 1);
    position = known_[nearest];
    from = nearest * step;
  }
  count(position, source, from, offset);
  return position;
}

Error make_error(std::string_view source, const PositionTable& positions, std::size_t offset,
                 const std::string& message, Phase phase) {
  offset = std::min(offset, source.size());
  const SourcePosition position = positions.position_at(source, offset);
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
