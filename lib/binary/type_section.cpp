// The type section: recursive groups of function, structure and array types.
//
// Specification: "Binary Format / Types" from "Composite Types" on, "Modules / Type Section".
#include "fermata/limits.hpp"
#include "lib/binary/section_readers.hpp"
#include "lib/binary/type_reader.hpp"

namespace fermata {
namespace {

constexpr std::uint8_t rec_byte = 0x4E;
constexpr std::uint8_t sub_final_byte = 0x4F;
constexpr std::uint8_t sub_byte = 0x50;
constexpr std::uint8_t array_byte = 0x5E;
constexpr std::uint8_t struct_byte = 0x5F;
constexpr std::uint8_t func_byte = 0x60;
constexpr std::uint8_t i16_byte = 0x77;
constexpr std::uint8_t i8_byte = 0x78;

constexpr std::uint32_t no_limit =
    UINT32_MAX;  // bounded by the bytes left, judged by the validator

ResultType read_result_type(Reader& reader) {
  return read_vector(reader, no_limit, "types", [&] { return read_val_type(reader); });
}

FieldType read_field_type(Reader& reader) {
  FieldType field;
  const std::uint8_t byte = reader.at_end() ? std::uint8_t{0} : reader.peek();
  if (byte == i8_byte || byte == i16_byte) {
    field.packed = byte == i8_byte ? PackedType::i8 : PackedType::i16;
    (void)reader.byte();
  } else {
    field.type = read_val_type(reader);
  }
  field.mutable_ = read_mutability(reader);
  return field;
}

CompType read_composite_type(Reader& reader) {
  const std::uint32_t at = reader.offset();
  const std::uint8_t byte = reader.type_byte();
  switch (byte) {
    case func_byte: {
      FuncType type;
      type.params = read_result_type(reader);
      type.results = read_result_type(reader);
      return type;
    }
    case struct_byte:
      return StructType{
          read_vector(reader, no_limit, "fields", [&] { return read_field_type(reader); })};
    case array_byte:
      return ArrayType{read_field_type(reader)};
    default:
      reader.fail(
          at, "malformed definition type",
          fmt::format("expected a function, structure or array type, found 0x{:02x}", byte));
      return {};
  }
}

SubType read_sub_type(Reader& reader) {
  SubType type;
  const std::uint8_t byte = reader.at_end() ? std::uint8_t{0} : reader.peek();
  if (byte == sub_byte || byte == sub_final_byte) {
    (void)reader.byte();
    type.final_ = byte == sub_final_byte;
    type.supers =
        read_vector(reader, no_limit, "supertypes", [&] { return TypeIdx{reader.u32()}; });
  }
  type.composite = read_composite_type(reader);
  return type;
}

void read_rec_group(SectionContext& context) {
  Reader& reader = context.reader;
  std::vector<SubType>& types = context.module.types;
  const auto first = static_cast<std::uint32_t>(types.size());
  std::uint32_t count = 1;
  if (!reader.at_end() && reader.peek() == rec_byte) {
    (void)reader.byte();
    count = read_count(reader, limits::types - first, "types");
  } else if (first == limits::types) {
    reader.fail_limit(reader.offset(),
                      fmt::format("at most {} types are supported", limits::types));
  }
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    context.module.type_offsets.push_back(reader.offset());
    types.push_back(read_sub_type(reader));
  }
  context.module.rec_groups.push_back({first, count});
}

}  // namespace

void read_type_section(SectionContext& context) {
  Reader& reader = context.reader;
  const std::uint32_t count = read_count(reader, limits::rec_groups, "recursive groups");
  context.module.types.reserve(count);
  context.module.type_offsets.reserve(count);
  context.module.rec_groups.reserve(count);
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) read_rec_group(context);
}

}  // namespace fermata
