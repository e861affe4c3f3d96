// ThreadGroup: starting and running threads. `run` is the path that every host call takes twice, so
// it allocates nothing and searches nothing in the common case.

#include "interp/process/thread_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "fermata/limits.hpp"
#include "interp/exec/execute.hpp"
#include "interp/exec/unwind.hpp"
#include "interp/isa/bootstrap.hpp"
#include "interp/process/host_objects.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/usage_error.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

const ResultType nothing;

constexpr std::uint64_t thread_bytes = 256;  // of each, beside its stack; one number on every host
static_assert(sizeof(ThreadRecord) <= thread_bytes);

Waiting waiting(const GuestThread& guest) {
  return {guest.waiter->address(), guest.waiter->timeout()};
}

[[gnu::cold]] Error still_waits(const ThreadRecord& thread) {
  return usage_error(
      ErrorCode::still_waiting,
      fmt::format(
          "thread {} waits at address {}: expected a notify there, or that its time is over",
          thread.id, thread.guest.waiter->address()));
}

/// Whether a thread that is ready has paused within a memory.fill or memory.copy: nothing else lets
/// it stand there between two runs.
bool stands_in_bulk(const GuestThread& guest) {
  const Op op = first_part(op_of(*guest.pc));
  return op == Op::memory_fill || op == Op::memory_copy;
}

[[gnu::cold]] Error out_of_memory(std::string message) {
  return usage_error(ErrorCode::out_of_memory, std::move(message));
}

}  // namespace

// --- finding ------------------------------------------------------------------------------------

Error ThreadGroup::no_such_thread(ThreadId id) {
  return usage_error(ErrorCode::no_such_thread,
                     fmt::format("thread {} was never started or has finished", id));
}

// Ids ascend, so while no thread has finished an id is its own position, and never less than it.
std::size_t ThreadGroup::position(ThreadId id) const {
  const auto is_there = [id](const auto& t) { return t->id == id && !t->has_ended; };
  if (id < threads_.size() && is_there(threads_[id])) [[likely]]
    return id;
  const auto found =
      std::ranges::lower_bound(threads_, id, {}, [](const auto& t) { return t->id; });
  const bool there = found != threads_.end() && is_there(*found);
  return there ? static_cast<std::size_t>(found - threads_.begin()) : threads_.size();
}

ThreadRecord* ThreadGroup::find(ThreadId id) const {
  const std::size_t at = position(id);
  return at < threads_.size() ? threads_[at].get() : nullptr;
}

const Instance* ThreadGroup::instance_of(const Func& function) const {
  return function.instance != nullptr ? function.instance : process_;
}

// A function without an instance is the host's: of the process, or one that the store has made.
const CanonicalTypes& ThreadGroup::types_of(const Func& function) const {
  const Instance* const instance = instance_of(function);
  if (instance != nullptr) return instance->module->canonical;
  return *static_cast<const HostSignature*>(function.signature)->types;
}

// --- starting and ending ------------------------------------------------------------------------

Result<ThreadId> ThreadGroup::start(Func* start, Func* function, std::span<const Value> arguments,
                                    std::uint64_t user_data) {
  const ResultType& params = function->signature->params;
  const ValueContext context{types_of(*function), objects_};
  if (!fit(arguments, params, context)) return std::unexpected(misfit(arguments, params, context));
  if (next_id_ == std::numeric_limits<ThreadId>::max()) {
    return std::unexpected(out_of_memory("there are no more thread ids"));
  }
  std::vector<Slot> slots(slots_of(params));
  put(slots.data(), arguments);
  const auto added = add(next_id_, user_data, start, function, slots);
  if (!added) return std::unexpected(added.error());
  return next_id_++;
}

Result<ThreadRecord*> ThreadGroup::add(ThreadId id, std::uint64_t user_data, Func* start,
                                       Func* function, std::span<const Slot> slots) {
  auto thread = std::make_unique<ThreadRecord>(id, user_data, start, function, slots,
                                               max_stack_slots_, objects_.budget);
  const std::size_t needed =
      std::max<std::size_t>({1, slots.size(), slots_of(function->signature->results)});
  if (thread->guest.capacity() < needed) {
    return std::unexpected(
        out_of_memory(fmt::format("a guest stack with {} slots of arguments or results", needed)));
  }
  thread->guest.meter = meter_.get();
  thread->arguments.reserve(function->signature->results.size());  // so that it can always finish
  ThreadRecord* const added = threads_.emplace_back(std::move(thread)).get();
  if (objects_.budget.take(thread_bytes)) return added;
  threads_.pop_back();
  return std::unexpected(out_of_memory("a thread"));
}

