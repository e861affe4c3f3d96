// Instantiation in the specification's order: allocate, evaluate, initialize.

#include "interp/runtime/instantiate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "interp/runtime/const_expr.hpp"
#include "interp/runtime/instance_owned.hpp"
#include "interp/runtime/memory_pool.hpp"
#include "interp/runtime/usage_error.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

// Hands out the parts of one block, eight bytes for every element.
class Carver {
 public:
  explicit Carver(std::byte* block) : next_(block) {}
  template <class T>
  T* take(std::size_t count) {
    static_assert(sizeof(T) <= 8);
    T* const part = reinterpret_cast<T*>(next_);
    next_ += count * 8;
    return part;
  }

 private:
  std::byte* next_;
};

// One block for all of an instance's arrays, most of which are empty in most modules.
void make_arrays(Instance& instance) {
  const ModuleImpl& module = *instance.module;
  Instance::Owned& owned = *instance.owned;
  const std::size_t own_globals = instance.module->global_slots.back();
  const std::size_t drop_words = (module.data.datas.size() + module.data.elems.size() + 63) / 64;
  const std::size_t count = own_globals + module.imported_globals + module.memories.size() +
                            module.tables.size() + module.imported_funcs + module.tags.size() +
                            drop_words;
  owned.arrays = std::make_unique<std::byte[]>(count * 8);
  Carver carver(owned.arrays.get());
  instance.globals = carver.take<Slot>(own_globals);
  instance.imported_globals = carver.take<Slot*>(module.imported_globals);
  instance.tables = carver.take<Table*>(module.tables.size());
  instance.imported_funcs = carver.take<Func*>(module.imported_funcs);
  instance.tags = carver.take<Tag*>(module.tags.size());
  owned.dropped = carver.take<std::uint64_t>(drop_words);
  if (!module.memories.empty()) instance.memories = carver.take<Memory*>(module.memories.size());
}

void take_imports(Instance& instance, std::span<const ExternVal> imports) {
  Func** func = instance.imported_funcs;
  Table** table = instance.tables;
  Memory** memory = instance.memories;
  Tag** tag = instance.tags;
  Slot** cell = instance.imported_globals;
  const std::uint32_t globals = instance.module->imported_globals;
  if (globals != 0) instance.owned->imported_globals = std::make_unique<GlobalExtern[]>(globals);
  GlobalExtern* global = instance.owned->imported_globals.get();
  for (const ExternVal& import : imports) {
    switch (static_cast<ExternKind>(import.index())) {
      case ExternKind::func:
        *func++ = std::get<Func*>(import);
        break;
      case ExternKind::table:
        *table++ = std::get<Table*>(import);
        break;
      case ExternKind::memory:
        *memory++ = std::get<Memory*>(import);
        break;
      case ExternKind::global: {
        *global = std::get<GlobalExtern>(import);
        *cell++ = global++->cell;
        break;
      }
      case ExternKind::tag:
        *tag++ = std::get<Tag*>(import);
        break;
    }
  }
}

/// Takes out of the store what was put into it since this was made, unless it is to stay. Nothing
/// refers to it.
class Rollback {
 public:
  explicit Rollback(StoreObjects& store)
      : store_(store),
        instances_(store.instances.size()),
        memories_(store.memories.size()),
        tables_(store.tables.size()),
        tags_(store.tag_count()) {}
  ~Rollback() {
    if (kept_) return;
    store_.memories.resize(memories_);
    store_.tables.resize(tables_);
    while (store_.tag_count() > tags_) store_.drop_last_tag();
    store_.instances.resize(instances_);
  }
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;

  void keep() { kept_ = true; }

 private:
  StoreObjects& store_;
  std::size_t instances_, memories_, tables_, tags_;
  bool kept_ = false;
};

void make_tags(StoreObjects& store, Instance& instance) {
  const ModuleImpl& module = *instance.module;
  for (std::size_t i = module.imported_tags; i < module.tags.size(); ++i) {
    const TypeIdx type = module.tags[i];
    const auto& signature = std::get<FuncType>(module.data.types[type.value].composite);
    instance.tags[i] = &store.make_tag(signature, module.canonical.id(type), module.canonical);
  }
}

Result<void> make_memories(StoreObjects& store, Instance& instance) {
  const ModuleImpl& module = *instance.module;
  for (std::size_t i = module.imported_memories; i < module.memories.size(); ++i) {
    const auto memory = store.make_memory(module.memories[i], &MemoryPool::of(module));
    if (!memory) return std::unexpected(memory.error());
    instance.memories[i] = *memory;
  }
  return {};
}

