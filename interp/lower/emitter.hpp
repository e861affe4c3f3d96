// Emitter: appends register code, and knows what the accumulators hold.
//
// Owns the code under construction, the patching of branches, and the peephole window: the last
// two instructions, as long as no label lies behind them. Knows nothing of WebAssembly's operand
// stack.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "interp/isa/op.hpp"

namespace fermata {

/// The four accumulators.
enum class Acc : std::uint8_t { integer, f32, f64, v128 };

/// A list of branches that wait for their label.
using PatchList = std::uint32_t;
inline constexpr PatchList no_patches = UINT32_MAX;

class Emitter {
 public:
  static constexpr std::uint32_t no_slot = UINT32_MAX;

  void clear();
  [[nodiscard]] std::uint32_t here() const { return static_cast<std::uint32_t>(code_.size()); }
  [[nodiscard]] const std::vector<Word>& code() const { return code_; }

  /// Begins to watch: `marked` is the first word written since.
  void mark() { marked_ = here(); }
  [[nodiscard]] std::uint32_t marked() const { return marked_; }

  // --- instructions ---
  /// One without a result. Returns its index.
  std::uint32_t emit(Word word);
  std::uint32_t emit(Word word, Word second);
  std::uint32_t emit(Word word, Word second, Word third);
  /// One whose field a is the slot of its result, which `acc`, if any, holds as well.
  void emit_result(std::optional<Acc> acc, Word word);
  void emit_result(std::optional<Acc> acc, Word word, Word second);
  /// One whose result takes two slots from field a on, and is in an accumulator as well.
  void emit_vector_result(std::initializer_list<Word> words);
  /// The same without accumulator: a copy, a constant.
  void emit_vector(std::initializer_list<Word> words);
  /// A move or constant into a slot: the accumulators keep what they hold, but not of that slot.
  void emit_move(std::uint32_t slot, Word word);
  void emit_move(std::uint32_t slot, Word word, Word second);
  /// The same into `slot` and the slot after it.
  void emit_move2(std::uint32_t slot, Word word);
  void emit_move2(std::uint32_t slot, Word word, Word second);
  /// One more word of the last instruction (br_table).
  void append(Word word) { code_.push_back(word); }

  // --- accumulators ---
  /// The slot whose value the accumulator holds, a vector's first, or no_slot.
  [[nodiscard]] std::uint32_t held(Acc acc) const { return held_[index(acc)]; }
  void forget_accumulators() { held_.fill(no_slot); }
  /// `slot` has got the value of `from`: an accumulator that holds that now stands for `slot`.
  void alias(std::uint32_t from, std::uint32_t slot);
  using Held = std::array<std::uint32_t, 4>;
  [[nodiscard]] Held save_accumulators() const { return held_; }
  void restore_accumulators(const Held& held) { held_ = held; }

  // --- the peephole window ---
  /// The last instruction if it wrote its result to `slot` and may still be changed.
  struct Last {
    Word word = 0;
    Word second = 0;
  };
  [[nodiscard]] std::optional<Last> last_writing(std::uint32_t slot) const;
  /// Takes the last instruction back, accumulators included; the one before may be the last then.
  /// Precondition: last_writing gave it.
  void drop_last();
  /// Makes the last instruction write to another slot. Precondition: last_writing gave it.
  void retarget_last(std::uint32_t slot);

  /// The last pass, over finished code: instructions that often follow each other become one
  /// dispatch. Only opcodes change, so every word keeps its place and its meaning for whoever
  /// branches to it.
  void pair_successors();

  // --- labels ---
  /// Where a branch may come in: nothing is known of the accumulators, nothing before changes.
  void label();
  /// The same for the one predecessor whose accumulators are known.
  void label(const Held& held);
  /// Adds the branch at `at` (offset in its wide field) to `list`.
  void add_patch(PatchList& list, std::uint32_t at);
  /// Adds entry `at` of the br_table at `origin`.
  void add_table_patch(PatchList& list, std::uint32_t at, std::uint32_t origin);
  /// Makes all branches of the list go to `target`.
  void patch(PatchList& list, std::uint32_t target);
  void set_offset(std::uint32_t at, std::uint32_t target);

  // --- finished instructions ---
  [[nodiscard]] Op op_at(std::uint32_t at) const { return op_of(code_[at]); }
  void set_wide(std::uint32_t at, std::uint32_t wide);
  void set_second(std::uint32_t at, Word second) { code_[at + 1] = second; }

 private:
  struct Patch {
    std::uint32_t at;
    std::uint32_t origin;
    bool is_table;
    PatchList next;
  };
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr std::size_t index(Acc acc) { return static_cast<std::size_t>(acc); }
  void overwrite(std::uint32_t slot);
  void begin_result(std::optional<Acc> acc, std::uint32_t slot);

  std::vector<Word> code_;
  std::vector<Patch> patches_;
  /// An instruction that has a result and may be changed, and what the accumulators held before.
  struct Window {
    std::uint32_t at = none;
    Held before{no_slot, no_slot, no_slot, no_slot};
  };
  /// Instructions in one dispatch, and where the code goes on behind them; at the end of all code
  /// if it goes on elsewhere.
  struct Chain {
    Op op;
    std::uint32_t end;
  };
  [[nodiscard]] Chain chain(std::uint32_t first) const;
  [[nodiscard]] bool stands_alone(std::uint32_t at) const;
  void close_window() { last_ = before_last_ = {}; }

  Held held_{no_slot, no_slot, no_slot, no_slot};
  std::uint32_t marked_ = 0;
  Window last_;
  Window before_last_;
};

}  // namespace fermata
