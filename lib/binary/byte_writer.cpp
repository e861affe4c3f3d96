// See byte_writer.hpp.
#include "lib/binary/byte_writer.hpp"

#include <array>

namespace fermata {

void write_bytes(Bytes& out, std::span<const std::uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void write_unsigned(Bytes& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value));
}

void write_signed(Bytes& out, std::int64_t value) {
  // The last byte's bit 6 is the sign.
  while (value < -0x40 || value >= 0x40) {
    out.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::uint8_t>(value & 0x7F));
}

void write_fixed32(Bytes& out, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void write_fixed64(Bytes& out, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void write_name(Bytes& out, std::string_view name) {
  write_length(out, name.size());
  out.insert(out.end(), name.begin(), name.end());
}

namespace {

// In HeapKind's order: func, nofunc, extern, noextern, any, eq, i31, struct, array, none, exn,
// noexn.
constexpr std::array<std::uint8_t, 12> heap_bytes{0x70, 0x73, 0x6F, 0x72, 0x6E, 0x6D,
                                                  0x6C, 0x6B, 0x6A, 0x71, 0x69, 0x74};

}  // namespace

void write_heap_type(Bytes& out, HeapType type) {
  if (type.is_concrete()) return write_signed(out, type.index.value);
  write_byte(out, heap_bytes[static_cast<std::size_t>(type.kind)]);
}

void write_val_type(Bytes& out, ValType type) {
  if (!type.is_ref()) {
    // 0x7F i32, 0x7E i64, 0x7D f32, 0x7C f64, 0x7B v128: the order of ValKind.
    return write_byte(out, static_cast<std::uint8_t>(0x7F - static_cast<unsigned>(type.kind)));
  }
  if (!type.nullable) write_byte(out, 0x64);
  if (type.nullable && type.heap.is_concrete()) write_byte(out, 0x63);
  write_heap_type(out, type.heap);
}

void write_limits(Bytes& out, const Limits& limits, AddressType address, unsigned other_flags) {
  const unsigned flags =
      (limits.max ? 1u : 0u) | (address == AddressType::i64 ? 4u : 0u) | other_flags;
  write_byte(out, static_cast<std::uint8_t>(flags));
  write_unsigned(out, limits.min);
  if (limits.max) write_unsigned(out, *limits.max);
}

void write_table_type(Bytes& out, const TableType& type) {
  write_val_type(out, type.element);
  write_limits(out, type.limits, type.address, 0);
}

void write_memory_type(Bytes& out, const MemoryType& type) {
  const bool has_page_size = type.has_custom_page_size();
  write_limits(out, type.limits, type.address, (type.shared ? 2u : 0u) | (has_page_size ? 8u : 0u));
  if (has_page_size) write_unsigned(out, type.page_size_log2);
}

void write_global_type(Bytes& out, const GlobalType& type) {
  write_val_type(out, type.value);
  write_byte(out, type.mutable_ ? 1 : 0);
}

void write_locals(Bytes& out, std::span<const LocalRun> locals) {
  write_length(out, locals.size());
  for (const LocalRun& run : locals) {
    write_u32(out, run.count);
    write_val_type(out, run.type);
  }
}

void write_op(Bytes& out, WasmOp op) {
  const WasmOpInfo& i = info(op);
  if (i.prefix == 0) return write_byte(out, static_cast<std::uint8_t>(i.code));
  write_byte(out, i.prefix);
  write_u32(out, i.code);
}

}  // namespace fermata
