// The judgement of a binary module's branch hints, which scripts ask for and nothing else needs.
//
// Specification: branch hinting proposal, "Branch Hints Section".
#pragma once

#include <optional>
#include <string>

#include "fermata/module.hpp"

namespace fermata::tool::wast {

/// What is wrong with the custom section `metadata.code.branch_hint`, if there is one and anything
/// is.
[[nodiscard]] std::optional<std::string> wrong_branch_hint(const Module& module);

}  // namespace fermata::tool::wast
