// The function as a whole, its locals and its operand stack.
#include "tests/support/random_body.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

namespace fermata::test {

namespace {

/// Whether the standard leaves open which NaN it gives.
bool may_compute_nan(WasmOp computed) {
  static constexpr std::array names{"add",  "sub",   "mul",   "div",     "sqrt",   "min",    "max",
                                    "ceil", "floor", "trunc", "nearest", "demote", "promote"};
  const std::string_view text = info(computed).text;
  if (text.empty() || text[0] != 'f') return false;
  const std::string_view name = text.substr(text.find('.') + 1);
  return std::ranges::any_of(names, [&](const char* start) { return name.starts_with(start); });
}

Code one_nan(ValType type, bool is_f64) {
  if (type == f32) return f32_const(std::bit_cast<float>(0x7FC0'0000u));
  if (type == f64) return f64_const(std::bit_cast<double>(0x7FF8'0000'0000'0000u));
  std::array<std::uint8_t, 16> lanes{};
  for (std::size_t i = 0; i < lanes.size(); i += is_f64 ? 8 : 4) {
    const std::size_t last = i + (is_f64 ? 7 : 3);
    lanes[last] = 0x7F;
    lanes[last - 1] = is_f64 ? 0xF8 : 0xC0;
  }
  return v128_const(lanes);
}

}  // namespace

RandomBody::RandomBody(RandomPlan& plan, std::uint32_t function)
    : plan_(plan), choices_(plan.choices), function_(function), type_(plan.functions[function]) {
  locals_ = type_.params;
  fixed_.assign(locals_.size(), false);
  budget_ = 60 + choices_.below(340);
  for (std::uint32_t i = choices_.below(9); i > 0; --i) {
    static_cast<void>(add_local(plan.any_type()));
  }
  if (choices_.chance(60)) static_cast<void>(add_local(exnref));
  for (std::uint32_t i = 1 + choices_.below(3); i > 0; --i) {
    pointers_.push_back(add_local(i32));
    fixed_[pointers_.back()] = true;
  }
}

Body RandomBody::write() {
  controls_.push_back({.label = type_.results});
  spend_fuel();
  initialize_locals();
  for (const std::uint32_t local : pointers_) {
    i32_constant(static_cast<std::int32_t>(16 + choices_.below(200)));
    apply(local_set(local), {i32}, {});
  }
  inside(24, type_.results, 4);
  return std::move(body_);
}

/// Those without a default value, which must be written before they are read.
void RandomBody::initialize_locals() {
  const auto count = static_cast<std::uint32_t>(locals_.size());
  for (auto local = static_cast<std::uint32_t>(type_.params.size()); local < count; ++local) {
    const ValType type = locals_[local];
    if (!type.is_ref() || type.nullable) continue;
    constant(type);
    apply(local_set(local), {type}, {});
  }
}

// --- locals ------------------------------------------------------------------------------------

std::uint32_t RandomBody::add_local(ValType type) {
  locals_.push_back(type);
  fixed_.push_back(false);
  runs_.push_back({1, type});
  return static_cast<std::uint32_t>(locals_.size() - 1);
}

std::optional<std::uint32_t> RandomBody::local_of(ValType type) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < locals_.size(); ++i) {
    if (locals_[i] == type && !fixed_[i]) found.push_back(i);
  }
  if (found.empty()) return std::nullopt;
  return choices_.chance(50) ? choices_.pick(found) : found.front();
}

// --- the stack ---------------------------------------------------------------------------------

void RandomBody::emit(Code code) {
  if (budget_ > 0) --budget_;
  body_.push_back(std::move(code));
}

void RandomBody::pop(std::size_t count) {
  // In dead code there may be fewer: there are as many of any type as an instruction wants.
  const std::size_t height = controls_.back().height;
  const std::size_t there = stack_.size() - height;
  stack_.resize(stack_.size() - std::min(count, there));
}

void RandomBody::apply(Code code, const ResultType& params, const ResultType& results) {
  emit(std::move(code));
  pop(params.size());
  push(results);
}

void RandomBody::apply_op(WasmOp which, const ResultType& params, const ResultType& results,
                          std::initializer_list<std::uint32_t> immediates) {
  apply(op(which, immediates), params, results);
  make_nan_alike(which, results);
}

/// (select (local.tee $x) (nan) (f32.eq (local.get $x) (local.get $x))), and lane by lane: which
/// NaN an instruction computes is the engine's choice, and nothing must depend on it.
void RandomBody::make_nan_alike(WasmOp computed, const ResultType& results) {
  if (!plan_.for_any_engine || !may_compute_nan(computed)) return;
  const ValType type = results[0];
  const std::uint32_t local = scratch(type);
  const bool is_f64 = type == f64 || info(computed).text.starts_with("f64x2");
  const WasmOp equal = type == v128 ? (is_f64 ? WasmOp::f64x2_eq : WasmOp::f32x4_eq)
                                    : (is_f64 ? WasmOp::f64_eq : WasmOp::f32_eq);
  const ValType judged = type == v128 ? v128 : i32;
  apply(local_tee(local), {type}, {type});
  apply(one_nan(type, is_f64), {}, {type});
  apply(local_get(local), {}, {type});
  apply(local_get(local), {}, {type});
  apply(op(equal), {type, type}, {judged});
  apply(op(type == v128 ? WasmOp::v128_bitselect : WasmOp::select), {type, type, judged}, {type});
  apply(local_tee(local), {type}, {type});  // or an embedder that looks at locals would see it
}

void RandomBody::drop_to(std::size_t height) {
  while (stack_.size() > height) apply(drop(), {stack_.back()}, {});
}

bool RandomBody::on_top(const ResultType& types) const {
  return free_operands() >= types.size() &&
         std::equal(types.rbegin(), types.rend(), stack_.rbegin());
}

void RandomBody::operands(const ResultType& types, int depth) {
  if (on_top(types) && choices_.chance(60)) return;
  for (const ValType type : types) value(type, depth);
}

void RandomBody::leave_exactly(std::size_t height, const ResultType& types) {
  std::size_t same = 0;
  while (same < types.size() && height + same < stack_.size() &&
         stack_[height + same] == types[same]) {
    ++same;
  }
  if (choices_.chance(10)) same = 0;
  drop_to(height + same);
  for (; same < types.size(); ++same) value(types[same], 2);
}

}  // namespace fermata::test
