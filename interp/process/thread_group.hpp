// ThreadGroup: the threads of one process or store, and every rule of running them.
//
// Owns the threads and what `run` hands out; converts values at the edge. The rules of a process
// (poison) are a policy that is switched on. Knows nothing of modules' exports or of linking.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fermata/process.hpp"
#include "interp/exec/guest_thread.hpp"
#include "interp/process/stack_roots.hpp"
#include "interp/runtime/store.hpp"

namespace fermata {

struct ThreadRecord {
  /// The rest makes the guest thread.
  template <class... Args>
  ThreadRecord(ThreadId with_id, std::uint64_t datum, Args&&... args)
      : guest(std::forward<Args>(args)...), id(with_id), user_data(datum) {}

  GuestThread guest;
  ThreadId id;
  bool has_ended = false;  // and its memory is given back, but for this
  std::uint64_t user_data;
  std::vector<Value> arguments;  // of the host call that it waits for; room for its results
};

/// What the options say of a store's limits.
[[nodiscard]] inline StoreLimits limits_of(const ExecutionOptions& options) {
  return {options.max_bytes, options.max_table_elements, options.max_memory_pages,
          options.max_heap_bytes};
}

/// What they say of register code.
[[nodiscard]] inline CodeMode code_mode_of(const ExecutionOptions& options) {
  return {options.fusion, options.lowering == Lowering::debug, options.metering,
          options.canonical_nan};
}

/// As the heap's roots: what threads have in their stacks, and the results of the last that
/// finished.
class ThreadGroup final : RootSource {
 public:
  ThreadGroup(StoreObjects& objects, const ExecutionOptions& options)
      : objects_(objects),
        dispatch_(options.dispatch),
        max_stack_slots_(static_cast<std::uint32_t>(
            std::min<std::size_t>(options.max_stack_bytes / sizeof(Slot), UINT32_MAX))) {
    objects.threads = this;
    if (options.metering) meter_ = std::make_shared<Meter>();
  }

  [[nodiscard]] Dispatch dispatch() const { return dispatch_; }
  [[nodiscard]] std::size_t max_stack_bytes() const { return max_stack_slots_ * sizeof(Slot); }
  /// Null unless the options ask for it.
  [[nodiscard]] const std::shared_ptr<Meter>& meter() const { return meter_; }

  /// Switches on a process's rules: the end of thread 0 or any trap poisons the group. Imported
  /// functions' types and names are `instance`'s module's.
  void become_process(const Instance& instance) { process_ = &instance; }

  /// A new thread, paused. Errors: as Process::start_thread, of its function's arguments.
  [[nodiscard]] Result<ThreadId> start(Func* start, Func* function,
                                       std::span<const Value> arguments, std::uint64_t user_data);
  // A thread with an instance of its own is started in the process's first, and then moved; nothing
  // else may happen to the group meanwhile. When it ends, the instance becomes idle.
  void expect_instance_of_last() { add_spawned_instance(threads_.back()->id, nullptr); }
  void take_back_last();
  [[nodiscard]] Result<void> move_last_into(Instance& spawned);
  /// An instance whose thread has ended, or null.
  [[nodiscard]] Instance* take_idle_instance();
  /// Precondition: its thread is one that `add_spawned_instance` was told of.
  void keep_idle_instance(Instance& instance);
  [[nodiscard]] Result<Outcome> run(ThreadId id, std::span<const Value> values);
  /// As Thread::throw_exception.
  [[nodiscard]] Result<Outcome> throw_exception(ThreadId id, TagRef tag,
                                                std::span<const Value> values);
  /// As Thread::trap.
  [[nodiscard]] Result<Outcome> trap_call(ThreadId id, std::string_view message);
  /// As Thread::trapped.
  [[nodiscard]] Result<Trapped> trapped(ThreadId id) const;
  /// As Thread::pending_wait and Thread::time_out.
  [[nodiscard]] Result<Waiting> pending_wait(ThreadId id) const;
  [[nodiscard]] Result<void> time_out(ThreadId id);
  /// Ends a paused thread without running it on.
  [[nodiscard]] Result<void> drop(ThreadId id);
  void poison() { poisoned_ = true; }
  /// The id 0, which is the main thread's, is given to none.
  void leave_out_main_thread() { next_id_ = std::max<ThreadId>(next_id_, 1); }
  /// As new: no thread, no poison, ids from 0 again.
  void clear();

  [[nodiscard]] bool poisoned() const { return poisoned_; }
  [[nodiscard]] std::vector<ThreadId> ids() const;

