// Lowerer: one pass over a validated function that makes its register code.
//
// Each instruction has one rule (rules.cpp). They are split by families: lower_control,
// lower_numeric, lower_memory, lower_atomic, lower_vector, lower_variable (which also has
// references and tables). Input is validated, so rules are asserted, not checked. Deterministic:
// lowering again with questions (Query) finds what paused frames mean.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "interp/lower/code.hpp"
#include "interp/lower/emitter.hpp"
#include "interp/lower/forms.hpp"
#include "interp/lower/frame_layout.hpp"
#include "interp/lower/fuel_sites.hpp"
#include "interp/lower/handler_table.hpp"
#include "interp/lower/object_type.hpp"
#include "interp/lower/operands.hpp"
#include "interp/lower/root_map.hpp"
#include "lib/binary/instruction_reader.hpp"

namespace fermata {

/// A place in register code to be explained in WebAssembly's terms.
struct Query {
  enum class Kind : std::uint8_t {
    returning,   ///< `word` is where a call returns to
    at,          ///< `word` begins an instruction: offset only, the operands are not known
    safe_point,  ///< `word` begins a loop, which then is the answer, or the function, or in debug
                 ///< lowering any instruction
  };
  Kind kind = Kind::at;
  std::uint32_t word = 0;
  friend auto operator<=>(const Query&, const Query&) = default;
};

struct Answer {
  std::uint32_t offset = 0;       ///< byte offset of the WebAssembly instruction
  std::vector<Operand> operands;  ///< where each is, bottom first
  std::uint32_t caught = 0;       ///< how many catch and catch_all are around it
  /// Of an answer to Query::Kind::at in metered code: fuel that is charged there for more than the
  /// instruction's block.
  std::int64_t overcharge = 0;
};

/// The other way: how a frame stands at a WebAssembly instruction, to be found in register code.
struct Stand {
  Query::Kind kind = Query::Kind::at;
  std::uint32_t offset = 0;  ///< byte offset of the instruction
  friend auto operator<=>(const Stand&, const Stand&) = default;
};

struct Standing {
  std::optional<std::uint32_t> word;  ///< none: no frame of the function stands like that
  Answer answer;                      ///< operands of all but `Kind::at`
};

/// Which WebAssembly instruction made the register code from `word` on.
struct Origin {
  std::uint32_t word = 0;
  std::uint32_t offset = 0;
};

class Lowerer {
 public:
  /// Keeps its buffers from one function to the next.
  explicit Lowerer(CodeCache& cache) : cache_(cache), module_(cache.module()) {}

  /// The function's code, in pairs where there are any; valid until the next call.
  [[nodiscard]] const std::vector<Word>& lower(FuncIdx function);
  enum class Detail : std::uint8_t { offsets, operands };
  /// The last answer to each query that matches it, all of them in one pass. Precondition: the
  /// queries ascend, each stands there once, and their places exist.
  [[nodiscard]] std::vector<Answer> explain(FuncIdx function, std::span<const Query> queries,
                                            Detail detail);
  /// Where frames stand, all of them in one pass: a call's is behind it, and a safe point is a
  /// loop, the function's begin or, in debug lowering, any instruction. Precondition: the stands
  /// ascend, each is there once.
  [[nodiscard]] std::vector<Standing> locate(FuncIdx function, std::span<const Stand> stands);
  /// Lowers the function; where all its instructions come from, ascending.
  [[nodiscard]] std::vector<Origin> origins(FuncIdx function);
  /// What the function that was lowered last catches; null when that is nothing.
  [[nodiscard]] std::unique_ptr<const HandlerTable> take_handlers();
  /// What was lowered last by `lower` or `origins`.
  [[nodiscard]] const std::vector<Word>& code() const { return emitter_.code(); }
  /// Where its frames keep references to the heap.
  [[nodiscard]] RootMap roots(FuncIdx function);
  /// Where branches to the function's loops go, with each loop's offset, ascending.
  [[nodiscard]] std::vector<Origin> loops(FuncIdx function);

  [[nodiscard]] const FrameLayout& layout() const { return layout_; }

