// See module_parser.hpp.
#include "lib/text/parse/module_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fermata/limits.hpp"
#include "lib/binary/section_readers.hpp"
#include "lib/module/limit_error.hpp"
#include "lib/text/lex/lexer.hpp"
#include "lib/text/parse/annotations.hpp"
#include "lib/text/parse/context.hpp"
#include "lib/text/parse/field_parser.hpp"
#include "lib/text/parse/type_parser.hpp"

namespace fermata::text {
namespace {

// --- finding the fields
// ---------------------------------------------------------------------------

/// The index of the `)` that closes the `(` at `open`. Fails when there is none; a lexical error is
/// left to whoever comes to it, for something before it may be wrong.
std::uint32_t find_close(Context& c, std::uint32_t open) {
  std::size_t depth = 0;
  for (std::uint32_t i = open;; ++i) {
    const Token& token = c.stream.tokens[i];
    if (token.kind == TokenKind::left_paren) {
      ++depth;
    } else if (token.kind == TokenKind::right_paren) {
      if (--depth == 0) return i;
    } else if (token.kind == TokenKind::bad) {
      return i;
    } else if (token.kind == TokenKind::end) {
      c.cursor.seek(i);
      const std::uint32_t line = c.stream.line_of(c.stream.tokens[open]);
      c.cursor.unexpected(fmt::format("`)` for the `(` on line {}", line));
      return i;
    }
  }
}

std::vector<TokenRange> find_fields(Context& c) {
  std::vector<TokenRange> fields;
  while (c.cursor.at(TokenKind::left_paren)) {
    const std::uint32_t first = c.cursor.position();
    const std::uint32_t last = find_close(c, first);
    fields.push_back({first, last});
    c.cursor.seek(last + 1);
  }
  return fields;
}

// --- binding identifiers
// --------------------------------------------------------------------------

class Binder {
 public:
  explicit Binder(Context& context) : c_(context) {}

  void bind_field(TokenRange field) {
    c_.cursor.seek(field.first + 1);
    const Keyword k = c_.cursor.take().keyword();
    if (const auto kind = extern_kind(k)) return bind_definition(*kind, field);
    Names& names = c_.module.names;
    switch (k) {
      case Keyword::import:
        return bind_import(field);
      case Keyword::type:
        return bind_type();
      case Keyword::rec:
        return bind_group();
      case Keyword::elem:
        (void)bind_next(c_, c_.elems, names.elems, "elem segment");
        return;
      case Keyword::data:
        (void)bind_next(c_, c_.datas, names.datas, "data segment");
        return;
      default:
        return;
    }
  }

 private:
  void bind_type() { (void)bind_next(c_, c_.types, c_.module.names.types, "type"); }

  void bind_group() {
    while (c_.cursor.at_open(Keyword::type)) {
      const std::uint32_t last = find_close(c_, c_.cursor.position());
      c_.cursor.skip(2);
      bind_type();
      c_.cursor.seek(last + 1);
    }
  }

  void bind_definition(ExternKind kind, TokenRange field) {
    (void)bind_next(c_, space_of(c_, kind), names_of(c_, kind), to_string(kind));
    while (c_.cursor.at_open(Keyword::export_)) {
      c_.cursor.seek(find_close(c_, c_.cursor.position()) + 1);
    }
    if (c_.cursor.at_open(Keyword::import)) return check_order(field);
    has_definition_ = true;
    last_definition_ = kind;
    if (kind == ExternKind::table && has_inline(Keyword::elem, field)) ++c_.elems.count;
    if (kind == ExternKind::memory && has_inline(Keyword::data, field)) ++c_.datas.count;
  }

  // `(import "" "" (kind id? ...))`; anything else is left to the parser of fields to refuse.
  void bind_import(TokenRange field) {
    check_order(field);
    if (!c_.cursor.take_if(TokenKind::string) || !c_.cursor.take_if(TokenKind::string)) return;
    if (!c_.cursor.take_if(TokenKind::left_paren)) return;
    const auto kind = extern_kind(c_.cursor.take().keyword());
    if (kind) (void)bind_next(c_, space_of(c_, *kind), names_of(c_, *kind), to_string(*kind));
  }

  void check_order(TokenRange field) {
    if (!has_definition_) return;
    c_.cursor.fail(c_.stream.tokens[field.first],
                   fmt::format("import after {} definition", to_string(last_definition_)));
  }

