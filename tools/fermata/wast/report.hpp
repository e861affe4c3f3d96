// Reports: what became of all scripts, as text, JSON and JUnit XML.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "tools/fermata/wast/verdict.hpp"

namespace fermata::tool::wast {

struct Tally {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t skipped = 0;
  std::map<std::string, std::size_t> by_proposal;  ///< the skipped
};
[[nodiscard]] Tally count(const FileReport& report);
[[nodiscard]] Tally count(std::span<const FileReport> reports);

/// Each failure, the proposals that were missing, and at last `N passed, N failed, N skipped`.
[[nodiscard]] std::string summary_text(std::span<const FileReport> reports);
[[nodiscard]] std::string json_text(std::span<const FileReport> reports);
[[nodiscard]] std::string junit_text(std::span<const FileReport> reports);

/// False, and the reason is on stderr, when it cannot be written.
[[nodiscard]] bool write_file(const std::string& path, std::string_view text);

}  // namespace fermata::tool::wast
