// The text. See report.hpp.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "interp/snapshot/format.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/snapshot/report.hpp"

namespace fermata::tool {

std::string hex(const Sha256& hash) {
  std::string text;
  for (const std::uint8_t byte : hash) text += fmt::format("{:02x}", byte);
  return text;
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kibi = 1024;
  if (bytes < kibi) return fmt::format("{} bytes", bytes);
  if (bytes < kibi * kibi) return fmt::format("{} KiB", bytes / kibi);
  return fmt::format("{} MiB", bytes / kibi / kibi);
}

std::string function_text(const Shown& shown, const ViewFunction& function) {
  std::string text = fmt::format("function {}", function.index);
  if (shown.module) {
    const auto name = shown.module->function_name(FuncIdx{function.index});
    if (!name.empty()) text = fmt::format("{} ({})", printable(shortened(name)), text);
  }
  if (function.instance != 0) text += fmt::format(" of instance {}", function.instance);
  return text;
}

std::string call_text(const View& view, const ViewThread& thread) {
  const auto& [module, name, type] = view.imports[*thread.import];
  return fmt::format("{}.{}({})", printable(shortened(module)), printable(shortened(name)),
                     fmt::join(thread.arguments, ", "));
}

namespace {

std::string doing_text(const View& view, const ViewThread& thread) {
  using snapshot::Doing;
  switch (static_cast<Doing>(thread.doing)) {
    case Doing::ready:
      return "ready";
    case Doing::host_call:
      return "in a call of " + call_text(view, thread);
    case Doing::waiting:
      return fmt::format("waits at address {:#x}", *thread.address) +
             (thread.timeout ? fmt::format(", for {} ns", *thread.timeout) : "");
    case Doing::waited:
      return "has waited";
    case Doing::trapped:
      return "trapped: " + printable(shortened(thread.trap));
  }
  return {};
}

/// What is open under a descriptor.
struct OpenText {
  const wasi::State& world;

