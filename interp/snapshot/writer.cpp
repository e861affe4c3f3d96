#include "interp/snapshot/writer.hpp"

#include <algorithm>

#include "interp/snapshot/memory_blocks.hpp"
#include "interp/snapshot/module_hash.hpp"

namespace fermata::snapshot {

Result<void> Writer::write() {
  std::vector<Run> runs;
  if (memory_ != nullptr) runs = changed_runs(*memory_, InitialMemory(module_));
  write_snapshot(out_, [&](Output& out) { write_blocks(out, *memory_, runs); });
  return out_.finish();
}

Result<void> Writer::write_without_memory() {
  write_snapshot(out_, nullptr);
  return out_.finish();
}

void Writer::write_snapshot(Output& out, const WriteMemory& memory) {
  out.header(magic);
  write_sections(out, memory);
}

void Writer::write_sections(Output& out, const WriteMemory& memory) {
  const auto section = [&](Section id, void (Writer::*write)(Output&)) {
    write_section(out, id, [this, write](Output& to) { (this->*write)(to); });
  };
  write_section(out, Section::module, [this](Output& to) { write_module(to); });
  write_section(out, Section::imports, [this](Output& to) { write_imports(to); });
  write_section(out, Section::process, [this](Output& to) { write_process(to); });
  if (memory_ != nullptr && memory) write_section(out, Section::memory, memory);
  if (process_.instance->heap != nullptr) {
    // The heap stands before what refers to it, and is numbered from there.
    Output counted(nullptr);
    write_instances(counted);
    write_threads(counted);
    write_results(counted);
    numbering_.reach();
    section(Section::heap, &Writer::write_heap);
  }
  section(Section::instances, &Writer::write_instances);
  write_section(out, Section::sites, [this](Output& to) { sites_.write(to); });
  section(Section::threads, &Writer::write_threads);
  if (has_waiting()) write_section(out, Section::lines, [this](Output& to) { write_lines(to); });
  if (!process_.threads.last_results().empty()) section(Section::results, &Writer::write_results);
  if (const auto& meter = process_.threads.meter()) {
    write_section(out, Section::fuel, [&meter](Output& to) {
      to.number(meter->used());
      to.number(meter->limit());
    });
  }
  write_section(out, Section::end, [](Output&) {});
}

void Writer::write_module(Output& out) const {
  out.bytes(std::as_bytes(std::span(hash_of(module_))));
  out.number(module_.data.bytes.size());
}

void Writer::write_imports(Output& out) const {
  out.number(module_.imported_funcs);
  for (std::uint32_t i = 0; i < module_.imported_funcs; ++i) {
    const Import& import = module_.data.imports[module_.func_imports[i]];
    out.text(import.module);
    out.text(import.name);
    out.text(to_string(module_.func_type(FuncIdx{i})));
  }
}

void Writer::write_process(Output& out) const {
  out.byte(process_.threads.poisoned() ? 1 : 0);
  out.number(process_.threads.next_id());
  out.number(numbering_.instances().size() - 1);
  const auto* const spawned = process_.threads.spawned();
  if (spawned == nullptr) return;
  for (const auto& [thread, unused] : spawned->by_thread) out.number(std::uint64_t{thread} + 1);
  for (std::size_t i = 0; i < spawned->idle.size(); ++i) out.number(0);
}

// --- instances -----------------------------------------------------------------------------------

/// Idle ones are seldom other than their threads' ends have left them: through references to their
/// functions that others have kept.
void Writer::write_instances(Output& out) {
  const auto* const spawned = process_.threads.spawned();
  const std::size_t alive = 1 + (spawned == nullptr ? 0 : spawned->by_thread.size());
  std::span<Instance* const> instances = numbering_.instances();
  while (instances.size() > alive && instances.back()->is_retired()) {
    instances = instances.first(instances.size() - 1);
  }
  for (std::size_t i = 0; i < instances.size(); ++i) {
    write_instance(out, *instances[i], i >= alive);
  }
}

void Writer::write_instance(Output& out, const Instance& instance, bool idle) {
  const std::uint32_t imported = module_.imported_globals;
  out.number(module_.globals.size() - imported);
  for (GlobalIdx global{imported}; global.value < module_.globals.size(); ++global.value) {
    numbering_.typed_value(out, module_.globals[global.value].value, instance.global(global));
  }
  out.number(module_.tables.size() - module_.imported_tables);
  for (TableIdx table{module_.imported_tables}; table.value < module_.tables.size();
       ++table.value) {
    write_table(out, instance, table, idle);
  }
  if (!idle) write_segments(out, instance);
}

namespace {

/// Whether a table's element is as it was made.
bool is_initial(Slot element, std::uint32_t function, const Instance& instance) {
  if (function == no_function) return element == 0;
  const auto* const func = reinterpret_cast<const Func*>(static_cast<std::uintptr_t>(element));
  return func != nullptr && func->index.value == function &&
         (func->instance == nullptr || func->instance == &instance);
}

}  // namespace

void Writer::write_table(Output& out, const Instance& instance, TableIdx index, bool idle) {
  const Table& table = *instance.tables[index.value];
  const bool traced = is_traced(table.type().element, module_.canonical);
  std::vector<Run> runs;
  for (std::uint64_t i = 0; i < table.size(); ++i) {
    const std::uint32_t made = idle ? no_function : initial_tables_.function(index, i);
    if (is_initial(table.data()[i], made, instance)) continue;
    append(runs, i);
  }
  out.number(table.size());
  write_runs(out, runs, [&](const Run& run) {
    for (std::uint64_t i = run.first; i < run.end(); ++i) {
      numbering_.reference(out, table.data()[i], traced);
    }
  });
}

/// Of passive ones: active and declarative ones are dropped when the instance is made.
void Writer::write_segments(Output& out, const Instance& instance) {
  const auto write_dropped = [&](const auto& segments, auto index) {
    std::vector<std::uint32_t> dropped;
    for (; index.value < segments.size(); ++index.value) {
      const bool passive = segments[index.value].mode == SegmentMode::passive;
      if (passive && instance.is_dropped(index)) dropped.push_back(index.value);
    }
    out.number(dropped.size());
    for (const std::uint32_t segment : dropped) out.number(segment);
  };
  write_dropped(module_.data.datas, DataIdx{0});
  write_dropped(module_.data.elems, ElemIdx{0});
  const std::vector<ElemIdx> keeping = instance.keeping_segments();
  out.number(keeping.size());
  for (const ElemIdx elem : keeping) {
    const std::span<const Slot> kept = instance.kept_elements(elem);
    out.number(elem.value);
    out.number(kept.size());
    for (const Slot reference : kept) numbering_.reference(out, reference, true);
  }
}

}  // namespace fermata::snapshot
