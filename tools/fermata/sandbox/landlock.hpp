// Landlock: beneath which directories this OS thread, and those that it starts, may open files.
//
// Owns which rights a directory gets. Knows nothing of other system calls.
#pragma once

#include "fermata/error.hpp"
#include "tools/fermata/sandbox/sandbox.hpp"

namespace fermata::tool::landlock {

/// The first version that sees what O_TRUNC does to a file that is not opened to be written.
inline constexpr long sees_truncation = 3;

/// Allows what is needed and nothing else. The version of Landlock that is in force. Error:
/// `io_failed`; nothing is in force then.
[[nodiscard]] Result<long> restrict_files(const SandboxNeeds& needs);

}  // namespace fermata::tool::landlock
