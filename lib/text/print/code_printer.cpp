// See code_printer.hpp.
#include "lib/text/print/code_printer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/binary/type_reader.hpp"
#include "lib/text/lex/numbers.hpp"

namespace fermata::text {
namespace {

Error unbalanced(std::uint32_t offset) {
  Error error;
  error.code = ErrorCode::malformed_binary;
  error.phase = Phase::malformed;
  error.message = "the blocks of an expression do not close as they open";
  error.offset = offset;
  return error;
}

}  // namespace

std::string print_type(const PrintNames& names, HeapType type) {
  return type.is_concrete() ? names.types.use(type.index.value) : to_string(type);
}

std::string print_type(const PrintNames& names, ValType type) {
  if (!type.is_ref() || !type.heap.is_concrete()) return to_string(type);
  return fmt::format("(ref {}{})", type.nullable ? "null " : "", print_type(names, type.heap));
}

std::uint32_t count_blocks(const ModuleData& module, ByteRange body) {
  InstructionReader reader(module.bytes, body, Features::all());
  Instruction i;
  std::uint32_t count = 0;
  while (!reader.at_end() && reader.next(i)) count += opens_block(i.op) ? 1 : 0;
  return count;
}

// --- expressions
// ----------------------------------------------------------------------------------

Result<void> CodePrinter::body(ByteRange code, std::uint32_t function) {
  in_body_ = true;
  function_ = function;
  const auto names = m_.names.labels.find(function);
  label_names_ = names == m_.names.labels.end() ? nullptr : &names->second;
  locals_ = &names_.locals_of(function);
  return expression(code);
}

Result<void> CodePrinter::constant(ByteRange code) {
  static const PrintSpace no_locals;
  in_body_ = false;
  label_names_ = nullptr;
  locals_ = &no_locals;
  return expression(code);
}

Result<void> CodePrinter::expression(ByteRange code) {
  InstructionReader reader(m_.bytes, code, Features::all());
  next_label_ = 0;
  Instruction i;
  while (reader.next(i)) {
    if (i.op == WasmOp::end && open_parts_.empty()) {
      if (reader.at_end()) return {};
      return std::unexpected(unbalanced(reader.offset()));
    }
    if (auto structure = block_structure(i); !structure) return structure;
    if (out_.full()) return {};
  }
  return std::unexpected(reader.error());
}

// Prints one instruction and keeps track of the blocks that are open.
Result<void> CodePrinter::block_structure(const Instruction& i) {
  const bool divides = divides_block(i.op);
  if (!divides && !closes_block(i.op)) {
    separate();
    instruction(i);
    return {};
  }
  if (open_parts_.empty() || !may_end_part(i.op, open_parts_.back())) {
    return std::unexpected(unbalanced(i.offset));
  }
  const std::string_view name = open_labels_.back();
  open_parts_.pop_back();
  open_labels_.pop_back();
  labels_.pop();
  separate();
  instruction(i);
  if (!divides) return {};
  open_parts_.push_back(i.op);
  open_labels_.push_back(name);
  labels_.push(name);
  return {};
}

// A new line with the indentation of the open blocks, or a space. Past a depth it grows no more:
// the spaces before nested blocks would be quadratic.
void CodePrinter::separate() {
  constexpr std::size_t deepest = 40;
  if (in_body_) {
    static const std::string spaces(4 + 2 * deepest, ' ');
    out_.put('\n');
    out_.put(std::string_view(spaces).substr(0, 4 + 2 * std::min(open_parts_.size(), deepest)));
  } else {
    out_.put(' ');
  }
}

void CodePrinter::put(std::string_view word) {
  out_.put(' ');
  out_.put(word);
}

void CodePrinter::put_index(const PrintSpace& space, std::uint32_t index) { put(space.use(index)); }

// --- instructions
// ---------------------------------------------------------------------------------

void CodePrinter::instruction(const Instruction& i) {
  out_.put(info(i.op).text);
  if (opens_block(i.op)) return block(i);
  immediates(i);
}

void CodePrinter::immediates(const Instruction& i) {
  switch (info(i.op).immediate) {
    case Immediate::none:
    case Immediate::fence:
      return;
    case Immediate::label:
      return label(i.index, 0);
    case Immediate::label_table:
      return i.labels.each([this](LabelIdx l) {
        if (!out_.full()) label(l.value, 0);
      });
    case Immediate::memarg:
      return memarg(i);
    case Immediate::memarg_lane:
      memarg(i);
      return put(std::to_string(i.lane));
    case Immediate::i32_const:
      return put(std::to_string(i.i32));
    case Immediate::i64_const:
      return put(std::to_string(i.i64));
    case Immediate::f32_const:
      return put(print_f32(i.f32_bits));
    case Immediate::f64_const:
      return put(print_f64(i.f64_bits));
    case Immediate::v128_const:
    case Immediate::shuffle:
      return vector(i);
    case Immediate::value_types:
      return select_types(i);
    case Immediate::heap_type:
      return put(print_type(names_, i.heap));
    case Immediate::ref_test: {
      const bool nullable = i.op == WasmOp::ref_test_null || i.op == WasmOp::ref_cast_null;
      return put(print_type(names_, ValType::ref(i.heap, nullable)));
    }
    case Immediate::br_on_cast:
      return cast(i);
    case Immediate::lane:
      return put(std::to_string(i.lane));
    default:
      return indices(i);
  }
}

void CodePrinter::indices(const Instruction& i) {
  switch (info(i.op).immediate) {
    case Immediate::func:
      return put_index(names_.funcs, i.index);
    case Immediate::type:
      return put_index(names_.types, i.index);
    case Immediate::local:
      return put_index(*locals_, i.index);
    case Immediate::global:
      return put_index(names_.globals, i.index);
    case Immediate::table:
      return put_index(names_.tables, i.index);
    case Immediate::tag:
      return put_index(names_.tags, i.index);
    case Immediate::data:
      return put_index(names_.datas, i.index);
    case Immediate::elem:
      return put_index(names_.elems, i.index);
    case Immediate::memory:
      if (i.index != 0) put_index(names_.memories, i.index);
      return;
    case Immediate::call_indirect:
      if (i.index2 != 0) put_index(names_.tables, i.index2);
      return put(fmt::format("(type {})", names_.types.use(i.index)));
    case Immediate::memory_memory:
      if (i.index == 0 && i.index2 == 0) return;
      put_index(names_.memories, i.index);
      return put_index(names_.memories, i.index2);
    case Immediate::table_table:
      put_index(names_.tables, i.index);
      return put_index(names_.tables, i.index2);
    case Immediate::data_memory:
      if (i.index2 != 0) put_index(names_.memories, i.index2);
      return put_index(names_.datas, i.index);
    case Immediate::elem_table:
      put_index(names_.tables, i.index2);
      return put_index(names_.elems, i.index);
    default:
      break;
  }
  put_index(names_.types, i.index);
  switch (info(i.op).immediate) {
    case Immediate::type_field:
      return put_index(names_.fields_of(i.index), i.index2);
    case Immediate::type_data:
      return put_index(names_.datas, i.index2);
    case Immediate::type_elem:
      return put_index(names_.elems, i.index2);
    case Immediate::type_type:
      return put_index(names_.types, i.index2);
    default:
      return put(std::to_string(i.index2));  // type_count
  }
}

// --- blocks
// ---------------------------------------------------------------------------------------

void CodePrinter::block(const Instruction& i) {
  std::string_view name;
  const std::uint32_t index = next_label_++;
  if (label_names_ != nullptr) {
    const auto found = label_names_->find(index);
    if (found != label_names_->end() && can_be_id(found->second)) name = found->second;
  }
  if (!name.empty()) put(print_id(name));
  if (i.block.kind == BlockType::Kind::type) {
    put(fmt::format("(type {})", names_.types.use(i.block.type.value)));
  } else if (i.block.kind == BlockType::Kind::value) {
    put(fmt::format("(result {})", print_type(names_, i.block.value)));
  }
  labels_.push(name);
  open_labels_.push_back(name);
  open_parts_.push_back(i.op);
  if (i.op == WasmOp::try_table) catches(i.catches, 1);
}

// The labels of catch clauses are those outside of the block.
void CodePrinter::catches(const CatchTable& table, std::uint32_t outside) {
  table.each([&](const CatchClause& clause) {
    constexpr std::array<std::string_view, 4> words{"catch", "catch_ref", "catch_all",
                                                    "catch_all_ref"};
    put(fmt::format("({}", words[static_cast<std::size_t>(clause.kind)]));
    if (clause.has_tag()) put_index(names_.tags, clause.tag.value);
    label(clause.label.value, outside);
    out_.put(')');
  });
}

// The label by its name where that means this one; `outside` is how many of the innermost labels
// are not in scope yet.
void CodePrinter::label(std::uint32_t index, std::uint32_t outside) {
  const std::uint64_t depth = std::uint64_t{index} + outside;
  if (depth < open_labels_.size()) {
    const std::string_view name =
        open_labels_[open_labels_.size() - 1 - static_cast<std::size_t>(depth)];
    if (!name.empty() && labels_.find(name) == depth) return put(print_id(name));
  }
  put(std::to_string(index));
}

// --- other immediates
// -----------------------------------------------------------------------------

void CodePrinter::memarg(const Instruction& i) {
  if (i.memarg.memory.value != 0) put_index(names_.memories, i.memarg.memory.value);
  if (i.memarg.offset != 0) put(fmt::format("offset={}", i.memarg.offset));
  if (i.memarg.align_log2 != info(i.op).natural_align) {
    put(fmt::format("align={}", std::uint64_t{1} << i.memarg.align_log2));
  }
}

// An instruction keeps one type only, so they are read again.
void CodePrinter::select_types(const Instruction& i) {
  Reader reader(m_.bytes, {i.offset + 1, static_cast<std::uint32_t>(m_.bytes.size())});
  const std::uint32_t count = reader.length();
  put("(result");
  for (std::uint32_t n = 0; n < count && !out_.full(); ++n) {
    put(print_type(names_, read_val_type(reader)));
  }
  out_.put(')');
}

void CodePrinter::vector(const Instruction& i) {
  if (i.op == WasmOp::v128_const) put("i8x16");
  for (const std::uint8_t lane : i.v128) put(std::to_string(lane));
}

void CodePrinter::cast(const Instruction& i) {
  label(i.index, 0);
  put(print_type(names_, ValType::ref(i.cast.from, i.cast.from_nullable)));
  put(print_type(names_, ValType::ref(i.cast.to, i.cast.to_nullable)));
}

}  // namespace fermata::text
