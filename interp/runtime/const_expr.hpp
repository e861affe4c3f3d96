// ConstEvaluator: values of constant expressions.
//
// Evaluates what the validator has judged constant, so it can't fail and checks nothing again.
// Specification: "Validation / Instructions / Constant Expressions", "Execution / Instructions".
#pragma once

#include <cstdint>
#include <vector>

#include "interp/runtime/instance.hpp"

namespace fermata {

/// One value as slots; `hi` is used by v128 alone.
struct ConstValue {
  Slot lo = 0;
  Slot hi = 0;
};

/// Of one instance, whose globals before the expression's have their values already.
class ConstEvaluator {
 public:
  explicit ConstEvaluator(Instance& instance) : instance_(instance) {}

  [[nodiscard]] ConstValue evaluate(const ConstExpr& expression);

 private:
  void global_get(GlobalIdx global);
  template <class Int, class Op>
  void binary(Op op);

  Instance& instance_;
  std::vector<ConstValue> stack_;
};

}  // namespace fermata
