#include "interp/snapshot/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "interp/runtime/instance_owned.hpp"
#include "interp/runtime/instantiate.hpp"
#include "interp/runtime/pages.hpp"
#include "interp/snapshot/module_hash.hpp"
#include "interp/snapshot/runs.hpp"

namespace fermata::snapshot {

Result<std::unique_ptr<ProcessImpl>> Reader::read(const Resolver& resolver) {
  read_identity();
  if (!in_.ok()) return std::unexpected(in_.take_error());
  LinkPolicy policy = policy_of(options_);
  if (!options_.resettable) policy.entry = std::nullopt;
  const auto plan = link(handle_, resolver, policy);
  if (!plan) return std::unexpected(plan.error());
  return read(*plan, nullptr);
}

Result<std::unique_ptr<ProcessImpl>> Reader::read_beside(const ProcessImpl& parent) {
  read_identity();
  return read(plan_of(parent), &parent);
}

/// Whose snapshot it is.
void Reader::read_identity() {
  in_.snapshot_header();
  expect(Section::module, &Reader::read_module);
  expect(Section::imports, &Reader::read_imports);
}

Result<std::unique_ptr<ProcessImpl>> Reader::read(const LinkPlan& plan, const ProcessImpl* parent) {
  if (auto made = make_process(plan); !made) return std::unexpected(std::move(made.error()));
  expect(Section::process, &Reader::read_process);
  if (!module_.memories.empty()) {
    if (parent != nullptr) {
      copy_memory(*parent->instance->memories[0]);
    } else {
      expect(Section::memory, &Reader::read_memory);
    }
  }
  if (process_->instance->heap != nullptr) expect(Section::heap, &Reader::read_heap);
  expect(Section::instances, &Reader::read_instances);
  expect(Section::sites, &Reader::read_sites);
  expect(Section::threads, &Reader::read_threads);
  read_optional_sections();
  in_.end();
  if (!in_.ok()) return std::unexpected(in_.take_error());
  return std::move(process_);
}

void Reader::expect(Section id, Read read) {
  if (!in_.ok()) return;
  const std::uint64_t at = in_.offset();
  const std::uint8_t found = in_.begin_section();
  if (!in_.ok()) return;
  if (found != static_cast<std::uint8_t>(id)) {
    const bool known = found <= static_cast<std::uint8_t>(Section::fuel) ||
                       found == static_cast<std::uint8_t>(Section::end);
    return in_.fail(known ? ErrorCode::malformed_snapshot : ErrorCode::unsupported_snapshot, at,
                    fmt::format("expected section {}, found {}", static_cast<unsigned>(id), found));
  }
  (this->*read)();
  in_.end_section();
}

void Reader::read_optional_sections() {
  while (in_.ok()) {
    const std::uint64_t at = in_.offset();
    switch (const std::uint8_t id = in_.begin_section(); static_cast<Section>(id)) {
      case Section::lines:
        read_lines();
        break;
      case Section::results:
        read_results();
        break;
      case Section::fuel:
        read_fuel();
        break;
      case Section::end:
        in_.end_section();
        for (const Pending& pending : pending_) {
          if (pending.thread->guest.is_waiting()) continue;
          invalid(at, fmt::format("thread {} waits in no line", pending.thread->id));
        }
        return;
      default:
        in_.fail(ErrorCode::unsupported_snapshot, at, fmt::format("section {} is unknown", id));
    }
    in_.end_section();
  }
}

/// Means nothing to a process that is not metered.
void Reader::read_fuel() {
  constexpr std::uint64_t most = std::uint64_t{1} << 63;  // nobody gets so far
  const std::uint64_t used = in_.number();
  if (in_.ok() && used >= most) {
    return in_.invalid(fmt::format("expected less than 2^63 units of fuel, found {}", used));
  }
  const std::uint64_t limit = in_.number();
  if (!in_.ok() || !threads().meter()) return;
  threads().meter()->set_used(used);
  threads().meter()->set_limit(limit);
}

// --- the module ----------------------------------------------------------------------------------

void Reader::read_module() {
  const std::uint64_t at = in_.offset();
  Sha256 hash{};
  in_.bytes(std::as_writable_bytes(std::span(hash)));
  const std::uint64_t size = in_.number();
  if (in_.ok() && (hash != hash_of(module_) || size != module_.data.bytes.size())) {
    in_.fail(ErrorCode::snapshot_mismatch, at,
             fmt::format("expected a snapshot of this module of {} bytes, found one of a module "
                         "of {} bytes with another hash",
                         module_.data.bytes.size(), size));
  }
}

void Reader::read_imports() {
  const std::uint32_t count = in_.count(3);
  if (in_.ok() && count != module_.imported_funcs) {
    in_.invalid(fmt::format("expected {} imports, found {}", module_.imported_funcs, count));
  }
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
    const std::uint64_t at = in_.offset();
    const Import& import = module_.data.imports[module_.func_imports[i]];
    const bool same = in_.is_text(import.module) && in_.is_text(import.name) &&
                      in_.is_text(to_string(module_.func_type(FuncIdx{i})));
    if (!same) invalid(at, fmt::format("import {} is another one", i));
  }
}

