// Engine: the store that one script's modules live in.
//
// Owns instances, the names they are registered under, and the host module `spectest`. Runs what
// the runner calls to its end, answering spectest's functions. Knows nothing of scripts.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/process.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/runtime/instantiate.hpp"

namespace fermata::tool::wast {

/// How a call ended.
using CallOutcome = std::variant<std::vector<Value>, Trap>;

class Engine {
 public:
  explicit Engine(const ExecutionOptions& options);

  /// Links the module with what is registered and runs its start function. Errors have the phase
  /// `unlinkable`, `trap` or `exhaustion`; the message begins with the specification's words.
  [[nodiscard]] Result<Instance*> instantiate(const Module& module);
  /// Later modules can import this instance's exports under the name.
  void register_as(std::string name, Instance* instance);

  /// Errors: `no_such_export`, `wrong_value_count`, `wrong_value_type`.
  [[nodiscard]] Result<CallOutcome> call(Instance& instance, std::string_view name,
                                         std::span<const Value> arguments);
  /// The value of an exported global. Error: `no_such_export`.
  [[nodiscard]] Result<Value> get(Instance& instance, std::string_view name);

 private:
  using Exports = std::map<std::string, ExternVal, std::less<>>;

  void make_spectest();
  void add_printer(std::string name, std::vector<ValType> params);
  void add_global(std::string name, Value value);
  [[nodiscard]] std::optional<ExternVal> find(std::string_view module, std::string_view name);
  [[nodiscard]] Result<CallOutcome> run(Func* function, std::span<const Value> arguments);

  ExecutionOptions options_;
  StoreObjects objects_;
  ThreadGroup threads_;
  Exports spectest_;
  std::map<std::string, Instance*, std::less<>> registered_;
};

}  // namespace fermata::tool::wast
