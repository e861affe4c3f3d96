// ScriptRunner: does what a script says, command by command, and judges each.
//
// Owns what the commands and assertions mean, and the script's names. Knows nothing of files.
// Format: lib/text/script.hpp.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fermata/features.hpp"
#include "lib/text/script.hpp"
#include "tools/fermata/wast/engine.hpp"
#include "tools/fermata/wast/progress.hpp"
#include "tools/fermata/wast/verdict.hpp"

namespace fermata::tool::wast {

struct ScriptOptions {
  Features features =
      Features::wasm3();  ///< what modules may use; what can't be executed is skipped
  ExecutionOptions execution;
};

class ScriptRunner {
 public:
  explicit ScriptRunner(const ScriptOptions& options);

  /// Reports each command as it begins and ends.
  void run(const text::Script& script, Progress& progress);

 private:
  /// An instance, and the proposal of a module that could not be run and would have changed it:
  /// what is wrong with the instance later is not its own fault.
  struct Live {
    InstanceRef instance;
    std::shared_ptr<std::string> lacks = std::make_shared<std::string>();
  };

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
  [[nodiscard]] Verdict judge(const text::Action& command);
  [[nodiscard]] Verdict judge(const text::AssertReturn& command);
  [[nodiscard]] Verdict judge(const text::AssertTrap& command);
  [[nodiscard]] Verdict judge(const text::AssertExhaustion& command);
  [[nodiscard]] Verdict judge(const text::AssertException& command);
  [[nodiscard]] Verdict judge(const text::AssertModule& command);
  [[nodiscard]] Verdict judge(const text::StartThread& command);
  [[nodiscard]] Verdict judge(const text::WaitThread& command);

  // Modules and instances.
  [[nodiscard]] Try<Module> load(const text::ScriptModule& module);
  [[nodiscard]] std::string missing_proposal(const text::ScriptModule& module) const;
  void note_skipped(const text::ScriptModule& module, const std::string& proposal);
  [[nodiscard]] Verdict check_imports(const Module& module) const;
  [[nodiscard]] Try<Live> instantiate(const Try<Module>& module);
  [[nodiscard]] Try<Module> module_of(const text::AssertModule& command);
  [[nodiscard]] Verdict judge_refused(const text::AssertModule& command, Phase phase) const;
  [[nodiscard]] Verdict judge_not_instantiated(const text::AssertModule& command);

  // Actions.
  template <class Judge>
  [[nodiscard]] Verdict act(const text::Action& action, const Judge& judge);
  [[nodiscard]] Result<CallOutcome> perform(const text::Action& action, const Live& instance);
  [[nodiscard]] Verdict expect_trap(const text::Action& action, std::string_view message);

  ScriptOptions options_;
  Engine engine_;
  Named<Module> definitions_;
  Named<Live> instances_;
  std::map<std::string, Try<Live>, std::less<>> registered_;
};

}  // namespace fermata::tool::wast
