#include "tests/support/differential.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <deque>

#include "fermata/snapshot.hpp"
#include "fermata/store.hpp"
#include "interp/runtime/instance.hpp"
#include "tests/support/object_words.hpp"

namespace fermata::test {

namespace {

/// Whichever of the items a number stands for.
template <class Items>
const auto& any_of(const Items& items, std::uint64_t number) {
  return items[static_cast<std::size_t>(number % items.size())];
}

constexpr std::uint64_t most_pauses = 48;
constexpr std::uint64_t pauses_before_reset = 5;
constexpr std::size_t most_threads = 3;
constexpr std::uint64_t most_globals = 24;

/// Of so many host calls one is answered with an exception.
constexpr std::uint64_t calls_to_throw = 7;

constexpr ValType anyref = ValType::ref({HeapKind::any}, true);
constexpr ValType exnref = ValType::ref({HeapKind::exn}, true);
constexpr std::size_t most_kept = 3;
constexpr std::size_t most_slices_seen = 30;
constexpr const char* fuel_prefix = "fuel: ";
constexpr std::uint64_t roomy_heap = 10'000'000;

/// What is told alike of a process and of a store's instance.
class Telling {
 protected:
  Telling(const Module& module, const Mode& mode, const Surroundings& around)
      : module_(module), mode_(mode), around_(around) {}

  template <class... Args>
  void note(fmt::format_string<Args...> format, Args&&... args) {
    story_.push_back((out_of_fuel_ ? fuel_prefix : "") +
                     fmt::format(format, std::forward<Args>(args)...));
  }

  ExecutionOptions execution() const {
    ExecutionOptions options = mode_.execution;
    options.max_stack_bytes = around_.max_stack_bytes;
    options.max_heap_bytes = around_.max_heap_bytes;
    return options;
  }

  bool is_object(ValType type) const {
    return type.is_ref() && is_traced(type, module_.impl().canonical);
  }

  /// The functions that the embedder gives are those that it finds in the table.
  void see_functions(const auto& table) {
    functions_.clear();
    for (std::uint64_t i = 0; table && i < table->size(); ++i) {
      const auto element = table->get(i);
      if (element && !element->is_null()) functions_.push_back(*element);
    }
  }

  std::string words(const Value& value) const {
    const ValType type = value.type();
    if (is_object(type)) {
      const auto others = [this](const Value& other) { return words(other); };
      return object_words(module_.impl(), value.lo(), others);
    }
    if (type.is_ref()) {
      if (value.is_null()) return "null";
      return fmt::format("func {}",
                         static_cast<const Func*>(value.as_funcref().identity)->index.value);
    }
    if (type == v128) return fmt::format("v128 {:#x} {:#x}", value.lo(), value.hi());
    static constexpr std::array names{"i32", "i64", "f32", "f64"};
    return fmt::format("{} {:#x}", names[static_cast<std::size_t>(type.kind)], value.lo());
  }

  std::string words(std::span<const Value> values) const {
    std::string text;
    for (const Value& value : values) text += words(value) + ", ";
    return text;
  }

  void see_frames(Thread thread) {
    const auto frames = thread.frames(all_frames);
    if (!frames) return note("  frames: {}", to_string(frames.error()));
    for (const Frame& frame : *frames) {
      // What the frame that trapped holds is not promised, but where it is.
      note("  function {} at {:#x}", frame.function.value, frame.offset);
      if (!frame.at_safe_point) continue;
      note("    locals {}", words(frame.locals));
      note("    operands {}", words(frame.operands));
    }
    const auto trace = thread.backtrace(all_frames);
    const bool same = trace && std::ranges::equal(*trace, *frames, [](auto& a, auto& b) {
                        return a.function == b.function && a.offset == b.offset;
                      });
    if (!same) note("  the backtrace is not that of the frames");
  }

  void see(const HeapUse& use) {
    note("heap of {} bytes, {} at most, after {} collections", use.bytes, use.peak_bytes,
         use.collections);
  }

