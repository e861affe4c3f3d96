// Register code that belongs to no function: where threads begin and end, and the way back between
// instances.
#pragma once

#include "interp/isa/op.hpp"

namespace fermata {

/// Every thread starts at the first of these; its frame 0 has no header.
inline constexpr Word bootstrap_code[] = {
    make_word(Op::enter_start),
    make_word(Op::enter_function),
    make_word(Op::finish),
};

[[nodiscard]] inline bool in_bootstrap(const Word* pc) noexcept {
  return pc >= bootstrap_code && pc <= bootstrap_code + 2;
}

inline constexpr Word return_cross_code = make_word(Op::return_cross);

/// FuncCode::entry of a function that has not been lowered.
inline constexpr Word lower_code = make_word(Op::lower);

}  // namespace fermata
