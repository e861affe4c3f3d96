// InstanceLayout: one pass over a module's element segments.

#include "interp/runtime/instance_layout.hpp"

#include <algorithm>
#include <memory>

#include "interp/lower/object_type.hpp"
#include "interp/runtime/instance_owned.hpp"
#include "lib/binary/instruction_reader.hpp"

namespace fermata {

InstanceLayout::InstanceLayout(const ModuleImpl& module) {
  const std::span<const std::uint8_t> bytes = module.data.bytes;
  Instruction instruction;
  for (const ElemSegment& segment : module.data.elems) {
    if (const auto* functions = std::get_if<std::vector<FuncIdx>>(&segment.items)) {
      for (const FuncIdx function : *functions) list(module, function);
      continue;
    }
    for (const ConstExpr& item : std::get<std::vector<ConstExpr>>(segment.items)) {
      InstructionReader reader(bytes, item.code, module.features);
      if (reader.next(instruction) && instruction.op == WasmOp::ref_func) {
        list(module, FuncIdx{instruction.index});
      }
    }
  }
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    if (places_[i] == not_listed) continue;
    places_[i] = static_cast<std::uint32_t>(listed_.size());
    listed_.push_back(i);
  }

  list_traced_globals(module);
  has_objects_ =
      !module.tags.empty() || std::ranges::any_of(module.data.types, [](const SubType& type) {
        return !std::holds_alternative<FuncType>(type.composite);
      });
  count_bytes(module);
  count_contents(module.data);
}

void InstanceLayout::list_traced_globals(const ModuleImpl& module) {
  for (std::size_t i = module.imported_globals; i < module.globals.size(); ++i) {
    if (!is_traced(module.globals[i].value, module.canonical)) continue;
    traced_globals_.push_back(module.global_slot(GlobalIdx{static_cast<std::uint32_t>(i)}));
  }
}

namespace {

// Bytes of each part of an instance; one number on every host. The functions that are not listed
// are found by a hash table.
constexpr std::uint64_t bytes_itself = 256;
constexpr std::uint64_t bytes_of_slot = 8;
constexpr std::uint64_t elements_of_segment = 12;  // what one takes, besides, in elements
constexpr std::uint64_t bytes_of_tag = 256;
constexpr std::uint64_t bytes_of_tag_value = 16;
constexpr std::uint64_t bytes_of_import = 32;
constexpr std::uint64_t bytes_of_function = 48;
constexpr std::uint64_t bytes_of_other_function = 96;
constexpr std::uint64_t bytes_of_table = 128;
constexpr std::uint64_t bytes_of_memory = 128;
static_assert(sizeof(Instance) + sizeof(Instance::Owned) <= bytes_itself);
static_assert(sizeof(GlobalExtern) + sizeof(Slot*) <= bytes_of_import);
static_assert(sizeof(Tag) + 2 * sizeof(Tag*) <= bytes_of_tag);
static_assert(sizeof(ObjectField) + sizeof(std::uint32_t) <= bytes_of_tag_value);
static_assert(sizeof(Func) <= bytes_of_function);
static_assert(sizeof(Table) + 2 * sizeof(Table*) <= bytes_of_table);
static_assert(sizeof(Memory) + 2 * sizeof(Memory*) <= bytes_of_memory);

}  // namespace

std::uint64_t InstanceLayout::tag_bytes(const ModuleImpl& module) {
  std::uint64_t bytes = bytes_of_slot * module.imported_tags;
  for (std::size_t i = module.imported_tags; i < module.tags.size(); ++i) {
    const auto& type = std::get<FuncType>(module.data.types[module.tags[i].value].composite);
    bytes += bytes_of_tag + bytes_of_tag_value * type.params.size();
  }
  return bytes;
}

// In segments that may refer to the heap, which an instance keeps.
std::uint64_t InstanceLayout::evaluated_elements(const ModuleImpl& module) {
  std::uint64_t count = 0;
  for (const ElemSegment& segment : module.data.elems) {
    const auto* items = std::get_if<std::vector<ConstExpr>>(&segment.items);
    if (items != nullptr && is_traced(segment.type, module.canonical)) {
      count += items->size() + elements_of_segment;
    }
  }
  return count;
}

// Functions are made when they are first referred to, where nothing can be refused any more; so all
// that can be are counted from the begin. Those are what segments list and what exports, globals
// and the start section may name.
void InstanceLayout::count_bytes(const ModuleImpl& module) {
  const ModuleData& data = module.data;
  const std::uint64_t imports = std::uint64_t{module.imported_funcs} + module.imported_globals +
                                module.imported_tables + module.imported_memories;
  std::uint64_t others = data.start ? 1 : 0;
  for (const auto& [function, unused] : module.func_exports) {
    if (!module.is_imported(FuncIdx{function}) && place(FuncIdx{function}) == not_listed) ++others;
  }
  for (const GlobalDef& global : data.globals) others += global.type.value.is_ref() ? 1 : 0;
  instance_bytes_ = bytes_itself + bytes_of_slot * module.global_slots.back() +
                    bytes_of_import * imports + bytes_of_function * listed_.size() +
                    bytes_of_other_function * others + bytes_of_table * data.tables.size() +
                    bytes_of_memory * data.memories.size() +
                    bytes_of_slot * evaluated_elements(module) + tag_bytes(module) +
                    (data.datas.size() + data.elems.size() + 7) / 8;
}

// So that an instance that there is no room for is refused before anything of it is made. No
// minimum counts for more than a budget can have, so that the sum is a number.
void InstanceLayout::count_contents(const ModuleData& data) {
  if (data.memories.size() + data.tables.size() < 2) return;
  constexpr std::uint64_t most = std::uint64_t{1} << 46;
  for (const MemoryDef& memory : data.memories) {
    const std::uint8_t log2 = memory.type.page_size_log2;
    contents_bytes_ += std::min(memory.type.limits.min, most >> log2) << log2;
  }
  for (const TableDef& table : data.tables) {
    contents_bytes_ += std::min(table.type.limits.min, most / sizeof(Slot)) * sizeof(Slot);
  }
}

void InstanceLayout::list(const ModuleImpl& module, FuncIdx function) {
  if (module.is_imported(function)) return;
  if (places_.empty()) places_.resize(module.func_types.size(), not_listed);
  places_[function.value] = 0;
}

const InstanceLayout& InstanceLayout::of(const ModuleImpl& module) {
  return static_cast<const InstanceLayout&>(module.attachments.get_or_make(
      AttachmentKey::instance_layout,
      [&module] { return std::make_unique<InstanceLayout>(module); }));
}

}  // namespace fermata