  void see(const MemoryRef& memory) {
    const auto bytes = memory.view(0, memory.size());
    if (!bytes) return note("memory: {}", to_string(bytes.error()));
    std::uint64_t sum = bytes->size();
    for (const std::byte byte : *bytes)
      sum = (sum ^ std::to_integer<std::uint64_t>(byte)) * 0x100'0000'01B3;
    note("memory of {} bytes: {:#x}", bytes->size(), sum);
  }

  /// The export of the process or instance; its last tag has none.
  std::string_view tag_name(const auto& from, TagRef tag) const {
    for (const ExportType& made : module_.exports()) {
      if (!std::holds_alternative<TagType>(made.type)) continue;
      if (const auto found = from.tag(made.name); found && *found == tag) return made.name;
    }
    return "what is not exported";
  }

  ~Telling() = default;

  /// The thread that goes on after a slice.
  virtual Thread between_slices(Thread thread) { return thread; }

  /// Runs on after each end of a slice, until something else ends it.
  Result<Outcome> finish_slices(Thread thread, Result<Outcome> outcome) {
    while (outcome && std::holds_alternative<OutOfFuel>(*outcome)) {
      out_of_fuel_ = true;
      if (slices_++ < most_slices_seen) see_frames(thread);
      out_of_fuel_ = false;
      thread = between_slices(thread);
      fuel_->set_left(*mode_.slice);
      outcome = thread.run();
    }
    if (fuel_) note("{}{} used", fuel_prefix, fuel_->used());
    return outcome;
  }

  /// Goes on with what the host call gives, if the thread waits for one, or has it throw; if it
  /// waits for a notify its time is over.
  Result<Outcome> go_on(const auto& from, Thread thread, std::uint64_t pause) {
    if (mode_.slice) fuel_->set_left(*mode_.slice);
    return finish_slices(thread, answer(from, thread, pause));
  }

  Result<Outcome> answer(const auto& from, Thread thread, std::uint64_t pause) {
    if (thread.time_out()) note("pause {}: time is over for thread {}", pause, thread.id());
    const auto call = thread.pending_host_call();
    std::vector<ExportType> tags;
    for (const ExportType& made : module_.exports()) {
      if (std::holds_alternative<TagType>(made.type)) tags.push_back(made);
    }
    // Not always the same pauses; and other threads than the first mostly catch nothing.
    const std::uint64_t number = pause + module_.exports().size();
    const bool may_throw = thread.id() == 0 || pause > most_pauses / 2;
    if (call && may_throw && !tags.empty() && number % calls_to_throw == 0) {
      const ExportType& thrown = any_of(tags, pause + number / calls_to_throw);
      const auto values = invented(std::get<TagType>(thrown.type).type.params, pause);
      note("pause {}: thread {} throws {}: {}", pause, thread.id(), thrown.name, words(values));
      return thread.throw_exception(*from.tag(thrown.name), values);
    }
    std::vector<Value> values;
    if (call) {
      const FuncIdx callee{static_cast<std::uint32_t>(call->number)};
      values = invented(module_.function_type(callee).results, pause);
    }
    note("pause {}: thread {} goes on with {}", pause, thread.id(), words(values));
    return thread.run(values);
  }

  void see_outcome(const auto& from, Thread thread, const Outcome& outcome) {
    if (const auto* finished = std::get_if<Finished>(&outcome)) {
      return note("finished {}", words(finished->results));
    }
    if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
      note("trapped: {}", to_string(trapped->trap));
    } else if (const auto* threw = std::get_if<Threw>(&outcome)) {
      note("threw {}: {}", tag_name(from, threw->tag), words(threw->values));
    } else if (const auto* waiting = std::get_if<Waiting>(&outcome)) {
      note("waits at {:#x} for {}", waiting->address, waiting->timeout.value_or(0));
    } else {
      const auto& call = std::get<HostCall>(outcome);
      note("host call {} {}", call.number, words(call.arguments));
    }
    see_frames(thread);
  }

  /// Some objects that the guest shows, with `from`, the process or store, for it to have again.
  /// Not at every pause, for others must live without a Root.
  void keep(auto& from, const Outcome& outcome, std::uint64_t pause) {
    const auto* call = std::get_if<HostCall>(&outcome);
    if (call == nullptr || pause % 3 != 0 || !mode_.keeps_objects) return;
    for (const Value& value : call->arguments) {
      if (!is_object(value.type()) || value.is_null()) continue;
      const bool is_exception = value.type() == exnref;
      auto& kept = is_exception ? kept_exceptions_ : kept_;
      auto root = from.root(Value::from_bits(is_exception ? exnref : anyref, value.lo()));
      if (!root) return note("root: {}", to_string(root.error()));
      if (kept.size() == most_kept) kept.pop_front();
      kept.push_back(std::move(*root));
    }
  }

