// The name of a module in snapshots of its processes: the SHA-256 of its bytes.
#pragma once

#include "lib/module/module_impl.hpp"
#include "lib/sha256.hpp"

namespace fermata::snapshot {

/// Computed when it is first asked for, and kept with the module. Thread-safe.
[[nodiscard]] const Sha256& hash_of(const ModuleImpl& module);

}  // namespace fermata::snapshot
