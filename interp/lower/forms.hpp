// Forms: which register-code instructions a numeric or memory instruction of WebAssembly has, by
// where its operands are. Expanded from the families of ops.def.
#pragma once

#include <array>
#include <cstdint>

#include "interp/isa/op.hpp"
#include "lib/isa/wasm_op.hpp"

namespace fermata {

enum class Family : std::uint8_t {
  none,
  binary,
  commutative,
  compare,
  float_compare,
  unary,
  load,
  store,
  vector,
};

/// An absent form is Op::absent.
struct Forms {
  Family family = Family::none;
  Op ss{}, as{}, sa{}, si{}, ai{}, is{}, ia{};
  Op br_ss{}, br_as{}, br_si{}, br_ai{};
  Op s{}, a{}, k{}, x{}, ax{};
  Op i{}, ii{}, xi{};
  Op ks{}, ka{}, xs{}, xa{};
  Op w{}, wa{}, n{}, ws{}, wsa{}, ns{};
  WasmOp swapped{}, inverse{};
};

[[nodiscard]] const Forms& forms(WasmOp op) noexcept;

/// For an instruction that compares: its branching form, taken when the comparison holds or when it
/// does not. Op::absent for every other instruction.
struct BranchForms {
  Op when_true{};
  Op when_false{};
};
[[nodiscard]] BranchForms branch_forms(Op compare) noexcept;

}  // namespace fermata
