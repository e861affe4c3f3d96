// Parsing instructions, plain and folded, to the bytes of an expression.
//
// Owns the nesting of blocks and folded instructions, on a stack of its own: input nests as deep
// as it likes without native recursion. Immediates are instruction_parser's. Specification: "Text
// Format / Instructions".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/text/parse/context.hpp"

namespace fermata::text {

class ExpressionParser {
 public:
  explicit ExpressionParser(Context& context) : c_(context) {}

  /// Instructions up to a `)`, which must follow; appended to the module's bytes with the closing
  /// `end`.
  [[nodiscard]] ByteRange instructions();
  /// At least one instruction.
  [[nodiscard]] ByteRange some_instructions();
  /// One folded instruction, the same way.
  [[nodiscard]] ByteRange folded_instruction();
  /// `(keyword instr*)`, or one folded instruction as its abbreviation.
  [[nodiscard]] ByteRange wrapped(Keyword k);

 private:
  enum class Kind : std::uint8_t {
    plain_block,     // until `end`; or the last part of one that has parts
    plain_if,        // until `else` or `end`
    plain_try,       // until `catch`, `catch_all`, `delegate` or `end`
    plain_catch,     // until `catch`, `catch_all` or `end`
    folded_block,    // until `)`
    folded_op,       // operands; until `)`, when the instruction itself follows them
    folded_if,       // operands; until `(then`
    folded_then,     // until `)`
    after_then,      // `(else` or `)` follows
    folded_try,      // `(do` follows
    folded_do,       // until `)`
    after_do,        // `(catch`, `(catch_all`, `(delegate` or `)` follows
    folded_catch,    // until `)`
    after_catch,     // `(catch`, `(catch_all` or `)` follows
    folded_last,     // of `(else` or `(catch_all`, until `)`
    after_last,      // `)` follows
    after_delegate,  // `)` follows; the block is closed
  };
  struct Hint {
    std::uint8_t value = 0;
    Token at{};
  };
  struct Frame {
    Kind kind{};
    WasmOp op{};                 // folded_op, folded_if: comes after its operands
    std::uint32_t pending = 0;   // where in pending_ its bytes begin
    Token label{};               // folded_if: for its `(then`
    std::optional<Hint> hint{};  // for it
  };

  [[nodiscard]] ByteRange finish(std::uint32_t begin);
  void run(bool single);
  [[nodiscard]] bool step();
  [[nodiscard]] std::string_view expected() const;
  /// Whether the innermost construct is of this kind.
  [[nodiscard]] bool in(Kind kind) const { return !frames_.empty() && frames_.back().kind == kind; }
  [[nodiscard]] bool takes_plain() const;
  [[nodiscard]] bool takes_folded() const;

  [[nodiscard]] bool plain(Token token);
  void plain_block(WasmOp op);
  [[nodiscard]] bool plain_else();
  [[nodiscard]] bool plain_catch(WasmOp op);
  [[nodiscard]] bool plain_delegate();
  [[nodiscard]] bool plain_end();
  void check_label();

  [[nodiscard]] bool open();
  [[nodiscard]] bool open_part(WasmOp op);
  void open_folded();
  [[nodiscard]] bool close();

  [[nodiscard]] Token label_id();
  void push_label(Token id);
  void block_type(Bytes& out);
  void catch_clauses(Bytes& out);
  void delegate();
  void flush_pending(Frame& frame);
  void end_block();

  void look_for_hint(std::uint32_t position);
  void record_hint(WasmOp op);

  Context& c_;
  std::vector<Frame> frames_;
  Bytes pending_;             // instructions whose operands are being parsed
  std::optional<Hint> hint_;  // for the instruction being parsed
};

}  // namespace fermata::text