 private:
  /// A block, loop, if or the function's body, in lowering.
  struct Label {
    WasmOp op{};
    BlockType type;
    std::uint32_t height = 0;  // operands below the parameters
    std::uint32_t slot = 0;    // of the first parameter, and of the first result
    std::uint32_t start = 0;   // loop: where its branches go
    PatchList branches = no_patches;
    PatchList else_branch = no_patches;
    FuelSites::Join join = FuelSites::none;      // in metered code: of branches to its end
    FuelPoint if_point;                          // likewise: of an if, where else_branch leaves
    std::uint32_t clauses = HandlerTable::none;  // catch clauses that go on behind it
    std::uint32_t region = HandlerTable::none;   // try, try_table: its own
    std::uint32_t region_around = HandlerTable::none;
    std::uint32_t caught = 0;  // catch and catch_all: the exception's slot
  };
  /// The last instruction, turned into a condition for a branch.
  struct Condition {
    Op when_true{}, when_false{};
    std::uint32_t field_a = 0;
    bool has_second = false;
    Word second = 0;
  };
  struct Address {
    enum class Kind : std::uint8_t { slot, acc, constant, sum, indexed, indexed_acc } kind{};
    std::uint32_t base = 0;   // slot
    std::uint32_t index = 0;  // slot
    std::uint32_t extra = 0;  // sum: what is added; indexed: the shift
    std::uint64_t constant = 0;
  };

  /// Lowers one instruction.
  using Rule = void (Lowerer::*)(const Instruction&);
  using Rules = std::array<Rule, wasm_op_count>;
  [[nodiscard]] static constexpr Rule vector_rule(Layout layout);
  struct RuleTable;  // rules.cpp
  static constexpr void add_numeric_rules(RuleTable& rules);
  static constexpr void add_control_rules(RuleTable& rules);
  static constexpr void add_variable_rules(RuleTable& rules);
  static constexpr void add_object_rules(RuleTable& rules);
  static constexpr void add_memory_rules(RuleTable& rules);
  static constexpr void add_atomic_rules(RuleTable& rules);
  [[nodiscard]] static constexpr Rules make_rules();
  static const Rules rules_;  // by WasmOp; null for what this build does not execute

  void run(FuncIdx function);
  void apply_rule(const Instruction& in) { (this->*rules_[static_cast<std::size_t>(in.op)])(in); }
  void skip_unreachable(const Instruction& in);
  void settle_for_debugger();
  void note_origin();
  void safe_point(Query::Kind kind);
  [[nodiscard]] Answer answer_here() const;
  void note_standing(Query::Kind kind);
  void find_origins(std::span<const Origin> origins, std::span<const Stand> stands);

  // --- fuel ---
  void charge_for(WasmOp op);
  void end_fuel_block();
  [[nodiscard]] FuelSites::Join join_of(Label& label);
  void link_condition(Label& label, std::uint32_t at);
  void land_branches(Label& label, bool falls_through);

  // --- operands ---
  [[nodiscard]] std::uint32_t slot_of(const Operand& operand) const;
  [[nodiscard]] bool in_acc(const Operand& operand) const;
  [[nodiscard]] bool immediate(const Operand& operand) const;
  void emit_constant(std::uint32_t slot, std::uint64_t bits);
  void emit_copy(std::uint32_t to, std::uint32_t from, ValType type);
  /// Moves the operand's value into `slot`.
  void emit_into(std::uint32_t slot, const Operand& operand);
  /// A popped operand's slot; a constant is written to its own slot first.
  [[nodiscard]] std::uint32_t settled_slot(const Operand& operand);
  /// Computes a popped sum into its own slot; anything else stays what it is.
  void compute_sum(Operand& operand);
  /// Settles the operands from index `first` up, constants too.
  void settle_from(std::uint32_t first);
  /// Settles all that lie in locals; constants may stay.
  void settle_locals();
  /// Before the local changes.
  void preserve(std::uint32_t local);
  void push_result(ValType type) { operands_.push_slot(type); }

