#include "lib/binary/instruction_text.hpp"

#include <fmt/format.h>

#include <bit>

namespace fermata {

namespace {

std::string block_type(const BlockType& type) {
  switch (type.kind) {
    case BlockType::Kind::empty:
      return {};
    case BlockType::Kind::value:
      return fmt::format(" (result {})", to_string(type.value));
    case BlockType::Kind::type:
      return fmt::format(" (type {})", type.type.value);
  }
  return {};
}

std::string labels(const LabelTable& table) {
  std::string text;
  table.each([&](LabelIdx label) { text += fmt::format(" {}", label.value); });
  return text;
}

std::string memarg(const MemArg& arg) {
  std::string text;
  if (arg.memory.value != 0) text += fmt::format(" {}", arg.memory.value);
  if (arg.offset != 0) text += fmt::format(" offset={}", arg.offset);
  return text + fmt::format(" align={}", std::uint64_t{1} << (arg.align_log2 & 63));
}

std::string immediates(const Instruction& in) {
  switch (info(in.op).immediate) {
    case Immediate::none:
    case Immediate::fence:
      return {};
    case Immediate::block_type:
    case Immediate::try_table:
      return block_type(in.block);
    case Immediate::label_table:
      return labels(in.labels);
    case Immediate::memarg:
      return memarg(in.memarg);
    case Immediate::memarg_lane:
      return fmt::format("{} {}", memarg(in.memarg), in.lane);
    case Immediate::i32_const:
      return fmt::format(" {}", in.i32);
    case Immediate::i64_const:
      return fmt::format(" {}", in.i64);
    case Immediate::f32_const:
      return fmt::format(" {} ({:#x})", std::bit_cast<float>(in.f32_bits), in.f32_bits);
    case Immediate::f64_const:
      return fmt::format(" {} ({:#x})", std::bit_cast<double>(in.f64_bits), in.f64_bits);
    case Immediate::heap_type:
    case Immediate::ref_test:
      return fmt::format(" {}", to_string(in.heap));
    case Immediate::value_types:
      return in.select_count == 1 ? fmt::format(" (result {})", to_string(in.select_type)) : "";
    case Immediate::v128_const:
      return fmt::format(" i8x16 {}", fmt::join(in.v128, " "));
    case Immediate::shuffle:
      return fmt::format(" {}", fmt::join(in.v128, " "));
    case Immediate::lane:
      return fmt::format(" {}", in.lane);
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
      return fmt::format(" {} {}", in.index, in.index2);
    default:
      return fmt::format(" {}", in.index);
  }
}

}  // namespace

std::string to_string(const Instruction& instruction) {
  return fmt::format("{}{}", info(instruction.op).text, immediates(instruction));
}

}  // namespace fermata
