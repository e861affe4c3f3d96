// Writer: a paused process as a snapshot, section by section.
//
// Owns the order in which references are met, which gives objects their numbers. Changes nothing of
// the process. docs/snapshot-format.md.
#pragma once

#include <functional>
#include <vector>

#include "interp/process/process_impl.hpp"
#include "interp/snapshot/initial.hpp"
#include "interp/snapshot/mark.hpp"
#include "interp/snapshot/numbering.hpp"
#include "interp/snapshot/output.hpp"
#include "interp/snapshot/sites.hpp"

namespace fermata::snapshot {

class Writer {
 public:
  Writer(const ProcessImpl& process, SnapshotSink& sink)
      : process_(process),
        module_(*process.instance->module),
        out_(&sink),
        initial_tables_(module_),
        numbering_(process),
        sites_(process.threads) {
    if (!module_.memories.empty()) memory_ = process.instance->memories[0];
  }

  [[nodiscard]] Result<void> write();
  /// For a Reader that has the process at hand.
  [[nodiscard]] Result<void> write_without_memory();
  /// A whole snapshot, for which the mark then stands. Precondition: the mark is new.
  [[nodiscard]] Result<void> write_marked(Mark& mark);
  /// What is different since the mark, which then stands for the process as it is. After an error
  /// it is as it was. Precondition: it is of the process's module.
  [[nodiscard]] Result<void> write_delta(Mark& mark);

 private:
  using WriteMemory = std::function<void(Output&)>;
  void write_snapshot(Output& out, const WriteMemory& memory);
  void write_sections(Output& out, const WriteMemory& memory);
  // writer.cpp
  void write_module(Output& out) const;
  void write_imports(Output& out) const;
  void write_process(Output& out) const;
  void move_on(Mark& mark, const Changes& changes, const Sha256& name) const;
  [[nodiscard]] Sha256 name_of(const std::vector<BlockDigest>& blocks);
  void write_instances(Output& out);
  void write_instance(Output& out, const Instance& instance, bool idle);
  void write_table(Output& out, const Instance& instance, TableIdx table, bool idle);
  void write_segments(Output& out, const Instance& instance);
  // write_heap.cpp
  void write_heap(Output& out);
  void write_object_header(Output& out, const Object& object) const;
  void write_fields(Output& out, const Object& object);
  void write_elements(Output& out, const Object& array);
  // write_threads.cpp
  void write_threads(Output& out);
  void write_thread(Output& out, const ThreadRecord& thread);
  void write_doing(Output& out, const ThreadRecord& thread);
  void write_frames(Output& out, const GuestThread& guest);
  void write_frame(Output& out, const Sites::Frame& frame);
  void write_operand(Output& out, const Operand& operand, const Slot* fp,
                     const FrameLayout& layout);
  void write_lines(Output& out) const;
  void write_results(Output& out);
  [[nodiscard]] bool has_waiting() const;

  const ProcessImpl& process_;
  const ModuleImpl& module_;
  const Memory* memory_ = nullptr;  // if there is one
  Output out_;
  InitialTables initial_tables_;
  Numbering numbering_;
  Sites sites_;
};

}  // namespace fermata::snapshot