  /// Whether a segment stands directly in the field.
  [[nodiscard]] bool has_inline(Keyword k, TokenRange field) const {
    std::size_t depth = 0;
    for (std::uint32_t i = field.first; i < field.last; ++i) {
      const TokenKind kind = c_.stream.tokens[i].kind;
      if (kind == TokenKind::right_paren) --depth;
      if (kind == TokenKind::left_paren && ++depth == 2 && c_.stream.tokens[i + 1].is(k)) {
        return true;
      }
    }
    return false;
  }

  Context& c_;
  bool has_definition_ = false;
  ExternKind last_definition_{};
};

// --- the order of work
// ----------------------------------------------------------------------------

bool is_type_field(const Context& c, TokenRange field) {
  const Token& word = c.stream.tokens[field.first + 1];
  return word.is(Keyword::type) || word.is(Keyword::rec);
}

/// `(module id?` if it is there; in scripts `definition` may follow the keyword.
bool parse_header(Context& c, Extent extent) {
  const bool is_wrapped = c.cursor.take_open(Keyword::module);
  if (is_wrapped && extent == Extent::one_form) (void)c.cursor.take_if(Keyword::definition);
  if (is_wrapped && c.cursor.at(TokenKind::id)) {
    c.module.names.module = id_text(c, c.cursor.take());
  }
  return is_wrapped;
}

void parse_footer(Context& c, bool is_wrapped, Extent extent) {
  constexpr std::string_view expected = "a field of a module";
  if (is_wrapped) (void)c.cursor.expect(TokenKind::right_paren, expected);
  if (extent == Extent::one_form || c.cursor.at(TokenKind::end)) return;
  c.cursor.unexpected(is_wrapped ? "nothing after the module" : expected);
}

void parse_fields(Context& c, std::span<const TokenRange> fields) {
  Binder binder(c);
  for (const TokenRange field : fields) binder.bind_field(field);
  for (const TokenRange field : fields) {
    if (!is_type_field(c, field)) continue;
    c.cursor.seek(field.first);
    parse_type_field(c);
  }
  FieldParser parser(c);
  for (const TokenRange field : fields) {
    if (is_type_field(c, field)) continue;
    c.cursor.seek(field.first);
    parser.parse_field();
    if (c.cursor.failed()) return;
  }
}

/// A name section written out replaces the names, as it does in the binary format.
void read_written_names(ModuleData& module) {
  const auto written = std::ranges::find(module.customs, "name", &CustomSection::name);
  if (written != module.customs.end()) {
    module.names = read_name_section(module.bytes, written->bytes);
  }
}

}  // namespace

Result<ModuleData> parse_module(const TokenStream& stream, std::uint32_t first, Extent extent,
                                Features features) {
  Context c(stream, first, features);
  const bool is_wrapped = parse_header(c, extent);
  const std::uint32_t body = c.cursor.position();
  const std::vector<TokenRange> fields = find_fields(c);
  const std::uint32_t last = c.cursor.position();
  // An annotation just before the body's first token belongs to the module, before the `(` of a
  // wrapped one it does not.
  const TokenRange module{is_wrapped ? first + 1 : first, last};
  std::vector<PlacedCustom> customs = collect_annotations(c, module, fields);
  c.cursor.seek(body);
  if (auto name = take_name_annotation(c, "module")) c.module.names.module = *std::move(name);
  if (!c.cursor.failed()) parse_fields(c, fields);
  c.cursor.seek(last);
  parse_footer(c, is_wrapped, extent);
  check_annotations_used(c, fields);
  if (c.cursor.failed()) return std::unexpected(c.cursor.error());
  if (c.uses_data) c.module.data_count = static_cast<std::uint32_t>(c.module.datas.size());
  add_custom_sections(c, std::move(customs));
  read_written_names(c.module);
  return std::move(c.module);
}

}  // namespace fermata::text

namespace fermata {

Result<ModuleData> parse_module(std::string_view source, Features features) {
  if (source.size() >= limits::source_bytes) {
    return std::unexpected(limit_error("the text is larger than 1 GiB"));
  }
  return text::parse_module(text::lex(source), 0, text::Extent::whole_source, features);
}

}  // namespace fermata
