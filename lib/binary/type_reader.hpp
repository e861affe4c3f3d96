// Reading types: value, reference and heap types, limits, and the types of externals.
//
// Owns the encodings of specification "Binary Format / Types" but for the type section's own
// constructs (type_section.cpp). A concrete heap type's index is not checked against anything.
#pragma once

#include "fermata/features.hpp"
#include "fermata/types.hpp"
#include "lib/binary/reader.hpp"

namespace fermata {

// Each returns an arbitrary value after a failure of the reader.
[[nodiscard]] HeapType read_heap_type(Reader& reader);
[[nodiscard]] ValType read_ref_type(Reader& reader);
[[nodiscard]] ValType read_val_type_slow(Reader& reader);
[[nodiscard]] bool read_mutability(Reader& reader);
[[nodiscard]] TableType read_table_type(Reader& reader, Features features);
[[nodiscard]] MemoryType read_memory_type(Reader& reader, Features features);
[[nodiscard]] GlobalType read_global_type(Reader& reader);

/// Whether `byte` is a number or vector type.
[[nodiscard]] constexpr bool is_number_byte(std::uint8_t byte) {
  return byte >= 0x7B && byte <= 0x7F;
}
/// Precondition: `is_number_byte(byte)`.
[[nodiscard]] constexpr ValType number_type(std::uint8_t byte) {
  // 0x7F i32, 0x7E i64, 0x7D f32, 0x7C f64, 0x7B v128: the order of ValKind.
  return ValType{static_cast<ValKind>(0x7F - byte)};
}

[[nodiscard]] inline ValType read_val_type(Reader& reader) {
  if (!reader.at_end() && is_number_byte(reader.peek())) [[likely]]
    return number_type(reader.byte());
  return read_val_type_slow(reader);
}

/// Whether `byte` begins (and is all of) an abstract heap type.
[[nodiscard]] constexpr bool is_abstract_heap_byte(std::uint8_t byte) {
  return byte >= 0x69 && byte <= 0x74;
}

}  // namespace fermata
