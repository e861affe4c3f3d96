// The sections of components: what is found in them, and that hostile ones do no harm.
#include "lib/binary/component.hpp"

#include <string>

#include "fermata/limits.hpp"
#include "fermata/module.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/component_builder.hpp"

namespace fermata {
namespace {

using namespace test;

Bytes core_module() { return ModuleBuilder().build(); }

/// What a walk gives: `depth:name` of each section, with `#number` behind core modules; the error.
std::string outline(const Bytes& bytes) {
  ComponentWalk walk(bytes);
  std::string text;
  while (const auto section = walk.next()) {
    CHECK(section->contents.end <= bytes.size());
    if (!text.empty()) text += ", ";
    text += std::to_string(section->depth) + ':' + std::string(component_section_name(section->id));
    if (section->core_module) text += '#' + std::to_string(*section->core_module);
  }
  CHECK_FALSE(walk.next());
  if (!walk.error()) return text;
  CHECK(walk.error()->offset.value_or(0) <= bytes.size());
  return text + (text.empty() ? "" : ", ") + to_string(*walk.error());
}

Bytes nested(std::size_t depth) {
  Bytes component = component_of({component_section(1, core_module())});
  for (std::size_t i = 1; i < depth; ++i)
    component = component_of({component_section(4, component)});
  return component;
}

/// Core modules before, in and behind a nested component, and an export.
Bytes full_component() {
  return component_of(
      {component_section(0, encoded_name("note")), component_section(1, core_module()),
       component_section(4, component_of({component_section(1, core_module())})),
       component_section(1, core_module()), component_exports({"run", "wasi:cli/run@0.2.0"})});
}

TEST_CASE("A component is told from a core module and from anything else") {
  CHECK(is_component(component_of({})));
  CHECK_FALSE(is_component(core_module()));
  CHECK_FALSE(is_component({}));
  CHECK_FALSE(is_component(Bytes{0, 'a', 's', 'm', 0x0D, 0, 1}));
  CHECK_FALSE(is_component(Bytes{0, 'a', 's', 'm', 0x0D, 0, 0, 0}));
}

TEST_CASE("A module that is a component is refused as one") {
  const auto module = Module::load(component_of({}));
  REQUIRE_FALSE(module);
  CHECK(to_string(module.error()) ==
        "malformed: unknown binary version: expected 1 of a core module, found a component of the "
        "component model (at offset 0x4)");
}

TEST_CASE("The sections of a component come in order, those of nested ones behind their own") {
  CHECK(outline(component_of({})).empty());
  CHECK(outline(full_component()) ==
        "0:custom, 0:core module#0, 0:component, 1:core module#1, 0:core module#2, 0:export");
}

TEST_CASE("The contents of a core module's section are the module") {
  const Bytes component = full_component();
  ComponentWalk walk(component);
  std::size_t count = 0;
  while (const auto section = walk.next()) {
    if (!section->core_module) continue;
    ++count;
    const auto begin = component.begin() + section->contents.begin;
    CHECK(Bytes(begin, begin + section->contents.size()) == core_module());
  }
  CHECK(count == 3);
}

TEST_CASE("The names of exports are read as far as they can be") {
  const Bytes section = component_exports({"run", "wasi:cli/run@0.2.0"});
  const auto size = static_cast<std::uint32_t>(section.size());
  const auto names = component_export_names(section, {2, size});  // behind id and size
  REQUIRE(names.size() == 2);
  CHECK(names[0] == "run");
  CHECK(names[1] == "wasi:cli/run@0.2.0");
  for (std::uint32_t end = 2; end < size; ++end) {
    CHECK(component_export_names(section, {2, end}).size() <= 2);
  }
}

TEST_CASE("What is no section of a component is refused, with its place") {
  CHECK(
      outline(component_of({{13, 0}})) ==
      "malformed: malformed section id: expected 0 to 12 in a component, found 13 (at offset 0x8)");
  CHECK(outline(component_of({component_section(1, {0, 'a', 's', 'm'})})) ==
        "malformed: magic header not detected: expected a core module, from its preamble on (at "
        "offset 0xa)");
  CHECK(outline(component_of({component_section(1, component_of({}))})) ==
        "malformed: magic header not detected: expected a core module, from its preamble on (at "
        "offset 0xa)");
  CHECK(outline(component_of({component_section(4, core_module())})) ==
        "malformed: unknown binary version: expected 0x1000d of a component, found 0x1 (at offset "
        "0xe)");
  CHECK_THAT(outline(core_module()), has_text("expected 0x1000d of a component"));
}

TEST_CASE("A section that goes past the end of its component is refused") {
  // The nested component ends within its section, while the outer one has bytes enough.
  const Bytes inner = concat({component_of({}), {0, 5}});
  CHECK_THAT(
      outline(component_of({component_section(4, inner), component_section(0, {0, 0, 0, 0, 0})})),
      has_text("malformed: "));
}

TEST_CASE("Components are nested so deep and no deeper") {
  CHECK_THAT(outline(nested(limits::component_depth)), has_text("99:core module#0"));
  CHECK_THAT(outline(nested(limits::component_depth + 1)),
             has_text("implementation limit: components are nested more than 100 deep"));
  CHECK_THAT(outline(nested(2'000)), has_text("implementation limit"));
}

TEST_CASE("A component cut off at any byte is refused, or ends at a section") {
  const Bytes whole = full_component();
  std::size_t accepted = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    if (outline(cut).find("malformed") == std::string::npos) ++accepted;
  }
  CHECK(accepted == 5);  // behind the preamble and each section but the last
}

TEST_CASE("A component with any one byte changed is walked without harm") {
  const Bytes whole = full_component();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      (void)outline(changed);
    }
  }
  SUCCEED("nothing crashed");
}

}  // namespace
}  // namespace fermata
