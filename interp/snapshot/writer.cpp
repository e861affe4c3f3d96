#include "interp/snapshot/writer.hpp"

#include <algorithm>

#include "interp/runtime/pages.hpp"
#include "interp/snapshot/module_hash.hpp"

namespace fermata::snapshot {

Result<void> Writer::write() {
  for (const std::uint8_t byte : magic) out_.byte(byte);
  out_.fixed(version, 4);
  const auto section = [this](Section id, void (Writer::*write)(Output&)) {
    write_section(out_, id, [this, write](Output& out) { (this->*write)(out); });
  };
  write_section(out_, Section::module, [this](Output& out) { write_module(out); });
  write_section(out_, Section::imports, [this](Output& out) { write_imports(out); });
  write_section(out_, Section::process, [this](Output& out) { write_process(out); });
  if (!module_.memories.empty() && with_memory_) write_memory();
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
  write_section(out_, Section::sites, [this](Output& out) { sites_.write(out); });
  section(Section::threads, &Writer::write_threads);
  if (has_waiting()) {
    write_section(out_, Section::lines, [this](Output& out) { write_lines(out); });
  }
  if (!process_.threads.last_results().empty()) section(Section::results, &Writer::write_results);
  if (const auto& meter = process_.threads.meter()) {
    write_section(out_, Section::fuel, [&meter](Output& out) {
      out.number(meter->used());
      out.number(meter->limit());
    });
  }
  write_section(out_, Section::end, [](Output&) {});
  return out_.finish();
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

// --- memory --------------------------------------------------------------------------------------

namespace {

/// Blocks side by side.
struct Run {
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};

std::span<const std::byte> bytes_of(const Memory& memory, const Run& run) {
  const std::uint64_t begin = run.first * block_bytes;
  const std::uint64_t size = std::min(run.count * block_bytes, memory.size() - begin);
  return {memory.data() + begin, static_cast<std::size_t>(size)};
}

/// Those that are not as they were made. What nobody has touched is not read: the system would have
/// to make it first.
std::vector<Run> changed_runs(const Memory& memory, const ModuleImpl& module) {
  const InitialMemory initial(module);
  const std::uint64_t blocks = (memory.size() + block_bytes - 1) / block_bytes;
  const std::vector<pages::Part> touched = pages::touched(memory.data(), memory.size());
  auto part = touched.begin();
  std::vector<Run> runs;
  for (std::uint64_t block = 0; block < blocks; ++block) {
    const std::uint64_t begin = block * block_bytes;
    while (part != touched.end() && part->begin + part->bytes <= begin) ++part;
    const bool is_touched = part != touched.end() && part->begin < begin + block_bytes;
    if (!is_touched && !initial.writes_to(block)) continue;
    if (initial.is_block(block, bytes_of(memory, {block, 1}))) continue;
    if (runs.empty() || runs.back().first + runs.back().count != block) runs.push_back({block, 0});
    ++runs.back().count;
  }
  return runs;
}

}  // namespace

void Writer::write_memory() {
  const Memory& memory = *process_.instance->memories[0];
  const std::vector<Run> runs = changed_runs(memory, module_);
  write_section(out_, Section::memory, [&](Output& out) {
    out.byte(memory.type().page_size_log2);
    out.number(memory.pages());
    out.number(runs.size());
    std::uint64_t next = 0;
    for (const Run& run : runs) {
      out.number(run.first - next);
      out.number(run.count);
      out.bytes(bytes_of(memory, run));
      next = run.first + run.count;
    }
  });
}

// --- instances -----------------------------------------------------------------------------------

/// Of idle instances nothing: they will be made anew.
void Writer::write_instances(Output& out) {
  const auto* const spawned = process_.threads.spawned();
  const std::size_t alive = 1 + (spawned == nullptr ? 0 : spawned->by_thread.size());
  for (const Instance* instance : numbering_.instances().first(alive)) {
    write_instance(out, *instance);
  }
}

void Writer::write_instance(Output& out, const Instance& instance) {
  const std::uint32_t imported = module_.imported_globals;
  out.number(module_.globals.size() - imported);
  for (GlobalIdx global{imported}; global.value < module_.globals.size(); ++global.value) {
    numbering_.typed_value(out, module_.globals[global.value].value, instance.global(global));
  }
  out.number(module_.tables.size() - module_.imported_tables);
  for (TableIdx table{module_.imported_tables}; table.value < module_.tables.size();
       ++table.value) {
    write_table(out, instance, table);
  }
  write_segments(out, instance);
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

void Writer::write_table(Output& out, const Instance& instance, TableIdx index) {
  const Table& table = *instance.tables[index.value];
  const bool traced = is_traced(table.type().element, module_.canonical);
  std::vector<Run> runs;
  for (std::uint64_t i = 0; i < table.size(); ++i) {
    if (is_initial(table.data()[i], initial_tables_.function(index, i), instance)) continue;
    if (runs.empty() || runs.back().first + runs.back().count != i) runs.push_back({i, 0});
    ++runs.back().count;
  }
  out.number(table.size());
  out.number(runs.size());
  std::uint64_t next = 0;
  for (const Run& run : runs) {
    out.number(run.first - next);
    out.number(run.count);
    next = run.first + run.count;
    for (std::uint64_t i = run.first; i < next; ++i) {
      numbering_.reference(out, table.data()[i], traced);
    }
  }
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
