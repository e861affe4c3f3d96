// Entry: the function that a program begins with, or one that is called, and its arguments, as a
// command line names them.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/fermata.hpp"

namespace fermata::tool {

struct Entry {
  std::string name = "_start";
  std::vector<Value> arguments;
};

/// The exported function with the arguments that the words say, one for each parameter
/// (`parse_value`). The error says what is wrong.
[[nodiscard]] std::expected<Entry, std::string> find_entry(const Module& module,
                                                           std::string_view name,
                                                           std::span<const std::string_view> words);

/// A call as the words of a command line say it.
struct CallWords {
  std::string_view function;
  std::span<const std::string_view> arguments;
};

/// The first function's call and those behind it: among the words, none of which is a value then,
/// `--invoke FUNCTION` begins another call. Nothing when the last one's FUNCTION is missing.
[[nodiscard]] std::optional<std::vector<CallWords>> split_calls(
    std::string_view first, std::span<const std::string_view> words);

}  // namespace fermata::tool
