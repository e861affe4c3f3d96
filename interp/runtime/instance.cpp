// Instance: its functions, made on demand, and the state of its segments.

#include "interp/runtime/instance.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "interp/runtime/const_expr.hpp"
#include "interp/runtime/heap.hpp"
#include "interp/runtime/instance_owned.hpp"
#include "lib/out_of_memory.hpp"

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

// --- segments ------------------------------------------------------------------------------------

namespace {

std::span<const std::uint8_t> data_of(const Instance& instance, DataIdx data) {
  if (instance.owned->is_dropped(data.value)) return {};
  const ByteRange range = instance.module->data.datas[data.value].bytes;
  return std::span(instance.module->data.bytes).subspan(range.begin, range.size());
}

}  // namespace

bool Instance::has_data(DataIdx data, std::uint64_t from, std::uint64_t bytes) const noexcept {
  const std::uint64_t size = data_of(*this, data).size();
  return bytes <= size && from <= size - bytes;
}

void Instance::copy_data(DataIdx data, std::uint64_t from, std::uint64_t bytes, std::byte* to,
                         std::uint32_t element_bytes) const noexcept {
  if (bytes == 0) return;
  const auto part =
      data_of(*this, data).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(bytes));
  copy_numbers(to, std::as_bytes(part).data(), part.size(), element_bytes);
}

bool Instance::has_elements(ElemIdx elem, std::uint64_t from, std::uint64_t count) const noexcept {
  const bool is_dropped = owned->is_dropped(owned->elem_bit(elem));
  const std::uint64_t size = is_dropped ? 0 : item_count(module->data.elems[elem.value]);
  return count <= size && from <= size - count;
}

bool Instance::copy_elements(ElemIdx elem, std::uint64_t from, std::uint64_t count,
                             Slot* to) noexcept {
  return finds_memory([&] {
    make_elements(elem, static_cast<std::size_t>(from),
                  std::span(to, static_cast<std::size_t>(count)));
  });
}

void Instance::make_elements(ElemIdx elem, std::size_t first, std::span<Slot> to) {
  const ElemSegment& segment = module->data.elems[elem.value];
  if (const auto* functions = std::get_if<std::vector<FuncIdx>>(&segment.items)) {
    for (Slot& slot : to) slot = address_bits(func((*functions)[first++]));
    return;
  }
  if (owned->evaluated && owned->evaluated->contains(elem.value)) {
    std::ranges::copy_n(owned->evaluated->at(elem.value).data() + first, std::ssize(to), to.data());
    return;
  }
  const auto& expressions = std::get<std::vector<ConstExpr>>(segment.items);
  ConstEvaluator evaluator(*this);
  for (Slot& slot : to) slot = evaluator.evaluate(expressions[first++]).lo;
}

// Specification: "Execution / Instructions / Memory Instructions", memory.init and data.drop.
Trap Instance::memory_init(MemIdx memory, DataIdx data, std::uint64_t to, std::uint64_t from,
                           std::uint64_t count) noexcept {
  return memories[memory.value]->init(to, data_of(*this, data), from, count);
}

void Instance::data_drop(DataIdx data) noexcept { owned->drop(data.value); }

// Specification: "Execution / Instructions / Table Instructions", table.init and elem.drop.
Trap Instance::table_init(TableIdx table, ElemIdx elem, std::uint64_t to, std::uint64_t from,
                          std::uint64_t count) noexcept {
  Table& target = *tables[table.value];
  if (!has_elements(elem, from, count) || !target.contains(to, count)) {
    return Trap::out_of_bounds_table_access;
  }
  return copy_elements(elem, from, count, target.data() + to) ? Trap::none : Trap::out_of_memory;
}

void Instance::elem_drop(ElemIdx elem) noexcept {
  owned->drop(owned->elem_bit(elem));
  if (owned->evaluated) owned->evaluated->erase(elem.value);
}

// --- for snapshots -------------------------------------------------------------------------------

bool Instance::is_dropped(DataIdx data) const noexcept { return owned->is_dropped(data.value); }
bool Instance::is_dropped(ElemIdx elem) const noexcept {
  return owned->is_dropped(owned->elem_bit(elem));
}

std::vector<ElemIdx> Instance::keeping_segments() const {
  std::vector<ElemIdx> keeping;
  for (ElemIdx elem{0}; elem.value < module->data.elems.size(); ++elem.value) {
    const ElemSegment& segment = module->data.elems[elem.value];
    const bool has_expressions = std::holds_alternative<std::vector<ConstExpr>>(segment.items);
    if (!has_expressions || !is_traced(segment.type, module->canonical)) continue;
    if (!is_dropped(elem)) keeping.push_back(elem);
  }
  return keeping;
}

std::span<const Slot> Instance::kept_elements(ElemIdx elem) const noexcept {
  if (!owned->evaluated) return {};
  const auto kept = owned->evaluated->find(elem.value);
  return kept == owned->evaluated->end() ? std::span<const Slot>() : kept->second;
}

void Instance::keep_elements(ElemIdx elem, std::vector<Slot> references) {
  owned->evaluated_elements(elem.value) = std::move(references);
}

void Instance::forget() noexcept {
  for (const std::uint32_t slot : owned->layout.traced_globals()) globals[slot] = 0;
  owned->evaluated.reset();
  for (std::size_t i = module->imported_tables; i < module->tables.size(); ++i) tables[i]->reset();
}

void Instance::retire() noexcept {
  forget();
  std::fill_n(globals, module->global_slots.back(), Slot{0});
  const std::size_t segments = module->data.datas.size() + module->data.elems.size();
  std::fill_n(owned->dropped, (segments + 63) / 64, ~std::uint64_t{0});
}

bool Instance::is_retired() const noexcept {
  const auto is_zero = [](Slot slot) { return slot == 0; };
  if (!std::all_of(globals, globals + module->global_slots.back(), is_zero)) return false;
  for (std::size_t i = module->imported_tables; i < module->tables.size(); ++i) {
    const Table& table = *tables[i];
    if (table.size() != table.type().limits.min) return false;
    if (!std::all_of(table.data(), table.data() + table.size(), is_zero)) return false;
  }
  return true;  // what is dropped stays so
}

void Instance::mark_roots(Heap& marked) const {
  for (const std::uint32_t slot : owned->layout.traced_globals()) marked.mark(globals[slot]);
  if (!owned->evaluated) return;
  for (const auto& [elem, references] : *owned->evaluated) {
    for (const Slot reference : references) marked.mark(reference);
  }
}

}  // namespace fermata
