// Writer: a paused process as a snapshot, section by section.
//
// Owns the order in which references are met, which gives objects their numbers. Changes nothing of
// the process. docs/snapshot-format.md.
#pragma once

#include "interp/process/process_impl.hpp"
#include "interp/snapshot/initial.hpp"
#include "interp/snapshot/numbering.hpp"
#include "interp/snapshot/output.hpp"
#include "interp/snapshot/sites.hpp"

namespace fermata::snapshot {

class Writer {
 public:
  /// `with_memory`: without, it is for a Reader that has the process at hand.
  Writer(const ProcessImpl& process, SnapshotSink& sink, bool with_memory = true)
      : process_(process),
        module_(*process.instance->module),
        with_memory_(with_memory),
        out_(&sink),
        initial_tables_(module_),
        numbering_(process),
        sites_(process.threads) {}

  [[nodiscard]] Result<void> write();

 private:
  // writer.cpp
  void write_module(Output& out) const;
  void write_imports(Output& out) const;
  void write_process(Output& out) const;
  void write_memory();
  void write_instances(Output& out);
  void write_instance(Output& out, const Instance& instance);
  void write_table(Output& out, const Instance& instance, TableIdx table);
  void write_segments(Output& out, const Instance& instance);
  // write_heap.cpp
  void write_heap(Output& out);
  void write_object_header(Output& out, const Object& object) const;
  void write_fields(Output& out, const Object& object);
  void write_elements(Output& out, const Object& array);
  // write_threads.cpp
  void write_threads(Output& out);
  void write_thread(Output& out, const ThreadRecord& thread);
  void write_doing(Output& out, const GuestThread& guest);
  void write_frames(Output& out, const GuestThread& guest);
  void write_frame(Output& out, const Sites::Frame& frame);
  void write_operand(Output& out, const Operand& operand, const Slot* fp,
                     const FrameLayout& layout);
  void write_lines(Output& out) const;
  void write_results(Output& out);
  [[nodiscard]] bool has_waiting() const;

  const ProcessImpl& process_;
  const ModuleImpl& module_;
  bool with_memory_;
  Output out_;
  InitialTables initial_tables_;
  Numbering numbering_;
  Sites sites_;
};

}  // namespace fermata::snapshot
