// RandomBody: writes the body of one function of a random module.
//
// Well-typed by construction: it keeps the types on WebAssembly's operand stack and the labels that
// are open. `value` leaves one more operand and touches none below; `statement` may consume and
// leave operands down to the floor. Split as the lowering is: control, values, statements.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "lib/binary/instruction_reader.hpp"
#include "tests/support/random_plan.hpp"

namespace fermata::test {

class RandomBody {
 public:
  RandomBody(RandomPlan& plan, std::uint32_t function);

  /// Once.
  [[nodiscard]] Body write();
  [[nodiscard]] const std::vector<LocalRun>& locals() const { return runs_; }

 private:
  /// A block, loop, if, try or the body.
  struct Control {
    ResultType label;        // what a branch to it takes along
    std::size_t height = 0;  // of the operands below it
    bool open = true;        // whether branches may go there
    bool dead = false;       // a branch was the last thing here: operands of any type are there
    std::size_t outer_floor = 0;
    std::vector<std::uint32_t> tags{};  // which a try that is open here catches
    bool has_caught = false;            // a part of a try that rethrow may name
  };

  /// Raises the floor for as long as it lives.
  class Raised {
   public:
    Raised(std::size_t& floor, std::size_t to) : floor_(floor), before_(floor) { floor = to; }
    ~Raised() { floor_ = before_; }
    Raised(const Raised&) = delete;
    Raised& operator=(const Raised&) = delete;

   private:
    std::size_t& floor_;
    std::size_t before_;
  };

  // --- the stack
  void emit(Code code);
  /// An instruction and what it does to the stack.
  void apply(Code code, const ResultType& params, const ResultType& results);
  void apply_op(WasmOp op, const ResultType& params, const ResultType& results,
                std::initializer_list<std::uint32_t> immediates = {});
  void make_nan_alike(WasmOp computed, const ResultType& results);
  void push(const ResultType& types) { stack_.insert(stack_.end(), types.begin(), types.end()); }
  void pop(std::size_t count);
  void drop_to(std::size_t height);
  [[nodiscard]] std::size_t free_operands() const { return stack_.size() - floor_; }
  [[nodiscard]] bool on_top(const ResultType& types) const;
  [[nodiscard]] bool is_spent() const { return budget_ == 0; }
  /// Brings operands of these types to the top: those that lie there already, or new ones.
  void operands(const ResultType& types, int depth);
  /// Makes the operands from `height` up exactly these.
  void leave_exactly(std::size_t height, const ResultType& types);

  // --- locals
  [[nodiscard]] std::uint32_t add_local(ValType type);
  void initialize_locals();
  /// One that may be written; mostly the same one, so that references to it pile up.
  [[nodiscard]] std::optional<std::uint32_t> local_of(ValType type);
  [[nodiscard]] std::uint32_t pointer() { return choices_.pick(pointers_); }

  // --- values (random_values.cpp)
  void value(ValType type, int depth);
  void leaf(ValType type);
  void constant(ValType type) { apply(plan_.constant(type), {}, {type}); }
  void i32_constant(std::int32_t number) { apply(i32_const(number), {}, {i32}); }
  void number(ValType type, int depth);
  void numeric(ValType type, int depth);
  void chain(ValType type);
  void load_or_leaf(ValType type);
  void guarded(const NumericOp& op, int depth);
  void wide(int depth);
  void reference(ValType type, int depth);
  void non_null_or_null(ValType type, int depth);
  void condition(int depth);
  void sum(int depth);
  void shifted_sum(int depth);
  [[nodiscard]] ValType address_type(std::uint32_t memory) const;
  void as_address(std::uint32_t memory);
  void address_in(std::uint32_t memory, int depth);
  void address(int depth);
  [[nodiscard]] std::uint64_t access_offset(std::uint32_t memory);
  void load_value(ValType type, int depth);
  void select_value(ValType type, int depth);
  void teed(ValType type, int depth);
  void pending(ValType type, int depth);
  void combine(ValType type);
  void block_value(ValType type, int depth);
  void if_value(ValType type, int depth);
  void called_value(ValType type, int depth);
  void carried(ValType type, int depth);
  void state_value(ValType type);

  // --- vectors (random_vectors.cpp)
  void vector_op(WasmOp chosen, std::string_view params, const ResultType& results, int depth);
  void vector(int depth);
  void of_vector(ValType type, int depth);
  void store_vector(int depth);

  // --- atomics (random_atomics.cpp)
  void aligned_address(std::uint32_t memory, int depth);
  void atomic_op(WasmOp chosen, std::uint32_t memory, const ResultType& results, int depth);
  void atomic_value(ValType type, int depth);
  void atomic_statement(int depth);
  void wait(std::uint32_t memory, int depth);