  Value invented(ValType type, std::uint64_t number) const {
    static constexpr std::array<std::uint64_t, 8> special{0,
                                                          1,
                                                          0xFFFF'FFFF'FFFF'FFFF,
                                                          0x8000'0000'8000'0000,
                                                          40,
                                                          0x7FC0'0001'7FA0'0001,
                                                          0x7FF8'0000'0000'0007,
                                                          0x3FF0'0000'3F80'0000};
    const auto bits = any_of(special, number) + number / special.size();
    if (type == i32 || type == f32) return Value::from_bits(type, static_cast<std::uint32_t>(bits));
    if (type.is_num()) return Value::from_bits(type, bits);
    if (type == v128) return Value::from_bits(type, bits, ~bits);
    if (type == externref && number % 4 != 0) return Value::externref({number});
    if (type == anyref && number % 2 != 0) {
      if (!kept_.empty()) return any_of(kept_, number).value();
      return Value::from_bits(anyref, number << 2 | 2);
    }
    if (type == exnref && number % 4 != 0 && !kept_exceptions_.empty()) {
      return any_of(kept_exceptions_, number).value();
    }
    if (type.is_ref() && type.heap.kind == HeapKind::i31 && number % 4 != 0) {
      return Value::from_bits(type, static_cast<std::uint32_t>(number << 1 | 1));
    }
    if (type == funcref && number % 3 != 0 && !functions_.empty()) {
      return any_of(functions_, number);
    }
    return Value::null(type);
  }

  std::vector<Value> invented(const ResultType& types, std::uint64_t number) const {
    std::vector<Value> values;
    for (const ValType type : types) values.push_back(invented(type, number++ * 5));
    return values;
  }

  const Module& module_;
  const Mode& mode_;
  const Surroundings& around_;
  std::vector<Value> functions_;
  std::deque<Root> kept_;
  std::deque<Root> kept_exceptions_;
  std::optional<FuelRef> fuel_;
  std::size_t slices_ = 0;
  bool out_of_fuel_ = false;
  Story story_;
};

/// The run of one process, told line by line.
class ProcessTelling final : Telling {
 public:
  ProcessTelling(const Module& module, const Mode& mode, const Surroundings& around)
      : Telling(module, mode, around) {}

  Story tell() {
    if (!create()) return std::move(story_);
    if (mode_.after_reset) {
      for (std::uint64_t pause = 1; pause <= pauses_before_reset && step(pause); ++pause)
        meddle(pause);
      story_.clear();
      kept_.clear();
      kept_exceptions_.clear();
      if (const auto done = process_->reset(); !done) note("reset: {}", to_string(done.error()));
    }
    see_threads();
    for (std::uint64_t pause = 1; pause <= most_pauses && step(pause); ++pause) {
      meddle(pause);
      if (mode_.restores) restore(pause);
    }
    see_state();
    return std::move(story_);
  }

 private:
  bool create() {
    ProcessOptions options;
    options.execution = execution();
    options.resettable = mode_.after_reset;
    const auto in_order = [next = std::uint64_t{0}](const FunctionImport&) mutable {
      return next++;
    };
    auto created = Process::create(module_, in_order, options);
    if (!created) {
      note("create: {}", to_string(created.error()));
      return false;
    }
    process_.emplace(std::move(*created));
    fuel_ = process_->fuel();
    return true;
  }

