// Printing expressions: instructions in plain form, one a line in bodies, one line in constants.
//
// Specification: "Text Format / Instructions". The bytes are read by InstructionReader, which finds
// malformed ones.
#pragma once

#include <optional>
#include <string>

#include "fermata/error.hpp"
#include "lib/binary/instruction_reader.hpp"
#include "lib/module/text_sink.hpp"
#include "lib/text/labels.hpp"
#include "lib/text/print/print_names.hpp"

namespace fermata::text {

/// A reference type or number type with ids.
[[nodiscard]] std::string print_type(const PrintNames& names, ValType type);
[[nodiscard]] std::string print_type(const PrintNames& names, HeapType type);

class CodePrinter {
 public:
  /// Everything outlives the printer.
  CodePrinter(const ModuleData& module, const PrintNames& names, TextSink& out)
      : m_(module), names_(names), out_(out) {}

  // Both stop where `out` is full, which is no error of theirs.

  /// The instructions of a body, indented, each on a line of its own.
  [[nodiscard]] Result<void> body(ByteRange code, std::uint32_t function);
  /// The instructions of a constant expression, each with a space before it.
  [[nodiscard]] Result<void> constant(ByteRange code);

 private:
  [[nodiscard]] Result<void> expression(ByteRange code);
  [[nodiscard]] Result<void> block_structure(const Instruction& i);
  void separate();
  void instruction(const Instruction& i);
  void immediates(const Instruction& i);
  void indices(const Instruction& i);
  void block(const Instruction& i);
  void catches(const CatchTable& table, std::uint32_t depth);
  void label(std::uint32_t index, std::uint32_t outside);
  void memarg(const Instruction& i);
  void select_types(const Instruction& i);
  void vector(const Instruction& i);
  void cast(const Instruction& i);
  void put(std::string_view word);
  void put_index(const PrintSpace& space, std::uint32_t index);

  const ModuleData& m_;
  const PrintNames& names_;
  TextSink& out_;

  bool in_body_ = false;
  std::uint32_t function_ = 0;
  const Names::Map* label_names_ = nullptr;
  const PrintSpace* locals_ = nullptr;
  std::uint32_t next_label_ = 0;
  Labels labels_;
  std::vector<std::string_view> open_labels_;  // their names, innermost last
  std::vector<WasmOp> open_parts_;             // by open block: what its last part began with
};

/// How many blocks a function body has, malformed or not.
[[nodiscard]] std::uint32_t count_blocks(const ModuleData& module, ByteRange body);

}  // namespace fermata::text
