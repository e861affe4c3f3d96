// Verdict: what became of one command of a script, and the tally of a script's commands.
//
// Knows nothing of scripts or of the engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/module/quoted.hpp"

namespace fermata::tool::wast {

/// The command did not do what the script says it must.
struct Failed {
  std::string why;  ///< what was expected and what was found
};
/// The command is about a proposal that is not judged.
struct Skipped {
  std::string proposal;
};
using NotPassed = std::variant<Failed, Skipped>;

template <class T>
using Try = std::expected<T, NotPassed>;
using Verdict = Try<void>;

/// What a script makes of the reason (a thousand values, a message of 1 MB) is cut.
[[nodiscard]] inline std::unexpected<NotPassed> failed(std::string_view why) {
  constexpr std::size_t longest_reason = 4000;
  return std::unexpected<NotPassed>(Failed{shortened(why, longest_reason)});
}
[[nodiscard]] inline std::unexpected<NotPassed> skipped(std::string proposal) {
  return std::unexpected<NotPassed>(Skipped{std::move(proposal)});
}

struct CommandReport {
  std::uint32_t line = 0;    ///< 0: of the whole script
  std::string_view command;  ///< "assert_return"; a constant
  Verdict verdict;
};

struct FileReport {
  std::string file;    ///< as it was given or found
  std::string script;  ///< what lines are of: `file`, or for a .json the name of its source
  std::vector<CommandReport> commands;
  std::chrono::duration<double> time{};
};

}  // namespace fermata::tool::wast
