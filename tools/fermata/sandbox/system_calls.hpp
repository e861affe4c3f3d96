// The system calls that the command makes while a guest runs, and a filter that refuses all others.
#pragma once

#include "fermata/error.hpp"

namespace fermata::tool {

struct SystemCallNeeds {
  bool paths = false;            ///< files are opened, made, renamed or removed
  bool sees_truncation = false;  ///< Landlock sees what O_TRUNC does to a file that is not written
};

/// Refuses the others to this OS thread, and to those that it starts: a call that is not listed
/// does not exist (ENOSYS), one that is and asks for executable memory is forbidden (EPERM). Error:
/// `io_failed`; nothing is in force then.
[[nodiscard]] Result<void> restrict_system_calls(const SystemCallNeeds& needs);

}  // namespace fermata::tool
