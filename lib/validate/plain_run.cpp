// The rows of plain instructions and the loop over them; see plain_run.hpp.
#include "lib/validate/plain_run.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace fermata::validation {
namespace {

/// The number whose bytes these are, the first the lowest.
template <class T>
T read(const std::uint8_t* bytes) {
  T value = 0;
  std::memcpy(&value, bytes, sizeof value);
  return std::endian::native == std::endian::big ? std::byteswap(value) : value;
}

/// Bytes of the LEB128 number that `bytes` begin with, 9 if it is longer than eight.
std::ptrdiff_t number_bytes(const std::uint8_t* bytes) {
  const std::uint64_t last_bytes = ~read<std::uint64_t>(bytes) & 0x8080'8080'8080'8080;
  return std::countr_zero(last_bytes) / 8 + 1;
}

/// Negative if `to` lies before `from`.
std::int64_t bytes_between(const StackType* from, const StackType* to) {
  const auto address = [](const StackType* at) {
    return static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(at));
  };
  return address(to) - address(from);
}

/// All ones for -1.
std::uint64_t mask(std::int8_t value) { return static_cast<std::uint64_t>(std::int64_t{value}); }

bool has_narrow_memory(const Context& context) {
  const auto& memories = context.module.memories;
  return !memories.empty() && memories[0].address == AddressType::i32;
}

}  // namespace

PlainRun::PlainRun(const Context& context) {
  types_.fill(StackType::none());
  for (const ValKind kind : {ValKind::i32, ValKind::i64, ValKind::f32, ValKind::f64}) {
    types_[numbers + static_cast<std::size_t>(kind)] = StackType::number(kind);
  }
  set_globals(context.module.globals);
  for (std::size_t byte = 0; byte < rows_.size(); ++byte) {
    const auto op = find_wasm_op(0, static_cast<std::uint32_t>(byte));
    if (!op || !can_be_plain(*op, context)) continue;
    rows_[byte] = row_of(*op);
    lengths_[byte] = length_of(*op);
  }
}

bool PlainRun::can_be_plain(WasmOp op, const Context& context) {
  const OpRule& rule = op_rules[static_cast<std::size_t>(op)];
  const bool is_allowed = (rule.feature_bits & context.allowed_mask()) != 0;
  if (!is_allowed || rule.type.operand_count > 2 || rule.type.has_vector) return false;
  switch (rule.family) {
    case RuleFamily::fixed:
    case RuleFamily::local:
    case RuleFamily::global:
      return true;
    case RuleFamily::branch:
      return op == WasmOp::br_if;
    case RuleFamily::memory:
      return info(op).immediate == Immediate::memarg && has_narrow_memory(context);
    default:
      return false;
  }
}

PlainRun::Row PlainRun::row_of(WasmOp op) {
  const OpRule& rule = op_rules[static_cast<std::size_t>(op)];
  Row row;
  set_encoding(row, op);
  if (op == WasmOp::br_if) {
    set_branch(row);
  } else if (is_index(info(op).immediate)) {
    set_variable(row, op);
  } else {
    set_type(row, rule.type);
  }
  return row;
}

std::uint8_t PlainRun::length_of(WasmOp op) {
  switch (info(op).immediate) {
    case Immediate::none:
      return 1;
    case Immediate::memarg:
      return 3;
    case Immediate::f32_const:
      return 5;
    case Immediate::f64_const:
      return 9;
    default:
      return 2;
  }
}

/// Numbers are never so long that some of the bits of their last byte must be checked.
void PlainRun::set_encoding(Row& row, WasmOp op) {
  switch (info(op).immediate) {
    case Immediate::i32_const:
      row.more = 0x80;
      row.max_number = 4;
      return;
    case Immediate::i64_const:
      row.more = 0x80;
      row.max_number = 8;
      return;
    case Immediate::memarg:
      row.max_first = info(op).natural_align;
      row.more = 0x8000;
      row.max_number = 4;
      return;
    case Immediate::label:
    case Immediate::local:
    case Immediate::global:
      row.max_first = space - 1;
      return;
    default:
      return;
  }
}

