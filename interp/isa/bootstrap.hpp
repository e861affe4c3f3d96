// Register code that belongs to no function: where threads begin and end, and the way back between
// instances.
#pragma once

#include <iterator>

#include "interp/isa/op.hpp"

namespace fermata {

/// Every thread starts at the first of these. The two that call have the shape of calls: callee's
/// frame and single result at slot 0.
inline constexpr Word bootstrap_code[] = {
    make_word(Op::enter_start), 0, make_word(Op::enter_function), 0, make_word(Op::finish),
};

[[nodiscard]] inline bool in_bootstrap(const Word* pc) noexcept {
  return pc >= bootstrap_code && pc < std::end(bootstrap_code);
}

/// FuncCode::entry of a function that has not been lowered.
inline constexpr Word lower_code = make_word(Op::lower);

}  // namespace fermata
