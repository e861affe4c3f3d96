// Whether two modules say the same.
//
// For round trips: the same in everything but offsets and choices of encoding, that is the variant
// of a segment, the length of an integer, how locals are grouped, and the data count section, which
// only repeats. Custom sections other than the name section are compared byte by byte, the name
// section by the names in it.
#pragma once

#include "lib/module/module_data.hpp"

namespace fermata {

[[nodiscard]] bool same_module(const ModuleData& a, const ModuleData& b);

/// The same without names and custom sections.
[[nodiscard]] bool same_program(const ModuleData& a, const ModuleData& b);

}  // namespace fermata
