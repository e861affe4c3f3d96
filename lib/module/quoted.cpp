// Quoting of names for messages; see quoted.hpp.
#include "lib/module/quoted.hpp"

#include <fmt/format.h>

namespace fermata {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The longest prefix of at most `longest` bytes that does not end inside a character.
std::string_view prefix(std::string_view text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && is_continuation(text[end])) --end;
  return text.substr(0, end);
}

}  // namespace

std::string shortened(std::string_view text, std::size_t longest) {
  const std::string_view shown = prefix(text, longest);
  return fmt::format("{}{}", shown, shown.size() < text.size() ? "..." : "");
}

std::string quoted(std::string_view name) {
  const std::string_view shown = prefix(name, longest_name);
  std::string out = "\"";
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\{:02x}", byte);
    } else {
      out += c;
    }
  }
  out += shown.size() < name.size() ? "...\"" : "\"";
  return out;
}

}  // namespace fermata
