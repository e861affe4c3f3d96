// ScriptRunner: does what a script says, command by command, and judges each.
//
// Owns what the commands and assertions mean, and the script's names. A script's threads take
// turns: each goes on until it waits. Knows nothing of files. Format: lib/script/script.hpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fermata/features.hpp"
#include "lib/script/script.hpp"
#include "tools/fermata/wast/engine.hpp"
#include "tools/fermata/wast/progress.hpp"
#include "tools/fermata/wast/verdict.hpp"

namespace fermata::tool::wast {

struct ScriptOptions {
  Features features = Features::wasm3();  ///< what modules may use
  ExecutionOptions execution;
};

class ScriptRunner {
 public:
  explicit ScriptRunner(const ScriptOptions& options);

  /// Reports each command as it begins and ends. To be called once.
  void run(const text::Script& script, Progress& progress);

 private:
  /// A thread of the script that `root` runs, with commands of its own.
  ScriptRunner(ScriptRunner& root, const text::StartThread& thread);

  /// A call whose thread waits at an address of a memory, and how to judge what comes of it.
  struct Suspended {
    Thread thread;
    std::optional<std::uint64_t> deadline;  ///< when the script's clock says this, it is over
    std::function<Verdict(const Result<CallOutcome>&)> judge;
  };
  /// Nothing: the command waits and is to be asked again.
  using Judgement = std::optional<Verdict>;

  /// Things by name, and the latest one; each may be one that did not come about.
  template <class T>
  struct Named {
    std::map<std::string, Try<T>, std::less<>> by_name;
    std::optional<Try<T>> latest;
    void add(const std::optional<std::string>& name, Try<T> thing);
    [[nodiscard]] Try<T> find(const std::optional<std::string>& name) const;
  };

  // One per kind of command.
  [[nodiscard]] Verdict judge(const text::ScriptModule& command);
  [[nodiscard]] Verdict judge(const text::ScriptInstance& command);
  [[nodiscard]] Verdict judge(const text::Register& command);
  [[nodiscard]] Judgement judge(const text::Action& command);
  [[nodiscard]] Judgement judge(const text::AssertReturn& command);
  [[nodiscard]] Judgement judge(const text::AssertTrap& command);
  [[nodiscard]] Judgement judge(const text::AssertExhaustion& command);
  [[nodiscard]] Judgement judge(const text::AssertException& command);
  [[nodiscard]] Verdict judge(const text::AssertModule& command);
  [[nodiscard]] Verdict judge(const text::StartThread& command);
  [[nodiscard]] Judgement judge(const text::WaitThread& command);

  // Modules and instances.
  [[nodiscard]] Try<Module> load(const text::ScriptModule& module);
  [[nodiscard]] Verdict check_imports(const Module& module) const;
  [[nodiscard]] Try<InstanceRef> instantiate(const Try<Module>& module);
  [[nodiscard]] Try<Module> module_of(const text::AssertModule& command);
  [[nodiscard]] Verdict judge_refused(const text::AssertModule& command, Phase phase) const;
  [[nodiscard]] Verdict judge_not_instantiated(const text::AssertModule& command);

  // Actions.
  template <class Judge>
  [[nodiscard]] Judgement act(const text::Action& action, Judge judge);
  [[nodiscard]] Result<Called> perform(const text::Action& action, const InstanceRef& instance);
  [[nodiscard]] Judgement expect_trap(const text::Action& action, std::string_view message);

  // Turns.
  [[nodiscard]] bool is_done() const { return next_ == commands_.size(); }
  [[nodiscard]] bool step(Progress& progress);
  [[nodiscard]] Judgement judge_next();
  void suspend(Thread thread);
  void run_threads(Progress& progress);
  void end_waits(Progress& progress);
  void give_up(Progress& progress);

  ScriptRunner* root_;  // the script itself is its own
  ScriptOptions options_;
  Engine engine_;
  Named<Module> definitions_;
  Named<InstanceRef> instances_;
  std::map<std::string, Try<InstanceRef>, std::less<>> registered_;
  std::span<const text::Command> commands_;
  std::size_t next_ = 0;
  std::optional<Suspended> suspended_;                          // of the next command
  std::map<std::string, ScriptRunner*, std::less<>> children_;  // the threads that it has started
  std::vector<std::unique_ptr<ScriptRunner>> threads_;          // the script's: all, in order
  bool has_run_ = false;     // anything of the script, in this turn
  std::uint64_t clock_ = 0;  // of the script, in nanoseconds: jumps when all of its threads wait
};

}  // namespace fermata::tool::wast