  void restore(std::uint64_t pause) {
    const auto bytes = process_->snapshot();
    if (!bytes) return note("snapshot: {}", to_string(bytes.error()));
    ProcessOptions options;
    options.execution = execution();
    const ExecutionOptions& other = any_of(all_modes(), pause).execution;
    options.execution.dispatch = other.dispatch;
    options.execution.lowering = other.lowering;
    options.execution.fusion = other.fusion;
    const auto in_order = [next = std::uint64_t{0}](const FunctionImport&) mutable {
      return next++;
    };
    auto restored = Process::restore(module_, *bytes, in_order, options);
    if (!restored) return note("restore: {}", to_string(restored.error()));
    if (restored->snapshot().value() != *bytes) note("the restored process is another one");
    process_.emplace(std::move(*restored));
    fuel_ = process_->fuel();
  }

  Thread between_slices(Thread thread) override {
    if (!mode_.restores || slices_ % 4 != 0) return thread;
    restore(slices_ / 4);
    return process_->thread(thread.id());
  }

  // --- what is seen

  void see_threads() {
    for (const ThreadId id : process_->threads()) {
      note("thread {}", id);
      const auto call = process_->thread(id).pending_host_call();
      if (call) note("  waits for {} {}", call->number, words(call->arguments));
      see_frames(process_->thread(id));
    }
  }

  void see_memory() {
    if (const auto memory = process_->memory()) see(*memory);
  }

  void see_state() {
    see_threads();
    see_memory();
    see(process_->heap_use());
    if (const auto fuel = process_->global("fuel")) note("fuel {}", words(*fuel));
    for (std::uint64_t i = 1; i < most_globals; ++i) {
      const auto value = process_->global(fmt::format("g{}", i));
      if (value) note("global {} {}", i, words(*value));
    }
    const auto table = process_->table();
    for (std::uint64_t i = 0; table && i < table->size(); ++i) {
      if (const auto element = table->get(i)) note("table {} {}", i, words(*element));
    }
  }

  // --- what the embedder does

  /// Runs a thread until its next pause; whether there is more to run.
  bool step(std::uint64_t pause) {
    const auto ids = process_->threads();
    if (process_->poisoned() || ids.empty()) return false;
    see_functions(process_->table());
    Thread thread = process_->thread(any_of(ids, pause / 2));
    const auto outcome = go_on(*process_, thread, pause);
    thread = process_->thread(thread.id());  // the process may be another one now
    see_functions(process_->table());
    if (!outcome) {
      note("run: {}", to_string(outcome.error()));
      return false;
    }
    see_outcome(*process_, thread, *outcome);
    see(process_->heap_use());
    keep(*process_, *outcome, pause);
    return !process_->poisoned();
  }

  void meddle(std::uint64_t pause) {
    if (pause % 3 == 0) meddle_with_memory(pause);
    if (pause % 4 == 0) {
      const std::string name = fmt::format("g{}", 1 + pause / 4 % 4);
      if (const auto before = process_->global(name)) {
        static_cast<void>(process_->set_global(name, invented(before->type(), pause)));
      }
    }
    if (pause % 7 == 0) {
      const auto table = process_->table();
      if (table)
        static_cast<void>(process_->table()->set(table->size() - 1, invented(funcref, pause)));
    }
    if (pause % 6 == 2 && process_->threads().size() < most_threads) start_thread(pause);
    if (pause % 8 == 0) see_state();
  }

  void meddle_with_memory(std::uint64_t pause) {
    auto memory = process_->memory();
    if (!memory) return;
    const auto bytes = std::bit_cast<std::array<std::byte, 8>>(pause * 0x0101'4321'0101'8001);
    static_cast<void>(memory->write(16 + pause * 8, bytes));
    if (pause % 9 == 0 && memory->pages() < 8) static_cast<void>(memory->grow(1));
    for (const ThreadId id : process_->threads()) {
      const auto waiting = process_->thread(id).pending_wait();
      if (waiting) note("{} are notified", memory->notify(waiting->address, 1));
    }
    see_memory();
  }

  void start_thread(std::uint64_t pause) {
    const auto function = FuncIdx{static_cast<std::uint32_t>(pause * 7 % module_.function_count())};
    const auto arguments = invented(module_.function_type(function).params, pause);
    const auto started = process_->start_thread(function, arguments);
    note("start thread in {}: {}", function.value,
         started ? std::to_string(started->id()) : to_string(started.error()));
  }

  std::optional<Process> process_;
};

/// The run of an instance in a store, for modules with more memories than a process may have.
class StoreTelling final : Telling {
 public:
  StoreTelling(const Module& module, const Mode& mode, const Surroundings& around)
      : Telling(module, mode, around), store_(execution()) {
    fuel_ = store_.fuel();
  }