void ThreadGroup::take_back_last() {
  if (seldom_ != nullptr) seldom_->spawned.by_thread.erase(threads_.back()->id);
  threads_.pop_back();
  objects_.budget.give(thread_bytes);
  --next_id_;
}

Result<void> ThreadGroup::move_last_into(Instance& spawned) {
  GuestThread& guest = threads_.back()->guest;
  const bool moved = finds_memory([&] {
    Func* const start = guest.start != nullptr ? spawned.func(guest.start->index) : nullptr;
    guest.function = spawned.func(guest.function->index);
    guest.start = start;
  });
  if (!moved) {
    keep_idle_instance(spawned);
    return std::unexpected(no_memory_left());
  }
  seldom_->spawned.by_thread.at(threads_.back()->id) = &spawned;
  return {};
}

ThreadGroup::Seldom& ThreadGroup::seldom() {
  if (seldom_ == nullptr) seldom_ = std::make_unique<Seldom>();
  return *seldom_;
}

Instance* ThreadGroup::take_idle_instance() {
  if (seldom_ == nullptr || seldom_->spawned.idle.empty()) return nullptr;
  Instance* const idle = seldom_->spawned.idle.back();
  seldom_->spawned.idle.pop_back();
  return idle;
}

void ThreadGroup::add_spawned_instance(ThreadId id, Instance* instance) {
  make_room_for_idle(1);
  seldom_->spawned.by_thread[id] = instance;
}

void ThreadGroup::add_idle_instance(Instance& instance) {
  make_room_for_idle(1);
  keep_idle_instance(instance);
}

/// For all instances that there are, once their threads have ended, and so many more: `end` does
/// not fail.
void ThreadGroup::make_room_for_idle(std::size_t more) {
  SpawnedInstances& spawned = seldom().spawned;
  const std::size_t all = spawned.idle.size() + spawned.by_thread.size() + more;
  if (all > spawned.idle.capacity()) spawned.idle.reserve(2 * all);
}

void ThreadGroup::keep_idle_instance(Instance& instance) {
  instance.retire();
  seldom().spawned.idle.push_back(&instance);
}

// Records are taken out when most have ended, so that any number of ends takes time in proportion.
void ThreadGroup::end(std::size_t position) {
  ThreadRecord& ended = *threads_[position];
  if (seldom_ != nullptr) {
    auto& own = seldom_->spawned.by_thread;
    if (const auto found = own.find(ended.id); found != own.end()) {
      keep_idle_instance(*found->second);
      own.erase(found);
    }
    seldom_->trap_messages.erase(ended.id);
  }
  ended.guest.release();
  ended.arguments.clear();
  ended.has_ended = true;
  objects_.budget.give(thread_bytes);
  if (++ended_ <= threads_.size() / 2) return;
  std::erase_if(threads_, [](const auto& thread) { return thread->has_ended; });
  ended_ = 0;
}

Result<void> ThreadGroup::drop(ThreadId id) {
  const std::size_t at = position(id);
  if (at == threads_.size()) return std::unexpected(no_such_thread(id));
  end(at);
  return {};
}

void ThreadGroup::clear() {
  for (const ThreadId id : ids()) end(position(id));
  threads_.clear();
  ended_ = 0;
  results_.clear();
  poisoned_ = false;
  next_id_ = 0;
  if (meter_ != nullptr) meter_->set_used(0);
}

// --- roots --------------------------------------------------------------------------------------

void ThreadGroup::mark_roots(Heap& heap) {
  if (stack_roots_ == nullptr) stack_roots_ = std::make_unique<StackRoots>();
  for (const auto& thread : threads_) {
    if (!thread->has_ended) mark_thread(*thread, heap);
  }
  for (const Value& result : results_) {
    if (result.type().is_ref() && heap.owns(result.lo())) heap.mark(result.lo());
  }
}

// Arguments that wait for their function, or for the host's answer, are nobody's locals or
// operands.
void ThreadGroup::mark_thread(const ThreadRecord& thread, Heap& heap) {
  const GuestThread& guest = thread.guest;
  const Func& function = *guest.function;
  const auto mark_arguments = [&](const Slot* from, const Func& of) {
    mark_values(from, of.signature->params, types_of(of), heap);
  };
  if (guest.arguments_for_later() != nullptr) mark_arguments(guest.arguments_for_later(), function);
  heap.mark(guest.exception);
  if (guest.host_call != nullptr) {
    mark_arguments(guest.stack() + guest.arguments, *guest.host_call);
  }
  if (guest.begun()) return stack_roots_->mark(guest, heap);
  mark_arguments(guest.stack(), function);
}