  // --- objects (random_objects.cpp)
  void object(HeapType heap, int depth);
  void object(TypeIdx type, int depth);
  [[nodiscard]] std::uint32_t scratch(ValType type);
  void new_object(ValType type, int depth);
  void new_struct(TypeIdx type, int depth);
  void new_array(TypeIdx type, int depth);
  void array_length(int depth);
  void segment_part(const SegmentPart& part, int depth);
  void of_object(ValType type, int depth);
  void element(const Place& place, int depth);
  void if_longer(std::uint32_t array, const ResultType& results);
  void otherwise();
  void question(int depth);
  [[nodiscard]] ValType any_object_type();
  [[nodiscard]] ValType any_function_type();
  void perhaps(ValType type, int depth);
  void cast_value(ValType type, int depth);
  void cast_function(int depth);
  void cast_branch_statement(int depth);
  void object_reference(ValType type, int depth);
  void object_statement(int depth);
  void set_field(int depth);
  void set_element(int depth);
  void set_elements(int depth);
  void make_many();
  void change_elements(TypeIdx type, int depth);

  // --- exceptions (random_exceptions.cpp)
  [[nodiscard]] std::uint32_t any_tag();
  void throw_tag(std::uint32_t tag, int depth);
  void throw_statement(int depth);
  void throw_kept(int depth);
  [[nodiscard]] bool is_caught(std::optional<std::uint32_t> tag) const;
  [[nodiscard]] std::optional<std::uint32_t> any_rethrown();
  void new_exception(int depth);
  [[nodiscard]] CatchClause any_clause();
  [[nodiscard]] std::optional<CatchClause> clause_for(ResultType types, std::uint32_t label);
  void add_clauses(std::vector<CatchClause>& clauses, std::uint32_t most);
  void inside_try(const ResultType& results, int depth);
  void try_table(const ResultType& results, int depth);
  void keep_exception();
  [[nodiscard]] std::uint32_t any_delegate();
  void legacy_try(const ResultType& results, int depth);
  void catch_part(Code code, const ResultType& caught, const ResultType& results, int depth);
  void some_try(const ResultType& results, int depth);

  // --- control (random_control.cpp)
  [[nodiscard]] Code opening(WasmOp op, const ResultType& params, const ResultType& results);
  [[nodiscard]] ResultType take_params();
  void open_control(const ResultType& label, const ResultType& params, bool open = true);
  void close_control(const ResultType& results);
  void leave_control(const ResultType& results);
  /// Statements, then the results.
  void inside(std::uint32_t most, const ResultType& results, int depth);
  void block_statement(int depth);
  void if_statement(int depth);
  void loop_statement(int depth);
  void counting_loop(int depth);
  void switch_statement(int depth);
  void branch_statement(int depth);
  void null_branch_statement(int depth);
  void leave(int depth);
  void table_branch(int depth);
  void dead_code(int depth);
  void spend_fuel();
  [[nodiscard]] std::uint32_t any_label();
  [[nodiscard]] const ResultType& label_types(std::uint32_t depth) const;
  void call_function(std::uint32_t function, int depth);
  void call_table(int depth);
  void function_reference(std::uint32_t function);
  void call_reference(int depth);
  void tail_call(int depth);

  // --- statements (random_statements.cpp)
  void statements(std::uint32_t count, int depth);
  void statement(int depth);
  void control_statement(std::uint32_t kind, int depth);
  void set_some(int depth);
  void set_global(int depth);
  void store_value(int depth);
  void update_memory(int depth);
  void copy_memory();
  void pointer_in(std::uint32_t memory);
  void bump_pointer();
  void swap_locals();
  void stack_frame();
  void consume();
  void memory_statement(int depth);
  void table_statement(int depth);
  void bounded(std::uint32_t limit);

  RandomPlan& plan_;
  Choices& choices_;
  std::uint32_t function_;
  FuncType type_;
  std::vector<ValType> locals_;
  std::vector<bool> fixed_;               // by local: only its own code writes it
  std::vector<std::uint32_t> pointers_;   // locals that hold small addresses
  std::vector<std::uint32_t> scratches_;  // locals that only hold something for the moment
  std::vector<LocalRun> runs_;
  std::vector<ValType> stack_;
  std::vector<Control> controls_;
  std::size_t floor_ = 0;       // operands below are somebody else's
  std::uint32_t counting_ = 0;  // open counting loops
  std::size_t budget_ = 0;      // instructions that may still be written freely
  Body body_;
};

}  // namespace fermata::test
