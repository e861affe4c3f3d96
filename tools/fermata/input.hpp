// Files that a command reads: modules, from anywhere a shell can name.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fermata/module.hpp"
#include "tools/fermata/host.hpp"

namespace fermata::tool {

/// As `read_file`; an empty one is refused, in words that help who has mixed up files.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_binary_file(std::string_view path);
/// The same, and a component is refused, in words that help to get at the core module in it.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_module_file(std::string_view path);

/// Reads, decodes and validates; a text (.wat, or what begins like one) is assembled first.
[[nodiscard]] Result<Module> load_module(std::string_view path, const ModuleOptions& options);

}  // namespace fermata::tool