Result<void> make_tables(StoreObjects& store, Instance& instance) {
  const ModuleImpl& module = *instance.module;
  for (std::size_t i = module.imported_tables; i < module.tables.size(); ++i) {
    const auto table = store.make_table(module.tables[i], module.canonical);
    if (!table) return std::unexpected(table.error());
    instance.tables[i] = *table;
  }
  return {};
}

Result<void> make_contents(StoreObjects& store, Instance& instance) {
  const Result<void> made = make_memories(store, instance);
  return made ? make_tables(store, instance) : made;
}

// What an instance whose constant expressions make more objects than the heap has room for ends
// with.
Result<void> check(const ConstEvaluator& evaluator) {
  if (evaluator.failure() == Trap::none) return {};
  return std::unexpected(
      usage_error(ErrorCode::out_of_memory,
                  fmt::format("constant expressions: {}", to_string(evaluator.failure()))));
}

// Specification: "Execution / Modules / Allocation / Globals" and "Tables".
Result<void> evaluate_globals(Instance& instance) {
  const ModuleImpl& module = *instance.module;
  ConstEvaluator evaluator(instance);
  Slot* cell = instance.globals;
  for (const GlobalDef& global : module.data.globals) {
    const ConstValue value = evaluator.evaluate(global.init);
    *cell++ = value.lo;
    if (global.type.value.kind == ValKind::v128) *cell++ = value.hi;
  }
  return check(evaluator);
}

Result<void> fill_tables(Instance& instance) {
  const ModuleImpl& module = *instance.module;
  ConstEvaluator evaluator(instance);
  for (std::size_t i = 0; i < module.data.tables.size(); ++i) {
    const auto& init = module.data.tables[i].init;
    if (!init) continue;
    Table& table = *instance.tables[module.imported_tables + i];
    std::fill_n(table.data(), table.size(), evaluator.evaluate(*init).lo);
  }
  return check(evaluator);
}

// The references of segments that may refer to the heap.
Result<void> evaluate_elements(Instance& instance) {
  const auto& segments = instance.module->data.elems;
  ConstEvaluator evaluator(instance);
  for (std::uint32_t i = 0; i < segments.size(); ++i) {
    const auto* items = std::get_if<std::vector<ConstExpr>>(&segments[i].items);
    if (items == nullptr || !is_traced(segments[i].type, instance.module->canonical)) continue;
    std::vector<Slot>& values = instance.owned->evaluated_elements(i);
    values.clear();
    values.reserve(items->size());
    for (const ConstExpr& item : *items) values.push_back(evaluator.evaluate(item).lo);
  }
  return check(evaluator);
}

template <class Index>
Error out_of_bounds(ErrorCode code, Trap trap, std::string_view what, Index index, std::uint64_t to,
                    std::uint64_t count, std::uint64_t size, std::uint32_t offset) {
  return {code,
          Phase::trap,
          fmt::format("{}: {} segment {} needs [{}, {} + {}), the size is {}", to_string(trap),
                      what, index.value, to, to, count, size),
          offset,
          {},
          {}};
}

// An offset of an i32 memory or table is an i32, which a slot keeps zero-extended.
Result<void> place_elements(Instance& instance) {
  const auto& segments = instance.module->data.elems;
  ConstEvaluator evaluator(instance);
  for (ElemIdx elem{0}; elem.value < segments.size(); ++elem.value) {
    const ElemSegment& segment = segments[elem.value];
    if (segment.mode == SegmentMode::passive) continue;
    if (segment.mode == SegmentMode::active) {
      const std::uint64_t to = evaluator.evaluate(segment.offset_expr).lo;
      const std::uint64_t count = std::visit([](const auto& v) { return v.size(); }, segment.items);
      const Trap trap = instance.table_init(segment.table, elem, to, 0, count);
      if (trap == Trap::out_of_memory) return std::unexpected(no_memory_left());
      if (trap != Trap::none) {
        return std::unexpected(
            out_of_bounds(ErrorCode::elements_out_of_bounds, trap, "element", elem, to, count,
                          instance.tables[segment.table.value]->size(), segment.offset));
      }
    }
    instance.elem_drop(elem);
  }
  return {};
}

Result<void> place_data(Instance& instance) {
  const auto& segments = instance.module->data.datas;
  ConstEvaluator evaluator(instance);
  for (DataIdx data{0}; data.value < segments.size(); ++data.value) {
    const DataSegment& segment = segments[data.value];
    if (segment.mode != SegmentMode::active) continue;
    const std::uint64_t to = evaluator.evaluate(segment.offset_expr).lo;
    const std::uint64_t count = segment.bytes.size();
    const Trap trap = instance.memory_init(segment.memory, data, to, 0, count);
    if (trap != Trap::none) {
      return std::unexpected(out_of_bounds(ErrorCode::data_out_of_bounds, trap, "data", data, to,
                                           count, instance.memories[segment.memory.value]->size(),
                                           segment.offset));
    }
    instance.data_drop(data);
  }
  return {};
}

