// What `fermata snapshot` prints of a View.
#pragma once

#include <optional>
#include <string>

#include "fermata/module.hpp"
#include "tools/fermata/checkpoint/checkpoint.hpp"
#include "tools/fermata/snapshot/view.hpp"

namespace fermata::tool {

struct Shown {
  View view;
  Checkpoint checkpoint;
  std::optional<Module> module;  // for names
};

[[nodiscard]] std::string text_of(const Shown& shown);
[[nodiscard]] std::string json_of(const Shown& shown);
/// What of `after` is not as in `before`, a line each; empty when all is.
[[nodiscard]] std::string difference(const Shown& before, const Shown& after);

/// "function 3", and its name if there is one.
[[nodiscard]] std::string function_text(const Shown& shown, const ViewFunction& function);
/// The import's name and the arguments.
[[nodiscard]] std::string call_text(const View& view, const ViewThread& thread);
[[nodiscard]] std::string hex(const Sha256& hash);
/// In what it is most easily read: "12 bytes", "64 KiB".
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace fermata::tool
