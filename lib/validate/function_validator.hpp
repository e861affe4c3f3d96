// FunctionValidator: the rules of instructions, for function bodies and constant expressions.
//
// Walks instruction bytes with InstructionReader and drives OperandStack. Split by families of
// instructions, one file each: function_control (and the loop), function_numeric,
// function_variable, function_memory, function_table, function_reference, function_aggregate. One
// object judges all functions of a module, so that its stacks are allocated once. Knows the module
// only through Context. Specification: "Validation / Instructions".
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "lib/binary/instruction_reader.hpp"
#include "lib/validate/context.hpp"
#include "lib/validate/local_types.hpp"
#include "lib/validate/operand_stack.hpp"
#include "lib/validate/plain_run.hpp"

namespace fermata::validation {

class FunctionValidator {
 public:
  FunctionValidator(Context& context, const ValidateOptions& options);

  /// Judges the body of a defined function; gives the most slots that its operands take.
  [[nodiscard]] Result<std::uint32_t> check_body(FuncIdx function);
  /// In the body that was checked last: the most `catch` and `catch_all` around one instruction.
  [[nodiscard]] std::uint32_t most_caught() const { return most_caught_; }

  /// Judges a constant expression of type `expected`, which may read the first `globals` globals,
  /// and declares the functions that it names. Specification: "Constant Expressions".
  [[nodiscard]] Result<void> check_constant(const ConstExpr& expr, ValType expected,
                                            std::uint32_t globals);

 private:
  // A rule returns whether the instruction is valid. If not, either `failure_` says why, or the
  // stack's fault does.
  using Verdict = bool;

  [[nodiscard]] Result<void> run(ByteRange code);
  [[nodiscard]] Verdict step(const Instruction& in);
  [[nodiscard]] Verdict admit(const Instruction& in);
  [[nodiscard]] Verdict check_constant_op(const Instruction& in);

  // function_control.cpp
  [[nodiscard]] Verdict control(const Instruction& in);
  [[nodiscard]] Verdict block_signature(const BlockType& block, BlockSignature& out);
  [[nodiscard]] Verdict open(WasmOp op, const BlockSignature& type);
  [[nodiscard]] Verdict enter(const Instruction& in);
  [[nodiscard]] Verdict enter_try_table(const Instruction& in, const BlockSignature& type);
  [[nodiscard]] Verdict check_catch(const CatchClause& clause);
  [[nodiscard]] Verdict else_();
  [[nodiscard]] Verdict end_part(WasmOp op, ControlFrame& frame);
  [[nodiscard]] Verdict misplaced(WasmOp op);
  [[nodiscard]] Verdict end();
  [[nodiscard]] Verdict check_missing_else(const BlockSignature& type);
  [[nodiscard]] Verdict check_label(std::uint32_t label);
  [[nodiscard]] Verdict branch(const Instruction& in);
  [[nodiscard]] Verdict branch_table(const Instruction& in);
  [[nodiscard]] bool label_matches(std::span<const StackType> types);
  [[nodiscard]] Verdict branch_on_null(const Instruction& in);
  [[nodiscard]] Verdict branch_on_cast(const Instruction& in);
  [[nodiscard]] Verdict call(const Instruction& in);
  [[nodiscard]] Verdict call_function(std::uint32_t function);
  [[nodiscard]] Verdict known_callee(std::uint32_t function, Signature& out);
  [[nodiscard]] Verdict callee(const Instruction& in, Signature& out);
  [[nodiscard]] Verdict indirect_callee(const Instruction& in, Signature& out);
  [[nodiscard]] Verdict return_call(const Instruction& in);
  [[nodiscard]] Verdict tag_values(std::uint32_t tag, std::span<const StackType>& out);
  [[nodiscard]] Verdict throw_(const Instruction& in);
  [[nodiscard]] Verdict catch_(const Instruction& in);
  [[nodiscard]] Verdict delegate(const Instruction& in);
  [[nodiscard]] Verdict rethrow(const Instruction& in);
  [[nodiscard]] Verdict function_signature(std::uint32_t type, Signature& out);

  // function_variable.cpp
  [[nodiscard]] Verdict parametric(const Instruction& in);
  [[nodiscard]] Verdict select();
  [[nodiscard]] Verdict local(const Instruction& in);
  [[nodiscard]] Verdict uninitialised(std::uint32_t local);
  [[nodiscard]] Verdict global(const Instruction& in);
  [[nodiscard]] Verdict check_constant_global(std::uint32_t index);

