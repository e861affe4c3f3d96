// The encoder: from ModuleData to the bytes of a binary module.
//
// Writes every section in its canonical form: shortest integers, no empty section, segments in
// their shortest variant. Bodies and constant expressions are copied as they are. Decoding the
// result gives the same module but for offsets (tests/support/same_module.hpp). Knows nothing of
// validity. Specification: "Binary Format / Modules".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lib/module/module_data.hpp"

namespace fermata {

enum class SectionId : std::uint8_t {
  custom,
  type,
  import,
  function,
  table,
  memory,
  global,
  export_,
  start,
  element,
  code,
  data,
  data_count,
  tag,
};

/// The order in which the sections stand in a module.
inline constexpr std::array section_order{
    SectionId::type,   SectionId::import,  SectionId::function,   SectionId::table,
    SectionId::memory, SectionId::tag,     SectionId::global,     SectionId::export_,
    SectionId::start,  SectionId::element, SectionId::data_count, SectionId::code,
    SectionId::data};

/// Whether the module has anything to write in this section.
[[nodiscard]] bool has_section(const ModuleData& module, SectionId id);

/// The shortest variant (specification: "Binary Format / Modules / Element Section") that says what
/// the segment says. ElemSegment::flags is not looked at, so a module decoded from another variant
/// is written in this one.
[[nodiscard]] std::uint8_t elem_flags(const ElemSegment& segment);
[[nodiscard]] std::uint8_t data_flags(const DataSegment& segment);

/// The binary module. Precondition: every ByteRange lies in `module.bytes`.
[[nodiscard]] std::vector<std::uint8_t> encode(const ModuleData& module);

/// The content of a name section that holds `names`; empty when there are none.
[[nodiscard]] std::vector<std::uint8_t> encode_names(const Names& names);

}  // namespace fermata