  [[nodiscard]] Result<ThreadState> state(ThreadId id) const;
  [[nodiscard]] Result<HostCall> pending_host_call(ThreadId id) const;
  [[nodiscard]] Result<std::uint64_t> frame_count(ThreadId id) const;
  [[nodiscard]] Result<std::vector<Frame>> frames(ThreadId id, std::size_t count,
                                                  std::size_t first) const;
  [[nodiscard]] Result<std::vector<TraceEntry>> backtrace(ThreadId id, std::size_t count,
                                                          std::size_t first) const;
  [[nodiscard]] Result<std::uint64_t> user_data(ThreadId id) const;
  [[nodiscard]] Result<void> set_user_data(ThreadId id, std::uint64_t datum);

  /// Instances that were made for one thread each.
  struct SpawnedInstances {
    std::map<ThreadId, Instance*> by_thread;
    std::vector<Instance*> idle;  // their threads have ended
  };

  // For snapshots: all that there is, and how it is made again.
  [[nodiscard]] std::span<const std::unique_ptr<ThreadRecord>> records() const { return threads_; }
  [[nodiscard]] const SpawnedInstances* spawned() const {
    return seldom_ != nullptr ? &seldom_->spawned : nullptr;
  }
  /// What the host said when the thread trapped, or empty.
  [[nodiscard]] std::string_view trap_message(ThreadId id) const;
  [[nodiscard]] std::span<const Value> last_results() const { return results_; }
  [[nodiscard]] ThreadId next_id() const { return next_id_; }
  /// A thread before its first instruction; its id is above all others. The slots are its
  /// function's arguments. Error: `out_of_memory`.
  [[nodiscard]] Result<ThreadRecord*> add(ThreadId id, std::uint64_t user_data, Func* start,
                                          Func* function, std::span<const Slot> slots);
  void add_spawned_instance(ThreadId id, Instance* instance);
  void add_idle_instance(Instance& instance);
  void set_trap_message(ThreadId id, std::string message) {
    seldom().trap_messages[id] = std::move(message);
  }
  void set_next_id(ThreadId id) { next_id_ = id; }
  void set_last_results(std::vector<Value> results) { results_ = std::move(results); }

 private:
  /// What few groups have.
  struct Seldom {
    SpawnedInstances spawned;
    std::map<ThreadId, std::string> trap_messages;
  };

  [[nodiscard]] Seldom& seldom();
  void make_room_for_idle(std::size_t more);
  void end(std::size_t position);
  void mark_roots(Heap& heap) override;
  void mark_thread(const ThreadRecord& thread, Heap& heap);

  [[nodiscard]] static Error no_such_thread(ThreadId id);
  [[nodiscard]] std::size_t position(ThreadId id) const;
  [[nodiscard]] ThreadRecord* find(ThreadId id) const;
  [[nodiscard]] const CanonicalTypes& types_of(const Func& function) const;
  [[nodiscard]] const Instance* instance_of(const Func& function) const;

  [[nodiscard]] Outcome go_on(ThreadRecord& thread);
  [[nodiscard]] Outcome finish(ThreadRecord& thread);
  [[nodiscard]] std::optional<Outcome> pause();
  [[nodiscard]] Outcome trap(ThreadRecord& thread);
  [[nodiscard]] Outcome threw(ThreadRecord& thread);
  [[nodiscard]] Outcome host_call(ThreadRecord& thread);
  [[nodiscard]] HostCall host_call_of(const ThreadRecord& thread) const;
  [[nodiscard]] Trapped trapped_of(const ThreadRecord& thread) const;
  /// The thread, which waits for a host call.
  [[nodiscard]] Result<ThreadRecord*> find_in_host_call(ThreadId id) const;
  [[nodiscard]] Outcome trap_in_host_call(ThreadRecord& thread, Trap trap);
  [[nodiscard]] Result<ThreadRecord*> find_waiting(ThreadId id) const;
  [[nodiscard]] Error cannot_run(const ThreadRecord* thread, ThreadId id) const;
  [[nodiscard]] std::string_view name_of(const Func& function) const;
  [[nodiscard]] Frame first_frame(const GuestThread& thread) const;

  StoreObjects& objects_;
  const Instance* process_ = nullptr;
  std::vector<std::unique_ptr<ThreadRecord>> threads_;  // ids ascend; some have ended
  std::unique_ptr<Seldom> seldom_;                      // made for the first
  std::vector<Value> results_;                          // of the thread that finished last
  std::unique_ptr<StackRoots> stack_roots_;             // made for the first collection
  std::shared_ptr<Meter> meter_;
  Dispatch dispatch_;
  bool poisoned_ = false;
  ThreadId next_id_ = 0;
  std::uint32_t ended_ = 0;  // of threads_
  std::uint32_t max_stack_slots_;
};

}  // namespace fermata