  // function_memory.cpp
  [[nodiscard]] Verdict memory(const OpRule& rule, const Instruction& in);
  [[nodiscard]] Verdict access(const OpRule& rule, const Instruction& in);
  [[nodiscard]] Verdict memory_address(std::uint32_t memory, AddressType& out);
  [[nodiscard]] Verdict memory_copy(const Instruction& in);
  [[nodiscard]] Verdict memory_init(const Instruction& in);
  [[nodiscard]] Verdict check_data(std::uint32_t segment);
  [[nodiscard]] Verdict vector(const OpRule& rule, const Instruction& in);

  // function_table.cpp
  [[nodiscard]] Verdict table(const Instruction& in);
  [[nodiscard]] Verdict find_table(std::uint32_t table, const TableType*& out);
  [[nodiscard]] Verdict find_elem(std::uint32_t segment, StackType& out);
  [[nodiscard]] Verdict table_copy(const Instruction& in);
  [[nodiscard]] Verdict table_init(const Instruction& in);

  // function_numeric.cpp
  [[nodiscard]] Verdict wide_arithmetic(const Instruction& in);

  // function_reference.cpp
  [[nodiscard]] Verdict reference(const Instruction& in);
  [[nodiscard]] Verdict ref_func(std::uint32_t function);
  [[nodiscard]] Verdict ref_cast(const Instruction& in);
  [[nodiscard]] Verdict convert(HeapKind from, HeapKind to);

  // function_aggregate.cpp
  [[nodiscard]] Verdict aggregate(const Instruction& in);
  [[nodiscard]] Verdict structure(const Instruction& in);
  [[nodiscard]] Verdict struct_field(const Instruction& in, const StructType& type);
  [[nodiscard]] Verdict array(const Instruction& in);
  [[nodiscard]] Verdict array_new(const Instruction& in, const FieldType& field);
  [[nodiscard]] Verdict array_change(const Instruction& in, const FieldType& field);
  [[nodiscard]] Verdict array_copy(const Instruction& in, const FieldType& to);
  [[nodiscard]] Verdict find_struct(std::uint32_t type, const StructType*& out);
  [[nodiscard]] Verdict find_array(std::uint32_t type, const FieldType*& out);
  [[nodiscard]] Verdict check_packing(const Instruction& in, const FieldType& field);
  [[nodiscard]] Verdict check_elem_source(std::uint32_t segment, const FieldType& field);
  [[nodiscard]] Verdict check_data_source(std::uint32_t segment, const FieldType& field);

  // What the families share.
  [[nodiscard]] Verdict expect(bool condition, std::string_view message);
  [[nodiscard]] Verdict expect_matches(StackType sub, StackType super);
  [[nodiscard]] bool all_match(std::span<const StackType> given, std::span<const StackType> wanted);
  [[nodiscard]] Verdict fail(std::string message);
  [[nodiscard]] Verdict fail(Error error);
  [[nodiscard]] Verdict unknown(std::string_view what, std::uint32_t index, std::uint64_t count);
  [[nodiscard]] Verdict require(Feature feature, std::string_view construct);
  [[nodiscard]] Verdict check(const Result<void>& result);
  [[nodiscard]] Error failure(const Instruction& in) const;
  [[nodiscard]] std::string describe_fault(WasmOp op) const;
  [[nodiscard]] Error malformed(std::string message, Offset offset) const;

  Context& context_;
  OperandStack stack_;
  LocalTypes locals_;
  PlainRun plain_run_;
  std::span<const StackType> results_;  // of the function
  std::uint32_t allowed_ = 0;           // Context::allowed_mask; 0 in constant expressions
  bool plain_runs_ = true;              // ValidateOptions::plain_runs
  bool constant_ = false;               // judging a constant expression
  std::uint32_t caught_ = 0;       // how many catch and catch_all are around
  std::uint32_t most_caught_ = 0;  // in the function
  std::uint32_t constant_globals_ = 0;  // how many globals it may read
  // What was found of lists of types that are long; see all_match and label_matches.
  static constexpr std::size_t long_list = 16;
  std::set<std::pair<const StackType*, const StackType*>> matching_lists_;
  std::set<const StackType*> matching_labels_;  // of one br_table
  std::optional<Error> failure_;
};

[[nodiscard]] constexpr StackType address_type(AddressType type) {
  return type == AddressType::i64 ? StackType(i64) : StackType(i32);
}

}  // namespace fermata::validation