// --- running ------------------------------------------------------------------------------------

Result<Outcome> ThreadGroup::run(ThreadId id, std::span<const Value> values) {
  ThreadRecord* const thread = find(id);
  if (thread == nullptr || poisoned_ || thread->guest.trap != Trap::none) [[unlikely]] {
    return std::unexpected(cannot_run(thread, id));
  }
  GuestThread& guest = thread->guest;
  const Func* const waits_for = guest.host_call;
  if (waits_for == nullptr) {
    if (!values.empty()) [[unlikely]] {
      return std::unexpected(misfit(values, nothing, {no_types(), objects_}));
    }
    if (guest.is_waiting()) return std::unexpected(still_waits(*thread));
    const bool in_bulk = !guest.has_waited() && stands_in_bulk(guest);
    guest.take_wait_result();
    if (in_bulk && meter_ != nullptr && meter_->is_due()) [[unlikely]] {
      if (auto outcome = pause()) return *std::move(outcome);
    }
    return go_on(*thread);
  }
  const ResultType& wanted = waits_for->signature->results;
  if (!fit_as_numbers(values, wanted)) [[unlikely]] {
    const ValueContext context{types_of(*waits_for), objects_};
    if (!fit(values, wanted, context)) return std::unexpected(misfit(values, wanted, context));
  }
  put(guest.stack() + guest.results, values);
  guest.host_call = nullptr;
  return go_on(*thread);
}

Outcome ThreadGroup::go_on(ThreadRecord& thread) {
  for (;;) {
    switch (execute(thread.guest, dispatch_)) {
      case Exit::host_call:
        return host_call(thread);
      case Exit::finished:
        return finish(thread);
      case Exit::waiting:
        return waiting(thread.guest);
      case Exit::paused:
        if (auto outcome = pause()) return *std::move(outcome);
        break;
      case Exit::trapped:
        return trap(thread);
    }
  }
}

/// Nothing for an interruption that was taken before.
std::optional<Outcome> ThreadGroup::pause() {
  switch (meter_->pause()) {
    case Meter::Pause::out_of_fuel:
      return OutOfFuel{};
    case Meter::Pause::interrupted:
      return Interrupted{};
    case Meter::Pause::none:
      break;
  }
  return std::nullopt;
}

Outcome ThreadGroup::host_call(ThreadRecord& thread) {
  const GuestThread& guest = thread.guest;
  const ResultType& params = guest.host_call->signature->params;
  if (!finds_memory([&] { thread.arguments.reserve(params.size()); })) [[unlikely]] {
    return trap_in_host_call(thread, Trap::out_of_memory);
  }
  get(guest.stack() + guest.arguments, params, thread.arguments);
  return host_call_of(thread);
}

Outcome ThreadGroup::finish(ThreadRecord& thread) {
  const GuestThread& guest = thread.guest;
  get(guest.stack() + guest.results, guest.function->signature->results, thread.arguments);
  results_.swap(thread.arguments);
  if (process_ != nullptr && thread.id == 0) poisoned_ = true;
  end(position(thread.id));
  return Finished{results_};
}

Outcome ThreadGroup::trap(ThreadRecord& thread) {
  if (process_ != nullptr) poisoned_ = true;
  const GuestThread& guest = thread.guest;
  if (meter_ != nullptr && !in_bootstrap(guest.pc)) {
    std::int64_t overcharge = 0;
    // Without memory to find it in, what was charged ahead stays charged.
    static_cast<void>(
        finds_memory([&] { overcharge = guest.instance->code->overcharge(guest.pc); }));
    meter_->charge(static_cast<std::uint64_t>(-overcharge));
  }
  if (guest.trap == Trap::uncaught_exception) return threw(thread);
  return trapped_of(thread);
}

// --- waiting ------------------------------------------------------------------------------------

Result<ThreadRecord*> ThreadGroup::find_waiting(ThreadId id) const {
  ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  if (thread->guest.is_waiting()) return thread;
  return std::unexpected(
      usage_error(ErrorCode::not_waiting, fmt::format("thread {} waits at no address", id)));
}

Result<Waiting> ThreadGroup::pending_wait(ThreadId id) const {
  const auto thread = find_waiting(id);
  if (!thread) return std::unexpected(thread.error());
  return waiting((*thread)->guest);
}

