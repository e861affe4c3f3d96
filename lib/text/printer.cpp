// See printer.hpp. Fields in the order of the binary format's sections; imports come first, as the
// text format wants it.
#include "lib/text/printer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/binary/encoder.hpp"
#include "lib/text/code_printer.hpp"
#include "lib/text/lexer.hpp"
#include "lib/text/strings.hpp"

namespace fermata::text {
namespace {

constexpr std::array<std::string_view, 5> kind_words{"func", "table", "memory", "global", "tag"};

/// The word for a section in a custom section's placement.
std::string_view section_word(std::uint8_t id) {
  constexpr std::array<std::string_view, 14> words{
      "",       "type",  "import", "func", "table", "memory",    "global",
      "export", "start", "elem",   "code", "data",  "datacount", "tag"};
  return words[id];
}

std::vector<std::uint32_t> count_labels(const ModuleData& m) {
  std::vector<std::uint32_t> counts;
  if (m.names.labels.empty()) return counts;
  for (const FuncDef& function : m.functions) counts.push_back(count_blocks(m, function.body));
  return counts;
}

class Printer {
 public:
  explicit Printer(const ModuleData& module)
      : m_(module),
        names_(module, count_labels(module)),
        max_size_(std::min<std::size_t>(max_source_size - 1,
                                        (std::size_t{1} << 24) + 256 * module.bytes.size())),
        code_(module, names_, out_, max_size_) {}

  Result<std::string> run() {
    out_ = fmt::format("(module{}", names_.module);
    types();
    for (const Import& i : m_.imports) import(i);
    for (std::size_t i = 0; i < m_.functions.size(); ++i) function(m_.functions[i]);
    for (const TableDef& t : m_.tables) table(t);
    for (const MemoryDef& m : m_.memories) {
      field(ExternKind::memory);
      put(memory_type(m.type));
      close();
    }
    for (const TagDef& t : m_.tags) {
      field(ExternKind::tag);
      put(fmt::format("(type {})", names_.types.use(t.type.value)));
      close();
    }
    for (const GlobalDef& g : m_.globals) global(g);
    for (const Export& e : m_.exports) export_(e);
    if (m_.start) put_line(fmt::format("(start {})", names_.funcs.use(m_.start->value)));
    for (std::size_t i = 0; i < m_.elems.size(); ++i) elem(i);
    for (std::size_t i = 0; i < m_.datas.size(); ++i) data(i);
    customs();
    out_ += "\n)\n";
    if (out_.size() > max_size_) fail(ErrorCode::implementation_limit, "the text is too large");
    if (error_) return std::unexpected(*std::move(error_));
    return std::move(out_);
  }

 private:
  void put(std::string_view text) {
    out_ += ' ';
    out_ += text;
  }
  void put_line(std::string_view text) {
    out_ += "\n  ";
    out_ += text;
  }
  void close() { out_ += ')'; }

  void fail(ErrorCode code, std::string_view message) {
    if (error_) return;
    Error error;
    error.code = code;
    error.phase = Phase::invalid;
    error.message = message;
    error_ = std::move(error);
  }

  void constant(ByteRange code) {
    if (error_) return;
    if (auto result = code_.constant(code); !result) error_ = std::move(result.error());
  }

  /// `(keyword binding (;index;)` of the next definition or import of a kind.
  void field(ExternKind kind) {
    out_ += "\n  ";
    head(kind);
  }
  void head(ExternKind kind) {
    const std::array spaces{&names_.funcs, &names_.tables, &names_.memories, &names_.globals,
                            &names_.tags};
    const auto k = static_cast<std::size_t>(kind);
    const std::uint32_t index = next_[k]++;
    out_ += fmt::format("({}{} (;{};)", kind_words[k], spaces[k]->binding(index), index);
  }

  // --- types ------------------------------------------------------------------------------------

  std::string type(ValType t) const { return print_type(names_, t); }

  void types() {
    for (const RecGroup& group : m_.rec_groups) {
      if (group.count != 1) put_line("(rec");
      for (std::uint32_t i = 0; i < group.count; ++i) {
        out_ += group.count == 1 ? "\n  " : "\n    ";
        type_definition(group.first + i);
      }
      if (group.count != 1) close();
    }
  }

  void type_definition(std::uint32_t index) {
    const SubType& sub = m_.types[index];
    out_ += fmt::format("(type{} (;{};)", names_.types.binding(index), index);
    const bool is_explicit = !sub.final_ || !sub.supers.empty();
    if (is_explicit) put(sub.final_ ? "(sub final" : "(sub");
    for (const TypeIdx super : sub.supers) put(names_.types.use(super.value));
    if (const auto* func = std::get_if<FuncType>(&sub.composite)) {
      put("(func");
      signature(*func, PrintSpace());
      close();
    } else if (const auto* fields = std::get_if<StructType>(&sub.composite)) {
      struct_type(index, *fields);
    } else {
      put(fmt::format("(array {})", field_type(std::get<ArrayType>(sub.composite).field)));
    }
    if (is_explicit) close();
    close();
  }

