// Which proposals a decoded module uses.
#pragma once

#include "fermata/features.hpp"
#include "lib/module/module_data.hpp"

namespace fermata::tool {

/// Every proposal without which the module would be refused, as far as that shows without judging
/// whether the module is valid.
[[nodiscard]] Features features_used(const ModuleData& module);

}  // namespace fermata::tool
