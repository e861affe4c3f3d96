// PausingRun: one thread of a module, in one mode, that can be paused at loops.
//
// Owns an instance and its thread, below the rules of processes. Where a process could pause at a
// loop, this one does, without the code being made for it (stoppable_code.hpp); what it looks like
// there is read as for any paused thread. Imported functions are the host's, numbered in order;
// imported memories are made; other imports are not supported.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fermata/process.hpp"
#include "interp/exec/guest_thread.hpp"
#include "interp/process/frame_map.hpp"
#include "interp/process/stack_roots.hpp"
#include "interp/runtime/store.hpp"
#include "tests/support/stoppable_code.hpp"

namespace fermata::test {

/// As the heap's roots: what its thread has in the stack.
class PausingRun final : RootSource {
 public:
  /// Paused before the export `_start`. The bytes are those of a valid module. Each run has a
  /// module of its own, because it changes the code.
  PausingRun(std::span<const std::uint8_t> bytes, const ExecutionOptions& options);
  ~PausingRun();

  /// The offsets of the loops at which it can pause, ascending.
  [[nodiscard]] std::vector<std::uint32_t> loops() const;
  /// From the next `run` on, it pauses when it gets to the loop, or does not.
  void set_pause(std::uint32_t loop, bool on);

  enum class Pause : std::uint8_t { loop, host_call, waiting, finished, trapped, threw };
  /// Runs until the next pause. After a host call `values` are its results; when it waits, its time
  /// is over.
  [[nodiscard]] Pause run(std::span<const Value> values = {});
  /// Answers a host call with an exception. Traps when the heap has no room for it.
  [[nodiscard]] Pause throw_exception(TagIdx tag, std::span<const Value> values);

  // What can be seen in a pause.
  [[nodiscard]] std::uint32_t loop() const;  ///< offset of the loop
  [[nodiscard]] Trap trap() const;
  [[nodiscard]] std::uint32_t host_number() const;          ///< of the host call
  [[nodiscard]] const FuncType& host_type() const;          ///< its type
  [[nodiscard]] std::vector<Value> host_arguments() const;  ///< its arguments
  [[nodiscard]] std::uint64_t waits_at() const;             ///< the address
  [[nodiscard]] std::vector<Value> results() const;         ///< of a finished thread
  [[nodiscard]] std::string exception() const;              ///< that was thrown, in words
  [[nodiscard]] std::vector<Frame> frames() const;
  [[nodiscard]] FrameMap frame_map() const;
  [[nodiscard]] std::vector<Value> globals() const;
  [[nodiscard]] std::span<std::byte> memory() const;  ///< the first one's bytes
  [[nodiscard]] HeapUse heap_use() const { return objects_.heap_use(); }

  [[nodiscard]] const ModuleImpl& module() const { return module_.impl(); }
  /// A value in words that mean the same in every run of the module.
  [[nodiscard]] std::string words(const Value& value) const;

 private:
  void mark_roots(Heap& heap) override { stack_roots_.mark(*thread_, heap); }

  struct Code;
  struct Loop {
    Code* code = nullptr;
    std::uint32_t word = 0;
  };

  [[nodiscard]] std::vector<ExternVal> make_imports();
  void lower_all();
  void make_thread();
  [[nodiscard]] Code* code_at(const Word* pc, std::uint32_t& word) const;
  [[nodiscard]] bool stopped() const;
  [[nodiscard]] Pause thrown_by_call(Trap trap);
  [[nodiscard]] Pause execute_once();
  [[nodiscard]] Pause step_over_loop();

  Module module_;
  ExecutionOptions options_;
  StoreObjects objects_;
  StackRoots stack_roots_;
  Instance* instance_ = nullptr;
  std::unique_ptr<GuestThread> thread_;
  std::vector<std::unique_ptr<Code>> codes_;       // of the defined functions
  std::unordered_map<std::uint32_t, Loop> loops_;  // by offset
  bool at_loop_ = false;
};

}  // namespace fermata::test
