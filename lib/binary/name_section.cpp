// The name section, read leniently: it can never make a module malformed.
//
// Specification: "Appendix / Custom Sections / Name Section", with the subsections of the extended
// name section proposal (labels, tables, memories, globals, segments).
#include "lib/binary/section_readers.hpp"

namespace fermata {
namespace {

Names::Map read_name_map(Reader& reader) {
  Names::Map names;
  const std::uint32_t count = reader.length();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint32_t index = reader.u32();
    const std::string_view name = reader.name();
    if (reader.ok()) names.try_emplace(names.end(), index, name);
  }
  return names;
}

Names::IndirectMap read_indirect_name_map(Reader& reader) {
  Names::IndirectMap groups;
  const std::uint32_t count = reader.length();
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint32_t index = reader.u32();
    groups.try_emplace(groups.end(), index, read_name_map(reader));
  }
  return groups;
}

/// Stores what was read if all of it was well-formed.
template <class T>
void keep(const Reader& reader, T& where, T what) {
  if (reader.ok()) where = std::move(what);
}

void read_subsection(std::uint8_t id, Reader& reader, Names& names) {
  switch (id) {
    case 0: {
      const std::string_view name = reader.name();
      if (reader.ok()) names.module = name;
      return;
    }
    case 1:
      return keep(reader, names.functions, read_name_map(reader));
    case 2:
      return keep(reader, names.locals, read_indirect_name_map(reader));
    case 3:
      return keep(reader, names.labels, read_indirect_name_map(reader));
    case 4:
      return keep(reader, names.types, read_name_map(reader));
    case 5:
      return keep(reader, names.tables, read_name_map(reader));
    case 6:
      return keep(reader, names.memories, read_name_map(reader));
    case 7:
      return keep(reader, names.globals, read_name_map(reader));
    case 8:
      return keep(reader, names.elems, read_name_map(reader));
    case 9:
      return keep(reader, names.datas, read_name_map(reader));
    case 10:
      return keep(reader, names.fields, read_indirect_name_map(reader));
    case 11:
      return keep(reader, names.tags, read_name_map(reader));
    default:
      return;  // unknown ones are skipped
  }
}

}  // namespace

Names read_name_section(std::span<const std::uint8_t> bytes, ByteRange contents) {
  Names names;
  Reader reader(bytes, contents);
  while (!reader.at_end()) {
    const std::uint8_t id = reader.byte();
    const ByteRange subsection = reader.take(reader.length());
    if (!reader.ok()) break;
    Reader inside(bytes, subsection);
    read_subsection(id, inside, names);
    if (!inside.ok()) break;
  }
  return names;
}

}  // namespace fermata
