// Vectors: expressions and statements with v128.
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "tests/support/random_body.hpp"

namespace fermata::test {

namespace {

struct VectorOp {
  WasmOp op;
  std::string_view params;  // letters of the signature
  ValType result;           // i32 of a store, which has none
};

bool is_vector_op(const WasmOpInfo& row) {
  const bool of_vectors = row.feature == Feature::simd || row.feature == Feature::relaxed_simd;
  return of_vectors && row.immediate != Immediate::v128_const;
}

bool is_store(const WasmOpInfo& row) { return row.signature.back() == ':'; }

template <class Which>
std::vector<VectorOp> vector_ops(Which which) {
  std::vector<VectorOp> ops;
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const WasmOpInfo& row = info(static_cast<WasmOp>(i));
    if (!is_vector_op(row) || !which(row)) continue;
    const std::size_t colon = row.signature.find(':');
    ops.push_back({static_cast<WasmOp>(i), row.signature.substr(0, colon),
                   is_store(row) ? i32 : ValType{kind_of(row.signature.back())}});
  }
  return ops;
}

bool is_access(const WasmOpInfo& row) {
  return row.immediate == Immediate::memarg || row.immediate == Immediate::memarg_lane;
}

/// Those that give a value of this type.
std::vector<VectorOp> giving(ValKind result, bool with_memory, bool relaxed) {
  return vector_ops([&](const WasmOpInfo& row) {
    return !is_store(row) && kind_of(row.signature.back()) == result &&
           (with_memory || !is_access(row)) && (relaxed || row.feature != Feature::relaxed_simd);
  });
}

/// Without memory's.
const std::vector<VectorOp>& giving(ValKind result, bool relaxed) {
  static std::map<std::pair<ValKind, bool>, std::vector<VectorOp>> made;
  auto& ops = made[{result, relaxed}];
  if (ops.empty()) ops = giving(result, false, relaxed);
  return ops;
}

}  // namespace

/// Its operands, then the instruction with its immediates.
void RandomBody::vector_op(WasmOp chosen, std::string_view params, const ResultType& results,
                           int depth) {
  const WasmOpInfo& row = info(chosen);
  const std::uint32_t memory = is_access(row) ? plan_.any_memory() : 0;
  ResultType types;
  for (const char letter : params) {
    if (letter == 'a') {
      address_in(memory, depth);
      types.push_back(address_type(memory));
    } else {
      types.push_back({kind_of(letter)});
      value(types.back(), depth);
    }
  }
  const bool has_lane = row.immediate == Immediate::lane || row.immediate == Immediate::memarg_lane;
  Code code =
      is_access(row) ? memory_access(chosen, access_offset(memory), {}, memory) : op(chosen);
  if (has_lane) code.bytes.push_back(static_cast<std::uint8_t>(choices_.below(lane_count(row))));
  if (row.immediate == Immediate::shuffle) {
    for (int i = 0; i < 16; ++i) {
      code.bytes.push_back(static_cast<std::uint8_t>(choices_.below(32)));
    }
  }
  apply(code, types, results);
  make_nan_alike(chosen, results);
}

void RandomBody::vector(int depth) {
  static const auto all = giving(ValKind::v128, true, true);
  static const auto strict = giving(ValKind::v128, true, false);
  const bool relaxed = !plan_.for_any_engine;
  const auto& with_memory = relaxed ? all : strict;
  const VectorOp& chosen =
      choices_.pick(plan_.has_memory() ? with_memory : giving(ValKind::v128, relaxed));
  vector_op(chosen.op, chosen.params, {v128}, depth);
}

/// A number that a vector gives.
void RandomBody::of_vector(ValType type, int depth) {
  const VectorOp& chosen = choices_.pick(giving(type.kind, !plan_.for_any_engine));
  vector_op(chosen.op, chosen.params, {type}, depth);
}

void RandomBody::store_vector(int depth) {
  static const auto ops = vector_ops(is_store);
  const VectorOp& chosen = choices_.pick(ops);
  vector_op(chosen.op, chosen.params, {}, depth);
}

}  // namespace fermata::test
