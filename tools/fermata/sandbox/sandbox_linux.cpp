// Linux's: Landlock for what is opened, seccomp for everything else. See sandbox.hpp.
//
// One without the other would be empty: seccomp does not see which path is opened, Landlock does
// not see what is asked for besides paths. So it is both or an error.
#include <sys/prctl.h>

#include "tools/fermata/host.hpp"
#include "tools/fermata/sandbox/landlock.hpp"
#include "tools/fermata/sandbox/sandbox.hpp"
#include "tools/fermata/sandbox/system_calls.hpp"

namespace fermata::tool {

bool has_sandbox() noexcept { return true; }

Result<void> enter_sandbox(const SandboxNeeds& needs) {
  // Both parts want it of a program that is not root.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return system_error("the kernel cannot keep programs from new rights");
  }
  const auto version = landlock::restrict_files(needs);
  if (!version) return std::unexpected(version.error());
  const bool opens_files = !needs.folders.empty() || needs.replaced;
  return restrict_system_calls(
      {.paths = opens_files, .sees_truncation = *version >= landlock::sees_truncation});
}

}  // namespace fermata::tool