  // --- control ---
  void nop(const Instruction&) {}
  void unreachable(const Instruction& in);
  void begin_block(const Instruction& in);
  void begin_loop(const Instruction& in);
  void begin_if(const Instruction& in);
  void push_label(const Instruction& in);
  void begin_else(const Instruction& in);
  void end_block(const Instruction& in);
  void end_function();
  void reset_to(const Label& label, std::span<const ValType> types);
  [[nodiscard]] const FuncType& func_type_at(std::uint32_t type) const {
    return std::get<FuncType>(module_.data.types[type].composite);
  }
  [[nodiscard]] std::span<const ValType> params(const Label& label) const;
  [[nodiscard]] std::span<const ValType> results(const Label& label) const;
  [[nodiscard]] std::span<const ValType> branch_types(const Label& label) const;
  [[nodiscard]] Label& label(std::uint32_t depth) { return labels_[labels_.size() - 1 - depth]; }
  [[nodiscard]] bool is_function(const Label& label) const { return &label == labels_.data(); }
  [[nodiscard]] bool displaced(const Label& label) const;
  void branch(const Instruction& in);
  void branch_if(const Instruction& in);
  void br_on_null(const Instruction& in);
  void br_on_non_null(const Instruction& in);
  void settle_for(const Label& target);
  void branch_when(Label& target, const Condition& condition);
  [[nodiscard]] Condition is_null(const Operand& reference);
  void push_again(const Operand& operand, ValType type);
  void branch_table(const Instruction& in);
  void emit_moves(const Label& label);
  void emit_jump(Label& label, bool conditional);
  void emit_branch_to(Label& label);
  void link(Label& label, std::uint32_t at);
  [[nodiscard]] Condition condition(Operand operand);
  [[nodiscard]] std::optional<Condition> fused_condition(const Operand& operand);
  [[nodiscard]] Condition negated_condition(const Operand& operand, Op eqz, std::uint32_t from);
  [[nodiscard]] std::uint32_t emit_condition(const Condition& condition, bool sense);
  void return_from(const Instruction& in);
  void emit_return();
  void emit_return_one(const Operand& operand);
  void call(const Instruction& in);
  void call_indirect(const Instruction& in);
  void finish_call(const FuncType& type, Op op, std::uint32_t index, Word second);
  void call_ref(const Instruction& in);
  void return_call(const Instruction& in);
  void return_call_indirect(const Instruction& in);
  void return_call_ref(const Instruction& in);
  void finish_tail_call(const FuncType& type, Op op, Word second);
  void set_unreachable();

  // --- exceptions ---
  [[nodiscard]] std::uint32_t open_region() const;
  void note_region();
  void begin_region();
  void end_region();
  HandlerTable::Clause& add_clause(std::uint32_t to);
  [[nodiscard]] std::span<const ValType> tag_values(std::uint32_t tag) const;
  void begin_try_table(const Instruction& in);
  void catch_for_label(const CatchClause& clause);
  void begin_try(const Instruction& in);
  void begin_catch(const Instruction& in);
  void delegate(const Instruction& in);
  void rethrow(const Instruction& in);
  [[nodiscard]] std::uint32_t region_inside(const Label& label) const;
  void end_handlers(const Label& label);
  void land_clauses(const Label& label);
  void return_caught();
  void throw_(const Instruction& in);
  void throw_ref(const Instruction& in);

  // --- numeric ---
  void binary(const Instruction& in);
  [[nodiscard]] bool deferred_sum(const Operand& left, const Operand& right);
  void unary(const Instruction& in);
  void emit_unary(ValType type, Op from_slot, Op from_acc);
  void canonicalize(WasmOp op);
  [[nodiscard]] bool add_shifted(const Operand& left, const Operand& right);
  void reinterpret(const Instruction& in);
  void wide_arithmetic(const Instruction& in);

  // --- memory ---
  void memory_size(const Instruction& in);
  void memory_grow(const Instruction& in);
  void memory_fill(const Instruction& in);
  void memory_copy(const Instruction& in);
  void memory_init(const Instruction& in);
  void data_drop(const Instruction& in);
  void load(const Instruction& in);
  void store(const Instruction& in);
  [[nodiscard]] bool is_common(const MemArg& access) const;
  void load_elsewhere(const Instruction& in);
  void store_elsewhere(const Instruction& in);
  [[nodiscard]] Address address(Operand operand);
  [[nodiscard]] bool fits_in_store(const Operand& value) const;
  void store_to(const Forms& f, const Address& at, const Operand& value, std::uint64_t offset);
  [[nodiscard]] bool store_constant(const Forms& f, const Address& at, const Operand& value,
                                    std::uint64_t offset);
  [[nodiscard]] std::optional<Address> fused_address(const Operand& operand);
  void three_operands(Op op, Word second, std::array<bool, 3> wide_indices = {});
  void bulk_in_pieces(Op op, Word second);

  // --- atomics ---
  void atomic_access(const Instruction& in);
  void atomic_wait(const Instruction& in);
  void atomic_notify(const Instruction& in);

  // --- vectors ---
  void emit_value(ValType type, Word word);
  void emit_value(ValType type, Word word, Word second);
  void vector_constant(const Instruction& in);
  void vector_operation(const Instruction& in);
  void vector_shift(const Instruction& in);
  void vector_extract(const Instruction& in);
  void vector_replace(const Instruction& in);
  void vector_shuffle(const Instruction& in);
  void vector_load(const Instruction& in);
  void vector_load_lane(const Instruction& in);
  void vector_store_lane(const Instruction& in);

