// OperandStack: the stack algorithm of validation, and nothing else.
//
// Owns the stack of operand types and the stack of control frames, unreachable code included, and
// measures how many slots a frame needs. Knows types and their matching, but no instructions, index
// spaces or features: what went wrong is a StackFault, which the caller puts into words. Reused
// from one function to the next, so that it allocates only while it grows. Specification: "Appendix
// / Validation Algorithm / Stacks".
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/isa/wasm_op.hpp"
#include "lib/validate/stack_type.hpp"
#include "lib/validate/type_table.hpp"

namespace fermata::validation {

/// What the stack algorithm found wrong.
struct StackFault {
  enum class Kind : std::uint8_t {
    mismatch,  // expected, found
    missing,   // expected; the block has no operand left
    leftover,  // count; operands too many at the end of a block
    too_deep,  // the frame needs more slots than `slot_limit`
  } kind = Kind::mismatch;
  StackType expected;
  StackType found;
  std::uint32_t count = 0;
};

/// The type of a block: `[params] -> [results]`, a single result kept in place.
class BlockSignature {
 public:
  BlockSignature() = default;
  explicit BlockSignature(Signature signature) : signature_(signature) {}
  explicit BlockSignature(StackType result) : single_(result), has_single_(true) {}

  [[nodiscard]] std::span<const StackType> params() const { return signature_.params; }
  /// Valid as long as this object stays where it is.
  [[nodiscard]] std::span<const StackType> results() const {
    return has_single_ ? std::span<const StackType>(&single_, 1) : signature_.results;
  }

 private:
  Signature signature_;
  StackType single_;
  bool has_single_ = false;
};

struct ControlFrame {
  BlockSignature type;
  std::uint32_t height = 0;       // of the operand stack at the block's start
  std::uint32_t init_height = 0;  // the caller's: of its stack of initialised locals
  WasmOp op{};                    // block, loop, if_, else_, try_table; a function's body: block
  bool unreachable = false;

  /// The types that a branch to this frame takes along.
  [[nodiscard]] std::span<const StackType> label_types() const {
    return op == WasmOp::loop ? type.params() : type.results();
  }
};

/// The type of an instruction that depends on nothing but its opcode: number and vector types only.
struct FixedType {
  std::array<ValKind, 3> operands{};  // bottom first
  std::uint8_t operand_count = 0;
  bool has_result = false;
  bool has_vector = false;  // some operand or the result is a v128
  ValKind result{};
};

class OperandStack {
 public:
  explicit OperandStack(const TypeTable& types) : types_(&types), operands_(slack) {}

  /// Empties both stacks. Operands may take at most `slot_limit` slots.
  void reset(std::uint32_t slot_limit);

  // --- operands; false: see `fault()` ------------------------------------------------------------
  void push(StackType type) {
    if (size_ + slack > operands_.size()) [[unlikely]]
      grow();
    operands_[size_++] = type;
    vectors_ += type.is_v128() ? 1 : 0;
    if (size_ + vectors_ > max_slots_) max_slots_ = size_ + vectors_;
  }
  [[nodiscard]] bool pop(StackType expected) {
    if (size_ > height_ && operands_[size_ - 1] == expected) [[likely]] {
      --size_;
      vectors_ -= expected.is_v128() ? 1 : 0;
      return true;
    }
    return pop_slow(expected);
  }
  /// Pops the operands and pushes the result.
  [[nodiscard]] bool apply(const FixedType& type) { return apply_fast(type) || apply_slow(type); }
  /// Any type; `out` is bottom in unreachable code.
  [[nodiscard]] bool pop_any(StackType& out);
  /// Any reference type; `out` is the bottom reference in unreachable code.
  [[nodiscard]] bool pop_ref(StackType& out);
  [[nodiscard]] bool push_types(std::span<const StackType> types);
  [[nodiscard]] bool pop_types(std::span<const StackType> types);
  [[nodiscard]] bool pop_repeated(StackType type, std::uint32_t count);
  /// Whether the topmost operands match `types`; leaves the stack as it is.
  [[nodiscard]] bool check_top(std::span<const StackType> types);
  /// Pops `types` and pushes them again.
  [[nodiscard]] bool pass_through(std::span<const StackType> types);

