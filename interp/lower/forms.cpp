#include "interp/lower/forms.hpp"

namespace fermata {

namespace {

constexpr std::size_t at(WasmOp op) { return static_cast<std::size_t>(op); }
constexpr std::size_t at(Op op) { return static_cast<std::size_t>(op); }

using FormsTable = std::array<Forms, wasm_op_count>;

constexpr void add_numeric(FormsTable& t) {
#define FERMATA_OP(id, layout, ...)
#define FERMATA_BINARY(op, ss_, as_, sa_, si_, ai_, is_, ia_) \
  t[at(WasmOp::op)] = {.family = Family::binary,              \
                       .ss = Op::ss_,                         \
                       .as = Op::as_,                         \
                       .sa = Op::sa_,                         \
                       .si = Op::si_,                         \
                       .ai = Op::ai_,                         \
                       .is = Op::is_,                         \
                       .ia = Op::ia_};
#define FERMATA_COMMUTATIVE(op, ss_, as_, si_, ai_)   \
  t[at(WasmOp::op)] = {.family = Family::commutative, \
                       .ss = Op::ss_,                 \
                       .as = Op::as_,                 \
                       .si = Op::si_,                 \
                       .ai = Op::ai_,                 \
                       .swapped = WasmOp::op};
#define FERMATA_COMPARE(op, swapped_, inverse_, ss_, as_, si_, ai_, br_ss_, br_as_, br_si_, \
                        br_ai_)                                                             \
  t[at(WasmOp::op)] = {.family = Family::compare,                                           \
                       .ss = Op::ss_,                                                       \
                       .as = Op::as_,                                                       \
                       .si = Op::si_,                                                       \
                       .ai = Op::ai_,                                                       \
                       .br_ss = Op::br_ss_,                                                 \
                       .br_as = Op::br_as_,                                                 \
                       .br_si = Op::br_si_,                                                 \
                       .br_ai = Op::br_ai_,                                                 \
                       .swapped = WasmOp::swapped_,                                         \
                       .inverse = WasmOp::inverse_};
#define FERMATA_FLOAT_COMPARE(op, swapped_, ss_, as_, si_, ai_, br_ss_, br_as_, br_si_, br_ai_, \
                              br_not_ss_, br_not_as_, br_not_si_, br_not_ai_)                   \
  t[at(WasmOp::op)] = {.family = Family::float_compare,                                         \
                       .ss = Op::ss_,                                                           \
                       .as = Op::as_,                                                           \
                       .si = Op::si_,                                                           \
                       .ai = Op::ai_,                                                           \
                       .br_ss = Op::br_ss_,                                                     \
                       .br_as = Op::br_as_,                                                     \
                       .br_si = Op::br_si_,                                                     \
                       .br_ai = Op::br_ai_,                                                     \
                       .swapped = WasmOp::swapped_};
#define FERMATA_UNARY(op, s_, a_) \
  t[at(WasmOp::op)] = {.family = Family::unary, .s = Op::s_, .a = Op::a_};
#include "interp/isa/ops.def"
}

constexpr void add_accesses(FormsTable& t) {
#define FERMATA_OP(id, layout, ...)
#define FERMATA_LOAD(op, stored, result, s_, a_, i_, k_, x_, ax_, w_, wa_, n_) \
  t[at(WasmOp::op)] = {.family = Family::load,                                 \
                       .s = Op::s_,                                            \
                       .a = Op::a_,                                            \
                       .k = Op::k_,                                            \
                       .x = Op::x_,                                            \
                       .ax = Op::ax_,                                          \
                       .i = Op::i_,                                            \
                       .w = Op::w_,                                            \
                       .wa = Op::wa_,                                          \
                       .n = Op::n_};
#define FERMATA_STORE(op, operand, stored, ss_, sa_, as_, si_, is_, ia_, ii_, ks_, ka_, xs_, xa_, \
                      xi_, ws_, wsa_, ns_)                                                        \
  t[at(WasmOp::op)] = {.family = Family::store,                                                   \
                       .ss = Op::ss_,                                                             \
                       .as = Op::as_,                                                             \
                       .sa = Op::sa_,                                                             \
                       .si = Op::si_,                                                             \
                       .is = Op::is_,                                                             \
                       .ia = Op::ia_,                                                             \
                       .ii = Op::ii_,                                                             \
                       .xi = Op::xi_,                                                             \
                       .ks = Op::ks_,                                                             \
                       .ka = Op::ka_,                                                             \
                       .xs = Op::xs_,                                                             \
                       .xa = Op::xa_,                                                             \
                       .ws = Op::ws_,                                                             \
                       .wsa = Op::wsa_,                                                           \
                       .ns = Op::ns_};