void PlainRun::set_type(Row& row, const FixedType& type) {
  const auto place = [](ValKind kind) {
    return static_cast<std::uint16_t>(numbers + static_cast<unsigned>(kind));
  };
  row.operands = static_cast<std::int8_t>(-type.operand_count);
  row.growth = static_cast<std::int8_t>((type.has_result ? 1 : 0) - type.operand_count);
  row.result = place(type.result);
  row.last = place(type.operands[type.operand_count > 1 ? 1 : 0]);
  row.last_mask = type.operand_count > 0 ? -1 : 0;
  row.second = type.operands[0];
  row.second_mask = type.operand_count > 1 ? -1 : 0;
}

void PlainRun::set_variable(Row& row, WasmOp op) {
  const bool reads = op != WasmOp::local_set && op != WasmOp::global_set;
  const bool writes = op != WasmOp::local_get && op != WasmOp::global_get;
  row.index_mask = space - 1;
  row.operands = writes ? -1 : 0;
  row.growth = static_cast<std::int8_t>((reads ? 1 : 0) - (writes ? 1 : 0));
  row.last_mask = writes ? -1 : 0;
  row.last = row.result = op == WasmOp::global_get   ? read_globals
                          : op == WasmOp::global_set ? written_globals
                                                     : locals;
}

void PlainRun::set_branch(Row& row) {
  row.index_mask = space - 1;
  row.operands = row.growth = -1;
  row.last = row.result = no_labels;
}

void PlainRun::set_globals(std::span<const GlobalType> globals) {
  for (std::size_t i = 0; i < std::min<std::size_t>(globals.size(), space); ++i) {
    const StackType type = globals[i].value;
    if (type.is_v128()) continue;
    types_[read_globals + i] = type;
    if (globals[i].mutable_) types_[written_globals + i] = type;
  }
}

void PlainRun::set_locals(const LocalTypes& function) {
  label_count_ = 0;
  place_labels();
  const std::span<const StackType> first = function.laid_out();
  for (std::size_t i = 0; i < first.size(); ++i) {
    types_[locals + i] = function.is_plain(first[i]) ? first[i] : StackType::none();
  }
  for (std::size_t i = first.size(); i < local_count_; ++i) types_[locals + i] = StackType::none();
  local_count_ = first.size();
}

std::size_t PlainRun::judge(std::span<const std::uint8_t> code, std::size_t size,
                            OperandStack& stack) const {
  constexpr std::size_t longest = 10;  // an opcode, an alignment and eight bytes
  if (code.size() < longest) return 0;
  const std::uint8_t* at = code.data();
  const std::uint8_t* const end = at + size;
  const std::uint8_t* const last_start = std::min(end - 1, at + code.size() - longest);
  OperandStack::Block block = stack.innermost();
  while (at <= last_start && block.top < block.limit) {
    const Row& row = rows_[*at];
    const std::uint8_t* next = at + lengths_[*at];
    if ((read<std::uint16_t>(at + 1) & row.more) != 0) [[unlikely]] {
      const std::ptrdiff_t bytes = number_bytes(next - 1);
      if (bytes > row.max_number) break;
      next += bytes - 1;
    }
    const std::int64_t first = at[1];
    const auto index = static_cast<std::size_t>(first & row.index_mask);
    StackType* const below = block.top + row.operands;
    const StackType result = types_[row.result + index];
    const std::uint64_t differences =
        (block.top[-1].difference(types_[row.last + index]) & mask(row.last_mask)) |
        (block.top[-2].difference(StackType::number(row.second)) & mask(row.second_mask));
    // Negative if any of them is.
    const std::int64_t shortage =
        bytes_between(block.bottom, below) | (row.max_first - first) | result.sign() | (end - next);
    if (differences != 0 || shortage < 0) break;
    *below = result;
    block.top += row.growth;
    block.highest = std::max(block.highest, block.top);
    at = next;
  }
  stack.set_innermost(block);
  return static_cast<std::size_t>(at - code.data());
}

}  // namespace fermata::validation
