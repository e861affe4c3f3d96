// What instructions of objects do that call functions: those that allocate, go over many elements,
// or search a hierarchy of types. Executed by execute_slowly.
#pragma once

#include "interp/exec/regs.hpp"

namespace fermata {

[[nodiscard]] Stop struct_new(Regs& r) noexcept;
[[nodiscard]] Stop struct_new_default(Regs& r) noexcept;
[[nodiscard]] Stop array_new(Regs& r) noexcept;
[[nodiscard]] Stop array_new_default(Regs& r) noexcept;
[[nodiscard]] Stop array_new_fixed(Regs& r) noexcept;
[[nodiscard]] Stop array_new_data(Regs& r) noexcept;
[[nodiscard]] Stop array_new_elem(Regs& r) noexcept;
[[nodiscard]] Stop array_fill(Regs& r) noexcept;
[[nodiscard]] Stop array_copy(Regs& r) noexcept;
[[nodiscard]] Stop array_init_data(Regs& r) noexcept;
[[nodiscard]] Stop array_init_elem(Regs& r) noexcept;

void ref_test_subtype(Regs& r) noexcept;
[[nodiscard]] Stop ref_cast_subtype(Regs& r) noexcept;
void branch_on_subtype(Regs& r) noexcept;
void branch_on_not_subtype(Regs& r) noexcept;

}  // namespace fermata