  [[nodiscard]] std::string name_of(std::uint32_t directory) const {
    if (directory >= world.directories.size()) return "?";
    return printable(shortened(world.directories[directory].guest));
  }
  std::string operator()(std::uint32_t stream) const {
    constexpr std::array names{"standard input", "standard output", "standard error"};
    return names[stream];
  }
  std::string operator()(const wasi::State::Preopened& preopened) const {
    if (preopened.directory >= world.directories.size()) return "directory ?";
    const auto& directory = world.directories[preopened.directory];
    const auto host = directory.host.empty() ? "in memory" : printable(shortened(directory.host));
    return fmt::format("directory {} as {}{}", host, name_of(preopened.directory),
                       directory.read_only ? ", to be read alone" : "");
  }
  std::string operator()(const wasi::State::File& file) const {
    return fmt::format("{} in {}, at {}", printable(shortened(file.path)), name_of(file.directory),
                       file.position);
  }
  std::string operator()(const wasi::State::SocketPlace& place) const {
    return place.socket ? fmt::format("socket {}", *place.socket) : "a connection";
  }
};

void add_frame(std::string& out, const Shown& shown, const ViewFrame& frame, std::size_t depth) {
  out += fmt::format("  #{} {}, offset {:#x}\n", depth, function_text(shown, frame.function),
                     frame.offset);
  static constexpr std::size_t most = 64;  // values of one frame
  const auto add = [&out](std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    const std::span some = std::span(values).first(std::min(values.size(), most));
    out += fmt::format("       {}: {}", name, fmt::join(some, ", "));
    if (values.size() > most) out += fmt::format(", ... {} more", values.size() - most);
    out += '\n';
  };
  add("locals", frame.locals);
  add("operands", frame.operands);
}

void add_thread(std::string& out, const Shown& shown, const ViewThread& thread) {
  out += fmt::format("thread {} of {}: {}\n", thread.id, function_text(shown, thread.function),
                     doing_text(shown.view, thread));
  if (thread.datum != 0) out += fmt::format("  datum: {}\n", thread.datum);
  for (const WaitState& wait : shown.checkpoint.program.value_or(ProgramState()).guest.waits) {
    if (wait.thread != thread.id) continue;
    if (wait.answer) out += fmt::format("  answered with {}\n", *wait.answer);
    if (wait.nanoseconds_left) out += fmt::format("  for {} ns more\n", *wait.nanoseconds_left);
  }
  constexpr std::size_t innermost = 20;
  constexpr std::size_t outermost = 5;
  const std::size_t count = thread.frames.size();
  for (std::size_t depth = 0; depth < count; ++depth) {
    if (count > innermost + outermost + 1 && depth == innermost) {
      out += fmt::format("  ... {} more\n", count - innermost - outermost);
      depth = count - outermost;
    }
    add_frame(out, shown, thread.frames[count - 1 - depth], depth);
  }
}

void add_memory(std::string& out, const ViewMemory& memory) {
  std::uint64_t bytes = 0;
  for (const ViewRun& run : memory.runs) bytes += run.end - run.begin;
  out += fmt::format("memory: {} pages of {}; of these are kept {}\n", memory.pages,
                     size_text(memory.page_bytes), size_text(bytes));
  for (const ViewRun& run : memory.runs) {
    out += fmt::format("  {:#010x} to {:#010x}  {}\n", run.begin, run.end,
                       size_text(run.end - run.begin));
  }
}

void add_heap(std::string& out, const ViewHeap& heap) {
  out += fmt::format("heap: {} in {} objects, at most {}, {} collections\n", size_text(heap.bytes),
                     heap.objects, size_text(heap.peak_bytes), heap.collections);
  for (const auto& [type, count] : heap.by_type) out += fmt::format("  {} of {}\n", count, type);
}

void add_instance(std::string& out, const ViewInstance& instance, std::size_t number) {
  if (instance.thread != 0) {
    out += fmt::format("instance {}, of thread {}:\n", number, instance.thread - 1);
  } else if (number != 0) {
    out += fmt::format("instance {}, idle:\n", number);
  }
  for (std::size_t i = 0; i < instance.globals.size(); ++i) {
    out += fmt::format("global {}: {}\n", i, instance.globals[i]);
  }
  for (std::size_t i = 0; i < instance.tables.size(); ++i) {
    const ViewTable& table = instance.tables[i];
    out += fmt::format("table {}: {} elements\n", i, table.size);
    for (const auto& [at, element] : table.elements) {
      out += fmt::format("  {}: {}\n", at, element);
    }
  }
  const auto add = [&out](std::string_view name, const std::vector<std::uint32_t>& dropped) {
    if (!dropped.empty()) out += fmt::format("dropped {}: {}\n", name, fmt::join(dropped, ", "));
  };
  add("data segments", instance.dropped_data);
  add("element segments", instance.dropped_elements);
}

void add_checkpoint(std::string& out, const Checkpoint& checkpoint) {
  if (checkpoint.program && !checkpoint.program->module.empty()) {
    out += fmt::format("from: {}\n", printable(checkpoint.program->module));
  }
  if (!checkpoint.world) return;
  const auto add = [&out](std::string_view name, const std::vector<std::string>& texts) {
    for (const auto& text : texts) out += fmt::format("{}: {}\n", name, printable(shortened(text)));
  };
  add("argument", checkpoint.world->arguments);
  add("environment", checkpoint.world->environment);
  const OpenText text{*checkpoint.world};
  for (const auto& descriptor : checkpoint.world->descriptors) {
    out += fmt::format("descriptor {}: {}\n", descriptor.number, std::visit(text, descriptor.file));
  }
}

}  // namespace

std::string text_of(const Shown& shown) {
  const View& view = shown.view;
  std::string out = fmt::format("snapshot: {} bytes\n", view.bytes);
  for (const ViewSection& section : view.sections) {
    out += fmt::format("  section {}: {} bytes\n", section.id, section.bytes);
  }
  out += fmt::format("module: {} bytes, SHA-256 {}\n", view.module_bytes, hex(view.module_hash));
  add_checkpoint(out, shown.checkpoint);
  if (view.poisoned) out += "poisoned: nothing runs any more\n";
  if (view.fuel) {
    out += fmt::format("fuel: {} used, ", view.fuel->first);
    out += view.fuel->second == FuelRef::unlimited ? "no limit\n"
                                                   : fmt::format("limit {}\n", view.fuel->second);
  }
  for (const ViewThread& thread : view.threads) add_thread(out, shown, thread);
  if (!view.results.empty()) out += fmt::format("results: {}\n", fmt::join(view.results, ", "));
  if (view.memory) add_memory(out, *view.memory);
  if (view.heap) add_heap(out, *view.heap);
  for (std::size_t i = 0; i < view.instances.size(); ++i) add_instance(out, view.instances[i], i);
  if (view.idle_instances != 0) out += fmt::format("idle instances: {}\n", view.idle_instances);
  return out;
}

}  // namespace fermata::tool
