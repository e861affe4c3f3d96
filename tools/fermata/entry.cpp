// See entry.hpp.
#include "tools/fermata/entry.hpp"

#include <fmt/format.h>

#include "lib/module/quoted.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {

std::expected<Entry, std::string> find_entry(const Module& module, std::string_view name,
                                             std::span<const std::string_view> words) {
  const auto function = module.exported_function(name);
  if (!function) {
    return std::unexpected(fmt::format("there is no exported function '{}'", shortened(name)));
  }
  const auto& type = module.function_type(*function);
  if (words.size() != type.params.size()) {
    return std::unexpected(fmt::format("{} takes {} arguments, not {}: {}", shortened(name),
                                       type.params.size(), words.size(), to_string(type)));
  }
  Entry entry{std::string(name), {}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = parse_value(words[i], type.params[i]);
    if (!value) return std::unexpected(fmt::format("argument {}: {}", i + 1, value.error()));
    entry.arguments.push_back(*value);
  }
  return entry;
}

std::optional<std::vector<CallWords>> split_calls(std::string_view first,
                                                  std::span<const std::string_view> words) {
  constexpr std::string_view option = "--invoke";
  constexpr std::string_view option_with_value = "--invoke=";
  std::vector<CallWords> calls{{first, words}};
  for (std::size_t begin = 0, i = 0; i < words.size(); ++i) {
    const bool has_value = words[i].starts_with(option_with_value);
    if (!has_value && words[i] != option) continue;
    calls.back().arguments = words.subspan(begin, i - begin);
    if (!has_value && ++i == words.size()) return std::nullopt;
    begin = i + 1;
    const auto name = has_value ? words[i].substr(option_with_value.size()) : words[i];
    calls.push_back({name, words.subspan(begin)});
  }
  return calls;
}

}  // namespace fermata::tool
