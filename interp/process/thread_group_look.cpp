// ThreadGroup: looking at paused threads, poisoned ones too.

#include <fmt/format.h>

#include "interp/process/frame_map.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/process/values.hpp"

namespace fermata {
namespace {

// The function that will be entered first.
const Func& first_function(const GuestThread& thread) {
  return thread.start != nullptr ? *thread.start : *thread.function;
}

}  // namespace

std::vector<ThreadId> ThreadGroup::ids() const {
  std::vector<ThreadId> ids;
  ids.reserve(threads_.size());
  for (const auto& thread : threads_) {
    if (!thread->has_ended) ids.push_back(thread->id);
  }
  return ids;
}

Result<ThreadState> ThreadGroup::state(ThreadId id) const {
  const ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  if (thread->guest.trap != Trap::none) return ThreadState::trapped;
  if (thread->guest.is_waiting()) return ThreadState::waiting_for_notify;
  return thread->guest.host_call != nullptr ? ThreadState::waiting_for_host_call
                                            : ThreadState::ready;
}

Result<HostCall> ThreadGroup::pending_host_call(ThreadId id) const {
  const ThreadRecord* const thread = find(id);
  if (thread == nullptr || thread->guest.host_call == nullptr) {
    Error error = no_such_thread(id);
    if (thread != nullptr) error.message = fmt::format("thread {} waits for no host call", id);
    return std::unexpected(std::move(error));
  }
  return host_call_of(*thread);
}

HostCall ThreadGroup::host_call_of(const ThreadRecord& thread) const {
  const Func& function = *thread.guest.host_call;
  const ModuleImpl* const module = process_ != nullptr ? &*process_->module : nullptr;
  return {function.host_number, thread.arguments, module, function.index};
}

Result<std::uint64_t> ThreadGroup::user_data(ThreadId id) const {
  const ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  return thread->user_data;
}

Result<void> ThreadGroup::set_user_data(ThreadId id, std::uint64_t datum) {
  ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  thread->user_data = datum;
  return {};
}

// --- frames -------------------------------------------------------------------------------------

Result<std::uint64_t> ThreadGroup::frame_count(ThreadId id) const {
  const ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  return thread->guest.begun() ? FrameMap(thread->guest).count() : 1;
}

Result<std::vector<Frame>> ThreadGroup::frames(ThreadId id, std::size_t count,
                                               std::size_t first) const {
  const ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  if (thread->guest.begun()) return FrameMap(thread->guest).frames(count, first);
  if (count == 0 || first != 0) return std::vector<Frame>{};
  return std::vector<Frame>{first_frame(thread->guest)};
}

Result<std::vector<TraceEntry>> ThreadGroup::backtrace(ThreadId id, std::size_t count,
                                                       std::size_t first) const {
  const ThreadRecord* const thread = find(id);
  if (thread == nullptr) return std::unexpected(no_such_thread(id));
  if (thread->guest.begun()) return FrameMap(thread->guest).trace(count, first);
  if (count == 0 || first != 0) return std::vector<TraceEntry>{};
  const Frame frame = first_frame(thread->guest);
  return std::vector<TraceEntry>{{frame.function, frame.function_name, frame.offset}};
}

std::string_view ThreadGroup::name_of(const Func& function) const {
  const Instance* const instance = instance_of(function);
  return instance != nullptr ? function_name(*instance->module, function.index)
                             : std::string_view();
}

// A function about to be entered: parameters, locals as they will start out, no operands.
Frame ThreadGroup::first_frame(const GuestThread& thread) const {
  const Func& function = first_function(thread);
  Frame frame;
  frame.function = function.index;
  frame.function_name = name_of(function);
  if (&function == thread.function) get(thread.stack(), function.signature->params, frame.locals);
  if (function.code == nullptr) return frame;
  const FuncDef& definition = function.instance->module->definition(function.index);
  frame.offset = definition.body.begin;
  for (const LocalRun& run : function.instance->module->locals(function.index)) {
    frame.locals.insert(frame.locals.end(), run.count, Value::from_bits(run.type, 0));
  }
  return frame;
}

}  // namespace fermata