// --- the process ---------------------------------------------------------------------------------

Result<void> Reader::make_process(const LinkPlan& plan) {
  process_ = std::make_unique<ProcessImpl>(options_.execution);
  auto imports = make_imports(module_, plan, process_->objects);
  if (!imports) return std::unexpected(std::move(imports.error()));
  const ExecutionOptions& execution = options_.execution;
  const auto instance = allocate(process_->objects, handle_, code_mode_of(execution), *imports);
  if (!instance) return std::unexpected(instance.error());
  adopt(*process_, **instance, plan);
  if (options_.resettable) {
    process_->again = std::make_unique<MainThread>(main_thread_of(*process_, plan, options_));
  }
  values_.emplace(in_, module_, process_->objects);
  values_->instances.push_back(*instance);
  places_.emplace(in_, **instance, process_->objects.budget);
  return {};
}

void Reader::read_process() {
  poisoned_ = in_.choice(std::uint8_t{1}, "whether the process is poisoned") != 0;
  if (poisoned_) threads().poison();
  const ThreadId next = in_.number32();
  threads().set_next_id(next);
  const std::uint32_t spawned = in_.count();
  if (spawned != 0 && !imports_shared_memory(module_)) {
    in_.invalid("the module has no shared memory: no thread has an instance of its own");
  }
  std::uint64_t last = 1;  // one more than the thread's id; the main thread has the first instance
  bool idle = false;
  for (std::uint32_t i = 0; i < spawned && in_.ok(); ++i) {
    const std::uint64_t thread = in_.number();
    if (thread == 0) {
      idle = true;
    } else if (idle || thread <= last || thread > next) {
      in_.invalid("the threads with instances do not ascend, or are too many");
    } else {
      last = thread;
      ++alive_;
    }
    if (in_.ok()) make_spawned(static_cast<ThreadId>(thread));
  }
}

/// `thread`: one more than its id, or 0.
void Reader::make_spawned(ThreadId thread) {
  Instance& first = *process_->instance;
  const std::uint64_t at = in_.offset();
  auto made = allocate_beside(first, same_imports(first));
  if (!made) {
    made.error().offset = at;
    return in_.fail(std::move(made.error()));
  }
  values_->instances.push_back(*made);
  if (thread == 0) {
    threads().add_idle_instance(**made);
  } else {
    threads().add_spawned_instance(thread - 1, *made);
  }
}

// --- memory --------------------------------------------------------------------------------------

