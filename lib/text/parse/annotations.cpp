// See annotations.hpp.
#include "lib/text/parse/annotations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/binary/encoder.hpp"
#include "lib/binary/reader.hpp"
#include "lib/text/lex/strings.hpp"

namespace fermata::text {
namespace {

constexpr std::string_view branch_hint_section = "metadata.code.branch_hint";

// --- content
// --------------------------------------------------------------------------------------

/// The tokens in one annotation, one after the other; failing fails the module's cursor.
class Content {
 public:
  Content(Context& c, const Annotation& annotation)
      : c_(c), annotation_(annotation), pos_(annotation.first) {}

  [[nodiscard]] bool at_end() const { return pos_ == annotation_.last; }
  [[nodiscard]] bool at(TokenKind kind) const { return !at_end() && token().kind == kind; }
  [[nodiscard]] std::string_view text() const {
    return at_end() ? std::string_view() : c_.stream.text(token());
  }
  void next() { ++pos_; }
  [[nodiscard]] std::string take_string() {
    std::string bytes = unquote(text());
    next();
    return bytes;
  }
  void fail(const std::string& message) {
    c_.cursor.fail_at(at_end() ? annotation_.begin : token().begin, message);
  }

 private:
  [[nodiscard]] const Token& token() const { return c_.stream.annotation_tokens[pos_]; }

