// The script files of a command line: which they are, how each is read, what it may use.
//
// Owns what the folders of the official suite mean. Knows nothing of running.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "lib/script/script.hpp"

namespace fermata::tool::wast {

/// Files as they are, and for a folder all .wast and .json in it and below, in the order of their
/// names. Error: `io_failed`.
[[nodiscard]] Result<std::vector<std::string>> find_scripts(
    std::span<const std::string_view> operands);

struct ScriptFile {
  std::string source;  ///< what the lines are of
  text::Script script;
};
/// A .json is the assembled form, everything else is text.
[[nodiscard]] Result<ScriptFile> read_script(const std::string& path);

/// What the suite's folder says about a script's features.
struct FolderRule {
  Features features = Features::wasm3();
  std::string unknown_proposal;  ///< when not empty: the whole file needs this one
};
[[nodiscard]] FolderRule rule_of(std::string_view path);

}  // namespace fermata::tool::wast
