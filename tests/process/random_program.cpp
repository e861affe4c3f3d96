// Writes function bodies instruction by instruction, with the operand stack's types at hand.
#include "tests/process/random_program.hpp"

#include <algorithm>
#include <random>
#include <string_view>

namespace fermata::test {
namespace {

constexpr std::uint32_t function_count = 5;

struct NumericOp {
  WasmOp op;
  ResultType params;
  ValType result;
  bool may_trap;
};

ValType type_of(char letter) { return {kind_of(letter)}; }

/// All instructions from numbers to one number.
const std::vector<NumericOp>& numeric_ops() {
  static const auto ops = [] {
    std::vector<NumericOp> found;
    for (std::size_t i = 0; i < wasm_op_count; ++i) {
      const auto id = static_cast<WasmOp>(i);
      const WasmOpInfo& row = info(id);
      const std::string_view signature = row.signature;
      if (row.immediate != Immediate::none ||
          signature.find_first_not_of("ilfd:") != signature.npos)
        continue;
      if (signature.size() < 3 || signature[signature.size() - 2] != ':') continue;
      NumericOp numeric{id, {}, type_of(signature.back()), false};
      for (const char letter : signature.substr(0, signature.size() - 2)) {
        numeric.params.push_back(type_of(letter));
      }
      const std::string_view name = row.text;
      const bool integer = name[0] == 'i';
      numeric.may_trap =
          integer && (name.find(".div") != name.npos || name.find(".rem") != name.npos ||
                      (name.find(".trunc_f") != name.npos));
      found.push_back(numeric);
    }
    return found;
  }();
  return ops;
}

struct Program {
  std::mt19937_64 random;
  std::vector<FuncType> types;  // of all functions, imported ones first
  std::uint32_t imported = 0;
  std::vector<GlobalType> globals;
  TypeIdx table_type{};

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  ValType any_type() { return std::array{i32, i32, i64, f32, f64}[below(5)]; }
  ResultType any_types(std::uint32_t most) {
    ResultType types_(below(most + 1));
    for (ValType& type : types_) type = any_type();
    return types_;
  }
};

class BodyWriter {
 public:
  BodyWriter(Program& program, ModuleBuilder& module, std::uint32_t function)
      : program_(program), module_(module), function_(function), type_(program.types[function]) {
    locals_ = type_.params;
    for (std::uint32_t i = program.below(5); i > 0; --i) add_local(program.any_type());
  }

  Body write() {
    labels_.push_back(type_.results);
    stacks_.emplace_back();
    steps(12 + program_.below(30));
    leave_exactly(type_.results);
    return std::move(body_);
  }
  [[nodiscard]] const std::vector<LocalRun>& runs() const { return runs_; }

 private:
  std::vector<ValType>& stack() { return stacks_.back(); }
  void emit(Code code) { body_.push_back(std::move(code)); }
  std::uint32_t add_local(ValType type) {
    locals_.push_back(type);
    runs_.push_back({1, type});
    return static_cast<std::uint32_t>(locals_.size() - 1);
  }

  void pop(std::size_t count) { stack().resize(stack().size() - count); }
  void push(const ResultType& types) { stack().insert(stack().end(), types.begin(), types.end()); }
  bool on_top(const ResultType& types) {
    return stack().size() >= types.size() &&
           std::equal(types.begin(), types.end(),
                      stack().end() - static_cast<std::ptrdiff_t>(types.size()));
  }

  void constant(ValType type) {
    const std::uint64_t bits = program_.random();
    const auto small = static_cast<std::int32_t>(bits % 20) - 5;
    const bool is_small = program_.chance(70);
    if (type == i32) emit(i32_const(is_small ? small : static_cast<std::int32_t>(bits)));
    if (type == i64) emit(i64_const(is_small ? small : static_cast<std::int64_t>(bits)));
    if (type == f32) emit(f32_const(static_cast<float>(small) / 4));
    if (type == f64) emit(f64_const(static_cast<double>(small) / 8));
    stack().push_back(type);
  }

  std::optional<std::uint32_t> local_of(ValType type) {
    for (int attempt = 0; attempt < 4 && !locals_.empty(); ++attempt) {
      const std::uint32_t i = program_.below(static_cast<std::uint32_t>(locals_.size()));
      if (locals_[i] == type && !std::ranges::count(counters_, i)) return i;
    }
    return {};
  }