  // --- control -----------------------------------------------------------------------------------
  /// Pushes a frame and the block's parameters, which the caller has popped.
  [[nodiscard]] bool push_control(WasmOp op, const BlockSignature& type, std::uint32_t init_height);
  /// Checks and pops the results of the innermost block, and the block itself, into `out`. The
  /// results are not pushed.
  [[nodiscard]] bool pop_control(ControlFrame& out);
  /// The code that follows cannot be reached: forgets the block's operands.
  void set_unreachable();
  [[nodiscard]] std::uint32_t depth() const { return static_cast<std::uint32_t>(controls_.size()); }
  [[nodiscard]] bool is_open() const { return !controls_.empty(); }
  /// The frame of a label, 0 the innermost. Precondition: `label < depth()`.
  [[nodiscard]] const ControlFrame& frame(std::uint32_t label) const {
    return controls_[controls_.size() - 1 - label];
  }

  /// Counts the values that an exception brings to a label towards `max_slots`.
  void note_label_values(std::uint32_t label);

  [[nodiscard]] const StackFault& fault() const { return fault_; }
  /// The most slots that the operands took at once since `reset`.
  [[nodiscard]] std::uint32_t max_slots() const { return max_slots_; }
  [[nodiscard]] bool too_deep() const { return max_slots_ > slot_limit_; }

 private:
  /// Elements past the top that can be read and written, so that apply_fast need not count.
  static constexpr std::size_t slack = 4;

  void grow();
  [[nodiscard]] bool apply_fast(const FixedType& type);
  [[nodiscard]] bool apply_slow(const FixedType& type);
  /// Whether every further pop gives the bottom type.
  [[nodiscard]] bool is_bottomless() const {
    return size_ == height_ && controls_.back().unreachable;
  }
  [[nodiscard]] bool pop_slow(StackType expected);
  [[nodiscard]] bool fail(StackFault::Kind kind, StackType expected, StackType found = {});
  void truncate(std::uint32_t size);

  const TypeTable* types_;
  std::vector<StackType> operands_;  // its first size_ elements, then `slack` at least
  std::vector<ControlFrame> controls_;
  std::uint32_t size_ = 0;
  std::uint32_t height_ = 0;   // of the innermost frame
  std::uint32_t vectors_ = 0;  // v128s among the operands: they take two slots
  std::uint32_t max_slots_ = 0;
  std::uint32_t slot_limit_ = 0;
  StackFault fault_;
};

// Compares all three places, those that the type does not use masked out: one branch, whatever the
// instruction. Changes nothing unless all is well.
inline bool OperandStack::apply_fast(const FixedType& type) {
  const std::uint32_t count = type.operand_count;
  if (size_ - height_ < count || type.has_vector) [[unlikely]]
    return false;
  StackType* const bottom = operands_.data() + (size_ - count);
  const auto difference = [&](std::uint32_t i) {
    const std::uint64_t mask = i < count ? ~std::uint64_t{0} : 0;
    return bottom[i].difference(StackType::number(type.operands[i])) & mask;
  };
  const std::uint64_t differences = difference(0) | difference(1) | difference(2);
  if (differences != 0) [[unlikely]]
    return false;
  bottom[0] = type.has_result ? StackType::number(type.result) : bottom[0];
  size_ = size_ - count + (type.has_result ? 1 : 0);
  if (size_ + slack > operands_.size()) [[unlikely]]
    grow();
  max_slots_ = std::max(max_slots_, size_ + vectors_);
  return true;
}

}  // namespace fermata::validation
