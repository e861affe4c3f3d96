// Fuzz target: components: the walk over their sections, and the core modules in them.
//
// Beyond not crashing: sections are within the bytes and no deeper than allowed, core modules are
// numbered as they come, an error has a place in the bytes. Seeds: any components.
#include <cstdint>
#include <span>

#include "fermata/limits.hpp"
#include "fermata/module.hpp"
#include "fuzz/check.hpp"
#include "lib/binary/component.hpp"

namespace {

using namespace fermata;

void look_at(std::span<const std::uint8_t> bytes, const ComponentSection& section) {
  check(section.contents.begin <= section.contents.end && section.contents.end <= bytes.size(),
        "a section is within the bytes");
  check(section.depth <= limits::component_depth, "components are nested as deep as allowed");
  static_cast<void>(component_section_name(section.id).size());
  if (section.id == component_export_section) {
    static_cast<void>(component_export_names(bytes, section.contents).size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  if (!is_component(bytes)) return -1;
  check(!Module::load(bytes), "a component is no core module");
  ComponentWalk walk(bytes);
  std::uint32_t core_modules = 0;
  while (const auto section = walk.next()) {
    look_at(bytes, *section);
    if (!section->core_module) continue;
    check(*section->core_module == core_modules++, "core modules are numbered as they come");
    const std::size_t length = section->contents.end - section->contents.begin;
    static_cast<void>(Module::load(bytes.subspan(section->contents.begin, length)));
  }
  check(!walk.next(), "there is nothing behind the end");
  if (walk.error()) check(walk.error()->offset.value_or(0) <= size, "an error has a place");
  return 0;
}
