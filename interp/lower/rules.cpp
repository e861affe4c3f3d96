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

constexpr Lowerer::Rules Lowerer::make_rules() {
  Rules rules{};
  const auto rule = [&rules](WasmOp op) -> Rule& { return rules[static_cast<std::size_t>(op)]; };

#define FERMATA_OP(id, layout, ...)
#define FERMATA_BINARY(op, ...) rule(WasmOp::op) = &Lowerer::binary;
#define FERMATA_COMMUTATIVE(op, ...) rule(WasmOp::op) = &Lowerer::binary;
#define FERMATA_COMPARE(op, ...) rule(WasmOp::op) = &Lowerer::binary;
#define FERMATA_FLOAT_COMPARE(op, ...) rule(WasmOp::op) = &Lowerer::binary;
#define FERMATA_UNARY(op, ...) rule(WasmOp::op) = &Lowerer::unary;
#define FERMATA_LOAD(op, ...) rule(WasmOp::op) = &Lowerer::load;
#define FERMATA_STORE(op, ...) rule(WasmOp::op) = &Lowerer::store;
#define FERMATA_VECTOR(op, layout, ...) rule(WasmOp::op) = vector_rule(Layout::layout);
#define FERMATA_VECTOR_SHIFT(op, ...) rule(WasmOp::op) = &Lowerer::vector_shift;
#define FERMATA_VECTOR_LOAD(op, ...) rule(WasmOp::op) = &Lowerer::vector_load;
#define FERMATA_VECTOR_STORE(op, ...) rule(WasmOp::op) = &Lowerer::store;
#include "interp/isa/ops.def"

  rule(WasmOp::v128_const) = &Lowerer::vector_constant;
  rule(WasmOp::i32_wrap_i64) = &Lowerer::reinterpret;
  rule(WasmOp::i32_reinterpret_f32) = &Lowerer::reinterpret;
  rule(WasmOp::i64_reinterpret_f64) = &Lowerer::reinterpret;
  rule(WasmOp::f32_reinterpret_i32) = &Lowerer::reinterpret;
  rule(WasmOp::f64_reinterpret_i64) = &Lowerer::reinterpret;

  rule(WasmOp::i64_add128) = &Lowerer::wide_arithmetic;
  rule(WasmOp::i64_sub128) = &Lowerer::wide_arithmetic;
  rule(WasmOp::i64_mul_wide_s) = &Lowerer::wide_arithmetic;
  rule(WasmOp::i64_mul_wide_u) = &Lowerer::wide_arithmetic;

  rule(WasmOp::unreachable) = &Lowerer::unreachable;
  rule(WasmOp::nop) = &Lowerer::nop;
  rule(WasmOp::block) = &Lowerer::begin_block;
  rule(WasmOp::loop) = &Lowerer::begin_loop;
  rule(WasmOp::if_) = &Lowerer::begin_if;
  rule(WasmOp::else_) = &Lowerer::begin_else;
  rule(WasmOp::end) = &Lowerer::end_block;
  rule(WasmOp::br) = &Lowerer::branch;
  rule(WasmOp::br_if) = &Lowerer::branch_if;
  rule(WasmOp::br_on_null) = &Lowerer::br_on_null;
  rule(WasmOp::br_on_non_null) = &Lowerer::br_on_non_null;
  rule(WasmOp::br_table) = &Lowerer::branch_table;
  rule(WasmOp::return_) = &Lowerer::return_from;
  rule(WasmOp::call) = &Lowerer::call;
  rule(WasmOp::call_indirect) = &Lowerer::call_indirect;
  rule(WasmOp::call_ref) = &Lowerer::call_ref;
  rule(WasmOp::return_call) = &Lowerer::return_call;
  rule(WasmOp::return_call_indirect) = &Lowerer::return_call_indirect;
  rule(WasmOp::return_call_ref) = &Lowerer::return_call_ref;

  rule(WasmOp::try_table) = &Lowerer::begin_try_table;
  rule(WasmOp::try_) = &Lowerer::begin_try;
  rule(WasmOp::catch_) = &Lowerer::begin_catch;
  rule(WasmOp::catch_all) = &Lowerer::begin_catch;
  rule(WasmOp::delegate) = &Lowerer::delegate;
  rule(WasmOp::rethrow) = &Lowerer::rethrow;
  rule(WasmOp::throw_) = &Lowerer::throw_;
  rule(WasmOp::throw_ref) = &Lowerer::throw_ref;

  rule(WasmOp::drop) = &Lowerer::drop;
  rule(WasmOp::select) = &Lowerer::select;
  rule(WasmOp::select_t) = &Lowerer::select;
  rule(WasmOp::local_get) = &Lowerer::local_get;
  rule(WasmOp::local_set) = &Lowerer::local_set;
  rule(WasmOp::local_tee) = &Lowerer::local_tee;
  rule(WasmOp::global_get) = &Lowerer::global_get;
  rule(WasmOp::global_set) = &Lowerer::global_set;
  rule(WasmOp::i32_const) = &Lowerer::constant;
  rule(WasmOp::i64_const) = &Lowerer::constant;
  rule(WasmOp::f32_const) = &Lowerer::constant;
  rule(WasmOp::f64_const) = &Lowerer::constant;

  rule(WasmOp::ref_null) = &Lowerer::ref_null;
  rule(WasmOp::ref_as_non_null) = &Lowerer::ref_as_non_null;
  rule(WasmOp::ref_is_null) = &Lowerer::ref_is_null;
  rule(WasmOp::ref_func) = &Lowerer::ref_func;
  rule(WasmOp::table_get) = &Lowerer::table_get;
  rule(WasmOp::table_set) = &Lowerer::table_set;
  rule(WasmOp::table_size) = &Lowerer::table_size;
  rule(WasmOp::table_grow) = &Lowerer::table_grow;
  rule(WasmOp::table_fill) = &Lowerer::table_fill;
  rule(WasmOp::table_copy) = &Lowerer::table_copy;
  rule(WasmOp::table_init) = &Lowerer::table_init;
  rule(WasmOp::elem_drop) = &Lowerer::elem_drop;

  rule(WasmOp::ref_eq) = &Lowerer::ref_eq;
  rule(WasmOp::struct_new) = &Lowerer::struct_new;
  rule(WasmOp::struct_new_default) = &Lowerer::struct_new;
  rule(WasmOp::struct_get) = &Lowerer::struct_get;
  rule(WasmOp::struct_get_s) = &Lowerer::struct_get;
  rule(WasmOp::struct_get_u) = &Lowerer::struct_get;
  rule(WasmOp::struct_set) = &Lowerer::struct_set;
  rule(WasmOp::array_new) = &Lowerer::array_new;
  rule(WasmOp::array_new_default) = &Lowerer::array_new;
  rule(WasmOp::array_new_fixed) = &Lowerer::array_new;
  rule(WasmOp::array_new_data) = &Lowerer::array_new;
  rule(WasmOp::array_new_elem) = &Lowerer::array_new;
  rule(WasmOp::array_get) = &Lowerer::array_get;
  rule(WasmOp::array_get_s) = &Lowerer::array_get;
  rule(WasmOp::array_get_u) = &Lowerer::array_get;
  rule(WasmOp::array_set) = &Lowerer::array_set;
  rule(WasmOp::array_len) = &Lowerer::array_len;
  rule(WasmOp::array_fill) = &Lowerer::array_many;
  rule(WasmOp::array_copy) = &Lowerer::array_many;
  rule(WasmOp::array_init_data) = &Lowerer::array_many;
  rule(WasmOp::array_init_elem) = &Lowerer::array_many;
  rule(WasmOp::ref_test) = &Lowerer::ref_test;
  rule(WasmOp::ref_test_null) = &Lowerer::ref_test;
  rule(WasmOp::ref_cast) = &Lowerer::ref_cast;
  rule(WasmOp::ref_cast_null) = &Lowerer::ref_cast;
  rule(WasmOp::br_on_cast) = &Lowerer::br_on_cast;
  rule(WasmOp::br_on_cast_fail) = &Lowerer::br_on_cast;
  rule(WasmOp::any_convert_extern) = &Lowerer::convert_reference;
  rule(WasmOp::extern_convert_any) = &Lowerer::convert_reference;
  rule(WasmOp::ref_i31) = &Lowerer::ref_i31;
  rule(WasmOp::i31_get_s) = &Lowerer::i31_get;
  rule(WasmOp::i31_get_u) = &Lowerer::i31_get;

  rule(WasmOp::memory_size) = &Lowerer::memory_size;
  rule(WasmOp::memory_grow) = &Lowerer::memory_grow;
  rule(WasmOp::memory_fill) = &Lowerer::memory_fill;
  rule(WasmOp::memory_copy) = &Lowerer::memory_copy;
  rule(WasmOp::memory_init) = &Lowerer::memory_init;
  rule(WasmOp::data_drop) = &Lowerer::data_drop;
  return rules;
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
