// See component.hpp.
#include "lib/binary/component.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "fermata/limits.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/module/limit_error.hpp"

namespace fermata {
namespace {

constexpr std::array<std::string_view, 13> section_names = {
    "custom", "core module", "core instance", "core type", "component", "instance", "alias",
    "type",   "canonical",   "start",         "import",    "export",    "value"};

constexpr std::uint32_t magic = 0x6D73'6100;  // "\0asm"

std::uint32_t preamble_end(std::size_t size) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(size, 8));
}

void read_preamble(Reader& reader) {
  const std::uint32_t begin = reader.offset();
  if (reader.fixed32() != magic && reader.ok()) {
    reader.fail(begin, "magic header not detected", "expected the bytes \"\\0asm\" of a component");
  }
  const std::uint32_t found = reader.fixed32();
  if (found != component_version && reader.ok()) {
    reader.fail(
        begin + 4, "unknown binary version",
        fmt::format("expected {:#x} of a component, found {:#x}", component_version, found));
  }
}

}  // namespace

bool is_component(std::span<const std::uint8_t> bytes) {
  Reader reader(bytes.first(preamble_end(bytes.size())), {0, preamble_end(bytes.size())});
  read_preamble(reader);
  return reader.ok();
}

std::string_view component_section_name(std::uint8_t id) {
  return id < section_names.size() ? section_names[id] : "unknown";
}

// --- the walk ------------------------------------------------------------------------------------

ComponentWalk::ComponentWalk(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
  if (bytes.size() > limits::module_bytes) {
    error_ = limit_error(fmt::format("the component has {} bytes, at most {} are supported",
                                     bytes.size(), limits::module_bytes));
  } else if (!enter({0, static_cast<std::uint32_t>(bytes.size())})) {
    readers_.clear();
  }
}

/// False when it does not begin as a component; `error_` says why.
bool ComponentWalk::enter(ByteRange component) {
  Reader& reader = readers_.emplace_back(bytes_, component);
  if (readers_.size() > limits::component_depth) {
    reader.fail_limit(component.begin, fmt::format("components are nested more than {} deep",
                                                   limits::component_depth));
  } else {
    read_preamble(reader);
  }
  if (!reader.ok()) error_ = reader.error();
  return reader.ok();
}

std::optional<ComponentSection> ComponentWalk::next() {
  while (!error_ && !readers_.empty()) {
    if (readers_.back().at_end()) {
      readers_.pop_back();
      continue;
    }
    auto section = read_section(readers_.back());
    if (!section) {
      error_ = readers_.back().error();
    } else if (section->id == component_nested_section && !enter(section->contents)) {
      return std::nullopt;
    }
    return section;
  }
  return std::nullopt;
}

std::optional<ComponentSection> ComponentWalk::read_section(Reader& reader) {
  ComponentSection section;
  section.depth = static_cast<std::uint32_t>(readers_.size() - 1);
  const std::uint32_t at = reader.offset();
  section.id = reader.byte();
  if (section.id >= section_names.size()) {
    reader.fail(at, "malformed section id",
                fmt::format("expected 0 to {} in a component, found {}", section_names.size() - 1,
                            section.id));
  }
  section.contents = reader.take(reader.length());
  if (!reader.ok()) return std::nullopt;
  if (section.id == component_core_module_section) {
    if (!check_core_module(reader, section.contents)) return std::nullopt;
    section.core_module = core_modules_++;
  }
  return section;
}

bool ComponentWalk::check_core_module(Reader& reader, ByteRange contents) const {
  if (has_preamble(bytes_.subspan(contents.begin, contents.size()))) return true;
  reader.fail(contents.begin, "magic header not detected",
              "expected a core module, from its preamble on");
  return false;
}

// --- exports -------------------------------------------------------------------------------------

namespace {

/// Specification: "sort". A core one has a second byte.
void skip_sort(Reader& reader) {
  constexpr std::uint8_t core = 0;
  if (reader.byte() == core) static_cast<void>(reader.byte());
}

/// Specification: "externdesc".
void skip_type(Reader& reader) {
  constexpr std::uint8_t core_module = 0x00;
  constexpr std::uint8_t value = 0x02;
  constexpr std::uint8_t type = 0x03;
  constexpr std::uint8_t is_resource = 0x01;  // of the bound of a type: no index follows
  const std::uint8_t kind = reader.byte();
  if (kind == core_module) static_cast<void>(reader.byte());
  if (kind == value || kind == type) {
    const std::uint8_t bound = reader.byte();
    if (kind == type && bound == is_resource) return;
  }
  static_cast<void>(reader.s33());
}

}  // namespace

std::vector<std::string_view> component_export_names(std::span<const std::uint8_t> bytes,
                                                     ByteRange export_section) {
  std::vector<std::string_view> names;
  Reader reader(bytes, export_section);
  for (std::uint32_t count = reader.length(); count > 0; --count) {
    if (reader.byte() > 1) break;  // how the name is written
    const std::string_view name = reader.name();
    skip_sort(reader);
    static_cast<void>(reader.u32());
    if (!reader.ok()) break;
    names.push_back(name);
    if (reader.byte() == 1) skip_type(reader);
  }
  return names;
}

}  // namespace fermata