#include "interp/isa/ops.def"
}

constexpr void add_vectors(FormsTable& t) {
#define FERMATA_OP(id, layout, ...)
#define FERMATA_VECTOR(op, layout, ...) t[at(WasmOp::op)] = {.family = Family::vector, .s = Op::op};
#define FERMATA_VECTOR_UNARY(op, a_, ...) \
  t[at(WasmOp::op)] = {.family = Family::vector, .s = Op::op, .a = Op::a_};
#define FERMATA_VECTOR_BINARY(op, as_, sa_, ...) \
  t[at(WasmOp::op)] = {.family = Family::vector, .as = Op::as_, .sa = Op::sa_, .s = Op::op};
#define FERMATA_VECTOR_SWAPPED(op, swapped_, as_, ...) \
  t[at(WasmOp::op)] = {                                \
      .family = Family::vector, .as = Op::as_, .s = Op::op, .swapped = WasmOp::swapped_};
#define FERMATA_VECTOR_SWIZZLE(op, as_, sa_) \
  t[at(WasmOp::op)] = {.family = Family::vector, .as = Op::as_, .sa = Op::sa_, .s = Op::op};
#define FERMATA_VECTOR_SHIFT(op, ss_, si_, ai_, ...) \
  t[at(WasmOp::op)] = {.family = Family::vector, .ss = Op::ss_, .si = Op::si_, .ai = Op::ai_};
#define FERMATA_VECTOR_LOAD(op, s_, a_, i_, n_, ...) \
  t[at(WasmOp::op)] = {                              \
      .family = Family::vector, .s = Op::s_, .a = Op::a_, .i = Op::i_, .n = Op::n_};
#define FERMATA_VECTOR_STORE(op, type, ss_, sa_, as_, is_, ia_, ks_, ka_, xs_, xa_, ws_, wsa_, \
                             ns_)                                                              \
  t[at(WasmOp::op)] = {.family = Family::store,                                                \
                       .ss = Op::ss_,                                                          \
                       .as = Op::as_,                                                          \
                       .sa = Op::sa_,                                                          \
                       .is = Op::is_,                                                          \
                       .ia = Op::ia_,                                                          \
                       .ks = Op::ks_,                                                          \
                       .ka = Op::ka_,                                                          \
                       .xs = Op::xs_,                                                          \
                       .xa = Op::xa_,                                                          \
                       .ws = Op::ws_,                                                          \
                       .wsa = Op::wsa_,                                                        \
                       .ns = Op::ns_};
#include "interp/isa/ops.def"
}

constexpr auto forms_table = [] {
  FormsTable t{};
  add_numeric(t);
  add_accesses(t);
  add_vectors(t);
  return t;
}();

constexpr auto branch_table = [] {
  std::array<BranchForms, op_count> t{};
  for (const Forms& f : forms_table) {
    if (f.family != Family::compare) continue;
    const Forms& inverse = forms_table[at(f.inverse)];
    t[at(f.ss)] = {f.br_ss, inverse.br_ss};
    t[at(f.as)] = {f.br_as, inverse.br_as};
    t[at(f.si)] = {f.br_si, inverse.br_si};
    t[at(f.ai)] = {f.br_ai, inverse.br_ai};
  }
#define FERMATA_OP(id, layout, ...)
#define FERMATA_FLOAT_COMPARE(op, swapped, ss, as, si, ai, br_ss, br_as, br_si, br_ai, br_not_ss, \
                              br_not_as, br_not_si, br_not_ai)                                    \
  t[at(Op::ss)] = {Op::br_ss, Op::br_not_ss};                                                     \
  t[at(Op::as)] = {Op::br_as, Op::br_not_as};                                                     \
  t[at(Op::si)] = {Op::br_si, Op::br_not_si};                                                     \
  t[at(Op::ai)] = {Op::br_ai, Op::br_not_ai};
#include "interp/isa/ops.def"
  t[at(Op::i32_and_ss)] = {Op::br_i32_test_ss, Op::br_i32_test_not_ss};
  t[at(Op::i32_and_as)] = {Op::br_i32_test_as, Op::br_i32_test_not_as};
  t[at(Op::i32_and_si)] = {Op::br_i32_test_si, Op::br_i32_test_not_si};
  t[at(Op::i32_and_ai)] = {Op::br_i32_test_ai, Op::br_i32_test_not_ai};
  return t;
}();

}  // namespace

const Forms& forms(WasmOp op) noexcept { return forms_table[at(op)]; }

BranchForms branch_forms(Op compare) noexcept { return branch_table[at(compare)]; }

}  // namespace fermata
