// What instructions of objects do that call functions: those that allocate, go over many elements,
// or search a hierarchy of types. Executed by execute_slowly.
#pragma once

#include "interp/exec/regs.hpp"
#include "interp/runtime/object.hpp"

namespace fermata {

/// A new object, after a collection if one is due; null, and the heap says why. The instruction at
/// pc is one whose operands are still roots.
[[nodiscard]] Object* make_object(Regs& r, const ObjectType& type,
                                  std::uint32_t length = 0) noexcept;

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
