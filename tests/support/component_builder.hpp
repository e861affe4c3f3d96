// Small components of the component model, for tests: a preamble and sections, whatever is in them.
#pragma once

#include <initializer_list>
#include <string_view>

#include "tests/support/module_builder.hpp"

namespace fermata::test {

[[nodiscard]] inline Bytes component_section(std::uint8_t id, const Bytes& contents) {
  return concat({{id}, leb_u(contents.size()), contents});
}

[[nodiscard]] inline Bytes component_of(std::initializer_list<Bytes> sections) {
  return concat({{0, 'a', 's', 'm', 0x0D, 0, 1, 0}, concat(sections)});
}

/// The section that exports instances 0, 1 and so on under these names, the first with a type.
[[nodiscard]] inline Bytes component_exports(std::initializer_list<std::string_view> names) {
  Bytes contents = leb_u(names.size());
  std::uint8_t index = 0;
  for (const std::string_view name : names) {
    const Bytes type = index == 0 ? Bytes{1, 5, 0} : Bytes{0};
    contents = concat({contents, {0}, encoded_name(name), {5, index}, type});
    ++index;
  }
  return component_section(11, contents);
}

}  // namespace fermata::test
