// Instance: its functions, made on demand, and the state of its segments.

#include "interp/runtime/instance.hpp"

#include "interp/runtime/const_expr.hpp"
#include "interp/runtime/instance_owned.hpp"

namespace fermata {
namespace {

void define(Func& func, Instance& instance, FuncIdx index) {
  const ModuleImpl& module = *instance.module;
  func.code = &instance.code->function(index);
  func.instance = &instance;
  func.type = module.canonical.id(module.func_types[index.value]);
  func.index = index;
  func.signature = &module.func_type(index);
}

Func* make_listed(Instance& instance, std::span<const std::uint32_t> listed, FuncPool& pool) {
  const std::span<Func> funcs = pool.make(static_cast<std::uint32_t>(listed.size()));
  for (std::size_t i = 0; i < listed.size(); ++i) define(funcs[i], instance, FuncIdx{listed[i]});
  return funcs.data();
}

// Where a function that is not listed has its place.
Func*& other(Instance::Owned& owned, FuncIdx index) {
  if (owned.first_other == nullptr || owned.first_other->index == index) return owned.first_other;
  if (!owned.others) owned.others = std::make_unique<std::unordered_map<std::uint32_t, Func*>>();
  return (*owned.others)[index.value];
}

std::uint32_t item_count(const ElemSegment& segment) {
  return std::visit([](const auto& items) { return static_cast<std::uint32_t>(items.size()); },
                    segment.items);
}

// Writes items [from, from + count) of a segment, all inside.
void write_items(Instance& instance, const ElemSegment& segment, std::size_t from,
                 std::size_t count, Slot* to) {
  if (const auto* functions = std::get_if<std::vector<FuncIdx>>(&segment.items)) {
    for (std::size_t i = 0; i < count; ++i) {
      to[i] = address_bits(instance.func((*functions)[from + i]));
    }
    return;
  }
  const auto& expressions = std::get<std::vector<ConstExpr>>(segment.items);
  ConstEvaluator evaluator(instance);
  for (std::size_t i = 0; i < count; ++i) to[i] = evaluator.evaluate(expressions[from + i]).lo;
}

}  // namespace

Instance::Instance() = default;
Instance::~Instance() = default;

Func* Instance::func(FuncIdx index) {
  if (module->is_imported(index)) return imported_funcs[index.value];
  if (const std::uint32_t place = owned->layout.place(index); place != InstanceLayout::not_listed) {
    if (owned->listed == nullptr) {
      owned->listed = make_listed(*this, owned->layout.listed(), owned->store.funcs);
    }
    return owned->listed + place;
  }
  Func*& func = other(*owned, index);
  if (func == nullptr) {
    func = owned->store.funcs.make(1).data();
    define(*func, *this, index);
  }
  return func;
}

const Module& Instance::module_handle() const noexcept { return owned->module; }

Slot* Instance::global(GlobalIdx index) const noexcept {
  if (index.value < module->imported_globals) return imported_globals[index.value];
  return globals + module->global_slot(index);
}

// Specification: "Execution / Instructions / Memory Instructions", memory.init and data.drop.
Trap Instance::memory_init(MemIdx memory, DataIdx data, std::uint64_t to, std::uint64_t from,
                           std::uint64_t count) noexcept {
  std::span<const std::uint8_t> bytes;
  if (!owned->is_dropped(data.value)) {
    const ByteRange range = module->data.datas[data.value].bytes;
    bytes = std::span(module->data.bytes).subspan(range.begin, range.size());
  }
  return memories[memory.value]->init(to, bytes, from, count);
}

void Instance::data_drop(DataIdx data) noexcept { owned->drop(data.value); }

// Specification: "Execution / Instructions / Table Instructions", table.init and elem.drop.
Trap Instance::table_init(TableIdx table, ElemIdx elem, std::uint64_t to, std::uint64_t from,
                          std::uint64_t count) noexcept {
  const ElemSegment& segment = module->data.elems[elem.value];
  const std::uint64_t size = owned->is_dropped(owned->elem_bit(elem)) ? 0 : item_count(segment);
  Table& target = *tables[table.value];
  const bool inside = count <= size && from <= size - count;
  if (!inside || !target.contains(to, count)) return Trap::out_of_bounds_table_access;
  write_items(*this, segment, static_cast<std::size_t>(from), static_cast<std::size_t>(count),
              target.data() + to);
  return Trap::none;
}

void Instance::elem_drop(ElemIdx elem) noexcept { owned->drop(owned->elem_bit(elem)); }

}  // namespace fermata