Result<void> evaluate_all(Instance& instance) {
  for (const auto step : {evaluate_globals, fill_tables, evaluate_elements}) {
    if (auto done = step(instance); !done) return done;
  }
  return {};
}

/// What constant expressions say: nothing outside of the instance refers to it yet. They collect
/// nothing while they make objects; so what finds no room begins again behind a collection.
Result<void> evaluate(Instance& instance) {
  const auto& data = instance.module->data;
  std::fill_n(instance.owned->dropped, (data.datas.size() + data.elems.size() + 63) / 64, 0);
  instance.owned->evaluated.reset();
  Heap* const heap = instance.heap;
  if (heap != nullptr && heap->is_due(1)) static_cast<void>(heap->collect());
  auto done = evaluate_all(instance);
  if (done || heap == nullptr) return done;
  instance.forget();
  if (!heap->collect()) return done;
  return evaluate_all(instance);
}

Result<void> place_segments(Instance& instance) {
  if (auto placed = place_elements(instance); !placed) return placed;
  return place_data(instance);
}

Error too_large(const StoreObjects& store, std::uint64_t bytes) {
  return usage_error(ErrorCode::out_of_memory,
                     fmt::format("instance of {} bytes: the budget has {} bytes left", bytes,
                                 store.budget.left()));
}

}  // namespace

namespace {

/// An instance without tags and values.
Result<Instance*> allocate_instance(StoreObjects& store, const Module& module, CodeMode mode,
                                    std::span<const ExternVal> imports) {
  const InstanceLayout& layout = InstanceLayout::of(module.impl());
  const std::uint64_t bytes = layout.instance_bytes() + layout.contents_bytes();
  if (bytes > store.budget.left()) return std::unexpected(too_large(store, bytes));
  Instance& instance = *store.instances.emplace_back(std::make_unique<Instance>());
  instance.module = &module.impl();
  instance.code = &CodeCache::of(module.impl(), mode);
  if (layout.has_objects()) instance.heap = &store.need_heap();
  instance.owned = std::make_unique<Instance::Owned>(module, store);
  make_arrays(instance);
  static_cast<void>(store.budget.take(layout.instance_bytes()));  // there is room
  take_imports(instance, imports);
  if (auto made = make_contents(store, instance); !made) {
    return std::unexpected(std::move(made.error()));
  }
  return &instance;
}

}  // namespace

Result<Instance*> allocate(StoreObjects& store, const Module& module, CodeMode mode,
                           std::span<const ExternVal> imports) {
  Rollback rollback(store);
  auto instance = allocate_instance(store, module, mode, imports);
  if (!instance) return instance;
  make_tags(store, **instance);
  rollback.keep();
  return instance;
}

Result<Instance*> instantiate(StoreObjects& store, const Module& module, CodeMode mode,
                              std::span<const ExternVal> imports) {
  Rollback rollback(store);
  auto instance = allocate(store, module, mode, imports);
  if (!instance) return instance;
  if (auto evaluated = evaluate(**instance); !evaluated) {
    return std::unexpected(std::move(evaluated.error()));
  }
  rollback.keep();  // from here on others may refer to it
  if (auto placed = place_segments(**instance); !placed) {
    return std::unexpected(std::move(placed.error()));
  }
  return instance;
}

Result<Instance*> allocate_beside(const Instance& other, std::span<const ExternVal> imports) {
  Rollback rollback(other.owned->store);
  auto instance =
      allocate_instance(other.owned->store, other.module_handle(), other.code->mode(), imports);
  if (!instance) return instance;
  std::copy_n(other.tags, other.module->tags.size(), (*instance)->tags);
  rollback.keep();
  return instance;
}

Result<void> initialize(Instance& instance) {
  if (auto evaluated = evaluate(instance); !evaluated) return evaluated;
  return place_segments(instance);
}

ExternVal extern_of(Instance& instance, ExternKind kind, std::uint32_t index) {
  switch (kind) {
    case ExternKind::func:
      return instance.func(FuncIdx{index});
    case ExternKind::table:
      return instance.tables[index];
    case ExternKind::memory:
      return instance.memories[index];
    case ExternKind::tag:
      return instance.tags[index];
    case ExternKind::global:
      break;
  }
  const ModuleImpl& module = *instance.module;
  if (index < module.imported_globals) return instance.owned->imported_globals[index];
  return GlobalExtern{instance.global(GlobalIdx{index}), &module.globals[index], &module.canonical};
}

}  // namespace fermata
