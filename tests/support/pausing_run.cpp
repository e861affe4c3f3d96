// Making a run, an instance of its own, lowered whole; pausing it, and reading what it looks like.
// A pause at a loop is a trap that was put in the loop's place.
#include "tests/support/pausing_run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <map>
#include <utility>

#include "interp/exec/execute.hpp"
#include "interp/exec/object_slow.hpp"
#include "interp/exec/unwind.hpp"
#include "interp/isa/bootstrap.hpp"
#include "interp/lower/lowerer.hpp"
#include "interp/process/host_objects.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/instantiate.hpp"
#include "tests/support/object_words.hpp"

namespace fermata::test {

struct PausingRun::Code {
  const Word* words;
  StoppableCode stoppable;
  std::map<std::uint32_t, std::uint32_t> loops{};  // offsets by word
  bool changed = false;
};

namespace {

template <class T>
T required(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "PausingRun: {}\n", to_string(result.error()));
  std::abort();
}

}  // namespace

PausingRun::PausingRun(std::span<const std::uint8_t> bytes, const ExecutionOptions& options)
    : module_(required(Module::load(bytes, {.features = Features::executable()}))),
      options_(options),
      objects_(limits_of(options)) {
  objects_.threads = this;
  const CodeMode mode{options.fusion, options.lowering == Lowering::debug};
  instance_ = required(instantiate(objects_, module_, mode, make_imports()));
  lower_all();
  make_thread();
}

PausingRun::~PausingRun() = default;

// --- making it ---------------------------------------------------------------------------------

std::vector<ExternVal> PausingRun::make_imports() {
  const std::span<Func> funcs = objects_.funcs.make(module().imported_funcs);
  std::uint32_t number = 0;
  std::vector<ExternVal> imports;
  for (const Import& import : module().data.imports) {
    if (import.kind() == ExternKind::memory) {
      imports.emplace_back(required(objects_.make_memory(std::get<MemoryType>(import.desc))));
      continue;
    }
    assert(import.kind() == ExternKind::func);
    Func& func = funcs[number];
    func.index = FuncIdx{number};
    func.type = module().canonical.id(module().func_types[number]);
    func.signature = &module().func_type(func.index);
    func.host_number = number++;
    imports.emplace_back(&func);
  }
  return imports;
}

void PausingRun::lower_all() {
  CodeCache& cache = *instance_->code;
  Lowerer lowerer(cache);
  for (FuncIdx f{module().imported_funcs}; f.value < module().func_types.size(); ++f.value) {
    // The words are the cache's; nothing but this run executes them.
    auto* const words = const_cast<Word*>(cache.lower(cache.function(f), objects_.budget));
    const auto size = static_cast<std::uint32_t>(lowerer.lower(f).size());
    Code& code = *codes_.emplace_back(std::make_unique<Code>(words, StoppableCode(words, size)));
    // Of two loops without any code between them only the inner one is told from the other.
    for (const Origin& loop : lowerer.loops(f)) code.loops[loop.word] = loop.offset;
    for (const auto& [word, offset] : code.loops) {
      if (code.stoppable.can_stop_after(word)) loops_.emplace(offset, Loop{&code, word});
    }
  }
}

void PausingRun::make_thread() {
  const auto& start = module().data.start;
  const auto entry = module().export_index.find("_start");
  assert(entry != module().export_index.end());
  thread_ = std::make_unique<GuestThread>(
      start ? instance_->func(*start) : nullptr,
      instance_->func(FuncIdx{module().data.exports[entry->second].index}), std::span<const Slot>(),
      static_cast<std::uint32_t>(options_.max_stack_bytes / sizeof(Slot)), objects_.budget);
}

// --- pausing -----------------------------------------------------------------------------------

std::vector<std::uint32_t> PausingRun::loops() const {
  std::vector<std::uint32_t> offsets;
  for (const auto& [offset, loop] : loops_) offsets.push_back(offset);
  std::ranges::sort(offsets);
  return offsets;
}

void PausingRun::set_pause(std::uint32_t loop, bool on) {
  const Loop& at = loops_.at(loop);
  at.code->changed |= at.code->stoppable.stops_at(at.word) != on;
  at.code->stoppable.set_stop(at.word, on);
}

PausingRun::Pause PausingRun::run(std::span<const Value> values) {
  for (const auto& code : codes_) {
    if (std::exchange(code->changed, false)) code->stoppable.apply();
  }
  if (thread_->host_call != nullptr) put(thread_->stack() + thread_->results, values);
  thread_->host_call = nullptr;
  if (thread_->is_waiting()) thread_->waiter->time_out();
  thread_->take_wait_result();
  return at_loop_ ? step_over_loop() : execute_once();
}

PausingRun::Pause PausingRun::execute_once() {
  at_loop_ = false;
  switch (execute(*thread_, options_.dispatch)) {
    case Exit::finished:
      return Pause::finished;
    case Exit::host_call:
      return Pause::host_call;
    case Exit::waiting:
      return Pause::waiting;
    case Exit::paused:  // not metered
    case Exit::trapped:
      break;
  }
  at_loop_ = stopped();
  if (!at_loop_) return thread_->trap == Trap::uncaught_exception ? Pause::threw : Pause::trapped;
  thread_->trap = Trap::none;
  return Pause::loop;
}

