// InstructionReader's general path: every opcode and every immediate, one family per function.
//
// Owns what the specification's "Binary Format / Instructions" calls malformed. Must not check an
// index against its space, nor types, nor the nesting of blocks.
#include "lib/binary/instruction_reader.hpp"

#include <fmt/format.h>

#include "lib/binary/type_reader.hpp"

namespace fermata {
namespace {

// Specification: "Binary Format / Instructions / Control Instructions", block types.
BlockType read_block_type(Reader& reader) {
  if (reader.at_end()) {
    (void)reader.byte();
    return {};
  }
  const std::uint8_t byte = reader.peek();
  if (byte == empty_block) {
    (void)reader.byte();
    return {};
  }
  // A negative one-byte number is a value type; anything else must be an index.
  const bool is_negative_byte = byte > empty_block && byte < 0x80;
  if (is_negative_byte) return {BlockType::Kind::value, read_val_type(reader), {}};
  const std::uint32_t at = reader.offset();
  const std::int64_t index = reader.s33();
  if (index < 0) {
    reader.fail(at, "malformed block type", "expected a value type or a type index");
    return {};
  }
  return {BlockType::Kind::type, {}, {static_cast<std::uint32_t>(index)}};
}

}  // namespace

bool InstructionReader::next_slow(Instruction& out) {
  const std::uint32_t at = reader_.offset();
  const std::uint8_t byte = reader_.byte();
  if (!reader_.ok()) return false;
  out.offset = at;
  detail::Encoded encoded = detail::encodings.find(0, byte);
  if (byte >= 0xFB && byte <= 0xFE) {
    const std::uint32_t code = reader_.u32();
    if (!reader_.ok()) return false;
    encoded = detail::encodings.find(byte, code);
    if (!encoded.exists) return illegal_opcode(at, byte, &code);
  }
  if (!encoded.exists) return illegal_opcode(at, byte, nullptr);
  out.op = encoded.op;
  return read_immediate(out, encoded.immediate);
}

bool InstructionReader::illegal_opcode(std::uint32_t at, std::uint8_t byte,
                                       const std::uint32_t* code) {
  const std::string rule = code == nullptr
                               ? fmt::format("illegal opcode {:02x}", byte)
                               : fmt::format("illegal opcode {:02x} {:02x}", byte, *code);
  reader_.fail(at, rule, "no instruction has this encoding");
  return false;
}

bool InstructionReader::read_immediate(Instruction& out, Immediate immediate) {
  switch (immediate) {
    case Immediate::none:
      return true;
    case Immediate::label:
    case Immediate::func:
    case Immediate::type:
    case Immediate::local:
    case Immediate::global:
    case Immediate::table:
    case Immediate::data:
    case Immediate::elem:
    case Immediate::tag:
      out.index = reader_.u32();
      return reader_.ok();
    case Immediate::call_indirect:
    case Immediate::memory_memory:
    case Immediate::table_table:
    case Immediate::data_memory:
    case Immediate::elem_table:
    case Immediate::type_field:
    case Immediate::type_data:
    case Immediate::type_elem:
    case Immediate::type_type:
    case Immediate::type_count:
      return read_two_indices(out, immediate);
    case Immediate::memarg:
    case Immediate::memory:
    case Immediate::i32_const:
    case Immediate::i64_const:
    case Immediate::f32_const:
    case Immediate::f64_const:
      return read_constant(out, immediate);
    case Immediate::v128_const:
    case Immediate::lane:
    case Immediate::memarg_lane:
    case Immediate::shuffle:
      return read_vector_immediate(out, immediate);
    case Immediate::block_type:
    case Immediate::label_table:
    case Immediate::value_types:
    case Immediate::heap_type:
    case Immediate::ref_test:
    case Immediate::br_on_cast:
    case Immediate::try_table:
    case Immediate::fence:
      return read_typed_immediate(out, immediate);
  }
  return false;
}

bool InstructionReader::read_two_indices(Instruction& out, Immediate immediate) {
  const bool first_is_memory = immediate == Immediate::memory_memory;
  out.index = first_is_memory ? memory_index() : reader_.u32();
  switch (immediate) {
    case Immediate::call_indirect:
    case Immediate::elem_table:
      out.index2 = table_index();
      break;
    case Immediate::memory_memory:
    case Immediate::data_memory:
      out.index2 = memory_index();
      break;
    default:
      out.index2 = reader_.u32();
      break;
  }
  return reader_.ok();
}

/// Immediates of memory instructions and constants: a number in a form of its own.
bool InstructionReader::read_constant(Instruction& out, Immediate immediate) {
  switch (immediate) {
    case Immediate::memarg:
      read_memarg(out);
      break;
    case Immediate::memory:
      out.index = memory_index();
      break;
    case Immediate::i32_const:
      out.i32 = reader_.s32();
      break;
    case Immediate::i64_const:
      out.i64 = reader_.s64();
      break;
    case Immediate::f32_const:
      out.f32_bits = reader_.fixed32();
      break;
    default:
      out.f64_bits = reader_.fixed64();
      break;
  }
  return reader_.ok();
}

// Specification: "Binary Format / Instructions / Vector Instructions".
bool InstructionReader::read_vector_immediate(Instruction& out, Immediate immediate) {
  if (immediate == Immediate::memarg_lane) read_memarg(out);
  if (immediate == Immediate::memarg_lane || immediate == Immediate::lane) {
    out.lane = reader_.u8();
    return reader_.ok();
  }
  out.v128 = {};
  for (std::uint8_t& byte : out.v128) {
    byte = immediate == Immediate::shuffle ? reader_.u8() : reader_.byte();
  }
  return reader_.ok();
}

/// Immediates with types or vectors in them.
bool InstructionReader::read_typed_immediate(Instruction& out, Immediate immediate) {
  switch (immediate) {
    case Immediate::block_type:
      std::construct_at(&out.block, read_block_type(reader_));
      break;
    case Immediate::try_table:
      std::construct_at(&out.block, read_block_type(reader_));
      read_catches(out);
      break;
    case Immediate::label_table:
      read_label_table(out);
      break;
    case Immediate::value_types:
      read_select_types(out);
      break;
    case Immediate::br_on_cast:
      read_br_on_cast(out);
      break;
    case Immediate::fence:
      read_fence();
      break;
    default:
      std::construct_at(&out.heap, read_heap_type(reader_));
      break;
  }
  return reader_.ok();
}

// Specification: "Binary Format / Instructions / Memory Instructions". Bit 6 of the flags says that
// a memory index follows.
void InstructionReader::read_memarg(Instruction& out) {
  const std::uint32_t at = reader_.offset();
  const std::uint32_t flags = reader_.u32();
  if (flags >= 0x80) {
    reader_.fail(at, "malformed memop flags",
                 fmt::format("expected an alignment below 2^64, found flags 0x{:x}", flags));
  }
  MemArg memarg;
  memarg.align_log2 = flags & 0x3F;
  if ((flags & 0x40) != 0) memarg.memory = {reader_.u32()};
  memarg.offset = features_.has(Feature::memory64) ? reader_.u64() : reader_.u32();
  out.index = memarg.memory.value;
  std::construct_at(&out.memarg, memarg);
}

void InstructionReader::read_label_table(Instruction& out) {
  LabelTable table;
  table.count = reader_.length();
  table.bytes = reader_.cursor_;
  for (std::uint64_t i = 0; i <= table.count && reader_.ok(); ++i) (void)reader_.u32();
  std::construct_at(&out.labels, table);
}

void InstructionReader::read_catches(Instruction& out) {
  CatchTable table;
  table.count = reader_.length();
  table.bytes = reader_.cursor_;
  for (std::uint32_t i = 0; i < table.count && reader_.ok(); ++i) {
    const std::uint32_t at = reader_.offset();
    const std::uint8_t kind = reader_.byte();
    if (kind > 3) {
      reader_.fail(at, "malformed catch clause", fmt::format("expected 0 to 3, found {}", kind));
    }
    if (kind < 2) (void)reader_.u32();  // the tag
    (void)reader_.u32();                // the label
  }
  out.catches = table;
}

void InstructionReader::read_select_types(Instruction& out) {
  out.select_count = reader_.length();
  ValType type;
  for (std::uint32_t i = 0; i < out.select_count && reader_.ok(); ++i) {
    type = read_val_type(reader_);
  }
  std::construct_at(&out.select_type, type);
}

void InstructionReader::read_br_on_cast(Instruction& out) {
  const std::uint32_t at = reader_.offset();
  const std::uint8_t flags = reader_.byte();
  if (flags > 3) {
    reader_.fail(at, "malformed br_on_cast flags", fmt::format("expected 0 to 3, found {}", flags));
  }
  out.index = reader_.u32();
  CastTypes cast;
  cast.from_nullable = (flags & 1) != 0;
  cast.to_nullable = (flags & 2) != 0;
  cast.from = read_heap_type(reader_);
  cast.to = read_heap_type(reader_);
  std::construct_at(&out.cast, cast);
}

void InstructionReader::read_fence() {
  const std::uint32_t at = reader_.offset();
  const std::uint8_t byte = reader_.byte();
  if (byte != 0) {
    reader_.fail(at, "zero byte expected", fmt::format("found {} after atomic.fence", byte));
  }
}

std::uint32_t InstructionReader::memory_index() {
  return features_.has(Feature::multi_memory) ? reader_.u32() : reserved_index();
}

std::uint32_t InstructionReader::table_index() {
  return features_.has(Feature::reference_types) ? reader_.u32() : reserved_index();
}

/// A byte that was reserved before it became an index: an index of one byte is read (the validator
/// refuses any but 0, naming the proposal), a longer one never was well-formed.
std::uint32_t InstructionReader::reserved_index() {
  const std::uint32_t at = reader_.offset();
  const std::uint8_t byte = reader_.byte();
  if (byte >= 0x80) {
    reader_.fail(at, "zero byte expected", fmt::format("found 0x{:02x} for an index", byte));
  }
  return byte;
}

}  // namespace fermata
