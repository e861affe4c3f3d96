// See component.hpp.
#include "tools/fermata/component.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "lib/binary/component.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/module/quoted.hpp"

namespace fermata::tool {

// --- in the place of a core module ---------------------------------------------------------------

namespace {

/// What there is to say of a component that is to be run.
struct Summary {
  std::optional<std::string> command;      // the export that makes it a program
  std::optional<std::uint32_t> preview_1;  // the first core module that imports WASI preview 1
  std::uint32_t core_modules = 0;
};

bool imports_preview_1(std::span<const std::uint8_t> bytes) {
  const auto module = decode({bytes.begin(), bytes.end()}, Features::all(), NameReading::later);
  return module && std::ranges::any_of(module->imports, [](const Import& import) {
           return import.module == "wasi_snapshot_preview1";
         });
}

bool is_command(std::string_view name) {
  constexpr std::string_view interface = "wasi:cli/run";
  return name == interface || (name.starts_with(interface) && name[interface.size()] == '@');
}

Summary summary_of(std::span<const std::uint8_t> bytes) {
  Summary summary;
  ComponentWalk walk(bytes);
  while (const auto section = walk.next()) {
    const ByteRange range = section->contents;
    if (section->core_module) {
      ++summary.core_modules;
      if (!summary.preview_1 && imports_preview_1(bytes.subspan(range.begin, range.size()))) {
        summary.preview_1 = section->core_module;
      }
    } else if (section->id == component_export_section && section->depth == 0) {
      const auto names = component_export_names(bytes, range);
      const auto found = std::ranges::find_if(names, is_command);
      if (found != names.end()) summary.command = *found;
    }
  }
  return summary;
}

}  // namespace

Error component_error(std::span<const std::uint8_t> bytes) {
  const Summary summary = summary_of(bytes);
  std::string text = "this is a component of the component model, not a core module";
  if (summary.command) {
    text += fmt::format("; it exports {}, as programs of WASI 0.2 and later do",
                        quoted(*summary.command));
  }
  if (summary.preview_1) {
    text += fmt::format(
        "; core module {0} in it imports WASI preview 1: 'fermata extract FILE {0}' writes it",
        *summary.preview_1);
  } else if (summary.core_modules == 1) {
    text += "; 'fermata extract FILE 0' writes the core module in it";
  } else if (summary.core_modules == 0) {
    text += "; there is no core module in it";
  } else {
    text += fmt::format(
        "; 'fermata dump FILE' lists the {} core modules in it, 'fermata extract FILE N' writes "
        "one",
        summary.core_modules);
  }
  Error error;
  error.code = ErrorCode::malformed_binary;
  error.phase = Phase::usage;  // it may well be a good component
  error.message = std::move(text);
  return error;
}

// --- what dump shows -----------------------------------------------------------------------------

namespace {

void print_section(std::span<const std::uint8_t> bytes, const ComponentSection& section,
                   TextSink& out) {
  constexpr std::uint32_t deepest_shown = 20;  // further ones are not moved further to the right
  const std::size_t indent = 2 + 2 * std::min(section.depth, deepest_shown);
  out.put(fmt::format("{:{}}{:<13}  offset {:#010x}  {:>8} bytes", "", indent,
                      component_section_name(section.id), section.contents.begin,
                      section.contents.size()));
  if (section.core_module) out.put(fmt::format("  core module {}", *section.core_module));
  if (section.id == component_custom_section) {
    Reader reader(bytes, section.contents);
    out.put(fmt::format("  {}", quoted(reader.name())));
  }
  if (section.id == component_export_section) {
    for (const auto name : component_export_names(bytes, section.contents)) {
      out.put(fmt::format("  {}", quoted(name)));
    }
  }
  out.put('\n');
}

}  // namespace

Result<void> print_component(std::span<const std::uint8_t> bytes, TextSink& out) {
  out.put("sections:\n");
  ComponentWalk walk(bytes);
  while (const auto section = walk.next()) {
    if (out.full()) return {};
    print_section(bytes, *section, out);
  }
  if (walk.error()) return std::unexpected(*walk.error());
  return {};
}

}  // namespace fermata::tool
