// See process_life.hpp.
#include "fuzz/process_life.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "fuzz/check.hpp"

namespace fermata::fuzz {
namespace {

constexpr int most_runs = 16;
constexpr std::uint64_t most_fuel = 20000;  // of one run

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
    if (process_.fuel()) process_.fuel()->set_left(most_fuel);
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

void live(const Module& module, std::span<const std::uint8_t> header, std::string entry,
          bool metered) {
  const auto in_order = [next = std::uint64_t{0}](const FunctionImport&) mutable { return next++; };
  ProcessOptions options = options_from(header[0]);
  options.entry = std::move(entry);
  options.execution.metering = metered;
  auto process = Process::create(module, in_order, options);
  if (!process) return;
  Embedder(header, *process).run();
  if (options.resettable && process->reset()) Embedder(header, *process).run();
}

}  // namespace fermata::fuzz
