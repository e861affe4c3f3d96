// See printer.hpp. Fields in the order of the binary format's sections; imports come first, as the
// text format wants it.
#include "lib/text/print/printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fermata/limits.hpp"
#include "lib/binary/encoder.hpp"
#include "lib/text/lex/lexer.hpp"
#include "lib/text/lex/strings.hpp"
#include "lib/text/print/code_printer.hpp"

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
  Printer(const ModuleData& module, TextSink& out)
      : m_(module), names_(module, count_labels(module)), out_(out), code_(module, names_, out_) {}

  Result<void> run() {
    out_.put(fmt::format("(module{}", names_.module));
    types();
    each(m_.imports, &Printer::import);
    each(m_.functions, &Printer::function);
    each(m_.tables, &Printer::table);
    each(m_.memories, &Printer::memory);
    each(m_.tags, &Printer::tag);
    each(m_.globals, &Printer::global);
    each(m_.exports, &Printer::export_);
    if (m_.start) put_line(fmt::format("(start {})", names_.funcs.use(m_.start->value)));
    each(m_.elems, &Printer::elem);
    each(m_.datas, &Printer::data);
    customs();
    out_.put("\n)\n");
    if (error_) return std::unexpected(*std::move(error_));
    return out_.finish();
  }

 private:
  /// Whether what follows is needed no more.
  [[nodiscard]] bool stopped() const { return error_ || out_.full(); }

  template <class T>
  void each(const std::vector<T>& items, void (Printer::*print)(const T&)) {
    for (const T& item : items) {
      if (stopped()) return;
      (this->*print)(item);
    }
  }

  void put(std::string_view text) {
    out_.put(' ');
    out_.put(text);
  }
  void put_line(std::string_view text) {
    out_.put("\n  ");
    out_.put(text);
  }
  void close() { out_.put(')'); }

  void fail(ErrorCode code, std::string_view message) {
    if (error_) return;
    Error error;
    error.code = code;
    error.phase = Phase::invalid;
    error.message = message;
    error_ = std::move(error);
  }

  void constant(ByteRange code) {
    if (stopped()) return;
    if (auto result = code_.constant(code); !result) error_ = std::move(result.error());
  }

  /// `(keyword binding (;index;)` of the next definition or import of a kind.
  void field(ExternKind kind) {
    out_.put("\n  ");
    head(kind);
  }
  void head(ExternKind kind) {
    const std::array spaces{&names_.funcs, &names_.tables, &names_.memories, &names_.globals,
                            &names_.tags};
    const auto k = static_cast<std::size_t>(kind);
    const std::uint32_t index = next_[k]++;
    out_.put(fmt::format("({}{} (;{};)", kind_words[k], spaces[k]->binding(index), index));
  }

  // --- types ------------------------------------------------------------------------------------

  std::string type(ValType t) const { return print_type(names_, t); }

  void types() {
    for (const RecGroup& group : m_.rec_groups) {
      if (stopped()) return;
      if (group.count != 1) put_line("(rec");
      for (std::uint32_t i = 0; i < group.count; ++i) {
        out_.put(group.count == 1 ? "\n  " : "\n    ");
        type_definition(group.first + i);
      }
      if (group.count != 1) close();
    }
  }

  void type_definition(std::uint32_t index) {
    const SubType& sub = m_.types[index];
    out_.put(fmt::format("(type{} (;{};)", names_.types.binding(index), index));
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
    for (std::uint32_t i = 0; i < fields.fields.size() && !stopped(); ++i) {
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
    Declarations params(*this, "param", 0, names);
    for (const ValType t : func.params) params.add(t, 1);
    params.end();
    if (func.results.empty()) return;
    put("(result");
    for (const ValType t : func.results) {
      if (stopped()) return;
      put(type(t));
    }
    close();
  }

  /// Writes parameters or locals: `(param $x i32) (param i64 i64)`.
  class Declarations {
   public:
    Declarations(Printer& printer, std::string_view word, std::uint64_t first,
                 const PrintSpace& names)
        : printer_(printer), word_(word), next_(first), names_(names) {}

    void add(ValType type, std::uint32_t count) {
      const std::string text = printer_.type(type);
      for (std::uint32_t i = 0; i < count && !printer_.stopped(); ++i) add(text);
    }
    void end() {
      if (std::exchange(is_open_, false)) printer_.close();
    }

   private:
    void add(std::string_view type) {
      const auto index = static_cast<std::uint32_t>(next_++);
      const bool has_name = names_.has_binding(index);
      if (has_name) end();
      if (!is_open_) printer_.put(fmt::format("({}{}", word_, names_.binding(index)));
      is_open_ = true;
      printer_.put(type);
      if (has_name) end();
    }

    Printer& printer_;
    std::string_view word_;
    std::uint64_t next_;
    const PrintSpace& names_;
    bool is_open_ = false;
  };

  std::string limits(const Limits& l, AddressType address) const {
    std::string out = address == AddressType::i64 ? "i64 " : "";
    out += std::to_string(l.min);
    if (l.max) out += fmt::format(" {}", *l.max);
    return out;
  }
  std::string memory_type(const MemoryType& t) const {
    std::string text = limits(t.limits, t.address) + (t.shared ? " shared" : "");
    if (t.has_custom_page_size()) {
      text += fmt::format(" (pagesize {})", t.page_size());
    }
    return text;
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
    const std::uint32_t index = next_[static_cast<std::size_t>(ExternKind::func)];
    field(ExternKind::func);
    type_use(f.type, index);
    locals(f, index);
    if (stopped()) return;
    if (auto result = code_.body(f.body, index); !result) {
      error_ = std::move(result.error());
      error_->function = FuncIdx{index};
    }
    put_line(")");
  }

  void locals(const FuncDef& f, std::uint32_t index) {
    const auto runs = m_.locals(f);
    if (std::ranges::all_of(runs, [](const LocalRun& run) { return run.count == 0; })) return;
    const FuncType* func = func_type(f.type);
    // Without a function type, the index of a local is unknown, and none has a name.
    static const PrintSpace no_names;
    out_.put("\n   ");
    Declarations locals(*this, "local", func == nullptr ? 0 : func->params.size(),
                        func == nullptr ? no_names : names_.locals_of(index));
    for (const LocalRun& run : runs) locals.add(run.type, run.count);
    locals.end();
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

  void memory(const MemoryDef& m) {
    field(ExternKind::memory);
    put(memory_type(m.type));
    close();
  }

  void tag(const TagDef& t) {
    field(ExternKind::tag);
    put(fmt::format("(type {})", names_.types.use(t.type.value)));
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

  void elem(const ElemSegment& segment) {
    const auto index = static_cast<std::uint32_t>(&segment - m_.elems.data());
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
      for (const FuncIdx function : *functions) {
        if (stopped()) return;
        put(names_.funcs.use(function.value));
      }
    } else {
      put(type(segment.type));
      for (const ConstExpr& expr : std::get<std::vector<ConstExpr>>(segment.items)) {
        if (stopped()) return;
        put("(item");
        constant(expr.code);
        close();
      }
    }
    close();
  }

  void data(const DataSegment& segment) {
    const auto index = static_cast<std::uint32_t>(&segment - m_.datas.data());
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
    while (!rest.empty() && !stopped()) {
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
  TextSink& out_;
  CodePrinter code_;
  std::array<std::uint32_t, 5> next_{};  // the next index of each kind
  std::optional<Error> error_;
};

}  // namespace
}  // namespace fermata::text

namespace fermata {

std::uint64_t max_printed_size(const ModuleData& module) {
  return std::min<std::uint64_t>(limits::source_bytes - 1, max_text_size(module.bytes.size()));
}

Result<void> print_module(const ModuleData& module, TextSink& out) {
  return text::Printer(module, out).run();
}

Result<std::string> print_module(const ModuleData& module) {
  TextSink out(max_printed_size(module));
  if (auto printed = print_module(module, out); !printed) {
    return std::unexpected(std::move(printed.error()));
  }
  return out.take();
}

}  // namespace fermata
