// The command line parser. See option.hpp.
#include "tools/fermata/option.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "lib/module/quoted.hpp"

namespace fermata::tool {
namespace {

/// One walk over the arguments of a command.
class Parser {
 public:
  Parser(std::span<const std::string_view> arguments, std::span<const Option> options)
      : arguments_(arguments), options_(options) {}

  std::expected<CommandLine, std::string> parse(bool operands_end_options) {
    while (!complaint_ && next_ < arguments_.size()) {
      const auto word = arguments_[next_++];
      if (word == "--") {
        take_rest();
      } else if (word.size() > 1 && word[0] == '-') {
        option(word);
      } else {
        line_.operands.push_back(word);
        if (operands_end_options) take_rest();
      }
    }
    if (complaint_) return std::unexpected(*complaint_);
    return line_;
  }

 private:
  void take_rest() {
    line_.operands.insert(line_.operands.end(), arguments_.begin() + next_, arguments_.end());
    next_ = arguments_.size();
  }

  void option(std::string_view word) {
    if (word == "--help" || word == "-h") {
      line_.help = true;
      return;
    }
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto row = std::ranges::find(options_, name, &Option::name);
    if (row == options_.end()) {
      complaint_ = fmt::format("unknown option {}", shortened(name));
    } else if (row->argument.empty()) {
      flag(*row, equals != word.npos);
    } else if (equals != word.npos) {
      set(*row, word.substr(equals + 1));
    } else if (next_ == arguments_.size()) {
      complaint_ = fmt::format("option {} needs {}", name, row->argument);
    } else {
      set(*row, arguments_[next_++]);
    }
  }

  void flag(const Option& row, bool has_value) {
    if (has_value)
      complaint_ = fmt::format("option {} takes no value", row.name);
    else
      set(row, {});
  }

  void set(const Option& row, std::string_view value) {
    if (auto wrong = row.set(value)) complaint_ = fmt::format("option {}: {}", row.name, *wrong);
  }

  std::span<const std::string_view> arguments_;
  std::span<const Option> options_;
  std::size_t next_ = 0;
  CommandLine line_;
  Complaint complaint_;
};

}  // namespace

std::expected<CommandLine, std::string> parse_command_line(
    std::span<const std::string_view> arguments, std::span<const Option> options,
    bool operands_end_options) {
  return Parser(arguments, options).parse(operands_end_options);
}

std::string describe_options(std::span<const Option> options) {
  constexpr std::size_t column = 32;
  std::string text;
  const auto add = [&](std::string_view left, std::string_view help) {
    if (left.size() + 4 > column) {
      text += fmt::format("  {}\n", left);
      left = {};
    }
    while (!help.empty()) {
      const auto line = help.substr(0, help.find('\n'));
      text += fmt::format("  {:<{}}{}\n", left, column - 2, line);
      left = {};
      help.remove_prefix(std::min(line.size() + 1, help.size()));
    }
  };
  for (const auto& o : options) add(fmt::format("{} {}", o.name, o.argument), o.help);
  add("-h, --help", "show this");
  return text;
}

namespace {

using Units = std::span<const std::pair<std::string_view, std::uint64_t>>;

/// A number and one of the units, which say by how much it is multiplied.
std::optional<std::uint64_t> parse_with_unit(std::string_view text, Units units) {
  const int base = text.starts_with("0x") || text.starts_with("0X") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  const auto unit = std::ranges::find(units, text, &Units::value_type::first);
  if (unit == units.end() || number > UINT64_MAX / unit->second) return std::nullopt;
  return number * unit->second;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  static constexpr std::array<Units::value_type, 4> units{
      {{"", 1}, {"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}}};
  return parse_with_unit(text, units);
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  static constexpr std::array<Units::value_type, 4> units{
      {{"", 1}, {"k", 1'000}, {"M", 1'000'000}, {"G", 1'000'000'000}}};
  return parse_with_unit(text, units);
}

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  static constexpr std::array<Units::value_type, 4> units{
      {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 366);
  const auto milliseconds = parse_with_unit(text, units);
  if (!milliseconds || *milliseconds > static_cast<std::uint64_t>(longest.count())) {
    return std::nullopt;
  }
  return std::chrono::milliseconds(*milliseconds);
}

}  // namespace fermata::tool
