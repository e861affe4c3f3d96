// OperandStack: the lowering's abstract operand stack. It holds where a value is, not the value.
//
// An operand is in its own slot (the one its height gives it), or still in a local, or a constant,
// or the sum of a local and a constant that nobody has needed yet; so local.get, const and drop
// cost nothing at run time, and such a sum nothing when it becomes an address. Every operand has
// its own slot whether it is used or not, which is where it goes when it has to lie in memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "fermata/types.hpp"

namespace fermata {

struct Operand {
  enum class Kind : std::uint8_t { slot, local, sum, constant } kind = Kind::slot;
  ValType type;
  std::uint32_t slot = 0;   // its own
  std::uint32_t local = 0;  // Kind::local, Kind::sum: the local that holds the value
  std::uint32_t below = 0;  // the same: the next operand below in this local
  std::uint64_t bits = 0;   // Kind::constant; Kind::sum: what is added (i32)

  [[nodiscard]] bool in_local() const { return kind == Kind::local || kind == Kind::sum; }
};

/// Is told when an operand begins to lie in its own slot, and when that ends.
class StoredOperands {
 public:
  virtual void stored(const Operand& operand) = 0;
  virtual void gone(const Operand& operand) = 0;

 protected:
  ~StoredOperands() = default;
};

class OperandStack {
 public:
  /// Whom to tell; null: nobody. Not while there are operands.
  void watch(StoredOperands* watcher) { watcher_ = watcher; }

  /// For another function. Does not touch what the last one left alone: locals are cheap to
  /// declare.
  void clear(std::uint32_t first_slot, std::uint32_t locals);

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(stack_.size()); }
  [[nodiscard]] const Operand& operator[](std::uint32_t i) const { return stack_[i]; }
  [[nodiscard]] const Operand& top() const { return stack_.back(); }
  [[nodiscard]] std::uint32_t next_slot() const {
    return stack_.empty() ? first_slot_ : stack_.back().slot + stack_.back().type.slots();
  }

  void push_slot(ValType type);
  void push_slots(std::span<const ValType> types);
  void push_local(ValType type, std::uint32_t local);
  /// An i32: the local's plus a constant.
  void push_sum(std::uint32_t local, std::uint32_t addend);
  void push_constant(ValType type, std::uint64_t bits);
  Operand pop();
  /// Drops operands until `size` are left.
  void shrink(std::uint32_t size);

  /// The topmost operand in the local now lies in its own slot.
  void settle_topmost(std::uint32_t local);
  /// The same for all from index `first` up, without the constants unless they are to be included.
  void settle_from(std::uint32_t first, bool constants);
  /// The topmost operand that still lies in the local, or `none`.
  [[nodiscard]] std::uint32_t topmost_in(std::uint32_t local) const { return topmost_[local]; }
  /// From `first` up, the first operand that may not lie in its own slot yet.
  [[nodiscard]] std::uint32_t unstored_from(std::uint32_t first) const {
    return first >= stored_begin_ ? std::max(first, stored_end_) : first;
  }
  /// Whether the stack ends with operands of these types from index `first` up, each known to lie
  /// in its own slot.
  [[nodiscard]] bool ends_with(std::uint32_t first, std::span<const ValType> types) const;
  /// All operands below this index lie in their own slots or are constants.
  [[nodiscard]] std::uint32_t settled() const { return settled_; }
  void set_settled() { settled_ = size(); }

  static constexpr std::uint32_t none = UINT32_MAX;

 private:
  /// After operands were dropped.
  void forget_stored() {
    stored_end_ = std::min(stored_end_, size());
    stored_begin_ = std::min(stored_begin_, stored_end_);
  }

  void tell_stored(const Operand& operand) {
    if (watcher_ != nullptr) watcher_->stored(operand);
  }
  void tell_gone(const Operand& operand) {
    if (watcher_ != nullptr && operand.kind == Operand::Kind::slot) watcher_->gone(operand);
  }

  StoredOperands* watcher_ = nullptr;
  std::vector<Operand> stack_;
  std::vector<std::uint32_t> topmost_;  // per local; `none` for all while the stack is empty
  std::uint32_t first_slot_ = 0;
  std::uint32_t settled_ = 0;
  // Operands [stored_begin_, stored_end_) lie in their own slots: an instruction that takes a
  // thousand of them along need not look at each.
  std::uint32_t stored_begin_ = 0;
  std::uint32_t stored_end_ = 0;
};

}  // namespace fermata