  void struct_type(std::uint32_t index, const StructType& fields) {
    const PrintSpace& names = names_.fields_of(index);
    put("(struct");
    for (std::uint32_t i = 0; i < fields.fields.size(); ++i) {
      put(fmt::format("(field{} {})", names.binding(i), field_type(fields.fields[i])));
    }
    close();
  }

  std::string field_type(const FieldType& field) const {
    const std::string storage = field.packed == PackedType::i8    ? "i8"
                                : field.packed == PackedType::i16 ? "i16"
                                                                  : type(field.type);
    return field.mutable_ ? fmt::format("(mut {})", storage) : storage;
  }

  /// Parameters and results, those with a name each in its own parentheses.
  void signature(const FuncType& func, const PrintSpace& names) {
    declarations("param", func.params, 0, names);
    if (func.results.empty()) return;
    put("(result");
    for (const ValType t : func.results) put(type(t));
    close();
  }

  void declarations(std::string_view word, std::span<const ValType> types, std::uint32_t first,
                    const PrintSpace& names) {
    for (std::size_t i = 0; i < types.size();) {
      const auto index = first + static_cast<std::uint32_t>(i);
      put(fmt::format("({}", word));
      if (names.has_binding(index)) {
        out_ += names.binding(index);
        put(type(types[i++]));
      } else {
        const auto has_name = [&](std::size_t n) {
          return names.has_binding(first + static_cast<std::uint32_t>(n));
        };
        while (i < types.size() && !has_name(i)) put(type(types[i++]));
      }
      close();
    }
  }

  std::string limits(const Limits& l, AddressType address) const {
    std::string out = address == AddressType::i64 ? "i64 " : "";
    out += std::to_string(l.min);
    if (l.max) out += fmt::format(" {}", *l.max);
    return out;
  }
  std::string memory_type(const MemoryType& t) const {
    return limits(t.limits, t.address) + (t.shared ? " shared" : "");
  }
  std::string table_type(const TableType& t) const {
    return fmt::format("{} {}", limits(t.limits, t.address), type(t.element));
  }
  std::string global_type(const GlobalType& t) const {
    return t.mutable_ ? fmt::format("(mut {})", type(t.value)) : type(t.value);
  }

  /// `(type x)`, then the parameters and results if that is a function type.
  void type_use(TypeIdx index, std::uint32_t function) {
    put(fmt::format("(type {})", names_.types.use(index.value)));
    if (const FuncType* func = func_type(index)) signature(*func, names_.locals_of(function));
  }

  const FuncType* func_type(TypeIdx index) const {
    if (index.value >= m_.types.size()) return nullptr;
    return std::get_if<FuncType>(&m_.types[index.value].composite);
  }

  // --- imports and exports ----------------------------------------------------------------------

  void import(const Import& i) {
    put_line(fmt::format("(import {} {} ", quote(i.module, true), quote(i.name, true)));
    const std::uint32_t index = next_[static_cast<std::size_t>(i.kind())];
    head(i.kind());
    switch (i.kind()) {
      case ExternKind::func:
        type_use(std::get<TypeIdx>(i.desc), index);
        break;
      case ExternKind::table:
        put(table_type(std::get<TableType>(i.desc)));
        break;
      case ExternKind::memory:
        put(memory_type(std::get<MemoryType>(i.desc)));
        break;
      case ExternKind::global:
        put(global_type(std::get<GlobalType>(i.desc)));
        break;
      case ExternKind::tag:
        put(fmt::format("(type {})", names_.types.use(std::get<TagDef>(i.desc).type.value)));
        break;
    }
    close();
    close();
  }

  void export_(const Export& e) {
    const std::array spaces{&names_.funcs, &names_.tables, &names_.memories, &names_.globals,
                            &names_.tags};
    const auto k = static_cast<std::size_t>(e.kind);
    put_line(fmt::format("(export {} ({} {}))", quote(e.name, true), kind_words[k],
                         spaces[k]->use(e.index)));
  }

  // --- definitions ------------------------------------------------------------------------------

  void function(const FuncDef& f) {
    if (error_) return;
    const std::uint32_t index = next_[static_cast<std::size_t>(ExternKind::func)];
    field(ExternKind::func);
    type_use(f.type, index);
    locals(f, index);
    if (error_) return;
    if (auto result = code_.body(f.body, index); !result) {
      error_ = std::move(result.error());
      error_->function = FuncIdx{index};
    }
    put_line(")");
  }

