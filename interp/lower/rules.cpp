// The rule that lowers each instruction: one for exactly those that this build executes.
#include "interp/isa/op.hpp"
#include "interp/lower/lowerer.hpp"
#include "lib/isa/wasm_op.hpp"

namespace fermata {

/// Of a vector instruction with a single form.
constexpr Lowerer::Rule Lowerer::vector_rule(Layout layout) {
  switch (layout) {
    case Layout::ds_lane:
      return &Lowerer::vector_extract;
    case Layout::dss_lane:
      return &Lowerer::vector_replace;
    case Layout::shuffle:
      return &Lowerer::vector_shuffle;
    case Layout::load_lane:
      return &Lowerer::vector_load_lane;
    case Layout::store_lane:
      return &Lowerer::vector_store_lane;
    default:
      return &Lowerer::vector_operation;
  }
}

/// An array by WasmOp.
struct Lowerer::RuleTable {
  Rules rules{};
  constexpr Rule& operator[](WasmOp op) { return rules[static_cast<std::size_t>(op)]; }
};

constexpr void Lowerer::add_numeric_rules(RuleTable& rules) {
#define FERMATA_OP(id, layout, ...)
#define FERMATA_BINARY(op, ...) rules[WasmOp::op] = &Lowerer::binary;
#define FERMATA_COMMUTATIVE(op, ...) rules[WasmOp::op] = &Lowerer::binary;
#define FERMATA_COMPARE(op, ...) rules[WasmOp::op] = &Lowerer::binary;
#define FERMATA_FLOAT_COMPARE(op, ...) rules[WasmOp::op] = &Lowerer::binary;
#define FERMATA_UNARY(op, ...) rules[WasmOp::op] = &Lowerer::unary;
#define FERMATA_LOAD(op, ...) rules[WasmOp::op] = &Lowerer::load;
#define FERMATA_STORE(op, ...) rules[WasmOp::op] = &Lowerer::store;
#define FERMATA_VECTOR(op, layout, ...) rules[WasmOp::op] = vector_rule(Layout::layout);
#define FERMATA_VECTOR_UNARY(op, ...) rules[WasmOp::op] = &Lowerer::vector_operation;
#define FERMATA_VECTOR_BINARY(op, ...) rules[WasmOp::op] = &Lowerer::vector_operation;
#define FERMATA_VECTOR_SWAPPED(op, ...) rules[WasmOp::op] = &Lowerer::vector_operation;
#define FERMATA_VECTOR_SWIZZLE(op, ...) rules[WasmOp::op] = &Lowerer::vector_operation;
#define FERMATA_VECTOR_SHIFT(op, ...) rules[WasmOp::op] = &Lowerer::vector_shift;
#define FERMATA_VECTOR_LOAD(op, ...) rules[WasmOp::op] = &Lowerer::vector_load;
#define FERMATA_VECTOR_STORE(op, ...) rules[WasmOp::op] = &Lowerer::store;
#include "interp/isa/ops.def"

  rules[WasmOp::v128_const] = &Lowerer::vector_constant;
  rules[WasmOp::i32_wrap_i64] = &Lowerer::reinterpret;
  rules[WasmOp::i32_reinterpret_f32] = &Lowerer::reinterpret;
  rules[WasmOp::i64_reinterpret_f64] = &Lowerer::reinterpret;
  rules[WasmOp::f32_reinterpret_i32] = &Lowerer::reinterpret;
  rules[WasmOp::f64_reinterpret_i64] = &Lowerer::reinterpret;
  rules[WasmOp::i64_add128] = &Lowerer::wide_arithmetic;
  rules[WasmOp::i64_sub128] = &Lowerer::wide_arithmetic;
  rules[WasmOp::i64_mul_wide_s] = &Lowerer::wide_arithmetic;
  rules[WasmOp::i64_mul_wide_u] = &Lowerer::wide_arithmetic;
}

constexpr void Lowerer::add_control_rules(RuleTable& rules) {
  rules[WasmOp::unreachable] = &Lowerer::unreachable;
  rules[WasmOp::nop] = &Lowerer::nop;
  rules[WasmOp::block] = &Lowerer::begin_block;
  rules[WasmOp::loop] = &Lowerer::begin_loop;
  rules[WasmOp::if_] = &Lowerer::begin_if;
  rules[WasmOp::else_] = &Lowerer::begin_else;
  rules[WasmOp::end] = &Lowerer::end_block;
  rules[WasmOp::br] = &Lowerer::branch;
  rules[WasmOp::br_if] = &Lowerer::branch_if;
  rules[WasmOp::br_on_null] = &Lowerer::br_on_null;
  rules[WasmOp::br_on_non_null] = &Lowerer::br_on_non_null;
  rules[WasmOp::br_table] = &Lowerer::branch_table;
  rules[WasmOp::return_] = &Lowerer::return_from;
  rules[WasmOp::call] = &Lowerer::call;
  rules[WasmOp::call_indirect] = &Lowerer::call_indirect;
  rules[WasmOp::call_ref] = &Lowerer::call_ref;
  rules[WasmOp::return_call] = &Lowerer::return_call;
  rules[WasmOp::return_call_indirect] = &Lowerer::return_call_indirect;
  rules[WasmOp::return_call_ref] = &Lowerer::return_call_ref;
  rules[WasmOp::try_table] = &Lowerer::begin_try_table;
  rules[WasmOp::try_] = &Lowerer::begin_try;
  rules[WasmOp::catch_] = &Lowerer::begin_catch;
  rules[WasmOp::catch_all] = &Lowerer::begin_catch;
  rules[WasmOp::delegate] = &Lowerer::delegate;
  rules[WasmOp::rethrow] = &Lowerer::rethrow;
  rules[WasmOp::throw_] = &Lowerer::throw_;
  rules[WasmOp::throw_ref] = &Lowerer::throw_ref;
}

constexpr void Lowerer::add_variable_rules(RuleTable& rules) {
  rules[WasmOp::drop] = &Lowerer::drop;
  rules[WasmOp::select] = &Lowerer::select;
  rules[WasmOp::select_t] = &Lowerer::select;
  rules[WasmOp::local_get] = &Lowerer::local_get;
  rules[WasmOp::local_set] = &Lowerer::local_set;
  rules[WasmOp::local_tee] = &Lowerer::local_tee;
  rules[WasmOp::global_get] = &Lowerer::global_get;
  rules[WasmOp::global_set] = &Lowerer::global_set;
  rules[WasmOp::i32_const] = &Lowerer::constant;
  rules[WasmOp::i64_const] = &Lowerer::constant;
  rules[WasmOp::f32_const] = &Lowerer::constant;
  rules[WasmOp::f64_const] = &Lowerer::constant;
  rules[WasmOp::ref_null] = &Lowerer::ref_null;
  rules[WasmOp::ref_as_non_null] = &Lowerer::ref_as_non_null;
  rules[WasmOp::ref_is_null] = &Lowerer::ref_is_null;
  rules[WasmOp::ref_func] = &Lowerer::ref_func;
  rules[WasmOp::table_get] = &Lowerer::table_get;
  rules[WasmOp::table_set] = &Lowerer::table_set;
  rules[WasmOp::table_size] = &Lowerer::table_size;
  rules[WasmOp::table_grow] = &Lowerer::table_grow;
  rules[WasmOp::table_fill] = &Lowerer::table_fill;
  rules[WasmOp::table_copy] = &Lowerer::table_copy;
  rules[WasmOp::table_init] = &Lowerer::table_init;
  rules[WasmOp::elem_drop] = &Lowerer::elem_drop;
}

constexpr void Lowerer::add_object_rules(RuleTable& rules) {
  rules[WasmOp::ref_eq] = &Lowerer::ref_eq;
  rules[WasmOp::struct_new] = &Lowerer::struct_new;
  rules[WasmOp::struct_new_default] = &Lowerer::struct_new;
  rules[WasmOp::struct_get] = &Lowerer::struct_get;
  rules[WasmOp::struct_get_s] = &Lowerer::struct_get;
  rules[WasmOp::struct_get_u] = &Lowerer::struct_get;
  rules[WasmOp::struct_set] = &Lowerer::struct_set;
  rules[WasmOp::array_new] = &Lowerer::array_new;
  rules[WasmOp::array_new_default] = &Lowerer::array_new;
  rules[WasmOp::array_new_fixed] = &Lowerer::array_new;
  rules[WasmOp::array_new_data] = &Lowerer::array_new;
  rules[WasmOp::array_new_elem] = &Lowerer::array_new;
  rules[WasmOp::array_get] = &Lowerer::array_get;
  rules[WasmOp::array_get_s] = &Lowerer::array_get;
  rules[WasmOp::array_get_u] = &Lowerer::array_get;
  rules[WasmOp::array_set] = &Lowerer::array_set;
  rules[WasmOp::array_len] = &Lowerer::array_len;
  rules[WasmOp::array_fill] = &Lowerer::array_many;
  rules[WasmOp::array_copy] = &Lowerer::array_many;
  rules[WasmOp::array_init_data] = &Lowerer::array_many;
  rules[WasmOp::array_init_elem] = &Lowerer::array_many;
  rules[WasmOp::ref_test] = &Lowerer::ref_test;
  rules[WasmOp::ref_test_null] = &Lowerer::ref_test;
  rules[WasmOp::ref_cast] = &Lowerer::ref_cast;
  rules[WasmOp::ref_cast_null] = &Lowerer::ref_cast;
  rules[WasmOp::br_on_cast] = &Lowerer::br_on_cast;
  rules[WasmOp::br_on_cast_fail] = &Lowerer::br_on_cast;
  rules[WasmOp::any_convert_extern] = &Lowerer::convert_reference;
  rules[WasmOp::extern_convert_any] = &Lowerer::convert_reference;
  rules[WasmOp::ref_i31] = &Lowerer::ref_i31;
  rules[WasmOp::i31_get_s] = &Lowerer::i31_get;
  rules[WasmOp::i31_get_u] = &Lowerer::i31_get;
}

constexpr void Lowerer::add_memory_rules(RuleTable& rules) {
  rules[WasmOp::memory_size] = &Lowerer::memory_size;
  rules[WasmOp::memory_grow] = &Lowerer::memory_grow;
  rules[WasmOp::memory_fill] = &Lowerer::memory_fill;
  rules[WasmOp::memory_copy] = &Lowerer::memory_copy;
  rules[WasmOp::memory_init] = &Lowerer::memory_init;
  rules[WasmOp::data_drop] = &Lowerer::data_drop;
}

constexpr std::uint8_t atomic_prefix = 0xFE;
constexpr std::uint32_t first_atomic_access = 0x10;

constexpr void Lowerer::add_atomic_rules(RuleTable& rules) {
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature) \
  if (code >= first_atomic_access && prefix == atomic_prefix)                  \
    rules[WasmOp::id] = &Lowerer::atomic_access;
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
  rules[WasmOp::memory_atomic_notify] = &Lowerer::atomic_notify;
  rules[WasmOp::memory_atomic_wait32] = &Lowerer::atomic_wait;
  rules[WasmOp::memory_atomic_wait64] = &Lowerer::atomic_wait;
  rules[WasmOp::atomic_fence] = &Lowerer::nop;
}

constexpr Lowerer::Rules Lowerer::make_rules() {
  RuleTable rules;
  add_numeric_rules(rules);
  add_control_rules(rules);
  add_variable_rules(rules);
  add_object_rules(rules);
  add_memory_rules(rules);
  add_atomic_rules(rules);
  return rules.rules;
}

namespace {

/// What the table of instructions says of the proposal: one, or `mvp` for none.
namespace column {
using enum Feature;
constexpr std::nullopt_t mvp = std::nullopt;
}  // namespace column

constexpr bool is_executable(std::optional<Feature> feature) {
  return !feature || Features::executable().has(*feature);
}

}  // namespace

constinit const Lowerer::Rules Lowerer::rules_ = [] {
  constexpr Rules rules = make_rules();
#define FERMATA_WASM_OP(id, text, prefix, code, immediate, signature, feature)                    \
  static_assert(                                                                                  \
      (rules[static_cast<std::size_t>(WasmOp::id)] != nullptr) == is_executable(column::feature), \
      "what is executable needs a rule, and nothing else may have one: " text);
#include "lib/isa/wasm_ops.def"
#undef FERMATA_WASM_OP
  return rules;
}();

}  // namespace fermata
