// The tables of Op: names and layouts, expanded from ops.def.
#include "interp/isa/op.hpp"

#include <array>

namespace fermata {

namespace {

constexpr std::array<Layout, op_count> layouts{
#define FERMATA_OP(id, layout, ...) Layout::layout,
#include "interp/isa/ops.def"
};

constexpr std::array<std::string_view, op_count> names{
#define FERMATA_OP(id, layout, ...) #id,
#include "interp/isa/ops.def"
};

}  // namespace

Layout layout(Op op) noexcept { return layouts[static_cast<std::uint16_t>(op)]; }

std::string_view to_string(Op op) noexcept { return names[static_cast<std::uint16_t>(op)]; }

}  // namespace fermata
