// Engine: the store that one script's modules live in.
//
// Owns the names that instances are registered under and the host module `spectest`. Runs what the
// runner calls to its end, answering spectest's functions. Knows nothing of scripts.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/store.hpp"

namespace fermata::tool::wast {

/// Nothing has caught it.
struct Exception {};

/// How a call ended.
using CallOutcome = std::variant<std::vector<Value>, Trap, Exception>;
/// That, or the thread of a call that waits at an address of a memory.
using Called = std::variant<CallOutcome, Thread>;

class Engine {
 public:
  explicit Engine(const ExecutionOptions& options);
  /// One with the same store, in which no instance is registered.
  [[nodiscard]] Engine beside() const { return Engine(store_); }

  /// Links the module with what is registered and runs its start function. Errors have the phase
  /// `unlinkable`, `trap` or `exhaustion`; the message begins with the specification's words.
  [[nodiscard]] Result<InstanceRef> instantiate(const Module& module);
  /// Later modules can import this instance's exports under the name.
  void register_as(std::string_view name, const InstanceRef& instance);

  /// Errors: `no_such_export`, `wrong_value_count`, `wrong_value_type`.
  [[nodiscard]] Result<Called> call(const InstanceRef& instance, std::string_view function,
                                    std::span<const Value> arguments);
  /// The call of a thread that has waited, further.
  [[nodiscard]] Result<Called> go_on(Thread thread);
  /// Ends such a call.
  void drop(Thread thread);

 private:
  explicit Engine(std::shared_ptr<Store> store);
  void make_spectest();
  [[nodiscard]] Result<Called> run(FuncRef function, std::span<const Value> arguments);
  [[nodiscard]] Value with_own_kind(const Value& result) const;

  std::shared_ptr<Store> store_;
  Linker linker_;
};

}  // namespace fermata::tool::wast
