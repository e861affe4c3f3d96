// For systems that have none, and for builds without libseccomp. See sandbox.hpp.
#include "tools/fermata/host.hpp"
#include "tools/fermata/sandbox/sandbox.hpp"

namespace fermata::tool {

bool has_sandbox() noexcept { return false; }

Result<void> enter_sandbox(const SandboxNeeds&) { return io_error("this build does not have it"); }

}  // namespace fermata::tool
