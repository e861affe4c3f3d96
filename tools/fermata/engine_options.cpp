// The options of the engine. See engine_options.hpp.
#include "tools/fermata/engine_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/module/quoted.hpp"

namespace fermata::tool {
namespace {

constexpr std::uint64_t page_bytes = 65536;

template <class T, std::size_t N>
using Choices = std::array<std::pair<std::string_view, T>, N>;

constexpr Choices<Dispatch, 3> dispatches = {
    {{"auto", Dispatch::auto_}, {"switch", Dispatch::switch_}, {"goto", Dispatch::goto_}}};
constexpr Choices<Lowering, 2> lowerings = {
    {{"optimized", Lowering::optimized}, {"debug", Lowering::debug}}};
constexpr Choices<bool, 2> on_off = {{{"on", true}, {"off", false}}};

const Choices<Features, 5> feature_sets = {{{"mvp", Features::mvp()},
                                            {"wasm2", Features::wasm2()},
                                            {"wasm3", Features::wasm3()},
                                            {"all", Features::all()},
                                            {"default", Features::defaults()}}};

template <class T, std::size_t N>
std::string names(const Choices<T, N>& choices, std::string_view separator) {
  std::string text;
  for (const auto& [name, value] : choices) {
    if (!text.empty()) text += separator;
    text += name;
  }
  return text;
}

template <class T, std::size_t N>
const T* find(const Choices<T, N>& choices, std::string_view name) {
  const auto it = std::ranges::find(choices, name, &std::pair<std::string_view, T>::first);
  return it == choices.end() ? nullptr : &it->second;
}

template <class T, std::size_t N>
Complaint choose(const Choices<T, N>& choices, std::string_view name, T& out) {
  const auto* value = find(choices, name);
  if (value == nullptr)
    return fmt::format("'{}' is not one of {}", shortened(name), names(choices, ", "));
  out = *value;
  return std::nullopt;
}

/// All features, comma-separated, a line break in the place of a space where `width` is reached.
std::string feature_names(std::size_t width) {
  std::string text;
  std::size_t line = 0;
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto name = to_string(static_cast<Feature>(i));
    line += name.size() + 2;
    if (i > 0) text += line > width ? ",\n" : ", ";
    if (line > width) line = name.size();
    text += name;
  }
  return text;
}

Complaint add_feature(std::string_view item, Features& features) {
  if (const auto* set = find(feature_sets, item)) {
    features = *set;
    return std::nullopt;
  }
  const bool remove = item.starts_with('-');
  const auto name = item.substr(remove || item.starts_with('+') ? 1 : 0);
  const auto feature = parse_feature(name);
  if (!feature) {
    return fmt::format("'{}' is neither a set ({}) nor a feature ({})", shortened(name),
                       names(feature_sets, ", "), feature_names(SIZE_MAX));
  }
  features = remove ? features.without(*feature) : features.with(*feature);
  return std::nullopt;
}

Complaint not_a_size(std::string_view text) {
  return fmt::format("'{}' is not a size", shortened(text));
}

Complaint set_memory(std::string_view text, ExecutionOptions& execution) {
  const auto bytes = parse_size(text);
  if (!bytes) return not_a_size(text);
  execution.max_memory_pages = *bytes / page_bytes;
  return std::nullopt;
}

Complaint set_budget(std::string_view text, ExecutionOptions& execution) {
  const auto bytes = parse_size(text);
  if (!bytes) return not_a_size(text);
  execution.max_bytes = *bytes;
  return std::nullopt;
}

Complaint set_heap(std::string_view text, ExecutionOptions& execution) {
  const auto bytes = parse_size(text);
  if (!bytes) return not_a_size(text);
  execution.max_heap_bytes = *bytes;
  return std::nullopt;
}

Complaint set_stack(std::string_view text, ExecutionOptions& execution) {
  constexpr std::uint64_t least = 4096;
  const auto bytes = parse_size(text);
  if (!bytes || *bytes > SIZE_MAX) return not_a_size(text);
  if (*bytes < least) return fmt::format("must be at least {} bytes", least);
  execution.max_stack_bytes = static_cast<std::size_t>(*bytes);
  return std::nullopt;
}

}  // namespace

Complaint parse_features(std::string_view list, Features& features) {
  for (;;) {
    const auto comma = list.find(',');
    if (auto wrong = add_feature(list.substr(0, comma), features)) return wrong;
    if (comma == list.npos) return std::nullopt;
    list.remove_prefix(comma + 1);
  }
}

std::vector<Option> module_options(EngineSettings& s) {
  return {{"--features", "LIST",
           fmt::format("what modules may use: sets ({})\nand features to add or remove, e.g. "
                       "mvp,multi-value or -simd;\nthe features: {}",
                       names(feature_sets, ", "), feature_names(66)),
           [&s](std::string_view v) { return parse_features(v, s.module.features); }}};
}

std::vector<Option> lowering_options(EngineSettings& s) {
  return {{"--fusion", "on|off", "off: one instruction of register code for one of WebAssembly",
           [&s](std::string_view v) { return choose(on_off, v, s.execution.fusion); }},
          {"--lowering", "optimized|debug",
           "debug: operands in the frame, every instruction a safe point",
           [&s](std::string_view v) { return choose(lowerings, v, s.execution.lowering); }},
          {"--metering", "on|off", "on: fuel is counted (docs/fuel.md)",
           [&s](std::string_view v) { return choose(on_off, v, s.execution.metering); }},
          {"--canonical-nan", "on|off", "on: every NaN that is computed is the canonical one",
           [&s](std::string_view v) { return choose(on_off, v, s.execution.canonical_nan); }}};
}

std::vector<Option> execution_options(EngineSettings& s) {
  return {
      {"--dispatch", "auto|switch|goto", "how the interpreter goes from instruction to instruction",
       [&s](std::string_view v) { return choose(dispatches, v, s.execution.dispatch); }},
      {"--max-stack", "SIZE", "of the guest's call stack, e.g. 64K or 0x10000 (default 1M)",
       [&s](std::string_view v) { return set_stack(v, s.execution); }},
      {"--max-memory", "SIZE", "of each of the guest's memories, e.g. 16M (default 4G)",
       [&s](std::string_view v) { return set_memory(v, s.execution); }},
      {"--max-heap", "SIZE", "of the guest's structs and arrays, e.g. 16M (default 1G)",
       [&s](std::string_view v) { return set_heap(v, s.execution); }},
      {"--budget", "SIZE",
       "of the guest's memories, tables, heap, stacks, instances\nand code together, e.g. 64M "
       "(default "
       "5G, for scripts 500M)",
       [&s](std::string_view v) { return set_budget(v, s.execution); }}};
}

}  // namespace fermata::tool
