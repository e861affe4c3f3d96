// The options that decide how modules are loaded and executed; several commands share them.
#pragma once

#include <vector>

#include "fermata/fermata.hpp"
#include "tools/fermata/option.hpp"

namespace fermata::tool {

struct EngineSettings {
  ModuleOptions module;
  ExecutionOptions execution;
};

/// `--features`.
[[nodiscard]] std::vector<Option> module_options(EngineSettings& settings);
/// `--fusion`, `--lowering`, `--metering` and `--canonical-nan`: what register code looks like.
[[nodiscard]] std::vector<Option> lowering_options(EngineSettings& settings);
/// `--dispatch`, `--max-stack`, `--max-memory`, `--max-heap`, `--budget`.
[[nodiscard]] std::vector<Option> execution_options(EngineSettings& settings);

/// Changes the set by a list such as "mvp,+simd" or "-gc".
[[nodiscard]] Complaint parse_features(std::string_view list, Features& features);

}  // namespace fermata::tool
