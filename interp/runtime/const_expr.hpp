// ConstEvaluator: values of constant expressions.
//
// Evaluates what the validator has judged constant, so it checks nothing again, and fails only
// where the heap has no room for an object. Never collects: what it has made is not yet reached by
// roots. Specification: "Validation / Instructions / Constant Expressions", "Execution /
// Instructions".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "interp/runtime/heap.hpp"
#include "interp/runtime/instance.hpp"
#include "lib/binary/instruction_reader.hpp"

namespace fermata {

/// One value as slots; `hi` is used by v128 alone.
struct ConstValue {
  Slot lo = 0;
  Slot hi = 0;
  [[nodiscard]] std::array<Slot, 2> slots() const { return {lo, hi}; }
};

/// Of one instance, whose globals before the expression's have their values already.
class ConstEvaluator {
 public:
  explicit ConstEvaluator(Instance& instance) : instance_(instance) {}

  [[nodiscard]] ConstValue evaluate(const ConstExpr& expression);
  /// Why an expression had no value, and gave null: as Heap::failure. None if all had one.
  [[nodiscard]] Trap failure() const { return failure_; }

 private:
  void number(const Instruction& in);
  void arithmetic(WasmOp op);
  void global_get(GlobalIdx global);
  void structure(const Instruction& in);
  void array(const Instruction& in);
  void array_fixed(const Instruction& in);
  [[nodiscard]] ConstValue pop();
  [[nodiscard]] const ObjectType& type_of(const Instruction& in) const;
  [[nodiscard]] Object* make(const ObjectType& type, std::uint32_t length = 0);
  void push(const Object* made);
  template <class Int, class Op>
  void binary(Op op);

  Instance& instance_;
  std::vector<ConstValue> stack_;
  Trap failure_ = Trap::none;
};

}  // namespace fermata
