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
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
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
  explicit BlockSignature(Signature signature)
      : params_(signature.params.data()),
        results_(signature.results.data()),
        param_count_(static_cast<std::uint32_t>(signature.params.size())),
        result_count_(static_cast<std::uint32_t>(signature.results.size())) {}
  explicit BlockSignature(StackType result) : single_(result), result_count_(1) {}

  [[nodiscard]] std::span<const StackType> params() const { return {params_, param_count_}; }
  [[nodiscard]] bool is_empty() const { return param_count_ == 0 && result_count_ == 0; }
  /// Valid as long as this object stays where it is.
  [[nodiscard]] std::span<const StackType> results() const {
    return {results_ == nullptr ? &single_ : results_, result_count_};
  }

 private:
  const StackType* params_ = nullptr;
  const StackType* results_ = nullptr;  // none: `single_`
  StackType single_;
  std::uint32_t param_count_ = 0;
  std::uint32_t result_count_ = 0;
};

struct ControlFrame {
  BlockSignature type;
  std::uint32_t height = 0;       // of the operand stack at the block's start
  std::uint32_t init_height = 0;  // the caller's: of its stack of initialised locals
  WasmOp op{};                    // the part that began last: block, loop, if_, else_, try_table,
                                  // try_, catch_, catch_all; a function's body: block
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
  explicit OperandStack(const TypeTable& types) : types_(&types), operands_(first_room) {}

  /// Empties both stacks. Operands may take at most `slot_limit` slots.
  void reset(std::uint32_t slot_limit);

  // --- operands; false: see `fault()` ------------------------------------------------------------
  void push(StackType type) {
    if (size_ + below + slack > operands_.size()) [[unlikely]]
      grow();
    operands_[below + size_++] = type;
    vectors_ += type.is_v128() ? 1 : 0;
    if (size_ + vectors_ > max_slots_) max_slots_ = size_ + vectors_;
  }
  [[nodiscard]] bool pop(StackType expected) {
    if (size_ > height_ && top() == expected) [[likely]] {
      --size_;
      vectors_ -= expected.is_v128() ? 1 : 0;
      return true;
    }
    return pop_slow(expected);
  }
  /// Pops the operands and pushes the result.
  [[nodiscard]] bool apply(const FixedType& type);
  /// Any type; `out` is bottom in unreachable code.
  [[nodiscard]] bool pop_any(StackType& out);
  /// Any reference type; `out` is the bottom reference in unreachable code.
  [[nodiscard]] bool pop_ref(StackType& out);
  [[nodiscard]] bool push_types(std::span<const StackType> types);
  [[nodiscard]] bool pop_types(std::span<const StackType> types) {
    if (!is_top(types) || vectors_ > 0) [[unlikely]]
      return pop_types_slow(types);
    size_ -= static_cast<std::uint32_t>(types.size());
    return true;
  }
  [[nodiscard]] bool pop_repeated(StackType type, std::uint32_t count);
  /// Whether the topmost operands match `types`; leaves the stack as it is.
  [[nodiscard]] bool check_top(std::span<const StackType> types);
  /// Pops `types` and pushes them again.
  [[nodiscard]] bool pass_through(std::span<const StackType> types) {
    return is_top(types) || (pop_types_slow(types) && push_types(types));
  }

  // --- the innermost block's operands, in one piece ----------------------------------------------
  /// Two elements below `bottom` can be read and `limit` itself can be written.
  struct Block {
    StackType* bottom = nullptr;
    StackType* top = nullptr;      // one past the last operand
    StackType* limit = nullptr;    // the highest that `top` can be
    StackType* highest = nullptr;  // the highest that it was
  };
  [[nodiscard]] Block innermost() {
    StackType* const first = operands_.data() + below;
    return {first + height_, first + size_, operands_.data() + operands_.size() - slack,
            first + size_};
  }
  /// Takes over what was done to an unchanged stack's block; its vectors must have stayed.
  void set_innermost(const Block& block) {
    const StackType* const first = operands_.data() + below;
    size_ = static_cast<std::uint32_t>(block.top - first);
    max_slots_ = std::max(max_slots_, static_cast<std::uint32_t>(block.highest - first) + vectors_);
  }