PausingRun::Pause PausingRun::throw_exception(TagIdx tag, std::span<const Value> values) {
  Object* const exception = make_exception(objects_, *instance_->tags[tag.value], values);
  if (exception == nullptr) return thrown_by_call(Trap::heap_exhausted);
  // The unwinder looks at the call, at which a stop may stand.
  for (const auto& code : codes_) code->stoppable.restore();
  const bool caught =
      unwind(*thread_, address_bits(exception), ThrownFrom::host_call) == Trap::none;
  for (const auto& code : codes_) code->stoppable.apply();
  if (!caught) {
    thread_->exception = address_bits(exception);
    return thrown_by_call(Trap::uncaught_exception);
  }
  thread_->host_call = nullptr;
  return execute_once();
}

/// The thread ends at its host call.
PausingRun::Pause PausingRun::thrown_by_call(Trap trap) {
  thread_->host_call = nullptr;
  if (!in_bootstrap(thread_->pc)) thread_->pc -= call_words;
  thread_->trap = trap;
  return trap == Trap::uncaught_exception ? Pause::threw : Pause::trapped;
}

/// The code that `pc` is in, and its word there.
PausingRun::Code* PausingRun::code_at(const Word* pc, std::uint32_t& word) const {
  const CodeCache::Place place = instance_->code->find(pc);
  word = place.word;
  return codes_[place.function->index.value - module().imported_funcs].get();
}

/// Whether the trap is no trap but a pause.
bool PausingRun::stopped() const {
  if (thread_->trap != Trap::unreachable) return false;
  std::uint32_t word = 0;
  return code_at(thread_->pc, word)->stoppable.stops_at(word);
}

/// The loop's first instruction has to be run without the pause that stands there.
PausingRun::Pause PausingRun::step_over_loop() {
  std::uint32_t loop = 0;
  const Code* const code = code_at(thread_->pc, loop);
  code->stoppable.stop_after(loop);
  const Pause pause = execute_once();
  code->stoppable.apply();
  if (pause != Pause::trapped || thread_->trap != Trap::unreachable) return pause;
  std::uint32_t word = 0;
  if (code_at(thread_->pc, word) != code || word == loop) return pause;
  thread_->trap = Trap::none;  // if it was one after all, it will trap again
  // At a loop the accumulators hold nothing, behind its first instruction at most the result. They
  // get it back as after a host call.
  const std::uint32_t result = thread_->fp + field_a(code->words[loop]);
  if (result < thread_->capacity()) thread_->results = result;
  return execute_once();
}

// --- looking -----------------------------------------------------------------------------------

std::uint32_t PausingRun::loop() const {
  std::uint32_t word = 0;
  const Code* const code = code_at(thread_->pc, word);
  return code->loops.at(word);
}

Trap PausingRun::trap() const { return thread_->trap; }
std::uint32_t PausingRun::host_number() const { return thread_->host_call->index.value; }
const FuncType& PausingRun::host_type() const { return *thread_->host_call->signature; }

std::vector<Value> PausingRun::host_arguments() const {
  std::vector<Value> values;
  get(thread_->stack() + thread_->arguments, host_type().params, values);
  return values;
}

std::uint64_t PausingRun::waits_at() const { return thread_->waiter->address(); }

std::vector<Value> PausingRun::results() const {
  std::vector<Value> values;
  get(thread_->stack() + thread_->results, thread_->function->signature->results, values);
  return values;
}

std::string PausingRun::exception() const {
  const Tag* const tag = &tag_of(*object_of(thread_->exception));
  std::uint32_t number = 0;
  while (number < module().tags.size() && instance_->tags[number] != tag) ++number;
  return fmt::format(
      "tag {}: {}", number,
      words(Value::from_bits(ValType::ref({HeapKind::exn}, true), thread_->exception)));
}

std::vector<Frame> PausingRun::frames() const { return frame_map().frames(all_frames); }
FrameMap PausingRun::frame_map() const { return FrameMap(*thread_); }

std::vector<Value> PausingRun::globals() const {
  std::vector<Value> values;
  for (GlobalIdx global{0}; global.value < module().globals.size(); ++global.value) {
    values.push_back(get(instance_->global(global), module().globals[global.value].value));
  }
  return values;
}

std::span<std::byte> PausingRun::memory() const {
  const Memory* const memory = instance_->memory0();
  if (memory == nullptr) return {};
  return {memory->data(), static_cast<std::size_t>(memory->size())};
}

std::string PausingRun::words(const Value& value) const {
  if (value.type().is_ref() && is_traced(value.type(), module().canonical)) {
    return object_words(module(), value.lo(), [this](const Value& other) { return words(other); });
  }
  if (!value.is_null() && value.type().is_ref()) {
    return fmt::format("func {}",
                       static_cast<const Func*>(value.as_funcref().identity)->index.value);
  }
  return to_string(value);
}

}  // namespace fermata::test