  Story tell() {
    const auto made = instantiate();
    if (!made) {
      note("instantiate: {}", to_string(made.error()));
      return std::move(story_);
    }
    instance_ = *made;
    const auto started = store_.start_thread(*instance_->function("_start"));
    if (!started) note("start: {}", to_string(started.error()));
    for (std::uint64_t pause = 1; started && pause <= most_pauses && step(*started, pause);)
      ++pause;
    see_state();
    return std::move(story_);
  }

 private:
  Result<InstanceRef> instantiate() {
    std::vector<Extern> imports;
    for (const ImportType& import : module_.imports()) {
      if (const auto* function = std::get_if<FuncType>(&import.type)) {
        imports.push_back(*store_.make_function(*function, imports.size()));
      } else {
        imports.push_back(*store_.make_memory(std::get<MemoryType>(import.type)));
        imported_ = std::get<MemoryRef>(imports.back());
      }
    }
    return store_.instantiate(module_, imports);
  }

  bool step(Thread thread, std::uint64_t pause) {
    see_functions(instance_->table("__indirect_function_table"));
    const auto outcome = go_on(*instance_, thread, pause);
    if (!outcome) {
      note("run: {}", to_string(outcome.error()));
      return false;
    }
    see_outcome(*instance_, thread, *outcome);
    see(store_.heap_use());
    keep(store_, *outcome, pause);
    if (pause % 3 == 0) see_memories();
    return std::holds_alternative<HostCall>(*outcome);
  }

  void see_memories() {
    if (imported_) see(*imported_);
    for (const ExportType& made : module_.exports()) {
      if (std::holds_alternative<MemoryType>(made.type)) see(*instance_->memory(made.name));
    }
  }

  void see_state() {
    see_memories();
    see(store_.heap_use());
    for (const ExportType& made : module_.exports()) {
      if (!std::holds_alternative<GlobalType>(made.type)) continue;
      note("global {} {}", made.name, words(instance_->global(made.name)->get()));
    }
  }

