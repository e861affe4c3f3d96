// Fuzz target: the life of a process over arbitrary bytes: link, pause, run, answer, look, reset.
//
// The first bytes are the embedder's: options and answers. The rest is a module; it is run only
// when no function has a loop or calls one of the module's own functions, since nothing else bounds
// a run. Beyond not crashing: what a paused process says about itself fits together. Seeds: .wasm
// files with `header_bytes` bytes in front.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "fermata/process.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "lib/module/module_impl.hpp"

namespace {

using namespace fermata;

constexpr std::size_t header_bytes = 8;
constexpr int most_runs = 16;

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

bool is_bounded(const Module& module, const FuncDef& function) {
  const ModuleImpl& impl = module.impl();
  InstructionReader reader(impl.data.bytes, function.body, impl.features);
  Instruction in;
  while (reader.next(in)) {
    if (in.op == WasmOp::loop || in.op == WasmOp::call_indirect) return false;
    if (in.op == WasmOp::call && !impl.is_imported(FuncIdx{in.index})) return false;
  }
  return true;
}

bool is_bounded(const Module& module) {
  for (const FuncDef& function : module.impl().data.functions) {
    if (!is_bounded(module, function)) return false;
  }
  return true;
}

class Embedder {
 public:
  Embedder(std::span<const std::uint8_t> header, Process& process)
      : header_(header), process_(process) {}

  void run() {
    look();
    for (int i = 0; i < most_runs && !process_.poisoned(); ++i) {
      if (!run_once(any_thread())) break;
      look();
      meddle();
    }
  }

 private:
  std::uint64_t number() { return header_[next_++ % header_.size()] * 0x0101'0101'0101'0101u; }

  Thread any_thread() {
    const auto threads = process_.threads();
    return process_.thread(threads[static_cast<std::size_t>(number() % threads.size())]);
  }

  bool run_once(Thread thread) {
    const auto waiting = thread.pending_wait();
    if (waiting && (number() & 2) != 0) static_cast<void>(thread.time_out());
    if (waiting && process_.memory()) process_.memory()->notify(waiting->address, 1);
    static_cast<void>(thread.time_out());
    std::vector<Value> values;
    if (const auto call = thread.pending_host_call()) {
      const FuncIdx callee{static_cast<std::uint32_t>(call->number)};
      for (const ValType type : process_.module().function_type(callee).results) {
        values.push_back(type.is_ref() ? Value::null(type) : Value::from_bits(type, number()));
      }
    }
    return thread.run(values).has_value();
  }

  void look() {
    for (const ThreadId id : process_.threads()) {
      const Thread thread = process_.thread(id);
      const auto count = thread.frame_count();
      const auto frames = thread.frames(all_frames);
      const auto trace = thread.backtrace(all_frames);
      check(frames && trace && frames->size() == trace->size(), "a thread can be looked at");
      check(count && *count == frames->size(), "frames are counted");
      look_at_part(thread, *trace);
      for (std::size_t i = 0; i < frames->size(); ++i) {
        check((*frames)[i].function == (*trace)[i].function, "frames and backtrace agree");
        check((*frames)[i].offset == (*trace)[i].offset, "frames and backtrace agree");
      }
    }
  }

  void look_at_part(Thread thread, const std::vector<TraceEntry>& all) {
    const std::size_t first = number() % (all.size() + 2);
    const std::size_t count = number() % (all.size() + 2);
    const auto part = thread.backtrace(count, first);
    const std::size_t left = all.size() - std::min(first, all.size());
    check(part && part->size() == std::min(count, left), "a part of the frames has its size");
    for (std::size_t i = 0; i < part->size(); ++i) {
      check((*part)[i].offset == all[first + i].offset, "a part of the frames is one");
    }
  }

  void meddle() {
    if ((number() & 7) == 0 && process_.threads().size() < 8) {
      static_cast<void>(process_.spawn_thread("_start"));
    }
    auto memory = process_.memory();
    if (!memory) return;
    const std::byte byte{static_cast<unsigned char>(number())};
    const bool inside = number() < memory->size();
    check(memory->write(inside ? 0 : memory->size(), {&byte, 1}).has_value() == inside,
          "writing fails at the end and nowhere else");
  }

  std::span<const std::uint8_t> header_;
  Process& process_;
  std::size_t next_ = 0;
};

/// The embedder enters by any exported function without parameters.
std::string entry_of(const Module& module, std::uint8_t number) {
  std::vector<std::string> names;
  for (const ExportType& exported : module.exports()) {
    const auto* type = std::get_if<FuncType>(&exported.type);
    if (type != nullptr && type->params.empty()) names.emplace_back(exported.name);
  }
  return names.empty() ? "_start" : names[number % names.size()];
}

ProcessOptions options_from(std::uint8_t bits) {
  ProcessOptions options;
  options.execution.dispatch = (bits & 1) != 0 ? Dispatch::switch_ : Dispatch::auto_;
  options.execution.lowering = (bits & 2) != 0 ? Lowering::debug : Lowering::optimized;
  options.execution.fusion = (bits & 4) != 0;
  options.resettable = (bits & 8) != 0;
  options.allow_reexported_memory = (bits & 16) != 0;
  options.execution.max_memory_pages = 64;
  options.execution.max_table_elements = 10000;
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < header_bytes) return -1;
  const std::span header(data, header_bytes);
  const auto module = Module::load(std::span(data, size).subspan(header_bytes));
  if (!module) return 0;
  const auto in_order = [next = std::uint64_t{0}](const FunctionImport&) mutable { return next++; };
  ProcessOptions options = options_from(header[0]);
  options.entry = entry_of(*module, header[1]);
  auto process = Process::create(*module, in_order, options);
  if (!process || !is_bounded(*module)) return 0;
  Embedder(header, *process).run();
  if (options.resettable && process->reset()) Embedder(header, *process).run();
  return 0;
}
