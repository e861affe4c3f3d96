// The sections of short definitions: imports, functions' types, tables, memories, tags, globals,
// exports, start, data count; and constant expressions.
//
// Specification: "Binary Format / Modules", the sections of these names.
#include "fermata/limits.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "lib/binary/section_readers.hpp"
#include "lib/binary/type_reader.hpp"

namespace fermata {
namespace {

TagDef read_tag_type(Reader& reader) {
  const std::uint32_t at = reader.offset();
  const std::uint8_t attribute = reader.byte();
  if (attribute != 0) {
    reader.fail(at, "zero byte expected", fmt::format("found tag attribute {}", attribute));
  }
  return {{reader.u32()}, at};
}

using ImportDesc = decltype(Import::desc);

ImportDesc read_import_desc(SectionContext& context) {
  Reader& reader = context.reader;
  const std::uint32_t at = reader.offset();
  const std::uint8_t kind = reader.byte();
  switch (kind) {
    case 0:
      return TypeIdx{reader.u32()};
    case 1:
      return read_table_type(reader, context.features);
    case 2:
      return read_memory_type(reader, context.features);
    case 3:
      return read_global_type(reader);
    case 4:
      return read_tag_type(reader);
    default:
      reader.fail(at, "malformed import kind", fmt::format("expected 0 to 4, found {}", kind));
      return {};
  }
}

Import read_import(SectionContext& context) {
  Import import;
  import.offset = context.reader.offset();
  import.module = context.reader.name();
  import.name = context.reader.name();
  import.desc = read_import_desc(context);
  return import;
}

// Specification: "Table Section". 0x40 cannot start a table type, so it announces an initializer.
TableDef read_table(SectionContext& context) {
  Reader& reader = context.reader;
  TableDef table;
  table.offset = reader.offset();
  const bool has_init = !reader.at_end() && reader.peek() == 0x40;
  if (has_init) {
    (void)reader.byte();
    const std::uint32_t at = reader.offset();
    const std::uint8_t reserved = reader.byte();
    if (reserved != 0) reader.fail(at, "zero byte expected", fmt::format("found {}", reserved));
  }
  table.type = read_table_type(reader, context.features);
  if (has_init) table.init = read_const_expr(context);
  return table;
}

Export read_export(Reader& reader) {
  Export result;
  result.offset = reader.offset();
  result.name = reader.name();
  const std::uint32_t at = reader.offset();
  const std::uint8_t kind = reader.byte();
  if (kind > 4) {
    reader.fail(at, "malformed export kind", fmt::format("expected 0 to 4, found {}", kind));
  }
  result.kind = static_cast<ExternKind>(kind);
  result.index = reader.u32();
  return result;
}

}  // namespace

void read_import_section(SectionContext& context) {
  context.module.imports =
      read_vector(context.reader, limits::imports, "imports", [&] { return read_import(context); });
}

void read_function_section(SectionContext& context) {
  context.module.functions = read_vector(context.reader, limits::functions, "functions", [&] {
    FuncDef function;
    function.type = {context.reader.u32()};
    return function;
  });
}

void read_table_section(SectionContext& context) {
  context.module.tables =
      read_vector(context.reader, limits::tables, "tables", [&] { return read_table(context); });
}

void read_memory_section(SectionContext& context) {
  context.module.memories = read_vector(context.reader, limits::memories, "memories", [&] {
    MemoryDef memory;
    memory.offset = context.reader.offset();
    memory.type = read_memory_type(context.reader, context.features);
    return memory;
  });
}

void read_tag_section(SectionContext& context) {
  context.module.tags = read_vector(context.reader, limits::tags, "tags",
                                    [&] { return read_tag_type(context.reader); });
}

void read_global_section(SectionContext& context) {
  context.module.globals = read_vector(context.reader, limits::globals, "globals", [&] {
    GlobalDef global;
    global.offset = context.reader.offset();
    global.type = read_global_type(context.reader);
    global.init = read_const_expr(context);
    return global;
  });
}

void read_export_section(SectionContext& context) {
  context.module.exports = read_vector(context.reader, limits::exports, "exports",
                                       [&] { return read_export(context.reader); });
}

void read_start_section(SectionContext& context) {
  context.module.start_offset = context.reader.offset();
  context.module.start = FuncIdx{context.reader.u32()};
}

void read_data_count_section(SectionContext& context) {
  context.module.data_count_offset = context.reader.offset();
  context.module.data_count = context.reader.u32();
}

// Specification: "Binary Format / Instructions / Expressions".
std::uint32_t find_expression_end(SectionContext& context, std::uint32_t begin) {
  Reader& reader = context.reader;
  const auto module_end = static_cast<std::uint32_t>(context.bytes.size());
  InstructionReader instructions(context.bytes, {begin, module_end}, context.features);
  Instruction instruction;
  for (std::uint32_t depth = 1; depth > 0;) {
    if (!instructions.next(instruction)) {
      reader.fail(instructions.error());
      return begin;
    }
    const WasmOp op = instruction.op;
    // What only a block can have, whether that block could have it is for the validator.
    if (depth == 1 && op != WasmOp::end && (divides_block(op) || closes_block(op))) {
      reader.fail(instruction.offset, "END opcode expected",
                  fmt::format("found {} outside of {}", info(op).text,
                              op == WasmOp::else_ ? "an if" : "a try"));
      return begin;
    }
    if (opens_block(op)) ++depth;
    if (closes_block(op)) --depth;
  }
  return instructions.offset();
}

// Whether the instructions are constant is for the validator.
ConstExpr read_const_expr(SectionContext& context) {
  Reader& reader = context.reader;
  if (!reader.ok()) return {};
  const std::uint32_t begin = reader.offset();
  const std::uint32_t end = find_expression_end(context, begin);
  if (reader.ok()) reader.skip_to(end);
  return {{begin, end}};
}

}  // namespace fermata