  Store store_;
  std::optional<InstanceRef> instance_;
  std::optional<MemoryRef> imported_;
};

bool has_several_memories(const Module& module) {
  const auto is_memory = [](const auto& external) {
    return std::holds_alternative<MemoryType>(external.type);
  };
  return std::ranges::count_if(module.imports(), is_memory) +
             std::ranges::count_if(module.exports(), is_memory) >
         1;
}

/// What collections must not change.
Story without_heap(Story story) {
  std::erase_if(story, [](const std::string& line) { return line.starts_with("heap of"); });
  return story;
}

/// What metering must not change.
Story without_fuel(Story story) {
  std::erase_if(story, [](const std::string& line) { return line.starts_with(fuel_prefix); });
  return story;
}

/// How much fuel had been used at each pause but those between slices.
Story used_fuel(Story story) {
  std::erase_if(story, [](const std::string& line) {
    return !line.starts_with(fuel_prefix) || !line.ends_with(" used");
  });
  return story;
}

bool says_full(const std::string& line) {
  return line.ends_with("heap exhausted") || line.ends_with("the heap has no room for it") ||
         line.starts_with("create") || line.starts_with("instantiate");
}

std::string last_lines_until(const Story& story, std::size_t line) {
  std::string text;
  for (std::size_t i = line < 12 ? 0 : line - 12; i <= line && i < story.size(); ++i) {
    text += story[i] + '\n';
  }
  return text;
}

/// In words what differs; the stories do.
std::string difference(const Story& a, std::string_view name_of_a, const Story& b,
                       std::string_view name_of_b) {
  const auto line = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  return fmt::format("[{}]\n{}\n[{}]\n{}", name_of_a, last_lines_until(a, line), name_of_b,
                     last_lines_until(b, line));
}

/// What a collection has changed, before the heap was full: all that is told of it is the same when
/// nothing is collected.
std::optional<std::string> find_harm(const Module& module, Surroundings around, Story reference) {
  const Story with = without_heap(std::move(reference));
  around.max_heap_bytes = roomy_heap;
  const Story without = without_heap(tell(module, all_modes().front(), around));
  const auto at = std::ranges::mismatch(with, without);
  if (with == without) return std::nullopt;
  // Both may be full, in different places.
  const auto behind = at.in1 == with.end() ? at.in1 : at.in1 + 1;
  if (std::any_of(with.begin(), behind, says_full)) return std::nullopt;
  return difference(with, "with collections", without, "without");
}

/// What restoring has changed, at any pause.
std::optional<std::string> find_change(const Module& module, const Surroundings& around) {
  if (has_several_memories(module)) return std::nullopt;
  Mode mode = all_modes().front();
  mode.keeps_objects = false;
  for (const bool metering : {false, true}) {
    mode.execution.metering = metering;
    if (metering) mode.slice = 61;
    mode.restores = false;
    const Story reference = tell(module, mode, around);
    mode.restores = true;
    const Story story = tell(module, mode, around);
    if (story == reference) continue;
    return difference(reference, "in one piece", story, "restored at pauses");
  }
  return std::nullopt;
}

}  // namespace

std::string Mode::name() const {
  return fmt::format("{}, {}, {}{}{}{}",
                     execution.lowering == Lowering::debug ? "debug" : "optimized",
                     execution.fusion ? "fusion" : "no fusion",
                     execution.dispatch == Dispatch::switch_ ? "switch" : "goto",
                     after_reset ? ", after a reset" : "", execution.metering ? ", metered" : "",
                     slice ? ", in slices" : "");
}

const std::vector<Mode>& all_modes() {
  static const auto modes = [] {
    std::vector<Mode> made;
    const auto add = [&made](Lowering lowering, bool fusion, Dispatch dispatch) -> Mode& {
      Mode& mode = made.emplace_back();
      mode.execution.lowering = lowering;
      mode.execution.fusion = fusion;
      mode.execution.dispatch = dispatch;
      return mode;
    };
    for (const Dispatch dispatch : {Dispatch::switch_, Dispatch::goto_}) {
      add(Lowering::debug, false, dispatch);
      add(Lowering::optimized, false, dispatch);
      add(Lowering::optimized, true, dispatch);
    }
    add(Lowering::optimized, true, Dispatch::goto_).after_reset = true;
    const auto add_metered = [&](Lowering lowering, bool fusion, Dispatch dispatch) {
      add(lowering, fusion, dispatch).execution.metering = true;
      Mode& sliced = made.emplace_back(made.back());
      sliced.slice = 37;
    };
    add_metered(Lowering::debug, false, Dispatch::goto_);
    add_metered(Lowering::optimized, false, Dispatch::switch_);
    add_metered(Lowering::optimized, true, Dispatch::goto_);
    return made;
  }();
  return modes;
}

Story tell(const Module& module, const Mode& mode, const Surroundings& around) {
  if (has_several_memories(module)) return StoreTelling(module, mode, around).tell();
  return ProcessTelling(module, mode, around).tell();
}

std::optional<std::string> find_difference(const Module& module, const Surroundings& around,
                                           std::size_t* lines) {
  const Mode& reference_mode = all_modes().front();
  const Story reference = tell(module, reference_mode, around);
  if (lines != nullptr) *lines = reference.size();
  std::map<bool, std::pair<const Mode*, Story>> metered;  // the first, in slices and in one go
  for (const Mode& mode : all_modes()) {
    const Story story = tell(module, mode, around);
    const Story plain = without_fuel(story);
    if (plain != reference) return difference(reference, reference_mode.name(), plain, mode.name());
    if (!mode.execution.metering) continue;
    const auto [first, is_first] = metered.try_emplace(mode.slice.has_value(), &mode, story);
    const auto& [its_mode, its_story] = first->second;
    if (its_story != story) return difference(its_story, its_mode->name(), story, mode.name());
    const auto& [any_mode, any_story] = metered.begin()->second;
    const Story used = used_fuel(any_story);
    const Story used_here = used_fuel(story);
    if (used != used_here) return difference(used, any_mode->name(), used_here, mode.name());
  }
  if (auto change = find_change(module, around)) return change;
  return find_harm(module, around, reference);
}

}  // namespace fermata::test