  void value(ValType type) {
    const auto local = local_of(type);
    if (!local || program_.chance(40)) return constant(type);
    emit(local_get(*local));
    stack().push_back(type);
  }
  /// Brings values of these types to the top: those that lie there already, or new ones.
  void operands(const ResultType& types) {
    if (program_.chance(50) && on_top(types)) return;
    for (const ValType type : types) value(type);
  }
  /// Makes the stack of the innermost block exactly these.
  void leave_exactly(const ResultType& types) {
    if (stack() == types) return;
    for (; !stack().empty(); stack().pop_back()) emit(drop());
    for (const ValType type : types) value(type);
  }

  void steps(std::uint32_t count) {
    for (; count > 0 && body_.size() < 600; --count) step();
  }

  void step() {
    switch (program_.below(20)) {
      case 0:
        return constant(program_.any_type());
      case 1:
      case 2:
        return value(program_.any_type());
      case 3:
      case 4:
      case 5:
      case 6:
        return numeric();
      case 7:
        return set_local();
      case 8:
        return load_value();
      case 9:
        return store_value();
      case 10:
      case 11:
        return call_some(program_.below(program_.imported));
      case 12:
        return call_later();
      case 13:
        return program_.chance(30) ? catching_block() : block_of();
      case 14:
        return branch_out();
      case 15:
        return global_access();
      case 16:
        return select_some();
      case 17:
        return memory_some();
      case 18:
        return program_.chance(20) ? throw_some() : indirect();
      default:
        return count_down();
    }
  }

  void numeric() {
    const auto& ops = numeric_ops();
    for (int attempt = 0; attempt < 20; ++attempt) {
      const NumericOp& chosen = ops[program_.below(static_cast<std::uint32_t>(ops.size()))];
      if (chosen.may_trap && program_.chance(90)) continue;
      if (attempt < 15 && !on_top(chosen.params)) continue;
      operands(chosen.params);
      emit(op(chosen.op));
      pop(chosen.params.size());
      stack().push_back(chosen.result);
      return;
    }
  }

  void set_local() {
    if (stack().empty()) return;
    const auto local = local_of(stack().back());
    if (!local) return;
    if (program_.chance(40)) return emit(local_tee(*local));
    emit(local_set(*local));
    stack().pop_back();
  }

  void address() {
    operands({i32});
    if (program_.chance(97)) {
      emit(i32_const(0xfff));
      emit(op(WasmOp::i32_and));
    }
  }
  void load_value() {
    static constexpr std::array loads{
        WasmOp::i32_load,    WasmOp::i64_load,     WasmOp::f32_load,     WasmOp::f64_load,
        WasmOp::i32_load8_s, WasmOp::i32_load16_u, WasmOp::i64_load32_s, WasmOp::i64_load8_u};
    const WasmOp chosen = loads[program_.below(loads.size())];
    address();
    emit(load(chosen, program_.below(64)));
    stack().back() = type_of(info(chosen).signature.back());
  }
  void store_value() {
    static constexpr std::array stores{WasmOp::i32_store,   WasmOp::i64_store,  WasmOp::f32_store,
                                       WasmOp::f64_store,   WasmOp::i32_store8, WasmOp::i32_store16,
                                       WasmOp::i64_store32, WasmOp::i64_store16};
    const WasmOp chosen = stores[program_.below(stores.size())];
    address();
    value(type_of(info(chosen).signature[1]));
    emit(store(chosen, program_.below(64)));
    pop(2);
  }

  void call_some(std::uint32_t function) {
    const FuncType type = program_.types[function];
    operands(type.params);
    emit(call(function));
    pop(type.params.size());
    push(type.results);
  }
  void call_later() {
    const auto count = static_cast<std::uint32_t>(program_.types.size());
    if (function_ + 1 >= count || !counters_.empty() || calls_ == 3) return;
    ++calls_;
    call_some(function_ + 1 + program_.below(count - function_ - 1));
  }
  /// Of the table only the last function's type is called: it is not called by itself so.
  void indirect() {
    if (function_ + 1 >= program_.types.size() || !counters_.empty() || calls_ == 3) return;
    ++calls_;
    const FuncType type = program_.types.back();
    for (const ValType param : type.params) value(param);
    emit(i32_const(program_.chance(95) ? 1 : static_cast<std::int32_t>(program_.below(5))));
    emit(call_indirect(program_.table_type));
    pop(type.params.size());
    push(type.results);
  }

