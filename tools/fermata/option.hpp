// Option: one row of a command's options, and the parser of a command line by such rows.
//
// Knows nothing of what the options mean. A row's `set` says what is wrong with a value, in words.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fermata::tool {

struct Option {
  std::string_view name;      ///< "--dir"
  std::string_view argument;  ///< what follows it, e.g. "HOST::GUEST"; empty: nothing
  std::string help;
  /// Takes the value; returns what is wrong with it, if anything.
  std::function<std::optional<std::string>(std::string_view)> set;
};

/// The result of a row's `set`.
using Complaint = std::optional<std::string>;

struct CommandLine {
  std::vector<std::string_view> operands;
  bool help = false;  ///< `--help` or `-h` was among the options
};

/// Takes `--name VALUE` and `--name=VALUE`; `--` ends the options. The error is one line.
[[nodiscard]] std::expected<CommandLine, std::string> parse_command_line(
    std::span<const std::string_view> arguments, std::span<const Option> options,
    bool operands_end_options);

/// The options as `--help` lists them, a line or more each.
[[nodiscard]] std::string describe_options(std::span<const Option> options);

/// A number, decimal or 0x hexadecimal, with an optional K, M or G (powers of 1024).
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
/// A count: "0x10", "5k", "100M", "2G", in powers of 1000.
[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text);
/// A number and a unit: "500ms", "5s", "2m", "1h"; of no more than a year.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace fermata::tool