  Context& c_;
  const Annotation& annotation_;
  std::uint32_t pos_;
};

// --- (@custom ...)
// --------------------------------------------------------------------------------

/// The words for sections in placements, in the order of sections.
constexpr std::array<std::string_view, section_order.size()> section_words{
    "type",   "import", "func", "table",     "memory", "tag", "global",
    "export", "start",  "elem", "datacount", "code",   "data"};

// A place is 2 × the section's position for "before", one more for "after".
constexpr unsigned last_place = 2 * section_words.size() - 1;

unsigned parse_place(Content& content) {
  content.next();
  const bool is_after = content.text() == "after";
  if (!is_after && content.text() != "before") {
    content.fail("@custom annotation: malformed placement: expected `before` or `after`");
    return 0;
  }
  content.next();
  const std::string_view word = content.text();
  std::size_t section =
      static_cast<std::size_t>(std::ranges::find(section_words, word) - section_words.begin());
  if (word == "first") section = 0;
  if (word == "last") section = section_words.size() - 1;
  if (section == section_words.size()) {
    content.fail("@custom annotation: malformed section kind");
    return 0;
  }
  content.next();
  if (!content.at(TokenKind::right_paren)) {
    content.fail("@custom annotation: unexpected token: expected `)`");
    return 0;
  }
  content.next();
  return static_cast<unsigned>(2 * section + (is_after ? 1 : 0));
}

PlacedCustom parse_custom(Context& c, const Annotation& annotation) {
  Content content(c, annotation);
  PlacedCustom custom;
  custom.place = last_place;
  if (!content.at(TokenKind::string)) {
    content.fail("@custom annotation: missing section name");
    return custom;
  }
  custom.section.name = content.take_string();
  if (!is_utf8(custom.section.name)) content.fail("@custom annotation: malformed UTF-8 encoding");
  if (content.at(TokenKind::left_paren)) custom.place = parse_place(content);
  if (c.cursor.failed()) return custom;
  custom.section.bytes.begin = c.here();
  while (content.at(TokenKind::string)) {
    const std::string bytes = content.take_string();
    c.code().insert(c.code().end(), bytes.begin(), bytes.end());
  }
  custom.section.bytes.end = c.here();
  if (!content.at_end()) content.fail("@custom annotation: unexpected token: expected a string");
  return custom;
}

/// The field that an annotation before token `position` stands in.
const TokenRange* find_field(std::span<const TokenRange> fields, std::uint32_t position) {
  const auto after = std::ranges::lower_bound(fields, position, {}, &TokenRange::first);
  if (after == fields.begin()) return nullptr;
  const TokenRange& field = *std::prev(after);
  return position <= field.last ? &field : nullptr;
}

// --- looking annotations up
// -----------------------------------------------------------------------

/// The unused annotations just before token `position`.
std::span<PendingAnnotation> find_at(std::vector<PendingAnnotation>& all, std::uint32_t position) {
  const auto token = [](const PendingAnnotation& a) { return a.annotation.token; };
  const auto found = std::ranges::equal_range(all, position, {}, token);
  return {found.begin(), found.end()};
}

}  // namespace

std::vector<PlacedCustom> collect_annotations(Context& c, TokenRange module,
                                              std::span<const TokenRange> fields) {
  std::vector<PlacedCustom> customs;
  const auto& all = c.stream.annotations;
  // One before the first token of the module lies outside of it.
  const auto begin = std::ranges::lower_bound(all, module.first, {}, &Annotation::token);
  for (auto a = begin; a != all.end() && a->token <= module.last; ++a) {
    if (a->kind == AnnotationKind::name) {
      c.names.push_back({*a});
    } else if (a->kind == AnnotationKind::branch_hint) {
      c.branch_hints.push_back({*a});
    } else if (find_field(fields, a->token) != nullptr) {
      c.cursor.fail_at(a->begin, "misplaced @custom annotation: it stands inside of a field");
    } else {
      customs.push_back(parse_custom(c, *a));
    }
  }
  return customs;
}

std::optional<std::string> take_name_annotation(Context& c, std::string_view what) {
  if (c.names.empty()) return std::nullopt;
  const auto found = find_at(c.names, c.cursor.position());
  if (found.empty()) return std::nullopt;
  for (PendingAnnotation& pending : found) pending.used = true;
  if (found.size() > 1) {
    c.cursor.fail_at(found[1].annotation.begin,
                     fmt::format("@name annotation: multiple {} names", what));
  }
  Content content(c, found[0].annotation);
  if (!content.at(TokenKind::string)) {
    content.fail("@name annotation: string expected");
    return std::nullopt;
  }
  std::string name = content.take_string();
  if (!is_utf8(name)) content.fail("@name annotation: malformed UTF-8 encoding");
  if (!content.at_end()) content.fail("@name annotation: unexpected token: expected `)`");
  return name;
}

std::optional<std::uint8_t> take_branch_hint(Context& c, std::uint32_t position) {
  const auto found = find_at(c.branch_hints, position);
  if (found.empty()) return std::nullopt;
  for (PendingAnnotation& pending : found) pending.used = true;
  if (found.size() > 1) {
    c.cursor.fail_at(found[1].annotation.begin,
                     "@metadata.code.branch_hint annotation: duplicate annotation");
  }
  Content content(c, found[0].annotation);
  std::string payload;
  while (content.at(TokenKind::string)) payload += content.take_string();
  if (!content.at_end()) {
    content.fail("@metadata.code.branch_hint annotation: unexpected token: expected a string");
  }
  if (payload.size() != 1 || static_cast<unsigned char>(payload[0]) > 1) {
    content.fail(
        "@metadata.code.branch_hint annotation: invalid hint value: expected \"\\00\" or "
        "\"\\01\"");
    return std::nullopt;
  }
  return static_cast<std::uint8_t>(payload[0]);
}

void check_annotations_used(Context& c, std::span<const TokenRange> fields) {
  for (const PendingAnnotation& name : c.names) {
    if (!name.used) c.cursor.fail_at(name.annotation.begin, "misplaced @name annotation");
  }
  for (const PendingAnnotation& hint : c.branch_hints) {
    if (hint.used) continue;
    const TokenRange* field = find_field(fields, hint.annotation.token);
    const bool in_function =
        field != nullptr && c.stream.tokens[field->first + 1].is(Keyword::func);
    c.cursor.fail_at(hint.annotation.begin,
                     in_function ? "@metadata.code.branch_hint annotation: invalid placement"
                                 : "@metadata.code.branch_hint annotation: not in a function");
  }
}

// --- custom sections
// ------------------------------------------------------------------------------

namespace {

PlacedCustom encode_hints(Context& c) {
  PlacedCustom custom;
  custom.section.name = branch_hint_section;
  custom.place =
      static_cast<unsigned>(2 * (std::ranges::find(section_words, "code") - section_words.begin()));
  custom.section.bytes.begin = c.here();
  write_length(c.code(), c.hints.size());
  for (const FunctionHints& function : c.hints) {
    write_u32(c.code(), function.function.value);
    write_length(c.code(), function.hints.size());
    for (const BranchHint& hint : function.hints) {
      write_u32(c.code(), function.local_bytes + hint.offset);
      write_u32(c.code(), 1);  // bytes of the hint
      write_byte(c.code(), hint.value);
    }
  }
  custom.section.bytes.end = c.here();
  return custom;
}

}  // namespace

void add_custom_sections(Context& c, std::vector<PlacedCustom> customs) {
  if (!c.hints.empty()) customs.push_back(encode_hints(c));
  for (std::size_t i = 0; i < customs.size(); ++i) customs[i].order = i;
  std::ranges::sort(customs, {}, [](const PlacedCustom& custom) {
    return std::pair{custom.place, custom.order};
  });
  for (PlacedCustom& custom : customs) {
    // The last section there is at or before the place.
    for (unsigned i = 0; 2 * i + 1 <= custom.place; ++i) {
      if (has_section(c.module, section_order[i])) {
        custom.section.after = static_cast<std::uint8_t>(section_order[i]);
      }
    }
    c.module.customs.push_back(std::move(custom.section));
  }
}

}  // namespace fermata::text