  void locals(const FuncDef& f, std::uint32_t index) {
    constexpr std::size_t longest = 100'000;  // the text format cannot abbreviate many locals
    std::vector<ValType> types;
    for (const LocalRun& run : m_.locals(f)) {
      if (run.count > longest - types.size()) {
        return fail(ErrorCode::implementation_limit,
                    "implementation limit: a function has too many locals to write out");
      }
      types.insert(types.end(), run.count, run.type);
    }
    if (types.empty()) return;
    const FuncType* func = func_type(f.type);
    const std::size_t params = func == nullptr ? 0 : func->params.size();
    // Without a function type, the index of a local is unknown, and none has a name.
    static const PrintSpace no_names;
    out_ += "\n   ";
    declarations("local", types, static_cast<std::uint32_t>(params),
                 func == nullptr ? no_names : names_.locals_of(index));
  }

  void table(const TableDef& t) {
    field(ExternKind::table);
    put(table_type(t.type));
    if (t.init) {
      if (t.init->code.size() <= 1) {
        fail(ErrorCode::invalid_module, "a table's initializer is empty, which has no text form");
      }
      constant(t.init->code);
    }
    close();
  }

  void global(const GlobalDef& g) {
    field(ExternKind::global);
    put(global_type(g.type));
    constant(g.init.code);
    close();
  }

  // --- segments ---------------------------------------------------------------------------------

  void offset(ByteRange code) {
    put("(offset");
    constant(code);
    close();
  }

  void elem(std::size_t n) {
    const ElemSegment& segment = m_.elems[n];
    const auto index = static_cast<std::uint32_t>(n);
    put_line(fmt::format("(elem{} (;{};)", names_.elems.binding(index), index));
    if (segment.mode == SegmentMode::declarative) put("declare");
    if (segment.mode == SegmentMode::active) {
      if (segment.table.value != 0) {
        put(fmt::format("(table {})", names_.tables.use(segment.table.value)));
      }
      offset(segment.offset_expr.code);
    }
    if (const auto* functions = std::get_if<std::vector<FuncIdx>>(&segment.items)) {
      put("func");
      for (const FuncIdx function : *functions) put(names_.funcs.use(function.value));
    } else {
      put(type(segment.type));
      for (const ConstExpr& expr : std::get<std::vector<ConstExpr>>(segment.items)) {
        put("(item");
        constant(expr.code);
        close();
      }
    }
    close();
  }

  void data(std::size_t n) {
    const DataSegment& segment = m_.datas[n];
    const auto index = static_cast<std::uint32_t>(n);
    put_line(fmt::format("(data{} (;{};)", names_.datas.binding(index), index));
    if (segment.mode == SegmentMode::active) {
      if (segment.memory.value != 0) {
        put(fmt::format("(memory {})", names_.memories.use(segment.memory.value)));
      }
      offset(segment.offset_expr.code);
    }
    byte_string(segment.bytes);
    close();
  }

  /// Bytes as strings, a long one over several lines.
  void byte_string(ByteRange range) {
    constexpr std::size_t per_line = 64;
    auto rest = std::span(m_.bytes).subspan(range.begin, range.size());
    if (rest.size() <= per_line) return put(quote(rest));
    while (!rest.empty()) {
      const auto line = rest.first(std::min(rest.size(), per_line));
      put_line("  " + quote(line));
      rest = rest.subspan(line.size());
    }
  }

  // --- custom sections --------------------------------------------------------------------------

  // A name section is left out when identifiers say all that is in it.
  void customs() {
    const auto written = std::ranges::count(m_.customs, "name", &CustomSection::name);
    const bool leave_out = names_.is_complete && written == 1;
    for (const CustomSection& custom : m_.customs) {
      if (custom.name != "name" || !leave_out) put_custom(custom);
    }
    if (names_.is_complete || written > 0) return;
    put_line(fmt::format("(@custom \"name\" {})", quote(encode_names(m_.names))));
  }

  void put_custom(const CustomSection& custom) {
    const std::string place =
        custom.after == 0 ? "before first" : fmt::format("after {}", section_word(custom.after));
    put_line(fmt::format("(@custom {} ({})", quote(custom.name, true), place));
    byte_string(custom.bytes);
    close();
  }

  const ModuleData& m_;
  PrintNames names_;
  std::string out_;
  std::size_t max_size_;
  CodePrinter code_;
  std::array<std::uint32_t, 5> next_{};  // the next index of each kind
  std::optional<Error> error_;
};

}  // namespace
}  // namespace fermata::text

namespace fermata {

Result<std::string> print_module(const ModuleData& module) { return text::Printer(module).run(); }

}  // namespace fermata
