// The parts of the stack algorithm that are not on the fast path; see operand_stack.hpp.
#include "lib/validate/operand_stack.hpp"

#include <algorithm>
#include <cassert>

namespace fermata::validation {

void OperandStack::reset(std::uint32_t slot_limit) {
  controls_.clear();
  size_ = height_ = vectors_ = max_slots_ = 0;
  slot_limit_ = slot_limit;
}

bool OperandStack::fail(StackFault::Kind kind, StackType expected, StackType found) {
  fault_ = {kind, expected, found, 0};
  return false;
}

void OperandStack::truncate(std::uint32_t size) {
  while (vectors_ > 0 && size_ > size) vectors_ -= operands_[--size_].is_v128() ? 1 : 0;
  size_ = size;
}

void OperandStack::grow() { operands_.resize(operands_.size() * 2 + 1024); }

bool OperandStack::apply_slow(const FixedType& type) {
  for (std::size_t i = type.operand_count; i-- > 0;) {
    if (!pop(StackType::number(type.operands[i]))) return false;
  }
  if (type.has_result) push(StackType::number(type.result));
  return true;
}

bool OperandStack::pop_slow(StackType expected) {
  if (size_ == height_) {
    return controls_.back().unreachable || fail(StackFault::Kind::missing, expected);
  }
  const StackType found = operands_[size_ - 1];
  if (!types_->matches(found, expected)) return fail(StackFault::Kind::mismatch, expected, found);
  truncate(size_ - 1);
  return true;
}

bool OperandStack::pop_any(StackType& out) {
  out = StackType::bottom();
  if (size_ == height_) {
    return controls_.back().unreachable || fail(StackFault::Kind::missing, out);
  }
  out = operands_[size_ - 1];
  truncate(size_ - 1);
  return true;
}

bool OperandStack::pop_ref(StackType& out) {
  if (!pop_any(out)) return fail(StackFault::Kind::missing, StackType::bottom_ref());
  if (out.is_bottom()) out = StackType::bottom_ref();
  return out.is_ref() || fail(StackFault::Kind::mismatch, StackType::bottom_ref(), out);
}

bool OperandStack::push_types(std::span<const StackType> types) {
  // Checked here because one instruction can push a thousand operands.
  if (size_ + vectors_ + types.size() > slot_limit_) {
    return fail(StackFault::Kind::too_deep, StackType::bottom());
  }
  for (const StackType type : types) push(type);
  return true;
}

bool OperandStack::pop_types(std::span<const StackType> types) {
  for (std::size_t i = types.size(); i-- > 0;) {
    if (!pop(types[i])) return false;
    if (is_bottomless()) return true;
  }
  return true;
}

bool OperandStack::pop_repeated(StackType type, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count && !is_bottomless(); ++i) {
    if (!pop(type)) return false;
  }
  return true;
}

bool OperandStack::check_top(std::span<const StackType> types) {
  std::uint32_t at = size_;
  for (std::size_t i = types.size(); i-- > 0;) {
    if (at == height_) {
      return controls_.back().unreachable || fail(StackFault::Kind::missing, types[i]);
    }
    const StackType found = operands_[--at];
    if (!types_->matches(found, types[i])) {
      return fail(StackFault::Kind::mismatch, types[i], found);
    }
  }
  return true;
}

bool OperandStack::pass_through(std::span<const StackType> types) {
  const bool all_there = size_ - height_ >= types.size();
  if (all_there &&
      std::equal(types.begin(), types.end(), operands_.begin() + (size_ - types.size()))) {
    return true;
  }
  return pop_types(types) && push_types(types);
}

bool OperandStack::push_control(WasmOp op, const BlockSignature& type, std::uint32_t init_height) {
  controls_.push_back({type, size_, init_height, op, false});
  height_ = size_;
  return push_types(type.params());
}

bool OperandStack::pop_control(ControlFrame& out) {
  assert(!controls_.empty());
  if (!pop_types(controls_.back().type.results())) return false;
  if (size_ != height_) {
    fault_ = {StackFault::Kind::leftover, {}, {}, size_ - height_};
    return false;
  }
  out = controls_.back();
  controls_.pop_back();
  height_ = controls_.empty() ? 0 : controls_.back().height;
  return true;
}

void OperandStack::set_unreachable() {
  truncate(height_);
  controls_.back().unreachable = true;
}

void OperandStack::note_label_values(std::uint32_t label) {
  const ControlFrame& target = frame(label);
  std::uint32_t slots = target.height + vectors_;
  for (const StackType type : target.label_types()) slots += type.slots();
  max_slots_ = std::max(max_slots_, slots);
}

}  // namespace fermata::validation
