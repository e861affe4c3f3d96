// The import linker: checks a module against the process's rules and resolves its imports to
// numbers.
//
// Owns the rules of docs/process.md on imports, memory, exports and the entry, each with an error
// code of its own. Touches no memory and makes nothing: a LinkPlan says what instantiation has to
// do.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fermata/process.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata {

struct LinkPolicy {                    // the linker's part of ProcessOptions
  std::optional<Features> features{};  // that the module may have been loaded with; nothing: any
  std::optional<std::string_view> entry =
      "_start";  // nothing: there is none, or nothing is said of it
  std::span<const Value> arguments{};
  bool forbid_start_section = false;
  bool allow_reexported_memory = false;
  bool require_canonical_memory = false;
  bool integer_imports_only = false;
};

struct LinkPlan {
  std::vector<std::uint64_t> import_numbers;  // one per imported function, in import order
  std::optional<FuncIdx> entry;
  std::optional<FuncIdx> start;            // the start section's function
  std::optional<MemIdx> memory;            // the one the embedder sees
  bool memory_is_imported = false;         // to be allocated by the VM with the declared limits
  std::optional<TableIdx> indirect_table;  // the export `__indirect_function_table`
};

/// Calls `resolver` once per imported function, in import order, up to the first bad import. An
/// empty resolver refuses every import. The order of the rules is that of docs/process.md. Errors
/// have `Phase::unlinkable`, the byte offset of what they are about, and name it.
[[nodiscard]] Result<LinkPlan> link(const Module& module, const Resolver& resolver,
                                    const LinkPolicy& policy);

}  // namespace fermata
