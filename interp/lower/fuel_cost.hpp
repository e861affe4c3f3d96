// What an instruction of WebAssembly costs, and where blocks end: docs/fuel.md, which is the rule.
#pragma once

#include <cstdint>

#include "lib/isa/wasm_op.hpp"

namespace fermata {

/// Of an instruction, when its block is entered. What depends on a size is charged when it is
/// executed (interp/runtime/meter.hpp).
[[nodiscard]] constexpr std::uint32_t fuel_cost(WasmOp op) noexcept {
  switch (op) {
    case WasmOp::nop:
    case WasmOp::block:
    case WasmOp::loop:
    case WasmOp::try_table:
    case WasmOp::try_:
    case WasmOp::else_:
    case WasmOp::catch_:
    case WasmOp::catch_all:
    case WasmOp::delegate:
    case WasmOp::end:
      return 0;
    default:
      return 1;
  }
}

/// Whether the instruction is the last of its block.
[[nodiscard]] constexpr bool ends_fuel_block(WasmOp op) noexcept {
  switch (op) {
    case WasmOp::loop:
    case WasmOp::if_:
    case WasmOp::else_:
    case WasmOp::catch_:
    case WasmOp::catch_all:
    case WasmOp::delegate:
    case WasmOp::end:
    case WasmOp::br:
    case WasmOp::br_if:
    case WasmOp::br_table:
    case WasmOp::br_on_null:
    case WasmOp::br_on_non_null:
    case WasmOp::br_on_cast:
    case WasmOp::br_on_cast_fail:
    case WasmOp::return_:
    case WasmOp::return_call:
    case WasmOp::return_call_indirect:
    case WasmOp::return_call_ref:
    case WasmOp::throw_:
    case WasmOp::throw_ref:
    case WasmOp::rethrow:
    case WasmOp::unreachable:
      return true;
    default:
      return false;
  }
}

}  // namespace fermata
