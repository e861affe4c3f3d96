// Thread: the handle, which finds its thread anew each time.

#include "fermata/process.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/runtime/usage_error.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

/// What the group answers: an error, too, when the process was moved from or an allocation is
/// refused.
template <class Question>
auto ask(ThreadGroup* group, Question question) -> decltype(question(*group)) {
  if (group == nullptr) [[unlikely]] {
    return std::unexpected(usage_error(ErrorCode::no_such_thread, "the process was moved from"));
  }
  return or_out_of_memory([&] { return question(*group); });
}

}  // namespace

Result<Outcome> Thread::run(std::span<const Value> values) {
  return ask(group_, [&](auto& group) { return group.run(id_, values); });
}

Result<Outcome> Thread::run(std::initializer_list<Value> values) {
  return run(std::span<const Value>(values.begin(), values.size()));
}

Result<Waiting> Thread::pending_wait() const {
  return ask(group_, [&](auto& group) { return group.pending_wait(id_); });
}

Result<void> Thread::time_out() {
  return ask(group_, [&](auto& group) { return group.time_out(id_); });
}

Result<Outcome> Thread::throw_exception(TagRef tag, std::span<const Value> values) {
  return ask(group_, [&](auto& group) { return group.throw_exception(id_, tag, values); });
}

Result<Outcome> Thread::trap(std::string_view message) {
  return ask(group_, [&](auto& group) { return group.trap_call(id_, message); });
}

Result<Trapped> Thread::trapped() const {
  return ask(group_, [&](auto& group) { return group.trapped(id_); });
}

Result<ThreadState> Thread::state() const {
  return ask(group_, [&](auto& group) { return group.state(id_); });
}

Result<HostCall> Thread::pending_host_call() const {
  return ask(group_, [&](auto& group) { return group.pending_host_call(id_); });
}

Result<std::uint64_t> Thread::frame_count() const {
  return ask(group_, [&](auto& group) { return group.frame_count(id_); });
}

Result<std::vector<Frame>> Thread::frames(std::size_t count, std::size_t first) const {
  return ask(group_, [&](auto& group) { return group.frames(id_, count, first); });
}

Result<std::vector<TraceEntry>> Thread::backtrace(std::size_t count, std::size_t first) const {
  return ask(group_, [&](auto& group) { return group.backtrace(id_, count, first); });
}

Result<std::uint64_t> Thread::user_data() const {
  return ask(group_, [&](auto& group) { return group.user_data(id_); });
}

Result<void> Thread::set_user_data(std::uint64_t datum) {
  return ask(group_, [&](auto& group) { return group.set_user_data(id_, datum); });
}

}  // namespace fermata
