// What the files of the decoder share: one function per section, and reading a vector.
//
// Internal to lib/binary. Each function reads the contents of its section and stores them in the
// module; it may read past the section's end, which its caller (decoder.cpp) finds out, but never
// past the module's. After a failure of the reader the module is left half-filled and dropped.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "fermata/features.hpp"
#include "lib/binary/reader.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

struct SectionContext {
  std::span<const std::uint8_t> bytes;  // the whole module
  Reader& reader;
  ModuleData& module;
  Features features;
  bool reads_names = true;
  std::uint32_t code_count = 0;          // entries of the code section
  std::optional<FuncIdx> function = {};  // whose code entry is being read
};

void read_type_section(SectionContext& context);
void read_import_section(SectionContext& context);
void read_function_section(SectionContext& context);
void read_table_section(SectionContext& context);
void read_memory_section(SectionContext& context);
void read_tag_section(SectionContext& context);
void read_global_section(SectionContext& context);
void read_export_section(SectionContext& context);
void read_start_section(SectionContext& context);
void read_element_section(SectionContext& context);
void read_data_count_section(SectionContext& context);
void read_code_section(SectionContext& context);
void read_data_section(SectionContext& context);

/// Where the instructions from `begin` on end, after the `end` that closes them; they may reach up
/// to the module's end. After a failure, some offset.
[[nodiscard]] std::uint32_t find_expression_end(SectionContext& context, std::uint32_t begin);

/// A constant expression: instructions up to the `end` that closes it. Bounded by the bytes left.
[[nodiscard]] ConstExpr read_const_expr(SectionContext& context);

/// The names in the contents of a name section. Whatever is malformed ends the reading; the
/// subsections before it are kept.
[[nodiscard]] Names read_name_section(std::span<const std::uint8_t> bytes, ByteRange contents);

/// How many `what` follow; fails above `limit`.
[[nodiscard]] inline std::uint32_t read_count(Reader& reader, std::uint32_t limit,
                                              std::string_view what) {
  const std::uint32_t at = reader.offset();
  const std::uint32_t count = reader.length();
  if (count <= limit) return count;
  reader.fail_limit(at, fmt::format("{} {}, at most {} are supported", count, what, limit));
  return 0;
}

/// A count and as many items, each read by `read_item()`.
template <class F>
[[nodiscard]] auto read_vector(Reader& reader, std::uint32_t limit, std::string_view what,
                               F&& read_item) {
  std::vector<decltype(read_item())> items;
  const std::uint32_t count = read_count(reader, limit, what);
  items.reserve(count);
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) items.push_back(read_item());
  return items;
}

}  // namespace fermata
