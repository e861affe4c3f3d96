// The parts of the stack algorithm that are not on the fast path; see operand_stack.hpp.
#include "lib/validate/operand_stack.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>

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

void OperandStack::grow() { operands_.resize(operands_.size() * 2 + 1024); }

bool OperandStack::apply(const FixedType& type) {
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
  const StackType found = top();
  if (!types_->matches(found, expected)) return fail(StackFault::Kind::mismatch, expected, found);
  truncate(size_ - 1);
  return true;
}

bool OperandStack::pop_any(StackType& out) {
  out = StackType::bottom();
  if (size_ == height_) {
    return controls_.back().unreachable || fail(StackFault::Kind::missing, out);
  }
  out = top();
  truncate(size_ - 1);
  return true;
}

bool OperandStack::pop_ref(StackType& out) {
  if (!pop_any(out)) return fail(StackFault::Kind::missing, StackType::bottom_ref());
  if (out.is_bottom()) out = StackType::bottom_ref();
  return out.is_ref() || fail(StackFault::Kind::mismatch, StackType::bottom_ref(), out);
}

void OperandStack::push_many(std::span<const StackType> types) {
  while (size_ + below + types.size() + slack > operands_.size()) grow();
  std::ranges::copy(types, operands_.begin() + below + size_);
  size_ += static_cast<std::uint32_t>(types.size());
  for (const StackType type : types) vectors_ += type.is_v128() ? 1 : 0;
  max_slots_ = std::max(max_slots_, size_ + vectors_);
}

bool OperandStack::pop_types_slow(std::span<const StackType> types) {
  // In unreachable code the operands that there are are often the last of these.
  const std::size_t there = std::min<std::size_t>(size_ - height_, types.size());
  if (is_top(types.last(there))) {
    truncate(size_ - static_cast<std::uint32_t>(there));
    types = types.first(types.size() - there);
  }
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

namespace {

/// The last pairs of types that were asked about in one long list: a label can have a thousand
/// types, but seldom many different ones.
class AskedPairs {
 public:
  AskedPairs() { pairs_.fill({StackType::none(), StackType::none()}); }

  /// Whether the pair is among them; it is from now on.
  bool find_or_add(StackType found, StackType wanted) {
    const std::uint64_t product = found.difference(wanted) * 0x9E37'79B9'7F4A'7C15;
    Pair& pair = pairs_[static_cast<std::size_t>(product >> 60)];
    if (pair.found == found && pair.wanted == wanted) return true;
    pair = {found, wanted};
    return false;
  }

 private:
  struct Pair {
    StackType found, wanted;
  };
  std::array<Pair, 16> pairs_;  // by the uppermost bits of a product
};

}  // namespace

bool OperandStack::check_top(std::span<const StackType> types) {
  if (is_top(types)) return true;
  constexpr std::size_t long_list = 64;
  std::optional<AskedPairs> asked;
  if (types.size() >= long_list) asked.emplace();
  std::uint32_t at = size_;
  for (std::size_t i = types.size(); i-- > 0;) {
    if (at == height_) {
      return controls_.back().unreachable || fail(StackFault::Kind::missing, types[i]);
    }
    const StackType found = operands_[below + --at];
    if (asked && asked->find_or_add(found, types[i])) continue;
    if (!types_->matches(found, types[i])) {
      return fail(StackFault::Kind::mismatch, types[i], found);
    }
  }
  return true;
}

bool OperandStack::end_control_slow() {
  ControlFrame frame;
  if (!pop_control(frame)) return false;
  return controls_.empty() || push_types(frame.type.results());
}

void OperandStack::note_label_values(std::uint32_t label) {
  const ControlFrame& target = frame(label);
  std::uint32_t slots = target.height + vectors_;
  for (const StackType type : target.label_types()) slots += type.slots();
  max_slots_ = std::max(max_slots_, slots);
}

}  // namespace fermata::validation
