// The function as a whole, its locals and its operand stack.
#include "tests/support/random_body.hpp"

#include <algorithm>

namespace fermata::test {

RandomBody::RandomBody(RandomPlan& plan, std::uint32_t function)
    : plan_(plan), choices_(plan.choices), function_(function), type_(plan.functions[function]) {
  locals_ = type_.params;
  fixed_.assign(locals_.size(), false);
  budget_ = 60 + choices_.below(340);
  for (std::uint32_t i = choices_.below(9); i > 0; --i) {
    static_cast<void>(add_local(plan.any_type()));
  }
  if (choices_.chance(60)) static_cast<void>(add_local(exnref));
  for (std::uint32_t i = 1 + choices_.below(3); i > 0; --i) {
    pointers_.push_back(add_local(i32));
    fixed_[pointers_.back()] = true;
  }
}

Body RandomBody::write() {
  controls_.push_back({.label = type_.results});
  spend_fuel();
  initialize_locals();
  for (const std::uint32_t local : pointers_) {
    i32_constant(static_cast<std::int32_t>(16 + choices_.below(200)));
    apply(local_set(local), {i32}, {});
  }
  inside(24, type_.results, 4);
  return std::move(body_);
}

/// Those without a default value, which must be written before they are read.
void RandomBody::initialize_locals() {
  const auto count = static_cast<std::uint32_t>(locals_.size());
  for (auto local = static_cast<std::uint32_t>(type_.params.size()); local < count; ++local) {
    const ValType type = locals_[local];
    if (!type.is_ref() || type.nullable) continue;
    constant(type);
    apply(local_set(local), {type}, {});
  }
}

// --- locals ------------------------------------------------------------------------------------

std::uint32_t RandomBody::add_local(ValType type) {
  locals_.push_back(type);
  fixed_.push_back(false);
  runs_.push_back({1, type});
  return static_cast<std::uint32_t>(locals_.size() - 1);
}

std::optional<std::uint32_t> RandomBody::local_of(ValType type) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < locals_.size(); ++i) {
    if (locals_[i] == type && !fixed_[i]) found.push_back(i);
  }
  if (found.empty()) return std::nullopt;
  return choices_.chance(50) ? choices_.pick(found) : found.front();
}

// --- the stack ---------------------------------------------------------------------------------

void RandomBody::emit(Code code) {
  if (budget_ > 0) --budget_;
  body_.push_back(std::move(code));
}

void RandomBody::pop(std::size_t count) {
  // In dead code there may be fewer: there are as many of any type as an instruction wants.
  const std::size_t height = controls_.back().height;
  const std::size_t there = stack_.size() - height;
  stack_.resize(stack_.size() - std::min(count, there));
}

void RandomBody::apply(Code code, const ResultType& params, const ResultType& results) {
  emit(std::move(code));
  pop(params.size());
  push(results);
}

void RandomBody::apply_op(WasmOp which, const ResultType& params, const ResultType& results,
                          std::initializer_list<std::uint32_t> immediates) {
  apply(op(which, immediates), params, results);
}

void RandomBody::drop_to(std::size_t height) {
  while (stack_.size() > height) apply(drop(), {stack_.back()}, {});
}

bool RandomBody::on_top(const ResultType& types) const {
  return free_operands() >= types.size() &&
         std::equal(types.rbegin(), types.rend(), stack_.rbegin());
}

void RandomBody::operands(const ResultType& types, int depth) {
  if (on_top(types) && choices_.chance(60)) return;
  for (const ValType type : types) value(type, depth);
}

void RandomBody::leave_exactly(std::size_t height, const ResultType& types) {
  std::size_t same = 0;
  while (same < types.size() && height + same < stack_.size() &&
         stack_[height + same] == types[same]) {
    ++same;
  }
  if (choices_.chance(10)) same = 0;
  drop_to(height + same);
  for (; same < types.size(); ++same) value(types[same], 2);
}

}  // namespace fermata::test