std::string_view ThreadGroup::trap_message(ThreadId id) const {
  if (seldom_ == nullptr) return {};
  const auto found = seldom_->trap_messages.find(id);
  return found != seldom_->trap_messages.end() ? std::string_view(found->second)
                                               : std::string_view();
}

Trapped ThreadGroup::trapped_of(const ThreadRecord& thread) const {
  return {thread.guest.trap, trap_message(thread.id)};
}

Result<Trapped> ThreadGroup::trapped(ThreadId id) const {
  const ThreadRecord* const thread = find(id);
  if (thread != nullptr && thread->guest.trap != Trap::none) return trapped_of(*thread);
  Error error = no_such_thread(id);
  if (thread != nullptr) error.message = fmt::format("thread {} has not trapped", id);
  return std::unexpected(std::move(error));
}

Result<void> ThreadGroup::time_out(ThreadId id) {
  const auto thread = find_waiting(id);
  if (!thread) return std::unexpected(thread.error());
  (*thread)->guest.waiter->time_out();
  return {};
}

// --- exceptions ---------------------------------------------------------------------------------

Outcome ThreadGroup::threw(ThreadRecord& thread) {
  const Object& exception = *object_of(thread.guest.exception);
  const Tag& tag = tag_of(exception);
  const bool told = finds_memory([&] {
    std::vector<Slot> slots(slots_of(tag.signature->params));
    static_cast<void>(load_fields(exception, slots.data()));
    get(slots.data(), tag.signature->params, results_);
  });
  if (told) return Threw{TagRef{&tag}, results_};
  thread.guest.trap = Trap::out_of_memory;
  thread.guest.exception = 0;
  return trapped_of(thread);
}

Result<Outcome> ThreadGroup::throw_exception(ThreadId id, TagRef ref,
                                             std::span<const Value> values) {
  const auto found = find_in_host_call(id);
  if (!found) return std::unexpected(found.error());
  ThreadRecord& thread = **found;
  if (!objects_.has_tag(ref.identity)) {
    return std::unexpected(usage_error(ErrorCode::no_such_tag, "expected a tag of this store"));
  }
  const Tag& tag = *static_cast<const Tag*>(ref.identity);
  const ValueContext context{*tag.types, objects_};
  if (!fit(values, tag.signature->params, context)) {
    return std::unexpected(misfit(values, tag.signature->params, context));
  }
  Object* const exception = make_exception(objects_, tag, values);
  if (exception == nullptr) return std::unexpected(out_of_memory("the heap has no room for it"));
  switch (unwind(thread.guest, address_bits(exception), ThrownFrom::host_call)) {
    case Trap::none:
      thread.guest.host_call = nullptr;
      return go_on(thread);
    case Trap::uncaught_exception:
      thread.guest.exception = address_bits(exception);
      return trap_in_host_call(thread, Trap::uncaught_exception);
    default:
      return std::unexpected(no_memory_left());
  }
}

// --- traps of the host's ------------------------------------------------------------------------

Result<ThreadRecord*> ThreadGroup::find_in_host_call(ThreadId id) const {
  ThreadRecord* const thread = find(id);
  if (thread == nullptr || poisoned_ || thread->guest.trap != Trap::none) {
    return std::unexpected(cannot_run(thread, id));
  }
  if (thread->guest.host_call != nullptr) return thread;
  return std::unexpected(
      usage_error(ErrorCode::no_host_call, fmt::format("thread {} waits for no host call", id)));
}

Result<Outcome> ThreadGroup::trap_call(ThreadId id, std::string_view message) {
  const auto thread = find_in_host_call(id);
  if (!thread) return std::unexpected(thread.error());
  set_trap_message(id, std::string(message.substr(0, limits::trap_message_bytes)));
  return trap_in_host_call(**thread, Trap::host_trap);
}

/// The call itself has done it.
Outcome ThreadGroup::trap_in_host_call(ThreadRecord& thread, Trap reason) {
  GuestThread& guest = thread.guest;
  guest.host_call = nullptr;
  if (!in_bootstrap(guest.pc)) guest.pc -= call_words;
  guest.trap = reason;
  return trap(thread);
}

Error ThreadGroup::cannot_run(const ThreadRecord* thread, ThreadId id) const {
  if (poisoned_) {
    return usage_error(ErrorCode::process_poisoned,
                       "the main thread ended, a thread trapped, or the process was given up: "
                       "nothing runs any more");
  }
  if (thread == nullptr) return no_such_thread(id);
  return usage_error(ErrorCode::process_poisoned,
                     fmt::format("thread {} trapped: {}", id, to_string(thread->guest.trap)));
}

}  // namespace fermata
