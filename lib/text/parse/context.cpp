// See context.hpp.
#include "lib/text/parse/context.hpp"

#include <fmt/format.h>

#include <utility>

#include "lib/binary/reader.hpp"
#include "lib/module/quoted.hpp"
#include "lib/text/lex/numbers.hpp"
#include "lib/text/lex/strings.hpp"
#include "lib/text/parse/annotations.hpp"

namespace fermata::text {

std::string_view id_text(Context& c, Token id) {
  const std::string_view plain = c.cursor.text(id).substr(1);
  if (!plain.starts_with('"')) return plain;
  const std::string& name = c.unquoted.emplace_back(unquote(plain));
  if (!is_utf8(name)) c.cursor.fail(id, "malformed UTF-8 encoding: in an identifier");
  return name;
}

void bind_id(Context& c, IdSpace& space, Token id, std::uint32_t index, std::string_view what) {
  const bool is_new = space.ids.emplace(id_text(c, id), index).second;
  if (!is_new)
    c.cursor.fail(id, fmt::format("duplicate {} {}", what, shortened(c.cursor.text(id))));
}

std::uint32_t bind_next(Context& c, IdSpace& space, Names::Map& names, std::string_view what) {
  const std::uint32_t index = space.count++;
  if (c.cursor.at(TokenKind::id)) {
    const Token id = c.cursor.take();
    bind_id(c, space, id, index, what);
    names[index] = id_text(c, id);
  }
  if (auto name = take_name_annotation(c, what)) names[index] = *std::move(name);
  return index;
}

std::uint32_t parse_index(Context& c, const IdSpace& space, std::string_view what) {
  const Token token = c.cursor.peek();
  if (token.kind == TokenKind::nat) return parse_u32(c);
  if (token.kind != TokenKind::id) {
    c.cursor.unexpected(fmt::format("the index of a {}", what));
    return 0;
  }
  const auto found = space.ids.find(id_text(c, token));
  if (found == space.ids.end()) {
    c.cursor.fail(token, fmt::format("unknown {} {}", what, shortened(c.cursor.text(token))));
    return 0;
  }
  c.cursor.take();
  return found->second;
}

std::uint32_t parse_optional_index(Context& c, const IdSpace& space, std::string_view what) {
  return c.cursor.at_index() ? parse_index(c, space, what) : 0;
}

std::uint64_t nat_value(Context& c, Token token, std::string_view digits, unsigned bits) {
  const auto value = parse_nat(digits, bits);
  if (!value) {
    c.cursor.fail(token, fmt::format("i{} constant out of range: {}", bits, digits.substr(0, 40)));
  }
  return value.value_or(0);
}

std::uint32_t parse_u32(Context& c) {
  const Token token = c.cursor.expect(TokenKind::nat, "an unsigned integer");
  if (c.cursor.failed()) return 0;
  return static_cast<std::uint32_t>(nat_value(c, token, c.cursor.text(token), 32));
}

std::uint64_t parse_u64(Context& c) {
  const Token token = c.cursor.expect(TokenKind::nat, "an unsigned integer");
  if (c.cursor.failed()) return 0;
  return nat_value(c, token, c.cursor.text(token), 64);
}

std::string parse_name(Context& c) {
  const Token token = c.cursor.expect(TokenKind::string, "a string");
  if (c.cursor.failed()) return {};
  std::string name = unquote(c.cursor.text(token));
  if (!is_utf8(name)) c.cursor.fail(token, "malformed UTF-8 encoding: in a name");
  return name;
}

ByteRange parse_data_string(Context& c) {
  const std::uint32_t begin = c.here();
  while (c.cursor.at(TokenKind::string)) {
    const std::string bytes = unquote(c.cursor.text(c.cursor.take()));
    c.code().insert(c.code().end(), bytes.begin(), bytes.end());
  }
  return {begin, c.here()};
}

}  // namespace fermata::text
