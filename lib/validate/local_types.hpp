// LocalTypes: the types of a function's parameters and locals, and which of them are initialised.
//
// A declaration of 50,000 locals takes three bytes of a module, so locals stay runs; only the first
// few are laid out for speed. Owns the initialisation stack too; costs nothing for functions whose
// locals all have a default value. Reused from one function to the next. Specification: "Appendix /
// Validation Algorithm / Stacks" (get_local, set_local, reset_locals).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "lib/module/module_data.hpp"
#include "lib/validate/stack_type.hpp"

namespace fermata::validation {

class LocalTypes {
 public:
  void reset(std::span<const StackType> params, std::span<const LocalRun> locals);

  [[nodiscard]] std::uint64_t count() const { return runs_.empty() ? 0 : runs_.back().end; }
  /// Slots of a frame that all of them take.
  [[nodiscard]] std::uint64_t slots() const { return slots_; }
  /// Precondition: `local < count()`.
  [[nodiscard]] StackType type(std::uint32_t local) const {
    return local < first_count_ ? first_[local] : search(local);
  }

  /// The types of the first locals, as many as are likely to be used often.
  [[nodiscard]] std::span<const StackType> laid_out() const {
    return {first_.data(), first_count_};
  }
  /// Whether a local of this type can be read at any time and takes one slot.
  [[nodiscard]] bool is_plain(StackType type) const {
    return !type.is_v128() && (!tracks_ || !type.is_ref());
  }

  [[nodiscard]] bool is_initialised(std::uint32_t local) const {
    return !tracks_ || is_marked(local);
  }
  void initialise(std::uint32_t local) {
    if (tracks_ && !is_marked(local)) mark(local);
  }
  [[nodiscard]] std::uint32_t init_height() const {
    return static_cast<std::uint32_t>(initialised_.size());
  }
  void reset_to(std::uint32_t init_height) {
    while (initialised_.size() > init_height) {
      marks_[initialised_.back()] = 0;
      initialised_.pop_back();
    }
  }

 private:
  struct Run {
    std::uint64_t end = 0;  // one past its last local
    StackType type;
  };
  static constexpr std::size_t max_laid_out = 128;

  void add(std::uint64_t count, StackType type);
  [[nodiscard]] StackType search(std::uint32_t local) const;
  [[nodiscard]] bool is_marked(std::uint32_t local) const;
  void mark(std::uint32_t local);

  std::vector<Run> runs_;
  std::array<StackType, max_laid_out> first_;
  std::size_t first_count_ = 0;
  std::uint64_t slots_ = 0;

  bool tracks_ = false;  // some local has no default value
  std::uint64_t param_count_ = 0;
  std::vector<std::uint32_t> initialised_;  // in the order of their first local.set
  std::vector<std::uint32_t> marks_;        // per local, the function that it is initialised in
  std::uint32_t function_ = 0;              // changes with every reset
};

}  // namespace fermata::validation