  /// A block or an if that takes what lies on the stack and leaves something.
  void block_of() {
    if (labels_.size() > 4) return;
    const bool is_if = program_.chance(50);
    const ResultType results = program_.any_types(2);
    if (is_if) {
      operands({i32});
      stack().pop_back();
    }
    ResultType params;
    for (std::uint32_t n = program_.below(3); n > 0 && params.size() < stack().size(); --n) {
      params.insert(params.begin(), stack()[stack().size() - 1 - params.size()]);
    }
    const TypeIdx type = module_.type(params, results);
    pop(params.size());
    emit(is_if ? if_(type) : block(type));
    arm(params, results);
    if (is_if) {
      emit(else_());
      arm(params, results);
    }
    emit(end());
    push(results);
  }
  void arm(const ResultType& params, const ResultType& results) {
    labels_.push_back(results);
    stacks_.push_back(params);
    steps(program_.below(8));
    if (program_.chance(10)) {
      leave();
    } else {
      leave_exactly(results);
    }
    stacks_.pop_back();
    labels_.pop_back();
  }
  /// (block (result VALUES) (try_table (result VALUES) (catch 0 0) ...))
  void catching_block() {
    if (labels_.size() > 4) return;
    const ResultType& values = random_tag_values;
    const TypeIdx type = module_.type({}, values);
    const Code clauses = raw({1, 0, 0, 0});
    emit(block(type));
    emit({concat({op(WasmOp::try_table).bytes, leb_s(type.value), clauses.bytes})});
    labels_.push_back(values);
    ++catching_;
    arm({}, values);
    --catching_;
    labels_.pop_back();
    emit(end());
    emit(end());
    push(values);
  }
  /// Where nothing catches it in the function, rarely.
  void throw_some() {
    if (catching_ == 0 && program_.chance(70)) return;
    value(i32);
    emit(i32_const(static_cast<std::int32_t>(program_.below(8))));
    emit(op(WasmOp::i32_eq));
    pop(1);
    emit(if_());
    stacks_.emplace_back();
    for (const ValType type : random_tag_values) value(type);
    emit(op(WasmOp::throw_, {0}));
    stacks_.pop_back();
    emit(end());
  }
  /// Ends a block by a jump out of it, with code behind that is never reached.
  void leave() {
    const bool out = program_.chance(30);
    const std::uint32_t label = program_.below(static_cast<std::uint32_t>(labels_.size()));
    const ResultType types = out ? type_.results : labels_[labels_.size() - 1 - label];
    for (const ValType type : types) value(type);
    emit(out ? return_() : br(label));
    if (program_.chance(50)) {
      emit(i32_const(1));
      emit(op(WasmOp::i32_eqz));
      emit(drop());
    }
    if (program_.chance(20)) emit(unreachable());
  }

  void branch_out() {
    const auto label = program_.below(static_cast<std::uint32_t>(labels_.size()));
    const ResultType types = labels_[labels_.size() - 1 - label];
    operands(types);
    if (program_.chance(70)) {
      value(i32);
      if (program_.chance(60)) {
        value(i32);
        emit(op(program_.chance(50) ? WasmOp::i32_lt_s : WasmOp::i32_eq));
        stack().pop_back();
      }
      stack().pop_back();
      return emit(br_if(label));
    }
    // A table in a block of its own, so that code goes on behind it.
    const TypeIdx type = module_.type(types, types);
    emit(block(type));
    emit(local_get(0));
    emit(i32_const(3));
    emit(op(WasmOp::i32_and));
    emit(br_table({0, label + 1}, 0));
    emit(end());
  }

  void global_access() {
    const std::uint32_t i = program_.below(static_cast<std::uint32_t>(program_.globals.size()));
    const ValType type = program_.globals[i].value;
    if (program_.chance(50)) {
      emit(global_get(i));
      stack().push_back(type);
    } else {
      operands({type});
      emit(global_set(i));
      stack().pop_back();
    }
  }

  void select_some() {
    const ValType type = program_.any_type();
    value(type);
    value(type);
    value(i32);
    emit(program_.chance(50) ? op(WasmOp::select) : select_t({type}));
    pop(2);
  }

  void memory_some() {
    switch (program_.below(4)) {
      case 0:
        emit(op(WasmOp::memory_size, {0}));
        break;
      case 1:
        emit(i32_const(program_.chance(50) ? 0 : 1));
        emit(op(WasmOp::memory_grow, {0}));
        break;
      default:
        emit(i32_const(static_cast<std::int32_t>(program_.below(200))));
        emit(i32_const(static_cast<std::int32_t>(program_.below(200))));
        emit(i32_const(static_cast<std::int32_t>(program_.below(100))));
        emit(program_.chance(50) ? op(WasmOp::memory_fill, {0}) : op(WasmOp::memory_copy, {0, 0}));
        return;
    }
    stack().push_back(i32);
  }

