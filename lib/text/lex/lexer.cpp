// See lexer.hpp. One pass, one table of character classes; each token is scanned once.
#include "lib/text/lex/lexer.hpp"

#include <array>
#include <optional>

#include "lib/binary/reader.hpp"
#include "lib/text/lex/numbers.hpp"
#include "lib/text/lex/strings.hpp"
#include "lib/text/lex/utf8.hpp"

namespace fermata::text {
namespace {

enum class CharClass : std::uint8_t {
  control,  // and everything else that may not occur between tokens
  space,
  id,           // idchar
  quote,        // "
  left_paren,   // (
  right_paren,  // )
  semicolon,    // ;
  bracket,      // , [ ] { }
  wide,         // not ASCII
};

constexpr std::array<CharClass, 256> make_classes() {
  std::array<CharClass, 256> classes{};
  for (std::size_t c = 0x21; c < 0x7F; ++c) classes[c] = CharClass::id;
  for (std::size_t c = 0x80; c < 0x100; ++c) classes[c] = CharClass::wide;
  for (const char c : {' ', '\t', '\n', '\r'}) {
    classes[static_cast<unsigned char>(c)] = CharClass::space;
  }
  for (const char c : {',', '[', ']', '{', '}'}) {
    classes[static_cast<unsigned char>(c)] = CharClass::bracket;
  }
  classes['"'] = CharClass::quote;
  classes['('] = CharClass::left_paren;
  classes[')'] = CharClass::right_paren;
  classes[';'] = CharClass::semicolon;
  return classes;
}

constexpr std::array<CharClass, 256> char_classes = make_classes();

constexpr bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

class Lexer {
 public:
  explicit Lexer(std::string_view source) { out_.source = source; }

  TokenStream run() {
    out_.tokens.reserve(out_.source.size() / 5 + 1);
    while (!done_) next();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string_view rest() const { return out_.source.substr(pos_); }
  [[nodiscard]] char char_at(std::size_t i) const {
    return i < out_.source.size() ? out_.source[i] : '\0';
  }
  [[nodiscard]] CharClass class_at(std::size_t i) const {
    return char_classes[static_cast<unsigned char>(char_at(i))];
  }

  /// Where tokens go: into the module's stream, or into that of a known annotation.
  [[nodiscard]] std::vector<Token>& sink() {
    return in_annotation_ ? out_.annotation_tokens : out_.tokens;
  }

  void put(TokenKind kind, std::size_t begin, std::uint16_t word = 0) {
    sink().push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(pos_), word, kind});
  }

  void fail(std::size_t at, std::string message) {
    done_ = true;
    out_.error = std::move(message);
    const auto begin = static_cast<std::uint32_t>(at);
    out_.tokens.push_back({begin, begin, 0, TokenKind::bad});
  }

  // Consumes one token, one run of space, one comment or one annotation.
  void next() {
    if (pos_ >= out_.source.size()) return at_end();
    switch (class_at(pos_)) {
      case CharClass::space:
        ++pos_;
        return;
      case CharClass::left_paren:
        return left_paren();
      case CharClass::right_paren:
        return right_paren();
      case CharClass::semicolon:
        return semicolon();
      case CharClass::bracket:
        return single(TokenKind::reserved);
      case CharClass::id:
      case CharClass::quote:
        return word();
      case CharClass::control:
      case CharClass::wide:
        return misplaced();
    }
  }

  void at_end() {
    if (in_annotation_) return fail(annotation_begin_, "unclosed annotation");
    done_ = true;
    put(TokenKind::end, pos_);
  }

  void single(TokenKind kind) {
    ++pos_;
    put(kind, pos_ - 1);
  }

  void misplaced() {
    const bool is_wide = class_at(pos_) == CharClass::wide;
    if (is_wide && utf8_length(rest()) == 0) return fail(pos_, "malformed UTF-8 encoding");
    if (in_annotation_) return fail(pos_, "illegal character");
    fail(pos_, is_wide ? "misplaced unicode character" : "misplaced control character");
  }

  void right_paren() {
    if (!in_annotation_ || depth_ > 0) {
      if (in_annotation_) --depth_;
      return single(TokenKind::right_paren);
    }
    ++pos_;
    close_annotation();
  }

  void left_paren() {
    if (char_at(pos_ + 1) == ';') return block_comment();
    if (in_annotation_) {
      ++depth_;
    } else if (char_at(pos_ + 1) == '@') {
      return open_annotation();
    }
    single(TokenKind::left_paren);
  }

  void semicolon() {
    if (char_at(pos_ + 1) != ';') return single(TokenKind::reserved);
    pos_ += 2;
    while (pos_ < out_.source.size() && char_at(pos_) != '\n' && char_at(pos_) != '\r') {
      if (!skip_char()) return;
    }
  }

  /// Any character inside a comment; false when it is not valid UTF-8.
  bool skip_char() {
    if (class_at(pos_) != CharClass::wide) {
      ++pos_;
      return true;
    }
    const std::size_t length = utf8_length(rest());
    if (length == 0) fail(pos_, "malformed UTF-8 encoding");
    pos_ += length;
    return length != 0;
  }

