// Scripts in the assembled form: the JSON that wast2json writes, with the modules in files beside
// it.
//
// Owns the JSON form (docs/testing.md); what comes out is the same Script that the text gives.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"
#include "lib/script/script.hpp"

namespace fermata::tool::wast {

struct JsonScript {
  std::string source;  ///< the name of the script that it was made of
  text::Script script;
};

/// What is in a file beside the script. Errors: the reader's own.
using ReadBeside = std::function<Result<std::vector<std::uint8_t>>(const std::string& name)>;

/// Errors: `malformed_text`, also for a module that cannot be read.
[[nodiscard]] Result<JsonScript> parse_json_script(std::string_view json, const ReadBeside& read);

/// Reads the modules too, from the folder that `path` lies in. Errors: `malformed_text`,
/// `io_failed`.
[[nodiscard]] Result<JsonScript> read_json_script(std::string_view path);

}  // namespace fermata::tool::wast