  /// loop ... (br_if 0 (local.tee $c (i32.sub (local.get $c) (i32.const 1))))
  void count_down() {
    if (counters_.size() == 2 || labels_.size() > 4) return;
    const std::uint32_t counter = add_local(i32);
    counters_.push_back(counter);
    emit(i32_const(static_cast<std::int32_t>(1 + program_.below(3))));
    emit(local_set(counter));
    emit(loop());
    labels_.emplace_back();
    stacks_.emplace_back();
    // Behind the loop's label nothing jumps back but the counter.
    const auto hidden = std::move(labels_);
    labels_ = {ResultType{}};
    emit(block());
    stacks_.emplace_back();
    steps(program_.below(8));
    leave_exactly({});
    stacks_.pop_back();
    emit(end());
    labels_ = hidden;
    emit(local_get(counter));
    emit(i32_const(1));
    emit(op(WasmOp::i32_sub));
    emit(local_tee(counter));
    emit(br_if(0));
    emit(end());
    stacks_.pop_back();
    labels_.pop_back();
    counters_.pop_back();
  }

  Program& program_;
  ModuleBuilder& module_;
  std::uint32_t function_;
  FuncType type_;
  std::vector<ValType> locals_;
  std::vector<LocalRun> runs_;
  std::vector<std::vector<ValType>> stacks_;  // of each open block
  std::vector<ResultType> labels_;            // outermost first
  std::vector<std::uint32_t> counters_;       // of the open loops
  std::uint32_t calls_ = 0;
  std::uint32_t catching_ = 0;  // open blocks that catch
  Body body_;
};

void add_host_functions(Program& program, ModuleBuilder& module) {
  program.types = {{{}, {}}, {{i32}, {i32}}, {{i64, f64}, {i64}}, {{f32, i32, i32}, {f32, i32}}};
  program.imported = static_cast<std::uint32_t>(program.types.size());
  for (const FuncType& type : program.types) {
    module.import_func("host", "f", module.type(type.params, type.results));
  }
}

void add_state(Program& program, ModuleBuilder& module) {
  module.memory(1, 3);
  module.export_memory("memory");
  const ResultType& values = random_tag_values;
  module.export_tag(random_tag_name, module.tag(module.type(values, {})));
  program.globals = {{i32, true}, {i64, true}, {f32, true}, {f64, true}};
  module.global(program.globals[0], {i32_const(-1)});
  module.global(program.globals[1], {i64_const(7)});
  module.global(program.globals[2], {f32_const(1.5F)});
  module.global(program.globals[3], {f64_const(-0.25)});
  module.export_global("g0", GlobalIdx{0});
  module.export_global("g1", GlobalIdx{1});
  module.export_global("g2", GlobalIdx{2});
  module.export_global("g3", GlobalIdx{3});
}

}  // namespace

ModuleBuilder random_program(std::uint64_t seed) {
  Program program{std::mt19937_64(seed), {}, 0, {}, {}};
  ModuleBuilder module;
  add_host_functions(program, module);
  add_state(program, module);
  for (std::uint32_t i = 0; i < function_count; ++i) {
    FuncType type{program.any_types(3), program.any_types(2)};
    type.params.insert(type.params.begin(), i32);  // what br_table chooses by
    program.types.push_back(std::move(type));
  }
  program.table_type = module.type(program.types.back().params, program.types.back().results);
  module.table({.limits = {4, 4}});
  module.elem({{i32_const(1)}, 0}, {FuncIdx{program.imported + function_count - 1},
                                    FuncIdx{program.imported + function_count - 2}});
  for (std::uint32_t i = program.imported; i < program.types.size(); ++i) {
    BodyWriter writer(program, module, i);
    const FuncType& type = program.types[i];
    const Body body = writer.write();
    module.func(module.type(type.params, type.results), body, writer.runs());
  }
  Body body;
  for (const ValType type : program.types[program.imported].params) {
    if (type == i32) body.push_back(i32_const(6));
    if (type == i64) body.push_back(i64_const(-6));
    if (type == f32) body.push_back(f32_const(0.5F));
    if (type == f64) body.push_back(f64_const(2.5));
  }
  body.push_back(call(program.imported));
  module.export_func("_start", module.func({}, program.types[program.imported].results, body));
  return module;
}

}  // namespace fermata::test
