#include "interp/lower/operands.hpp"

#include <algorithm>
#include <cassert>

namespace fermata {

void OperandStack::clear(std::uint32_t first_slot, std::uint32_t locals) {
  shrink(0);  // no operand lies in a local any more
  if (topmost_.size() < locals) topmost_.resize(locals, none);
  first_slot_ = first_slot;
  settled_ = stored_begin_ = stored_end_ = 0;
}

void OperandStack::push_slot(ValType type) {
  if (stored_end_ == size()) ++stored_end_;
  stack_.push_back({.kind = Operand::Kind::slot, .type = type, .slot = next_slot()});
  tell_stored(top());
}

void OperandStack::push_slots(std::span<const ValType> types) {
  if (stored_end_ == size()) stored_end_ += static_cast<std::uint32_t>(types.size());
  std::uint32_t slot = next_slot();
  std::uint32_t i = size();
  stack_.resize(stack_.size() + types.size());
  for (const ValType type : types) {
    Operand& operand = stack_[i++];
    operand.type = type;
    operand.slot = slot;
    slot += type.slots();
    tell_stored(operand);
  }
}

void OperandStack::push_local(ValType type, std::uint32_t local) {
  const std::uint32_t slot = next_slot();
  stack_.push_back({.kind = Operand::Kind::local,
                    .type = type,
                    .slot = slot,
                    .local = local,
                    .below = topmost_[local]});
  topmost_[local] = size() - 1;
}

void OperandStack::push_sum(std::uint32_t local, std::uint32_t addend) {
  push_local(i32, local);
  stack_.back().kind = Operand::Kind::sum;
  stack_.back().bits = addend;
}

void OperandStack::push_constant(ValType type, std::uint64_t bits) {
  stack_.push_back(
      {.kind = Operand::Kind::constant, .type = type, .slot = next_slot(), .bits = bits});
}

Operand OperandStack::pop() {
  assert(!stack_.empty());
  const Operand operand = stack_.back();
  stack_.pop_back();
  tell_gone(operand);
  if (operand.in_local()) topmost_[operand.local] = operand.below;
  settled_ = std::min(settled_, size());
  forget_stored();
  return operand;
}

void OperandStack::shrink(std::uint32_t size_wanted) {
  while (size() > size_wanted && unstored_from(size_wanted) < size()) static_cast<void>(pop());
  if (size() <= size_wanted) return;
  for (std::uint32_t i = size(); watcher_ != nullptr && i > size_wanted; --i) {
    tell_gone(stack_[i - 1]);
  }
  stack_.resize(size_wanted);  // the rest lies in its own slots, in no local
  settled_ = std::min(settled_, size());
  forget_stored();
}

bool OperandStack::ends_with(std::uint32_t first, std::span<const ValType> types) const {
  return size() == first + types.size() && unstored_from(first) == size() &&
         std::ranges::equal(std::span(stack_).subspan(first), types, {}, &Operand::type);
}

void OperandStack::settle_topmost(std::uint32_t local) {
  Operand& operand = stack_[topmost_[local]];
  topmost_[local] = operand.below;
  operand.kind = Operand::Kind::slot;
  tell_stored(operand);
}

void OperandStack::settle_from(std::uint32_t first, bool constants) {
  // From the top down, so that each operand is the topmost in its local.
  for (std::uint32_t i = size(), end = unstored_from(first); i > end; --i) {
    Operand& operand = stack_[i - 1];
    if (operand.in_local()) settle_topmost(operand.local);
    if (operand.kind != Operand::Kind::constant || !constants) continue;
    operand.kind = Operand::Kind::slot;
    tell_stored(operand);
  }
  if (!constants) return;
  if (first < stored_begin_ || first > stored_end_) stored_begin_ = first;
  stored_end_ = size();
}

}  // namespace fermata
