#include "interp/snapshot/initial.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "interp/lower/object_type.hpp"
#include "interp/snapshot/format.hpp"
#include "lib/binary/instruction_reader.hpp"

namespace fermata::snapshot {

// --- numbers -------------------------------------------------------------------------------------

namespace {

std::uint64_t combined(WasmOp op, std::uint64_t left, std::uint64_t right) {
  switch (op) {
    case WasmOp::i32_add:
      return static_cast<std::uint32_t>(left + right);
    case WasmOp::i32_sub:
      return static_cast<std::uint32_t>(left - right);
    case WasmOp::i32_mul:
      return static_cast<std::uint32_t>(left * right);
    case WasmOp::i64_add:
      return left + right;
    case WasmOp::i64_sub:
      return left - right;
    default:
      return left * right;  // i64.mul
  }
}

bool is_number(ValType type) { return type == i32 || type == i64; }

}  // namespace

std::uint64_t ConstantNumbers::value(const ConstExpr& expression) { return evaluate(expression); }

/// A global's expression names only globals before it: those are computed first, one by one.
std::uint64_t ConstantNumbers::global(std::uint32_t index) {
  assert(index >= module_.imported_globals);  // a process imports none
  const std::uint32_t own = index - module_.imported_globals;
  while (globals_.size() <= own) {
    const GlobalDef& global = module_.data.globals[globals_.size()];
    globals_.push_back(is_number(global.type.value) ? evaluate(global.init) : 0);
  }
  return globals_[own];
}

std::uint64_t ConstantNumbers::evaluate(const ConstExpr& expression) {
  InstructionReader reader(module_.data.bytes, expression.code, module_.features);
  Instruction in;
  std::vector<std::uint64_t> stack;
  while (reader.next(in) && in.op != WasmOp::end) {
    switch (in.op) {
      case WasmOp::i32_const:
        stack.push_back(static_cast<std::uint32_t>(in.i32));
        break;
      case WasmOp::i64_const:
        stack.push_back(static_cast<std::uint64_t>(in.i64));
        break;
      case WasmOp::global_get: {
        // Those before it have been computed, or this is an offset's, and they are now.
        stack.push_back(global(in.index));
        break;
      }
      default: {
        assert(stack.size() >= 2);
        const std::uint64_t right = stack.back();
        stack.pop_back();
        stack.back() = combined(in.op, stack.back(), right);
      }
    }
  }
  return stack.back();
}

// --- memory --------------------------------------------------------------------------------------

InitialMemory::InitialMemory(const ModuleImpl& module) {
  if (module.memories.empty()) return;
  const MemoryType& type = module.memories[0];
  const std::uint64_t size = type.limits.min << type.page_size_log2;
  ConstantNumbers numbers(module);
  for (const DataSegment& segment : module.data.datas) {
    if (segment.mode != SegmentMode::active) continue;
    const std::uint64_t address = numbers.value(segment.offset_expr);
    const std::uint64_t count = segment.bytes.size();
    if (count > size || address > size - count) {
      out_of_bounds_ = true;
      return;
    }
    if (count == 0) continue;
    const auto number = static_cast<std::uint32_t>(segments_.size());
    segments_.push_back(
        {address, std::span(module.data.bytes).subspan(segment.bytes.begin, segment.bytes.size())});
    const std::uint64_t last = (address + count - 1) / block_bytes;
    for (std::uint64_t block = address / block_bytes; block <= last; ++block) {
      by_block_.emplace_back(block, number);
    }
  }
  std::ranges::sort(by_block_);
}

void InitialMemory::write(std::span<std::byte> memory) const {
  for (const Placed& segment : segments_) {
    std::memcpy(memory.data() + segment.address, segment.bytes.data(), segment.bytes.size());
  }
}

std::vector<std::uint64_t> InitialMemory::written_blocks() const {
  std::vector<std::uint64_t> blocks;
  for (const auto& [block, segment] : by_block_) {
    if (blocks.empty() || blocks.back() != block) blocks.push_back(block);
  }
  return blocks;
}

bool InitialMemory::is_block(std::uint64_t number, std::span<const std::byte> block) const {
  static constexpr std::array<std::byte, block_bytes> zeros{};
  const auto segments = std::ranges::equal_range(by_block_, number, {},
                                                 [](const auto& entry) { return entry.first; });
  if (segments.empty()) return std::memcmp(block.data(), zeros.data(), block.size()) == 0;
  std::array<std::byte, block_bytes> made{};
  const std::uint64_t begin = number * block_bytes;
  for (const auto& [unused, segment] : segments) {
    const auto& [address, bytes] = segments_[segment];
    const std::uint64_t from = std::max(address, begin);
    const std::uint64_t to = std::min(address + bytes.size(), begin + block_bytes);
    std::memcpy(made.data() + (from - begin), bytes.data() + (from - address),
                static_cast<std::size_t>(to - from));
  }
  return std::memcmp(block.data(), made.data(), block.size()) == 0;
}

// --- tables --------------------------------------------------------------------------------------

namespace {

/// What an expression gives if it is `ref.func` alone.
std::uint32_t function_of(const ModuleImpl& module, const ConstExpr& expression) {
  InstructionReader reader(module.data.bytes, expression.code, module.features);
  Instruction in;
  if (!reader.next(in) || in.op != WasmOp::ref_func) return no_function;
  const std::uint32_t function = in.index;
  return reader.next(in) && in.op == WasmOp::end ? function : no_function;
}

std::uint32_t function_of(const ModuleImpl&, FuncIdx function) { return function.value; }

}  // namespace

InitialTables::InitialTables(const ModuleImpl& module) : imported_(module.imported_tables) {
  for (const TableDef& table : module.data.tables) {
    auto& elements = tables_.emplace_back();
    if (is_traced(table.type.element, module.canonical)) continue;
    const std::uint32_t init = table.init ? function_of(module, *table.init) : no_function;
    elements.assign(static_cast<std::size_t>(table.type.limits.min), init);
  }
  ConstantNumbers numbers(module);
  for (const ElemSegment& segment : module.data.elems) {
    if (segment.mode != SegmentMode::active || segment.table.value < imported_) continue;
    if (is_traced(segment.type, module.canonical)) continue;
    place(module, segment, numbers.value(segment.offset_expr));
  }
}

void InitialTables::place(const ModuleImpl& module, const ElemSegment& segment, std::uint64_t to) {
  std::vector<std::uint32_t>& elements = tables_[segment.table.value - imported_];
  const auto place_items = [&](const auto& items) {
    if (items.size() > elements.size() || to > elements.size() - items.size()) return false;
    auto at = elements.begin() + static_cast<std::ptrdiff_t>(to);
    for (const auto& item : items) *at++ = function_of(module, item);
    return true;
  };
  if (!std::visit(place_items, segment.items)) out_of_bounds_ = true;
}

}  // namespace fermata::snapshot
