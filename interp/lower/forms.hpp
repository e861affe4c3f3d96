// Forms: which register-code instructions a numeric or memory instruction of WebAssembly has, by
// where its operands are. Expanded from the families of ops.def.
#pragma once

#include <array>
#include <cstdint>

#include "interp/isa/op.hpp"
#include "lib/isa/wasm_op.hpp"

namespace fermata {

enum class Family : std::uint8_t {
  none, binary, commutative, compare, float_compare, unary, load, store,
};

/// An absent form is Op::count_.
struct Forms {
  Family family = Family::none;
  Op ss = Op::count_, as = Op::count_, sa = Op::count_, si = Op::count_, ai = Op::count_;
  Op br_ss = Op::count_, br_as = Op::count_, br_si = Op::count_, br_ai = Op::count_;
  Op s = Op::count_, a = Op::count_, k = Op::count_, x = Op::count_, ax = Op::count_;
  Op i = Op::count_, is = Op::count_, ia = Op::count_, ii = Op::count_, xi = Op::count_;
  Op ks = Op::count_, ka = Op::count_, xs = Op::count_, xa = Op::count_;
  WasmOp swapped{}, inverse{};
};

[[nodiscard]] const Forms& forms(WasmOp op) noexcept;

/// For an instruction that compares: its branching form, taken when the comparison holds or when it
/// does not. Op::count_ for every other instruction.
struct BranchForms {
  Op when_true = Op::count_;
  Op when_false = Op::count_;
};
[[nodiscard]] BranchForms branch_forms(Op compare) noexcept;

}  // namespace fermata
