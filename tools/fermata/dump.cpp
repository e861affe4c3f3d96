// `fermata dump`: what a module consists of, valid or not.
//
// Works on the decoded module, so nothing may be taken for granted but its structure: any index may
// be out of range.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <variant>

#include "lib/binary/component.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/binary/reader.hpp"
#include "lib/module/quoted.hpp"
#include "lib/module/text_sink.hpp"
#include "tools/fermata/command.hpp"
#include "tools/fermata/component.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/features_used.hpp"
#include "tools/fermata/input.hpp"

namespace fermata::tool {
namespace {

constexpr std::uint32_t preamble_size = 8;

std::string section_name(std::uint8_t id) {
  constexpr std::array names = {"custom", "type",   "import",     "function", "table",
                                "memory", "global", "export",     "start",    "element",
                                "code",   "data",   "data count", "tag"};
  return id < names.size() ? names[id] : fmt::format("section {}", id);
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// One line per section, as far as the bytes can be followed.
void print_sections(std::span<const std::uint8_t> bytes, TextSink& out) {
  constexpr std::uint8_t custom = 0;
  constexpr std::uint8_t start = 8;
  out.put("sections:\n");
  const auto size = static_cast<std::uint32_t>(bytes.size());
  Reader reader(bytes, {std::min(preamble_size, size), size});
  while (!reader.at_end() && !out.full()) {
    const auto id = reader.byte();
    const auto contents = reader.take(reader.u32());
    if (!reader.ok()) break;
    Reader inner(bytes, contents);
    out.put(fmt::format("  {:<10}  offset {:#010x}  {:>8} bytes", section_name(id), contents.begin,
                        contents.size()));
    if (id == custom)
      out.put(fmt::format("  {}", quoted(inner.name())));
    else if (id != start)
      out.put("  " + counted(inner.u32(), "entry", "entries"));
    out.put('\n');
  }
}

std::string maximum(const Limits& limits) {
  return limits.max ? fmt::format("at most {}", *limits.max) : "no maximum";
}

std::string text_of(const MemoryType& type) {
  return fmt::format(
      "{}, {}{}{}{}", counted(type.limits.min, "page", "pages"), maximum(type.limits),
      type.address == AddressType::i64 ? ", 64-bit" : "", type.shared ? ", shared" : "",
      !type.has_custom_page_size() ? ""
                                   : ", pages of " + counted(type.page_size(), "byte", "bytes"));
}

std::string text_of(const TableType& type) {
  return fmt::format("{}, {}, {}{}", to_string(type.element),
                     counted(type.limits.min, "element", "elements"), maximum(type.limits),
                     type.address == AddressType::i64 ? ", 64-bit" : "");
}

std::string text_of(const GlobalType& type) {
  return type.mutable_ ? fmt::format("mutable {}", to_string(type.value)) : to_string(type.value);
}

/// What an import is, or a definition.
using ItemType = decltype(Import::desc);

class Dumper {
 public:
  Dumper(const ModuleData& module, TextSink& out) : module_(module), out_(out) {
    for (const auto& i : module.imports) space(i.kind()).push_back(i.desc);
    for (const auto& f : module.functions) space(ExternKind::func).push_back(f.type);
    for (const auto& t : module.tables) space(ExternKind::table).push_back(t.type);
    for (const auto& m : module.memories) space(ExternKind::memory).push_back(m.type);
    for (const auto& g : module.globals) space(ExternKind::global).push_back(g.type);
    for (const auto& t : module.tags) space(ExternKind::tag).push_back(t);
  }

  void dump() {
    imports();
    exports();
    definitions("tables", ExternKind::table);
    definitions("memories", ExternKind::memory);
    definitions("globals", ExternKind::global);
    definitions("tags", ExternKind::tag);
    if (module_.start) out_.put(fmt::format("start function: {}\n", module_.start->value));
    features();
  }

 private:
  static std::string_view kind_name(ExternKind kind) {
    constexpr std::array<std::string_view, 5> names = {"func", "table", "memory", "global", "tag"};
    return names[static_cast<std::size_t>(kind)];
  }

  std::vector<ItemType>& space(ExternKind kind) { return spaces_[static_cast<std::size_t>(kind)]; }

  // Made when it is printed: a few bytes name a type of any length.
  std::string text(const ItemType& item) const {
    return std::visit([this](const auto& type) { return text_of(type); }, item);
  }
  std::string text_of(TypeIdx index) const {
    const auto i = index.value;
    const auto* type =
        i < module_.types.size() ? std::get_if<FuncType>(&module_.types[i].composite) : nullptr;
    return type != nullptr ? to_string(*type) : fmt::format("type {}, not a function type", i);
  }
  std::string text_of(const TagDef& tag) const { return text_of(tag.type); }
  template <class T>
  std::string text_of(const T& type) const {
    return tool::text_of(type);
  }

  void imports() {
    if (module_.imports.empty()) return;
    out_.put("imports:\n");
    std::array<std::size_t, 5> next{};
    for (const auto& import : module_.imports) {
      if (out_.full()) return;
      const auto index = next[static_cast<std::size_t>(import.kind())]++;
      out_.put(fmt::format("  {:<6} {:>4}  {} {}  {}\n", kind_name(import.kind()), index,
                           quoted(import.module), quoted(import.name), text(import.desc)));
    }
  }

  void exports() {
    if (module_.exports.empty()) return;
    out_.put("exports:\n");
    for (const auto& e : module_.exports) {
      if (out_.full()) return;
      const auto& all = space(e.kind);
      out_.put(
          fmt::format("  {:<6} {:>4}  {}  {}\n", kind_name(e.kind), e.index, quoted(e.name),
                      e.index < all.size() ? text(all[e.index]) : "there is none of this index"));
    }
  }

  void definitions(std::string_view title, ExternKind kind) {
    const auto& all = space(kind);
    if (all.empty()) return;
    out_.put(fmt::format("{}:\n", title));
    for (std::size_t i = 0; i < all.size() && !out_.full(); ++i) {
      out_.put(fmt::format("  {:>4}  {}\n", i, text(all[i])));
    }
  }

  void features() {
    const auto used = features_used(module_);
    out_.put("features used beyond the MVP:");
    for (std::uint8_t i = 0; i < feature_count; ++i) {
      const auto feature = static_cast<Feature>(i);
      if (used.has(feature)) out_.put(fmt::format(" {}", to_string(feature)));
    }
    out_.put(used == Features::mvp() ? " none\n" : "\n");
  }

  const ModuleData& module_;
  TextSink& out_;
  std::array<std::vector<ItemType>, 5> spaces_;  // each index space, imports first
};

class Dump final : public Command {
 public:
  Description describe() const override {
    return {
        .name = "dump",
        .operands = "FILE",
        .summary = "show the sections, imports, exports and features of a module",
        .details =
            "Shows what FILE (- for standard input) consists of. The module need not be valid;\n"
            "of one that is malformed, the sections are shown that can be found, if the file\n"
            "begins as a module does. Of a component, the sections are shown, and which core\n"
            "modules are in it, with the numbers that 'fermata extract' takes.\n"
            "\n"
            "  fermata dump program.wasm",
        .max_operands = 1};
  }

  std::vector<Option> options() override { return {}; }

  int run(std::span<const std::string_view> operands) override {
    const auto file = operands[0];
    auto bytes = read_binary_file(file);
    if (!bytes) return refuse(file, bytes.error());
    TextSink out(max_text_size(bytes->size()), [](std::string_view piece) {
      print(piece);
      return true;
    });
    if (is_component(*bytes)) {
      out.put(fmt::format("{}: {} bytes, a component\n", printable(file), bytes->size()));
      return finish(file, print_component(*bytes, out), out);
    }
    if (has_preamble(*bytes)) {
      out.put(fmt::format("{}: {} bytes\n", printable(file), bytes->size()));
      print_sections(*bytes, out);
    }
    const auto module = decode(std::move(*bytes), Features::all());
    if (module) Dumper(*module, out).dump();
    if (module) return finish(file, {}, out);
    return finish(file, std::unexpected(module.error()), out);
  }

 private:
  static int finish(std::string_view file, const Result<void>& read, TextSink& out) {
    const auto printed = out.finish();
    if (!read) return refuse(file, read.error());
    return printed ? int{exit_ok} : refuse(file, printed.error());
  }

  static int refuse(std::string_view file, const Error& error) {
    complain(file, error);
    return exit_failed;
  }
};

}  // namespace

std::unique_ptr<Command> make_dump() { return std::make_unique<Dump>(); }

}  // namespace fermata::tool
