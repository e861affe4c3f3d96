// Quoting of names for messages; see quoted.hpp.
#include "lib/module/quoted.hpp"

#include <fmt/format.h>

namespace fermata {
namespace {

constexpr std::size_t longest = 100;

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The longest prefix of at most `longest` bytes that does not end inside a character.
std::string_view prefix(std::string_view name) {
  if (name.size() <= longest) return name;
  std::size_t end = longest;
  while (end > 0 && is_continuation(name[end])) --end;
  return name.substr(0, end);
}

}  // namespace

std::string shortened(std::string_view name) {
  const std::string_view shown = prefix(name);
  return fmt::format("{}{}", shown, shown.size() < name.size() ? "..." : "");
}

std::string quoted(std::string_view name) {
  const std::string_view shown = prefix(name);
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
