// Reader: a snapshot as a paused process.
//
// A snapshot is hostile input: everything in it is held against the module before it gets into the
// process, and whatever the process makes is charged to its budget. Nothing has run, and nothing is
// left behind, when it is refused. docs/snapshot-format.md.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "interp/process/creation.hpp"
#include "interp/process/process_impl.hpp"
#include "interp/snapshot/initial.hpp"
#include "interp/snapshot/input.hpp"
#include "interp/snapshot/places.hpp"
#include "interp/snapshot/value_reader.hpp"

namespace fermata::snapshot {

class Reader {
 public:
  /// `size`: as far as it is known, how many bytes the source has.
  Reader(SnapshotSource& source, std::uint64_t size, const Module& module,
         const ProcessOptions& options);
  ~Reader();

  [[nodiscard]] Result<std::unique_ptr<ProcessImpl>> read(const Resolver& resolver);
  /// The same of what a Writer has written without memory, with the parent's links and memory.
  [[nodiscard]] Result<std::unique_ptr<ProcessImpl>> read_beside(const ProcessImpl& parent);

 private:
  using Read = void (Reader::*)();
  struct Pending {  // a thread that is to wait
    ThreadRecord* thread = nullptr;
    std::uint64_t address = 0;
    std::optional<std::uint64_t> timeout;
  };

  /// How a frame is entered.
  struct Entry {
    const ResultType* results = nullptr;  ///< that it must return
    Slot return_pc = 0;
    std::uint32_t fp = 0;
    const Places::Place* caller = nullptr;  ///< where the frame around it stands, if there is one
  };

  // reader.cpp
  void read_identity();
  void expect(Section id, Read read);
  void read_module();
  void read_imports();
  [[nodiscard]] Result<std::unique_ptr<ProcessImpl>> read(const LinkPlan& plan,
                                                          const ProcessImpl* parent);
  [[nodiscard]] Result<void> make_process(const LinkPlan& plan);
  void copy_memory(const Memory& from);
  void read_process();
  void make_spawned(ThreadId thread);
  void read_memory();
  void read_instances();
  void read_instance(Instance& instance, bool idle);
  void read_table(Instance& instance, TableIdx index, bool idle);
  void fill_table(Instance& instance, TableIdx index);
  void read_segments(Instance& instance);
  void read_kept(Instance& instance, ElemIdx elem);
  void read_sites();
  void read_optional_sections();
  void read_fuel();
  // read_heap.cpp
  void read_heap();
  void read_object_header();
  [[nodiscard]] const ObjectType* read_object_type(ObjectKind kind);
  void read_fields(Object& object);
  void read_field(Object& object, const ObjectField& field, ValType type);
  void read_elements(Object& array);
  // read_threads.cpp
  void read_threads();
  void read_thread(ThreadId id);
  void read_doing(ThreadRecord& thread, Doing doing);
  void read_host_call(ThreadRecord& thread);
  void read_waiting(ThreadRecord& thread);
  void read_trap(ThreadRecord& thread);
  void read_frames(ThreadRecord& thread, Doing doing);
  void stand_in_bootstrap(ThreadRecord& thread, Doing doing);
  void read_frame(GuestThread& guest, Entry& entry, std::optional<Doing> doing);
  void cross(GuestThread& guest, Entry& entry, std::uint64_t at);
  void check_results(const ResultType& wanted, const ResultType& found, std::uint64_t at);
  void check_stand(const GuestThread& guest, const Places::Place& place, std::optional<Doing> doing,
                   std::uint64_t at);
  [[nodiscard]] bool calls(const Places::Place& place, const Func& host) const;
  [[nodiscard]] bool waits(const Places::Place& place) const;
  void place_arguments(GuestThread& guest);
  void read_values(const Places::Place& place, Slot* fp);
  [[nodiscard]] static bool is_there(const Operand& operand, const FrameLayout& layout,
                                     const Slot* fp, const Slot* value);
  void read_lines();
  void read_results();

  [[nodiscard]] ThreadGroup& threads() { return process_->threads; }
  void invalid(std::uint64_t at, std::string message) {
    in_.fail(ErrorCode::invalid_snapshot, at, std::move(message));
  }

  Input in_;
  const Module& handle_;
  const ModuleImpl& module_;
  const ProcessOptions& options_;
  std::unique_ptr<ProcessImpl> process_;
  std::optional<ValueReader> values_;
  std::optional<Places> places_;
  std::optional<InitialTables> initial_tables_;
  struct Segments;
  std::unique_ptr<Segments> segments_;  // made for the first instance
  std::size_t alive_ = 1;               // instances that are not idle
  std::uint64_t promised_ = 0;          // bytes at least that the objects' contents take
  bool poisoned_ = false;
  std::vector<Slot> host_arguments_;
  std::vector<Pending> pending_;  // by thread id
  std::set<std::pair<const ResultType*, const ResultType*>> matching_results_;
};

}  // namespace fermata::snapshot
