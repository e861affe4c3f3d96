// See field_parser.hpp. Segments are in segment_parser.cpp.
#include "lib/text/parse/field_parser.hpp"

#include <fmt/format.h>

#include "lib/text/parse/annotations.hpp"

namespace fermata::text {

// --- kinds
// ----------------------------------------------------------------------------------------

std::optional<ExternKind> extern_kind(Keyword k) {
  switch (k) {
    case Keyword::func:
      return ExternKind::func;
    case Keyword::table:
      return ExternKind::table;
    case Keyword::memory:
      return ExternKind::memory;
    case Keyword::global:
      return ExternKind::global;
    case Keyword::tag:
      return ExternKind::tag;
    default:
      return std::nullopt;
  }
}

std::string_view to_string(ExternKind kind) {
  constexpr std::array<std::string_view, 5> words{"function", "table", "memory", "global", "tag"};
  return words[static_cast<std::size_t>(kind)];
}

IdSpace& space_of(Context& c, ExternKind kind) {
  const std::array spaces{&c.funcs, &c.tables, &c.memories, &c.globals, &c.tags};
  return *spaces[static_cast<std::size_t>(kind)];
}

Names::Map& names_of(Context& c, ExternKind kind) {
  Names& names = c.module.names;
  const std::array maps{&names.functions, &names.tables, &names.memories, &names.globals,
                        &names.tags};
  return *maps[static_cast<std::size_t>(kind)];
}

// --- fields
// ---------------------------------------------------------------------------------------

void FieldParser::parse_field() {
  const Keyword k = c_.cursor.peek(1).keyword();
  if (const auto kind = extern_kind(k)) return parse_definition(*kind);
  switch (k) {
    case Keyword::import:
      return parse_import();
    case Keyword::export_:
      return parse_export();
    case Keyword::start:
      return parse_start();
    case Keyword::elem:
      return parse_elem();
    case Keyword::data:
      return parse_data();
    default:
      c_.cursor.open();
      c_.cursor.unexpected("a field of a module");
  }
}

// `(kind id? (export name)* (import name name) type)`, or the definition in place of the last two.
void FieldParser::parse_definition(ExternKind kind) {
  c_.cursor.skip(2);
  (void)c_.cursor.take_if(TokenKind::id);
  const std::uint32_t index = next_[static_cast<std::size_t>(kind)]++;
  parse_inline_exports(kind, index);
  if (c_.cursor.take_open(Keyword::import)) {
    Import import = parse_import_names();
    c_.cursor.close();
    parse_import_type(std::move(import), kind, index);
  } else {
    switch (kind) {
      case ExternKind::func:
        parse_function(index);
        break;
      case ExternKind::table:
        parse_table(index);
        break;
      case ExternKind::memory:
        parse_memory(index);
        break;
      case ExternKind::global:
        parse_global();
        break;
      case ExternKind::tag:
        parse_tag();
        break;
    }
  }
  c_.cursor.close();
}

void FieldParser::parse_inline_exports(ExternKind kind, std::uint32_t index) {
  while (c_.cursor.take_open(Keyword::export_)) {
    c_.module.exports.push_back({parse_name(c_), kind, index, 0});
    c_.cursor.close();
  }
}

// --- functions
// ------------------------------------------------------------------------------------

void FieldParser::parse_function(std::uint32_t index) {
  FuncDef function;
  c_.locals = {};
  c_.function = FuncIdx{index};
  c_.next_label = 0;
  const TypeUse use = parse_type_use(c_, true);
  function.type = resolve_type_use(c_, use);
  name_params(index, use);
  for (const ParamName& name : use.names) bind_local(name);
  parse_locals(function, use);
  parse_body(function);
  c_.function = std::nullopt;
  c_.locals = {};
  c_.module.functions.push_back(function);
}

void FieldParser::name_params(std::uint32_t function, const TypeUse& use) {
  if (use.names.empty() && use.annotated.empty()) return;
  Names::Map& names = c_.module.names.locals[function];
  for (const ParamName& name : use.names) names[name.index] = id_text(c_, name.id);
  for (const auto& [index, name] : use.annotated) names[index] = name;
}

void FieldParser::bind_local(const ParamName& name) {
  bind_id(c_, c_.locals, name.id, name.index, "local");
}

namespace {

/// To the function whose locals are the last in `module`.
void add_local(ModuleData& module, FuncDef& function, ValType type) {
  std::vector<LocalRun>& runs = module.local_runs;
  if (module.locals(function).empty() || runs.back().type != type) {
    runs.push_back({1, type});
    ++function.locals.end;
  } else {
    ++runs.back().count;
  }
}

}  // namespace

void FieldParser::parse_locals(FuncDef& function, const TypeUse& use) {
  function.locals.begin = static_cast<std::uint32_t>(c_.module.local_runs.size());
  function.locals.end = function.locals.begin;
  std::optional<std::uint32_t> params;  // looked up only when a local has a name
  std::uint32_t count = 0;
  const auto index = [&] {
    if (!params) params = count_params(c_, use);
    return *params + count;
  };
  while (c_.cursor.take_open(Keyword::local)) {
    const bool has_id = c_.cursor.at(TokenKind::id);
    if (has_id) {
      const ParamName name{c_.cursor.take(), index()};
      bind_local(name);
      c_.module.names.locals[c_.function->value][name.index] = id_text(c_, name.id);
    }
    if (auto name = take_name_annotation(c_, "local")) {
      c_.module.names.locals[c_.function->value][index()] = *std::move(name);
    }
    for (bool first = true; has_id ? first : c_.cursor.more(); first = false, ++count) {
      add_local(c_.module, function, parse_val_type(c_));
    }
    c_.cursor.close();
  }
}

void FieldParser::parse_body(FuncDef& function) {
  c_.body_begin = c_.here();
  function.body = expression_.instructions();
  if (c_.hints.empty() || c_.hints.back().function != *c_.function) return;
  // Hints count from the beginning of the locals.
  Bytes locals;
  write_locals(locals, c_.module.locals(function));
  c_.hints.back().local_bytes = static_cast<std::uint32_t>(locals.size());
}

// --- tables, memories, globals, tags
// --------------------------------------------------------------

void FieldParser::parse_table(std::uint32_t index) {
  const bool has_limits =
      c_.cursor.at(TokenKind::nat) || ((c_.cursor.at(Keyword::i32) || c_.cursor.at(Keyword::i64)) &&
                                       c_.cursor.peek(1).kind == TokenKind::nat);
  TableDef table;
  if (!has_limits) {
    table.type.address = parse_address_type(c_);
    table.type.element = parse_ref_type(c_);
    return parse_inline_elem(index, table.type);
  }
  table.type = parse_table_type(c_);
  if (c_.cursor.more()) table.init = ConstExpr{expression_.some_instructions()};
  c_.module.tables.push_back(table);
}

void FieldParser::parse_memory(std::uint32_t index) {
  const std::uint32_t address_tokens =
      c_.cursor.at(Keyword::i32) || c_.cursor.at(Keyword::i64) ? 1 : 0;
  if (c_.cursor.peek(address_tokens).kind == TokenKind::left_paren) {
    MemoryType type;
    type.address = parse_address_type(c_);
    type.page_size_log2 = parse_page_size(c_);
    return parse_inline_data(index, type);
  }
  c_.module.memories.push_back({parse_memory_type(c_), 0});
}

void FieldParser::parse_global() {
  const GlobalType type = parse_global_type(c_);
  c_.module.globals.push_back({type, {expression_.instructions()}, 0});
}

void FieldParser::parse_tag() {
  c_.module.tags.push_back({resolve_type_use(c_, parse_type_use(c_, true))});
}

// --- imports, exports, start
// ----------------------------------------------------------------------

Import FieldParser::parse_import_names() {
  Import import;
  import.module = parse_name(c_);
  import.name = parse_name(c_);
  return import;
}

void FieldParser::parse_import() {
  c_.cursor.skip(2);
  Import import = parse_import_names();
  c_.cursor.open();
  const auto kind = extern_kind(c_.cursor.peek().keyword());
  if (!kind) {
    return c_.cursor.unexpected("`func`, `table`, `memory`, `global` or `tag`");
  }
  c_.cursor.take();
  (void)c_.cursor.take_if(TokenKind::id);
  parse_import_type(std::move(import), *kind, next_[static_cast<std::size_t>(*kind)]++);
  c_.cursor.close();
  c_.cursor.close();
}

void FieldParser::parse_import_type(Import import, ExternKind kind, std::uint32_t index) {
  switch (kind) {
    case ExternKind::func: {
      const TypeUse use = parse_type_use(c_, true);
      import.desc = resolve_type_use(c_, use);
      name_params(index, use);
      break;
    }
    case ExternKind::table:
      import.desc = parse_table_type(c_);
      break;
    case ExternKind::memory:
      import.desc = parse_memory_type(c_);
      break;
    case ExternKind::global:
      import.desc = parse_global_type(c_);
      break;
    case ExternKind::tag:
      import.desc = TagDef{resolve_type_use(c_, parse_type_use(c_, true))};
      break;
  }
  c_.module.imports.push_back(std::move(import));
}

void FieldParser::parse_export() {
  c_.cursor.skip(2);
  std::string name = parse_name(c_);
  c_.cursor.open();
  const auto kind = extern_kind(c_.cursor.peek().keyword());
  if (!kind) {
    return c_.cursor.unexpected("`func`, `table`, `memory`, `global` or `tag`");
  }
  c_.cursor.take();
  const std::uint32_t index = parse_index(c_, space_of(c_, *kind), to_string(*kind));
  c_.module.exports.push_back({std::move(name), *kind, index, 0});
  c_.cursor.close();
  c_.cursor.close();
}

void FieldParser::parse_start() {
  const Token at = c_.cursor.peek();
  c_.cursor.skip(2);
  if (c_.module.start) return c_.cursor.fail(at, "multiple start sections");
  c_.module.start = FuncIdx{parse_index(c_, c_.funcs, "function")};
  c_.cursor.close();
}

}  // namespace fermata::text
