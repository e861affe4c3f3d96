// What the creation of a process and its restoration have in common: what the options say of
// linking, its imports, and which of the instance's things are the embedder's.
#pragma once

#include <vector>

#include "interp/process/process_impl.hpp"
#include "lib/link/link.hpp"

namespace fermata {

/// Refers to the options.
[[nodiscard]] LinkPolicy policy_of(const ProcessOptions& options);

/// A process's imports are functions of the host and at most one memory, which is allocated here.
[[nodiscard]] Result<std::vector<ExternVal>> make_imports(const ModuleImpl& module,
                                                          const LinkPlan& plan,
                                                          StoreObjects& objects);

/// What an instance of a process has got, once more: for another one beside it.
[[nodiscard]] std::vector<ExternVal> same_imports(Instance& instance);

/// How a process was linked. The entry is that of one that can be reset.
[[nodiscard]] LinkPlan plan_of(const ProcessImpl& process);

/// The options that a process was created with.
[[nodiscard]] ExecutionOptions execution_options_of(const ProcessImpl& process);

/// The instance becomes the process's first.
void adopt(ProcessImpl& process, Instance& instance, const LinkPlan& plan);

/// How its main thread begins.
[[nodiscard]] MainThread main_thread_of(const ProcessImpl& process, const LinkPlan& plan,
                                        const ProcessOptions& options);

/// Whether threads can have instances of their own, over the same memory.
[[nodiscard]] bool imports_shared_memory(const ModuleImpl& module);

}  // namespace fermata
