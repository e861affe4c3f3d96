// Entry: the function that a program begins with, and its arguments, as a command line names them.
#pragma once

#include <expected>
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

}  // namespace fermata::tool
