// See strings.hpp.
#include "lib/text/lex/strings.hpp"

#include <fmt/format.h>

#include "lib/text/lex/utf8.hpp"

namespace fermata::text {
namespace {

constexpr std::uint32_t hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint32_t>(c - 'A' + 10);
  return 16;
}

bool is_hex(std::string_view s, std::size_t i) { return i < s.size() && hex_value(s[i]) < 16; }

/// A `u{...}` escape after its backslash: the code point, and its size in characters (0: wrong).
struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;
};

CodePoint scan_code_point(std::string_view s) {
  if (!s.starts_with("u{") || !is_hex(s, 2)) return {};
  std::uint64_t value = 0;
  std::size_t i = 2;
  while (is_hex(s, i) || (i < s.size() && s[i] == '_' && is_hex(s, i + 1))) {
    if (s[i] != '_') value = value << 4 | hex_value(s[i]);
    if (value > 0x10FFFF) return {};
    ++i;
  }
  if (i >= s.size() || s[i] != '}' || !is_scalar(value)) return {};
  return {static_cast<std::uint32_t>(value), i + 1};
}

/// The size of an escape after its backslash, 0 when it is none.
std::size_t escape_size(std::string_view s) {
  if (s.empty()) return 0;
  if (std::string_view("nrt\\'\"").find(s[0]) != std::string_view::npos) return 1;
  if (is_hex(s, 0)) return is_hex(s, 1) ? 2 : 0;
  return scan_code_point(s).size;
}

/// Appends what the escape after a backslash denotes; returns its size.
std::size_t append_escape(std::string& out, std::string_view s) {
  if (const CodePoint point = scan_code_point(s); point.size != 0) {
    append_utf8(out, point.value);
    return point.size;
  }
  if (is_hex(s, 0)) {
    out.push_back(static_cast<char>(hex_value(s[0]) << 4 | hex_value(s[1])));
    return 2;
  }
  const char c = s[0];
  out.push_back(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
  return 1;
}

}  // namespace

ScannedString scan_string(std::string_view text) {
  std::size_t i = 1;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"') return {i + 1, nullptr};
    if (c == '\n' || c == '\r') break;
    if (c < 0x20 || c == 0x7F) return {i, "illegal control character in string literal"};
    std::size_t size = 1;
    if (c == '\\') {
      size = escape_size(text.substr(i + 1));
      if (size == 0) return {i, "illegal escape"};
      ++size;
    } else if (c >= 0x80) {
      size = utf8_length(text.substr(i, 4));
      if (size == 0) return {i, "malformed UTF-8 encoding"};
    }
    i += size;
  }
  return {i, "unclosed string literal"};
}

std::string unquote(std::string_view literal) {
  std::string out;
  std::string_view rest = literal.substr(1, literal.size() - 2);
  out.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    out.append(rest.substr(0, plain));
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    rest.remove_prefix(append_escape(out, rest));
  }
  return out;
}

std::string quote(std::string_view bytes, bool as_text) {
  std::string out = "\"";
  while (!bytes.empty()) {
    const auto c = static_cast<unsigned char>(bytes[0]);
    std::size_t size = 1;
    if (c >= 0x80 && as_text) size = std::max<std::size_t>(utf8_length(bytes), 1);
    if (size > 1) {
      out.append(bytes.substr(0, size));
    } else if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c >= 0x20 && c < 0x7F) {
      out.push_back(static_cast<char>(c));
    } else {
      fmt::format_to(std::back_inserter(out), "\\{:02x}", c);
    }
    bytes.remove_prefix(size);
  }
  out.push_back('"');
  return out;
}

std::string quote(std::span<const std::uint8_t> bytes) {
  return quote({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, false);
}

}  // namespace fermata::text
