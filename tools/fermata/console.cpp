// Printing. See console.hpp.
#include "tools/fermata/console.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tools/fermata/command.hpp"

namespace fermata::tool {
namespace {

/// A character that a terminal might act on: C0, DEL, and C1 (which UTF-8 spells C2 80 to C2 9F).
bool is_control(std::string_view text, std::size_t i) {
  const auto c = static_cast<unsigned char>(text[i]);
  if (c < 0x20 || c == 0x7f) return true;
  return c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
}

}  // namespace

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// It may only now turn out that something does not fit on the disk.
int finish_printing(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  complain(fmt::format("standard output: {}", std::strerror(errno)));
  return code == exit_ok ? int{exit_failed} : code;
}

void print_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void complain(std::string_view message) {
  print_error(fmt::format("fermata: {}\n", printable(message)));
}

namespace {

/// A text error has the line and a caret below its first line; those are lines of their own.
std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = 0; end != text.npos;) {
    end = text.find('\n');
    out += printable(text.substr(0, end));
    if (end == text.npos) break;
    out += '\n';
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace

void complain(std::string_view path, const Error& error) {
  // Neither a file nor an option is judged by the specification, so there is no phase to name.
  const bool usage = error.phase == Phase::usage;
  std::string text = fmt::format("{}: {}", path, usage ? error.message : to_string(error));
  if (error.code == ErrorCode::feature_disabled) text += "; see --features";
  if (error.code == ErrorCode::bad_start_function) text += "; see --invoke";
  if (error.code != ErrorCode::malformed_text) return complain(text);
  print_error(fmt::format("fermata: {}\n", printable_lines(text)));
}

std::string printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_control(text, i))
      out += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

}  // namespace fermata::tool