  // --- variables, references, tables ---
  void local_get(const Instruction& in);
  void local_set(const Instruction& in);
  void local_tee(const Instruction& in);
  void set_local(std::uint32_t local, bool keep);
  void global_get(const Instruction& in);
  void global_set(const Instruction& in);
  void constant(const Instruction& in);
  void drop(const Instruction& in);
  void select(const Instruction& in);
  void ref_null(const Instruction& in);
  void ref_func(const Instruction& in);
  void ref_as_non_null(const Instruction& in);
  void ref_is_null(const Instruction& in);
  [[nodiscard]] bool is_64_bit(std::uint32_t table) const {
    return module_.tables[table].address == AddressType::i64;
  }
  [[nodiscard]] std::uint32_t index_slot(const Operand& operand, bool is_64_bit);
  void table_get(const Instruction& in);
  void table_set(const Instruction& in);
  void table_size(const Instruction& in);
  void table_grow(const Instruction& in);
  void table_fill(const Instruction& in);
  void table_copy(const Instruction& in);
  void table_init(const Instruction& in);
  void elem_drop(const Instruction& in);

  // --- structs, arrays, i31, casts ---
  [[nodiscard]] const ObjectType& object_type(std::uint32_t type) const;
  [[nodiscard]] const FieldType& field_of(const Instruction& in) const;
  void struct_new(const Instruction& in);
  void struct_get(const Instruction& in);
  void struct_set(const Instruction& in);
  void array_new(const Instruction& in);
  void array_get(const Instruction& in);
  void array_set(const Instruction& in);
  void array_len(const Instruction& in);
  void array_many(const Instruction& in);
  void allocate(Op op, std::uint32_t operands, std::uint32_t type, const Word* third = nullptr);
  void ref_eq(const Instruction& in);
  void ref_i31(const Instruction& in);
  void i31_get(const Instruction& in);
  void convert_reference(const Instruction& in);
  void ref_test(const Instruction& in);
  void ref_cast(const Instruction& in);
  void br_on_cast(const Instruction& in);
  /// What a reference is asked to be, and the instructions that ask.
  struct Wanted {
    Op test{}, cast{}, branch{}, branch_not{};
    Word word = 0;
  };
  [[nodiscard]] Wanted wanted(HeapType type, bool nullable) const;

  CodeCache& cache_;
  const ModuleImpl& module_;
  FrameLayout layout_;
  Emitter emitter_;
  FuelSites fuel_{emitter_};
  OperandStack operands_;
  std::vector<Label> labels_;
  HandlerTable handlers_;
  std::vector<std::uint32_t> open_regions_;  // of handlers_, the innermost last
  std::uint32_t caught_ = 0;                 // how many catch and catch_all are around
  const FuncType* type_ = nullptr;
  std::uint32_t offset_ = 0;  // of the instruction being lowered
  bool unreachable_ = false;
  std::uint32_t skipped_blocks_ = 0;  // open ones in unreachable code

  std::span<const Query> queries_;         // ascending
  std::vector<Answer> answers_;            // one for each
  std::vector<FuelPoint> fuel_points_;     // likewise, in metered code: where the block ends
  std::vector<std::size_t> open_answers_;  // of the block that is being lowered
  FuelPoint charged_;                      // of the instruction that is being lowered
  Detail detail_{};
  std::span<const Stand> stands_;    // ascending
  std::vector<Standing> standings_;  // one for each
  std::uint32_t last_pause_ =
      0;  // the word where the last loop begins, or the function behind its charge
  std::vector<Origin> loops_;
  std::vector<Origin>* origins_ = nullptr;
};

/// Of an access, no longer than handlers can add to an address without overflow: what is longer
/// lies in no memory.
[[nodiscard]] constexpr std::uint64_t offset_of(const MemArg& access) {
  return std::min(access.offset, std::uint64_t{1} << 62);
}

/// Of an address of a memory or an index of a table.
[[nodiscard]] constexpr ValType type_of(AddressType type) {
  return type == AddressType::i64 ? i64 : i32;
}

/// Of an instruction whose signature ends with it.
[[nodiscard]] inline ValType result_type(WasmOp op) { return {kind_of(info(op).signature.back())}; }

/// The accumulator of a type; nothing for references.
[[nodiscard]] std::optional<Acc> acc_of(ValType type);

}  // namespace fermata
