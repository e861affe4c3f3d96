// Writing the binary format's primitives and types to a vector of bytes.
//
// Owns the canonical (shortest) encodings of integers, names and types; the encoder and the text
// parser build on it. Knows nothing of sections or instructions. Specification: "Binary Format /
// Values, Types".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lib/isa/wasm_op.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

using Bytes = std::vector<std::uint8_t>;

inline void write_byte(Bytes& out, std::uint8_t byte) { out.push_back(byte); }
void write_bytes(Bytes& out, std::span<const std::uint8_t> bytes);

void write_unsigned(Bytes& out, std::uint64_t value);  ///< LEB128
void write_signed(Bytes& out, std::int64_t value);     ///< LEB128
void write_fixed32(Bytes& out, std::uint32_t value);   ///< little-endian
void write_fixed64(Bytes& out, std::uint64_t value);   ///< little-endian

inline void write_u32(Bytes& out, std::uint32_t value) {
  if (value < 0x80) return out.push_back(static_cast<std::uint8_t>(value));
  write_unsigned(out, value);
}
/// The length of a vector. Precondition: it fits 32 bits.
inline void write_length(Bytes& out, std::size_t length) { write_unsigned(out, length); }
void write_name(Bytes& out, std::string_view name);

void write_heap_type(Bytes& out, HeapType type);
void write_val_type(Bytes& out, ValType type);
/// `other_flags` are those of memories: 2 for a shared one, 8 for a page size, which follows.
void write_limits(Bytes& out, const Limits& limits, AddressType address, unsigned other_flags);
void write_table_type(Bytes& out, const TableType& type);
void write_memory_type(Bytes& out, const MemoryType& type);
void write_global_type(Bytes& out, const GlobalType& type);

/// The locals of a function's code entry: the runs as they are.
void write_locals(Bytes& out, std::span<const LocalRun> locals);

/// The opcode alone.
void write_op(Bytes& out, WasmOp op);

}  // namespace fermata
