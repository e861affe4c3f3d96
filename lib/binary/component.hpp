// Components of the component model: told apart from core modules, and the core modules in one
// found.
//
// Owns the layer above core modules as far as its sections go: core modules and nested components
// are whole sections, so they are found without a look into any other. Judges nothing else of a
// component. Specification: component model, "Component Binary Format".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"
#include "lib/binary/reader.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

/// Version 13 of layer 1, where a core module has 1 of layer 0.
inline constexpr std::uint32_t component_version = 0x0001'000D;

/// Whether the bytes begin as a component does.
[[nodiscard]] bool is_component(std::span<const std::uint8_t> bytes);

/// A section of a component, or of one in it.
struct ComponentSection {
  std::uint8_t id = 0;
  std::uint32_t depth = 0;  ///< how many components it is in besides the outermost
  ByteRange contents;
  std::optional<std::uint32_t>
      core_module;  ///< of one that is a core module: its number, from 0 on
};

/// Section ids that have a meaning here.
inline constexpr std::uint8_t component_custom_section = 0;
inline constexpr std::uint8_t component_core_module_section = 1;
inline constexpr std::uint8_t component_nested_section = 4;
inline constexpr std::uint8_t component_export_section = 11;

/// "core module"; `id` as the walk gives it.
[[nodiscard]] std::string_view component_section_name(std::uint8_t id);

/// Gives the sections of a component one after the other, in their order: those of a nested one
/// follow on its own section. Takes time in proportion to the sections and memory to the depth,
/// which is limited. Core modules are numbered as they come, nested ones too.
class ComponentWalk {
 public:
  /// Precondition: the bytes outlive the walk.
  explicit ComponentWalk(std::span<const std::uint8_t> bytes);

  /// Nothing at the end, and after a failure.
  [[nodiscard]] std::optional<ComponentSection> next();
  /// Why there are no more sections: nothing at the end; else `malformed_binary` or
  /// `implementation_limit`, with the offset.
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  [[nodiscard]] bool enter(ByteRange component);
  [[nodiscard]] std::optional<ComponentSection> read_section(Reader& reader);
  bool check_core_module(Reader& reader, ByteRange contents) const;

  std::span<const std::uint8_t> bytes_;
  std::vector<Reader> readers_;  // of the components that the walk is in, outermost first
  std::uint32_t core_modules_ = 0;
  std::optional<Error> error_;
};

/// The names of an export section, as far as they can be read. Valid as long as the bytes.
[[nodiscard]] std::vector<std::string_view> component_export_names(
    std::span<const std::uint8_t> bytes, ByteRange export_section);

}  // namespace fermata