void Reader::read_memory() {
  Memory& memory = *process_->instance->memories[0];
  const std::uint8_t page_size_log2 = in_.byte();
  if (in_.ok() && page_size_log2 != memory.type().page_size_log2) {
    return in_.invalid("the memory has pages of another size");
  }
  const std::uint64_t pages = in_.number();
  if (!in_.ok()) return;
  if (pages < memory.pages()) {
    return in_.invalid(fmt::format("expected at least {} pages, found {}", memory.pages(), pages));
  }
  const std::uint64_t more = pages - memory.pages();
  if (more != 0 && memory.grow(more) == ~std::uint64_t{0}) {
    return in_.fail(ErrorCode::out_of_memory, in_.offset(),
                    fmt::format("memory of {} pages", pages));
  }
  const InitialMemory initial(module_);
  if (initial.is_out_of_bounds()) return in_.invalid("the module's data segments do not fit");
  const std::span bytes(memory.data(), static_cast<std::size_t>(memory.size()));
  initial.write(bytes);
  read_runs(in_, blocks_in(memory.size()), "blocks", 2, [&](const Run& run) {
    const std::uint64_t begin = run.first * block_bytes;
    const std::uint64_t end = std::min(run.end() * block_bytes, memory.size());
    in_.bytes(
        bytes.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
  });
}

void Reader::copy_memory(const Memory& from) {
  Memory& memory = *process_->instance->memories[0];
  const std::uint64_t more = from.pages() - memory.pages();
  if (more != 0 && memory.grow(more) == ~std::uint64_t{0}) {
    return in_.fail(ErrorCode::out_of_memory, in_.offset(),
                    fmt::format("memory of {} pages", from.pages()));
  }
  const std::vector<pages::Part> touched = pages::touched(from.data(), from.size());
  pages::expect_writes(memory.data(), memory.size(), touched);
  for (const pages::Part& part : touched) {
    std::memcpy(memory.data() + part.begin, from.data() + part.begin,
                static_cast<std::size_t>(std::min(part.bytes, from.size() - part.begin)));
  }
}

// --- instances -----------------------------------------------------------------------------------

void Reader::read_instances() {
  initial_tables_.emplace(module_);
  if (initial_tables_->is_out_of_bounds()) in_.invalid("the module's element segments do not fit");
  const std::vector<Instance*>& instances = values_->instances;
  std::size_t i = 0;
  for (; i < alive_ && in_.ok(); ++i) read_instance(*instances[i], false);
  for (; i < instances.size() && in_.ok() && in_.left() != 0; ++i) {
    read_instance(*instances[i], true);
  }
  if (in_.ok() && i > alive_ && instances[i - 1]->is_retired()) {
    in_.invalid("the last idle instance is as its thread's end has left it");
  }
}

void Reader::read_instance(Instance& instance, bool idle) {
  const std::uint32_t imported = module_.imported_globals;
  const std::uint32_t globals = in_.number32();
  if (in_.ok() && globals != module_.globals.size() - imported) {
    in_.invalid(
        fmt::format("expected {} globals, found {}", module_.globals.size() - imported, globals));
  }
  for (std::uint32_t i = 0; i < globals && in_.ok(); ++i) {
    const GlobalIdx global{imported + i};
    values_->typed_value(module_.globals[global.value].value, instance.global(global), idle);
  }
  const std::uint32_t tables = in_.number32();
  if (in_.ok() && tables != module_.tables.size() - module_.imported_tables) {
    in_.invalid(fmt::format("expected {} tables, found {}",
                            module_.tables.size() - module_.imported_tables, tables));
  }
  for (std::uint32_t i = 0; i < tables && in_.ok(); ++i) {
    read_table(instance, TableIdx{module_.imported_tables + i}, idle);
  }
  if (in_.ok() && !idle) read_segments(instance);
}

void Reader::fill_table(Instance& instance, TableIdx index) {
  Table& table = *instance.tables[index.value];
  for (std::uint64_t i = 0; i < table.size(); ++i) {
    const std::uint32_t function = initial_tables_->function(index, i);
    if (function == no_function) continue;
    table.data()[i] = address_bits(instance.func(FuncIdx{function}));
  }
}

void Reader::read_table(Instance& instance, TableIdx index, bool idle) {
  Table& table = *instance.tables[index.value];
  const ValType type = table.type().element;
  const std::uint64_t at = in_.offset();
  const std::uint64_t size = in_.number();
  if (!in_.ok()) return;
  if (size < table.size()) {
    return in_.invalid(fmt::format("expected at least {} elements, found {}", table.size(), size));
  }
  if (!idle) fill_table(instance, index);
  if (size != table.size() && table.grow(size - table.size(), 0) == ~std::uint64_t{0}) {
    return in_.fail(ErrorCode::out_of_memory, at, fmt::format("table of {} elements", size));
  }
  read_runs(in_, size, "elements", 3, [&](const Run& run) {
    for (std::uint64_t i = run.first; i < run.end() && in_.ok(); ++i) {
      table.data()[i] = values_->reference(type, idle);
    }
  });
  if (!in_.ok() || type.nullable || idle) return;
  if (std::find(table.data(), table.data() + size, Slot{0}) != table.data() + size) {
    invalid(at, fmt::format("expected no null in a table of {}", to_string(type)));
  }
}

namespace {

/// A module's segments in a new instance, known once for all instances: there can be many of both.
struct NewSegments {
  std::vector<std::uint64_t> dropped;  // as Instance::Owned::dropped
  std::vector<ElemIdx> keeping;        // as Instance::keeping_segments
};

/// Drops what is dropped when an instance is made. Precondition: nothing is dropped yet.
NewSegments drop_active(Instance& instance) {
  const ModuleData& data = instance.module->data;
  for (DataIdx i{0}; i.value < data.datas.size(); ++i.value) {
    if (data.datas[i.value].mode != SegmentMode::passive) instance.data_drop(i);
  }
  for (ElemIdx i{0}; i.value < data.elems.size(); ++i.value) {
    if (data.elems[i.value].mode != SegmentMode::passive) instance.elem_drop(i);
  }
  const std::uint64_t* const words = instance.owned->dropped;
  return {{words, words + (data.datas.size() + data.elems.size() + 63) / 64},
          instance.keeping_segments()};
}

template <class Segments, class Drop>
void read_dropped(Input& in, const Segments& segments, Drop drop) {
  const std::uint32_t count = in.count();
  std::uint64_t least = 0;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    const std::uint32_t segment = in.number32();
    if (!in.ok()) return;
    const bool is_there = segment >= least && segment < segments.size();
    if (!is_there || segments[segment].mode != SegmentMode::passive) {
      return in.invalid(
          fmt::format("expected a passive segment from {} on, found {}", least, segment));
    }
    drop(segment);
    least = std::uint64_t{segment} + 1;
  }
}

}  // namespace