  // --- control -----------------------------------------------------------------------------------
  /// Pushes a frame and the block's parameters, which the caller has popped.
  [[nodiscard]] bool push_control(WasmOp op, const BlockSignature& type,
                                  std::uint32_t init_height) {
    return push_control(op, type, init_height, type.params());
  }
  /// Pushes a frame, which begins with `operands`.
  [[nodiscard]] bool push_control(WasmOp op, const BlockSignature& type, std::uint32_t init_height,
                                  std::span<const StackType> operands);
  /// Checks and pops the results of the innermost block, and the block itself, into `out`. The
  /// results are not pushed.
  [[nodiscard]] bool pop_control(ControlFrame& out);
  /// Checks the results of the innermost block and ends it; they become operands of the block
  /// around it, if there is one.
  [[nodiscard]] bool end_control() {
    const auto results = controls_.back().type.results();
    const bool is_exact = size_ - height_ == results.size() && is_top(results);
    if (!is_exact || size_ + vectors_ > slot_limit_) [[unlikely]]
      return end_control_slow();
    controls_.pop_back();
    height_ = controls_.empty() ? 0 : controls_.back().height;
    return true;
  }
  /// The code that follows cannot be reached: forgets the block's operands.
  void set_unreachable() {
    truncate(height_);
    controls_.back().unreachable = true;
  }
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
  // Elements below the bottom that can be read, and above the top that can be written, so that
  // whoever works on a Block need not count first.
  static constexpr std::size_t below = 2;
  static constexpr std::size_t slack = 1;
  static constexpr std::size_t first_room = 64;  // few functions need more
  // One instruction can take or give a thousand operands: more than these are taken in one piece.
  static constexpr std::size_t few = 8;

  void grow();
  void push_many(std::span<const StackType> types);
  [[nodiscard]] StackType top() const { return operands_[below + size_ - 1]; }
  /// Whether every further pop gives the bottom type.
  [[nodiscard]] bool is_bottomless() const {
    return size_ == height_ && controls_.back().unreachable;
  }
  /// Whether the topmost operands of the innermost block are exactly these.
  [[nodiscard]] bool is_top(std::span<const StackType> types) const {
    if (size_ - height_ < types.size()) return false;
    const StackType* const bottom = operands_.data() + (below + size_ - types.size());
    if (types.size() > few) [[unlikely]]
      return std::memcmp(bottom, types.data(), types.size_bytes()) == 0;
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (bottom[i] != types[i]) return false;
    }
    return true;
  }
  static_assert(std::has_unique_object_representations_v<StackType>);
  [[nodiscard]] bool pop_slow(StackType expected);
  [[nodiscard]] bool pop_types_slow(std::span<const StackType> types);
  [[nodiscard]] bool end_control_slow();
  [[nodiscard]] bool fail(StackFault::Kind kind, StackType expected, StackType found = {});
  void truncate(std::uint32_t size) {
    while (vectors_ > 0 && size_ > size) vectors_ -= operands_[below + --size_].is_v128() ? 1 : 0;
    size_ = size;
  }

  const TypeTable* types_;
  std::vector<StackType> operands_;  // `below` elements, then size_, then `slack` at least
  std::vector<ControlFrame> controls_;
  std::uint32_t size_ = 0;
  std::uint32_t height_ = 0;   // of the innermost frame
  std::uint32_t vectors_ = 0;  // v128s among the operands: they take two slots
  std::uint32_t max_slots_ = 0;
  std::uint32_t slot_limit_ = 0;
  StackFault fault_;
};

inline bool OperandStack::push_types(std::span<const StackType> types) {
  // Checked here because one instruction can push a thousand operands.
  if (size_ + vectors_ + types.size() > slot_limit_) {
    return fail(StackFault::Kind::too_deep, StackType::bottom());
  }
  if (types.size() > few) [[unlikely]] {
    push_many(types);
  } else {
    for (const StackType type : types) push(type);
  }
  return true;
}

inline bool OperandStack::push_control(WasmOp op, const BlockSignature& type,
                                       std::uint32_t init_height,
                                       std::span<const StackType> operands) {
  controls_.push_back({type, size_, init_height, op, false});
  height_ = size_;
  return push_types(operands);
}

inline bool OperandStack::pop_control(ControlFrame& out) {
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

}  // namespace fermata::validation
