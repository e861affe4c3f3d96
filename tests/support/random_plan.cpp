#include "tests/support/random_plan.hpp"

#include <bit>
#include <map>
#include <numeric>
#include <string_view>

namespace fermata::test {

std::uint32_t RandomPlan::any_memory() {
  if (memories.size() == 1 || choices.chance(50)) return 0;
  return choices.below(static_cast<std::uint32_t>(memories.size()));
}

ValType RandomPlan::any_type() {
  static constexpr std::array types{i32, i32, i32, i64, i64, f32, f64, v128, externref, funcref};
  if (choices.chance(20)) return choices.pick(references);
  if (choices.chance(4)) return exnref;
  return choices.pick(types);
}

ValType RandomPlan::any_reference() {
  if (choices.chance(50)) return choices.pick(references);
  if (choices.chance(20)) return exnref;
  return choices.chance(50) ? funcref : externref;
}

ResultType RandomPlan::any_types(std::uint32_t most) {
  ResultType types(choices.below(most + 1));
  for (ValType& type : types) type = any_type();
  return types;
}

std::vector<std::uint32_t> RandomPlan::all_tags() const {
  std::vector<std::uint32_t> all(tags.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

ResultType RandomPlan::any_caught() {
  ResultType types = choices.chance(25) ? ResultType{} : choices.pick(tags);
  if (choices.chance(50)) types.push_back(exnref);
  return types;
}

namespace {

ValType type_of_letter(char letter) { return {kind_of(letter)}; }

bool is_among(std::string_view text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    if (text.find(part) != text.npos) return true;
  }
  return false;
}

bool is_number_op(const WasmOpInfo& row) {
  const std::string_view signature = row.signature;
  return row.immediate == Immediate::none && signature.size() >= 3 &&
         signature[signature.size() - 2] == ':' &&
         signature.find_first_not_of("ilfd:") == signature.npos;
}

NumericOp numeric_op(WasmOp op) {
  const WasmOpInfo& row = info(op);
  const bool is_integer = row.text[0] == 'i';
  NumericOp made{op, {}, type_of_letter(row.signature.back()), false};
  for (const char letter : row.signature.substr(0, row.signature.size() - 2)) {
    made.params.push_back(type_of_letter(letter));
  }
  made.may_trap = is_integer && is_among(row.text, {".div", ".rem", ".trunc_f"});
  return made;
}

/// What programs mostly consist of is in the list several times.
std::size_t weight(std::string_view name) {
  if (name == "i32.add") return 16;
  if (name == "i32.sub" || name == "i64.add") return 8;
  if (is_among(name, {"shl", "and", "i32.eqz", "i32.lt", "i32.eq", "i32.ge"})) return 4;
  if (is_among(name, {"wrap", "extend_i32", "reinterpret", ".add", ".mul"})) return 3;
  return 1;
}

using NumericOps = std::map<ValKind, std::vector<NumericOp>>;

NumericOps all_numeric_ops() {
  NumericOps ops;
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto op = static_cast<WasmOp>(i);
    if (!is_number_op(info(op))) continue;
    const NumericOp made = numeric_op(op);
    auto& list = ops[made.result.kind];
    list.insert(list.end(), weight(info(op).text), made);
  }
  return ops;
}

std::vector<AccessOp> access_ops(bool is_store) {
  std::vector<AccessOp> ops;
  for (std::size_t i = 0; i < wasm_op_count; ++i) {
    const auto op = static_cast<WasmOp>(i);
    const WasmOpInfo& row = info(op);
    if (row.immediate != Immediate::memarg || row.feature || row.signature.size() != 3) continue;
    const bool stores = row.signature.back() == ':';
    if (stores != is_store) continue;
    const AccessOp made{op, type_of_letter(row.signature[stores ? 1 : 2])};
    const bool is_plain = !is_among(row.text, {"8", "16", "load32", "store32"});
    ops.insert(ops.end(), is_plain ? 3 : 1, made);
  }
  return ops;
}

}  // namespace

const std::vector<NumericOp>& numeric_ops(ValType result) {
  static const NumericOps ops = all_numeric_ops();
  return ops.at(result.kind);
}

const std::vector<AccessOp>& loads() {
  static const auto ops = access_ops(false);
  return ops;
}

const std::vector<AccessOp>& stores() {
  static const auto ops = access_ops(true);
  return ops;
}

// --- constants ---------------------------------------------------------------------------------

namespace {

std::uint32_t word_32(Choices& choices) {
  static constexpr std::array<std::uint32_t, 24> special{
      0,      1,     2,     3,      4,           7,           8,           16,
      31,     32,    33,    0x7F,   0x80,        0xFF,        0x7FFF,      0x8000,
      0xFFFF, 65536, 65532, 100000, 0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFF0, 0xFFFF'FFFF};
  const std::uint32_t value = choices.pick(special);
  if (choices.chance(10)) return static_cast<std::uint32_t>(choices.bits());
  return choices.chance(20) ? 0 - value : value;
}

std::uint64_t word_64(Choices& choices) {
  if (choices.chance(10)) return choices.bits();
  const std::uint64_t value = word_32(choices);
  if (choices.chance(10)) return value << 32;
  return choices.chance(30) ? 0 - value : value;
}

std::uint32_t float_32(Choices& choices) {
  static constexpr std::array<std::uint32_t, 16> special{
      0,           0x8000'0000, 0x3F80'0000, 0xBF80'0000, 0x3F00'0000, 0x4049'0FDB,
      0x7F80'0000, 0xFF80'0000, 0xFFC0'0000, 0x7FC0'0000, 0x7FC1'2345, 0x7FA0'0001,
      0x0000'0001, 0x7F7F'FFFF, 0x4F00'0000, 0xCF00'0000};
  const std::uint32_t value = choices.pick(special);
  return choices.chance(10) ? static_cast<std::uint32_t>(choices.bits()) : value;
}

std::uint64_t float_64(Choices& choices) {
  static constexpr std::array<std::uint64_t, 16> special{0,
                                                         0x8000'0000'0000'0000,
                                                         0x3FF0'0000'0000'0000,
                                                         0xBFF0'0000'0000'0000,
                                                         0x3FE0'0000'0000'0000,
                                                         0x4009'21FB'5444'2D18,
                                                         0x7FF0'0000'0000'0000,
                                                         0xFFF0'0000'0000'0000,
                                                         0x7FF8'0000'0000'0000,
                                                         0xFFF8'0000'0000'0000,
                                                         0x7FF8'1234'5678'9ABC,
                                                         0x7FF4'0000'0000'0001,
                                                         0x0000'0000'0000'0001,
                                                         0x7FEF'FFFF'FFFF'FFFF,
                                                         0x41E0'0000'0000'0000,
                                                         0xC3E0'0000'0000'0000};
  const std::uint64_t value = choices.pick(special);
  return choices.chance(10) ? choices.bits() : value;
}

/// Lanes of one width, each interesting.
std::array<std::uint8_t, 16> vector_bytes(Choices& choices) {
  std::array<std::uint64_t, 2> halves{};
  const std::uint32_t shape = choices.below(4);
  for (std::uint64_t& half : halves) {
    half = shape == 0 ? word_64(choices) : float_64(choices);
    if (shape < 2) continue;
    const auto lane = [&] { return shape == 2 ? word_32(choices) : float_32(choices); };
    half = lane();
    half |= std::uint64_t{lane()} << 32;
  }
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 16; ++i) {
    bytes[i] = static_cast<std::uint8_t>(halves[i / 8] >> 8 * (i % 8));
  }
  return bytes;
}

}  // namespace

Code interesting_constant(Choices& choices, ValType type) {
  switch (type.kind) {
    case ValKind::i32:
      return i32_const(static_cast<std::int32_t>(word_32(choices)));
    case ValKind::i64:
      return i64_const(static_cast<std::int64_t>(word_64(choices)));
    case ValKind::f32:
      return f32_const(std::bit_cast<float>(float_32(choices)));
    case ValKind::f64:
      return f64_const(std::bit_cast<double>(float_64(choices)));
    case ValKind::v128:
      return v128_const(vector_bytes(choices));
    default:
      return ref_null(type.heap);
  }
}

}  // namespace fermata::test