struct Reader::Segments : NewSegments {};

Reader::Reader(SnapshotSource& source, std::uint64_t size, const Module& module,
               const ProcessOptions& options)
    : in_(source, size), handle_(module), module_(module.impl()), options_(options) {}
Reader::~Reader() = default;

void Reader::read_segments(Instance& instance) {
  if (segments_ == nullptr) segments_ = std::make_unique<Segments>(drop_active(instance));
  std::ranges::copy(segments_->dropped, instance.owned->dropped);
  const auto& elems = module_.data.elems;
  read_dropped(in_, module_.data.datas, [&](std::uint32_t i) { instance.data_drop(DataIdx{i}); });
  read_dropped(in_, elems, [&](std::uint32_t i) { instance.elem_drop(ElemIdx{i}); });
  std::uint32_t left = in_.count(2);
  for (const ElemIdx elem : segments_->keeping) {
    if (instance.is_dropped(elem)) continue;
    if (left-- == 0 || in_.number32() != elem.value) {
      in_.invalid(fmt::format("expected the elements of segment {}", elem.value));
    }
    if (!in_.ok()) return;
    read_kept(instance, elem);
  }
  if (left != 0) in_.invalid("other segments keep no elements");
}

void Reader::read_kept(Instance& instance, ElemIdx elem) {
  const ElemSegment& segment = module_.data.elems[elem.value];
  const std::size_t size = std::get<std::vector<ConstExpr>>(segment.items).size();
  const std::uint32_t count = in_.count();
  if (in_.ok() && count != size) {
    return in_.invalid(fmt::format("expected {} elements, found {}", size, count));
  }
  std::vector<Slot> references;
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) {
    references.push_back(values_->reference(segment.type));
  }
  if (in_.ok()) instance.keep_elements(elem, std::move(references));
}

void Reader::read_sites() { places_->read(); }

}  // namespace fermata::snapshot
