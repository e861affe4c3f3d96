// RandomPlan: what the functions of a random module may use, settled before any body is written.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/choices.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {

struct RandomPlan {
  static constexpr std::uint32_t fuel = 0;        ///< the global that loops and calls spend
  static constexpr std::uint32_t same_typed = 4;  ///< so many table elements have function 0's type

  Choices& choices;
  ModuleBuilder& module;

  std::vector<FuncType> functions = {};  ///< types by function index, imported ones first
  std::uint32_t imported = 0;            ///< so many of them are the host's
  std::vector<GlobalType> globals = {};
  std::vector<AddressType> memories = {};
  std::vector<ValType> tables = {};  ///< element types; table 0 is for call_indirect
  std::uint32_t first_same = 0;      ///< index in table 0 of the elements of one type
  std::vector<std::uint32_t> data_sizes = {};
  std::vector<ValType> elem_types = {};
  std::uint32_t trap_percent = 0;  ///< how often what may trap is left unguarded

  [[nodiscard]] TypeIdx type_of(std::uint32_t function) {
    return module.type(functions[function].params, functions[function].results);
  }
  [[nodiscard]] bool has_memory() const { return !memories.empty(); }
  /// Mostly number 0. Precondition: there is one.
  [[nodiscard]] std::uint32_t any_memory();
  [[nodiscard]] ValType any_type();
  [[nodiscard]] ResultType any_types(std::uint32_t most);
};

/// An instruction that takes numbers and gives one, by its row in the table of instructions.
struct NumericOp {
  WasmOp op;
  ResultType params;
  ValType result;
  bool may_trap;
};
/// Those with this result.
[[nodiscard]] const std::vector<NumericOp>& numeric_ops(ValType result);

/// A load (`value` is its result) or a store (`value` is what it stores).
struct AccessOp {
  WasmOp op;
  ValType value;
};
[[nodiscard]] const std::vector<AccessOp>& loads();
[[nodiscard]] const std::vector<AccessOp>& stores();

/// A constant that is often one of those that matter: limits, powers of two, NaNs, zeros. A
/// reference is null.
[[nodiscard]] Code interesting_constant(Choices& choices, ValType type);

}  // namespace fermata::test
