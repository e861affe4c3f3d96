// PlainRun: judges runs of the commonest instructions at once, without a branch on what they are.
//
// A plain instruction has an opcode of one byte, short immediates, operands of exactly the types it
// wants, and gives at most one result: numbers, constants, locals, globals, loads, stores and
// br_if. Such a run is accepted here; the first instruction that is not plain, for whatever reason,
// is left to the rules in function_*.cpp. So nothing is ever refused here, there are no messages,
// and what is accepted is what the rules would accept: the rows' types are made of the same table
// (op_rules.hpp). Their lengths are the encodings that InstructionReader reads; tests hold both
// against each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "lib/validate/context.hpp"
#include "lib/validate/local_types.hpp"
#include "lib/validate/op_rules.hpp"
#include "lib/validate/operand_stack.hpp"

namespace fermata::validation {

class PlainRun {
 public:
  /// Precondition: the module's index spaces are filled in.
  explicit PlainRun(const Context& context);

  /// For the function whose code is judged next; it has no labels yet.
  void set_locals(const LocalTypes& locals);
  /// Keeps up with the blocks that are open: a branch is plain if its label takes no values.
  void push_label(bool takes_values) {
    ++label_count_;
    const StackType condition = StackType::number(ValKind::i32);
    if (label_count_ <= max_labels) {
      types_[no_labels - label_count_] = takes_values ? StackType::none() : condition;
    }
    place_labels();
  }
  void pop_label() {
    --label_count_;
    place_labels();
  }

  /// Whether instructions with this opcode can be plain at all.
  [[nodiscard]] bool knows(std::uint8_t opcode) const { return lengths_[opcode] != 0; }

  /// Judges the plain instructions that the first `size` bytes of `code` begin with; gives how many
  /// bytes they take. The bytes behind may be read, and mean nothing.
  [[nodiscard]] std::size_t judge(std::span<const std::uint8_t> code, std::size_t size,
                                  OperandStack& stack) const;

 private:
  /// An instruction by its opcode byte: lengths, masks and places of types. What does not apply to
  /// an instruction is masked out and not branched around, because a branch that the processor
  /// takes for another costs more than all the work.
  struct alignas(16) Row {
    // The encoding; lengths_ has how many bytes it takes with numbers of one byte each.
    std::uint8_t max_first = 255;  // most that the first byte of the immediates may be
    std::uint16_t more = 0;        // bits of the immediates that say that a number is longer,
    std::uint8_t max_number = 0;   // the last one, of at most so many bytes
    // The type. `last` and `result` are places in types_, counted from the first byte of the
    // immediates where `index_mask` is set.
    std::uint8_t index_mask = 0;
    std::uint16_t last = nothing;  // the operand on top; by default one that there never is
    std::uint16_t result = 0;
    std::int8_t last_mask = -1;
    ValKind second{};  // the operand below it
    std::int8_t second_mask = 0;
    std::int8_t operands = 0;  // less the number of them
    std::int8_t growth = 0;    // results less operands
  };
  /// Variables whose index takes one byte.
  static constexpr std::uint16_t space = 128;
  // Places in types_.
  static constexpr std::uint16_t locals = 0;
  static constexpr std::uint16_t read_globals = space;
  static constexpr std::uint16_t written_globals = 2 * space;
  static constexpr std::uint16_t labels = 3 * space;  // the innermost first; up to the next place
  static constexpr std::uint16_t no_labels = labels + space;
  static constexpr std::uint16_t numbers = no_labels + space;  // by ValKind
  static constexpr std::uint16_t nothing = numbers + 4;
  static constexpr std::size_t max_labels = no_labels - labels;
  static constexpr std::size_t br_if_opcode =
      op_rules[static_cast<std::size_t>(WasmOp::br_if)].opcode;

  [[nodiscard]] static bool can_be_plain(WasmOp op, const Context& context);
  [[nodiscard]] static Row row_of(WasmOp op);
  [[nodiscard]] static std::uint8_t length_of(WasmOp op);
  static void set_encoding(Row& row, WasmOp op);
  static void set_variable(Row& row, WasmOp op);
  static void set_branch(Row& row);
  static void set_type(Row& row, const FixedType& type);
  void set_globals(std::span<const GlobalType> globals);
  void place_labels() {
    Row& row = rows_[br_if_opcode];
    row.last = row.result = static_cast<std::uint16_t>(
        label_count_ <= max_labels ? no_labels - label_count_ : std::size_t{no_labels});
  }

  std::array<Row, 256> rows_{};
  /// Apart from the rows, because the next instruction waits for nothing else.
  std::array<std::uint8_t, 256> lengths_{};
  /// `none` for variables and labels that are not plain. A label has the type of a branch's
  /// condition. A global has two types, one to be read and one to be
  /// written.
  std::array<StackType, nothing + 1> types_{};
  std::size_t local_count_ = 0;
  std::size_t label_count_ = 0;
};

}  // namespace fermata::validation
