// The frame of a binary module: preamble, the order and sizes of sections, and what must agree
// between sections. The sections' contents are read by the *_section.cpp files.
#include "lib/binary/decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fermata/limits.hpp"
#include "lib/binary/component.hpp"
#include "lib/binary/section_readers.hpp"
#include "lib/module/limit_error.hpp"

namespace fermata {
namespace {

struct SectionKind {
  std::string_view name;
  unsigned order;  // sections other than custom ones come in ascending order, each at most once
  void (*read)(SectionContext&);
};

/// By section id (specification: "Binary Format / Modules"). Custom sections are read here.
constexpr std::array<SectionKind, 14> section_kinds{{
    {"custom", 0, nullptr},
    {"type", 1, read_type_section},
    {"import", 2, read_import_section},
    {"function", 3, read_function_section},
    {"table", 4, read_table_section},
    {"memory", 5, read_memory_section},
    {"global", 7, read_global_section},
    {"export", 8, read_export_section},
    {"start", 9, read_start_section},
    {"element", 10, read_element_section},
    {"code", 12, read_code_section},
    {"data", 13, read_data_section},
    {"data count", 11, read_data_count_section},
    {"tag", 6, read_tag_section},
}};

void read_preamble(Reader& reader) {
  constexpr std::uint32_t magic = 0x6D73'6100;  // "\0asm"
  if (reader.fixed32() != magic && reader.ok()) {
    reader.fail(0, "magic header not detected", "expected the bytes \"\\0asm\"");
  }
  const std::uint32_t version = reader.fixed32();
  if (version == component_version && reader.ok()) {
    reader.fail(4, "unknown binary version",
                "expected 1 of a core module, found a component of the component model");
  }
  if (version != 1 && reader.ok()) {
    reader.fail(4, "unknown binary version", fmt::format("expected 1, found {}", version));
  }
}

class SectionWalk {
 public:
  explicit SectionWalk(SectionContext& context) : context_(context), reader_(context.reader) {}

  void run() {
    while (!reader_.at_end()) read_section();
  }

 private:
  void read_section() {
    const std::uint32_t at = reader_.offset();
    const std::uint8_t id = reader_.byte();
    if (id >= section_kinds.size()) {
      reader_.fail(at, "malformed section id", fmt::format("expected 0 to 13, found {}", id));
      return;
    }
    const SectionKind& kind = section_kinds[id];
    if (id != 0) check_order(kind, at);
    const std::uint32_t size = reader_.length();
    if (!reader_.ok()) return;
    const std::uint32_t begin = reader_.offset();
    if (id == 0) {
      read_custom(at, begin + size);
    } else {
      kind.read(context_);
      last_id_ = id;
      last_order_ = kind.order;
    }
    check_end(kind, begin, size);
  }

  void check_order(const SectionKind& kind, std::uint32_t at) {
    if (kind.order > last_order_) return;
    reader_.fail(at, "unexpected content after last section",
                 fmt::format("the {} section must not follow the {} section", kind.name,
                             section_kinds[last_id_].name));
  }

  void check_end(const SectionKind& kind, std::uint32_t begin, std::uint32_t size) {
    if (!reader_.ok() || reader_.offset() == begin + size) return;
    reader_.fail(begin, "section size mismatch",
                 fmt::format("the {} section declares {} bytes, its contents take {}", kind.name,
                             size, reader_.offset() - begin));
  }

  void read_custom(std::uint32_t at, std::uint32_t end) {
    const std::string_view name = reader_.name();
    if (!reader_.ok()) return;
    if (reader_.offset() > end) {
      reader_.fail(end, "unexpected end of section or function",
                   "the custom section ends within its name");
      return;
    }
    const ByteRange contents = reader_.take(end - reader_.offset());
    if (name == "name" && !has_names_) take_names(contents);
    context_.module.customs.push_back({std::string(name), contents, last_id_, at});
  }

  void take_names(ByteRange contents) {
    has_names_ = true;
    if (context_.reads_names) {
      context_.module.names = read_name_section(context_.bytes, contents);
    } else {
      context_.module.unread_names = contents;
    }
  }

  SectionContext& context_;
  Reader& reader_;
  std::uint8_t last_id_ = 0;
  unsigned last_order_ = 0;
  bool has_names_ = false;
};

// Specification: "Binary Format / Modules / Modules", the side conditions.
void check_agreement(Reader& reader, const ModuleData& module, std::uint32_t code_count) {
  const std::uint32_t end = reader.offset();
  if (code_count != module.functions.size()) {
    reader.fail(end, "function and code section have inconsistent lengths",
                fmt::format("{} functions are declared, the code of {} is there",
                            module.functions.size(), code_count));
  }
  if (module.data_count && *module.data_count != module.datas.size()) {
    reader.fail(end, "data count and data section have inconsistent lengths",
                fmt::format("{} segments are announced, {} are there", *module.data_count,
                            module.datas.size()));
  }
}

}  // namespace

Result<ModuleData> decode(std::vector<std::uint8_t> bytes, Features features, NameReading names) {
  ModuleData module;
  if (bytes.size() > limits::module_bytes) {
    return std::unexpected(limit_error(fmt::format(
        "the module has {} bytes, at most {} are supported", bytes.size(), limits::module_bytes)));
  }
  Reader reader(bytes, {0, static_cast<std::uint32_t>(bytes.size())});
  SectionContext context{bytes, reader, module, features, names == NameReading::now};
  read_preamble(reader);
  SectionWalk(context).run();
  if (reader.ok()) check_agreement(reader, module, context.code_count);
  if (!reader.ok()) {
    Error error = reader.error();
    error.function = context.function;
    return std::unexpected(std::move(error));
  }
  module.bytes = std::move(bytes);
  return module;
}

bool has_preamble(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes, {0, static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), 8))});
  read_preamble(reader);
  return reader.ok();
}

Names read_names(const ModuleData& module) {
  if (!module.unread_names) return module.names;
  return read_name_section(module.bytes, *module.unread_names);
}

}  // namespace fermata