  void block_comment() {
    const std::size_t begin = pos_;
    std::size_t depth = 0;
    while (pos_ < out_.source.size()) {
      const char c = char_at(pos_);
      const char following = char_at(pos_ + 1);
      if (c == '(' && following == ';') {
        ++depth;
        pos_ += 2;
      } else if (c == ';' && following == ')') {
        pos_ += 2;
        if (--depth == 0) return;
      } else if (!skip_char()) {
        return;
      }
    }
    fail(begin, "unclosed comment");
  }

  // --- annotations ------------------------------------------------------------------------------

  void open_annotation() {
    annotation_begin_ = pos_;
    pos_ += 2;
    const std::size_t id_begin = pos_;
    while (class_at(pos_) == CharClass::id) ++pos_;
    std::string id(out_.source.substr(id_begin, pos_ - id_begin));
    if (id.empty() && char_at(pos_) == '"') {
      const ScannedString scanned = scan_string(rest());
      if (scanned.error == nullptr) {
        id = unquote(rest().substr(0, scanned.size));
        pos_ += scanned.size;
      }
      if (!is_utf8(id)) return fail(id_begin, "malformed UTF-8 encoding");
    }
    if (id.empty()) return fail(annotation_begin_, "empty annotation id");
    annotation_kind_ = id == "custom" ? std::optional{AnnotationKind::custom}
                       : id == "name" ? std::optional{AnnotationKind::name}
                       : id == "metadata.code.branch_hint"
                           ? std::optional{AnnotationKind::branch_hint}
                           : std::nullopt;
    in_annotation_ = true;
    depth_ = 0;
    annotation_first_ = static_cast<std::uint32_t>(out_.annotation_tokens.size());
  }

  void close_annotation() {
    in_annotation_ = false;
    if (!annotation_kind_) {
      out_.annotation_tokens.resize(annotation_first_);
      return;
    }
    out_.annotations.push_back({*annotation_kind_, static_cast<std::uint32_t>(annotation_begin_),
                                static_cast<std::uint32_t>(out_.tokens.size()), annotation_first_,
                                static_cast<std::uint32_t>(out_.annotation_tokens.size())});
  }

  // --- words ------------------------------------------------------------------------------------

  // The longest run of identifier characters and strings. A string that is wrong ends the run
  // before it, and is an error when the run is empty.
  void word() {
    const std::size_t begin = pos_;
    std::size_t strings = 0;
    for (;;) {
      if (class_at(pos_) == CharClass::id) {
        ++pos_;
      } else if (class_at(pos_) == CharClass::quote) {
        const ScannedString scanned = scan_string(rest());
        if (scanned.error != nullptr) {
          if (pos_ == begin) return fail(pos_ + scanned.size, scanned.error);
          break;
        }
        pos_ += scanned.size;
        ++strings;
      } else {
        break;
      }
    }
    classify(begin, strings);
  }

  void classify(std::size_t begin, std::size_t strings) {
    const std::string_view text = out_.source.substr(begin, pos_ - begin);
    if (text[0] == '$') return identifier(begin, strings, text);
    if (strings > 0) {
      const bool is_string = strings == 1 && text[0] == '"' && text.back() == '"';
      return put(is_string ? TokenKind::string : TokenKind::reserved, begin);
    }
    if (is_letter(text[0])) return letters(begin, text);
    put(number_kind(text).value_or(TokenKind::reserved), begin);
  }

  void identifier(std::size_t begin, std::size_t strings, std::string_view text) {
    const bool is_quoted = strings == 1 && text[1] == '"' && text.back() == '"';
    if (text.size() == 1 || text == "$\"\"") return fail(begin, "empty identifier");
    put(strings == 0 || is_quoted ? TokenKind::id : TokenKind::reserved, begin);
  }

  void letters(std::size_t begin, std::string_view text) {
    const std::uint16_t found = find_word(text);
    if (found != 0) return put(TokenKind::keyword, begin, found);
    if (const auto kind = number_kind(text)) return put(*kind, begin);  // inf, nan
    const auto is_nat = [](std::string_view s) { return number_kind(s) == TokenKind::nat; };
    if (text.starts_with("offset=") && is_nat(text.substr(7))) {
      return put(TokenKind::offset_eq, begin);
    }
    if (text.starts_with("align=") && is_nat(text.substr(6))) {
      return put(TokenKind::align_eq, begin);
    }
    put(TokenKind::reserved, begin);
  }

  TokenStream out_;
  std::size_t pos_ = 0;
  bool done_ = false;

  bool in_annotation_ = false;
  std::optional<AnnotationKind> annotation_kind_;
  std::size_t annotation_begin_ = 0;
  std::uint32_t annotation_first_ = 0;
  std::size_t depth_ = 0;  // of parentheses within the annotation
};

}  // namespace

TokenStream lex(std::string_view source) { return Lexer(source).run(); }

}  // namespace fermata::text
