// The second sandbox (`--sandbox`): what the command gives up before a guest runs, so that a fault
// in the virtual machine does not become one of the machine around it.
//
// Knows nothing of guests: it is told which files are needed from then on. Which file implements it
// (sandbox_linux.cpp or sandbox_none.cpp) is the build's choice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fermata/error.hpp"

namespace fermata::tool {

/// A directory beneath which files may be opened.
struct SandboxFolder {
  std::string path;
  bool read_only = false;
};

/// The files that are needed from then on, besides those that are open.
struct SandboxNeeds {
  std::vector<SandboxFolder> folders;
  std::optional<std::string> replaced;  ///< what `may_replace` and `replace_file` are called with
};

/// Whether this build has it.
[[nodiscard]] bool has_sandbox() noexcept;

/// From now on this OS thread, and those that it starts, open nothing but what is needed, and ask
/// the system for nothing but what the command does while a guest runs; there is no way back.
/// Called while there is no other OS thread. Error: `io_failed`, with which part of it is missing;
/// then a part of it may be in force already.
[[nodiscard]] Result<void> enter_sandbox(const SandboxNeeds& needs);

}  // namespace fermata::tool
