// Thread: the handle, which finds its thread anew each time.

#include "fermata/process.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

std::unexpected<Error> gone() {
  return std::unexpected(usage_error(ErrorCode::no_such_thread, "the process was moved from"));
}

}  // namespace

Result<Outcome> Thread::run(std::span<const Value> values) {
  if (group_ == nullptr) [[unlikely]]
    return gone();
  return group_->run(id_, values);
}

Result<Outcome> Thread::run(std::initializer_list<Value> values) {
  return run(std::span<const Value>(values.begin(), values.size()));
}

Result<Waiting> Thread::pending_wait() const {
  if (group_ == nullptr) return gone();
  return group_->pending_wait(id_);
}

Result<void> Thread::time_out() {
  if (group_ == nullptr) return gone();
  return group_->time_out(id_);
}

Result<Outcome> Thread::throw_exception(TagRef tag, std::span<const Value> values) {
  if (group_ == nullptr) return gone();
  return group_->throw_exception(id_, tag, values);
}

Result<Outcome> Thread::trap(std::string_view message) {
  if (group_ == nullptr) return gone();
  return group_->trap_call(id_, message);
}

Result<Trapped> Thread::trapped() const {
  if (group_ == nullptr) return gone();
  return group_->trapped(id_);
}

Result<ThreadState> Thread::state() const {
  if (group_ == nullptr) return gone();
  return group_->state(id_);
}

Result<HostCall> Thread::pending_host_call() const {
  if (group_ == nullptr) return gone();
  return group_->pending_host_call(id_);
}

Result<std::uint64_t> Thread::frame_count() const {
  if (group_ == nullptr) return gone();
  return group_->frame_count(id_);
}

Result<std::vector<Frame>> Thread::frames(std::size_t count, std::size_t first) const {
  if (group_ == nullptr) return gone();
  return group_->frames(id_, count, first);
}

Result<std::vector<TraceEntry>> Thread::backtrace(std::size_t count, std::size_t first) const {
  if (group_ == nullptr) return gone();
  return group_->backtrace(id_, count, first);
}

Result<std::uint64_t> Thread::user_data() const {
  if (group_ == nullptr) return gone();
  return group_->user_data(id_);
}

Result<void> Thread::set_user_data(std::uint64_t datum) {
  if (group_ == nullptr) return gone();
  return group_->set_user_data(id_, datum);
}

}  // namespace fermata
