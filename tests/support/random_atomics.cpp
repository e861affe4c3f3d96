// Atomic instructions: values that they give, and statements that store, wait and notify.
#include <array>
#include <vector>

#include "tests/support/random_body.hpp"

namespace fermata::test {

namespace {

constexpr std::uint32_t most_aligned = 0xFF8;  // addresses that suit every size

bool is_wait_or_notify(WasmOp op) {
  return op == WasmOp::memory_atomic_wait32 || op == WasmOp::memory_atomic_wait64 ||
         op == WasmOp::memory_atomic_notify;
}

/// The accesses whose signature ends so.
std::vector<WasmOp> ending(char last) {
  std::vector<WasmOp> ops;
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto op = static_cast<WasmOp>(i);
    const WasmOpInfo& row = info(op);
    const bool is_access = row.feature == Feature::threads && row.immediate == Immediate::memarg &&
                           !is_wait_or_notify(op);
    if (is_access && row.signature.back() == last) ops.push_back(op);
  }
  return ops;
}

}  // namespace

/// An address that suits every size, unless a trap is wanted.
void RandomBody::aligned_address(std::uint32_t memory, int depth) {
  address(depth);
  if (!choices_.chance(plan_.trap_percent)) {
    i32_constant(static_cast<std::int32_t>(most_aligned));
    apply_op(WasmOp::i32_and, {i32, i32}, {i32});
  }
  as_address(memory);
}

/// The instruction behind its address, with its other operands.
void RandomBody::atomic_op(WasmOp chosen, std::uint32_t memory, const ResultType& results,
                           int depth) {
  const std::string_view signature = info(chosen).signature;
  ResultType params{address_type(memory)};
  for (const char letter : signature.substr(1, signature.find(':') - 1)) {
    params.push_back(ValType{kind_of(letter)});
    value(params.back(), depth);
  }
  apply(memory_access(chosen, 8 * choices_.below(10), {}, memory), params, results);
}

/// Precondition of these: there is a memory; the type is i32 or i64.
void RandomBody::atomic_value(ValType type, int depth) {
  static const std::array ops{ending('i'), ending('l')};
  const std::uint32_t memory = plan_.any_memory();
  const WasmOp chosen = choices_.pick(ops[type == i64 ? 1 : 0]);
  aligned_address(memory, depth);
  atomic_op(chosen, memory, {type}, depth);
}

void RandomBody::atomic_statement(int depth) {
  static const std::vector<WasmOp> stores = ending(':');
  const std::uint32_t memory = plan_.any_memory();
  switch (choices_.below(5)) {
    case 0:
      return apply(raw({0xFE, 0x03, 0x00}), {}, {});  // atomic.fence
    case 1:
      aligned_address(memory, depth);
      atomic_op(WasmOp::memory_atomic_notify, memory, {i32}, depth);
      return;
    case 2:
      return wait(memory, depth);
    default:
      aligned_address(memory, depth);
      return atomic_op(choices_.pick(stores), memory, {}, depth);
  }
}

/// Mostly for what is there, so that it pauses. It leaves its result.
void RandomBody::wait(std::uint32_t memory, int depth) {
  const bool may_trap = choices_.chance(plan_.trap_percent);
  if (!plan_.shared[memory] && !may_trap) return bump_pointer();
  const bool wide = choices_.chance(40);
  const ValType type = wide ? i64 : i32;
  const ValType at = address_type(memory);
  const auto same_address = static_cast<std::int32_t>(8 * choices_.below(512));
  const auto load = wide ? WasmOp::i64_atomic_load : WasmOp::i32_atomic_load;
  i32_constant(same_address);
  as_address(memory);
  if (choices_.chance(70)) {
    i32_constant(same_address);
    as_address(memory);
    apply(memory_access(load, 16, {}, memory), {at}, {type});
  } else {
    value(type, depth);
  }
  static constexpr std::array<std::int64_t, 2> soon{0, 1};
  static constexpr std::array<std::int64_t, 4> timeouts{-1, 0, 1, INT64_MAX};
  if (plan_.for_any_engine) {
    apply(i64_const(choices_.pick(soon)), {}, {i64});
  } else {
    choices_.chance(80) ? apply(i64_const(choices_.pick(timeouts)), {}, {i64}) : value(i64, depth);
  }
  const auto op = wide ? WasmOp::memory_atomic_wait64 : WasmOp::memory_atomic_wait32;
  apply(memory_access(op, 16, {}, memory), {at, type, i64}, {i32});
}

}  // namespace fermata::test
