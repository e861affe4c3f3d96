// InstructionReader: walks instruction bytes for everybody. Only runs of the commonest instructions
// are stepped over by the validator itself (lib/validate/plain_run.hpp), by the same encodings.
//
// Decodes one instruction after another with its immediates, and reports malformed encodings. It
// judges nothing else: indices may be out of range, types wrong, blocks unbalanced. The validator
// and the lowering are two independent users. Specification: "Binary Format / Instructions".
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "lib/binary/reader.hpp"
#include "lib/binary/type_reader.hpp"
#include "lib/isa/wasm_op.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

/// `block`'s type: nothing, one value type, or a type index.
struct BlockType {
  enum class Kind : std::uint8_t { empty, value, type } kind = Kind::empty;
  ValType value{};  // Kind::value
  TypeIdx type{};   // Kind::type
};

/// The byte for a block type of nothing.
inline constexpr std::uint8_t empty_block = 0x40;

struct MemArg {
  std::uint32_t align_log2 = 0;
  MemIdx memory{};
  std::uint64_t offset = 0;
};

/// A LEB128 number that was found well-formed before; moves `bytes` past it.
[[nodiscard]] inline std::uint32_t read_checked_u32(const std::uint8_t*& bytes) {
  std::uint32_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const std::uint8_t b = *bytes++;
    value |= (b & 0x7Fu) << shift;
    if (b < 0x80) return value;
  }
}

/// A vector of immediates left in the bytes; `each` walks it again without checks.
struct LabelTable {
  const std::uint8_t* bytes = nullptr;  // `count` + 1 LEB128 numbers, the default label last
  std::uint32_t count = 0;              // without the default label
  /// Calls f(LabelIdx) for each, the default label last.
  template <class F>
  void each(F&& f) const {
    const std::uint8_t* at = bytes;
    for (std::uint64_t i = 0; i <= count; ++i) f(LabelIdx{read_checked_u32(at)});
  }
};

struct CatchClause {
  enum class Kind : std::uint8_t { catch_, catch_ref, catch_all, catch_all_ref } kind{};
  TagIdx tag{};  // catch_ and catch_ref
  LabelIdx label{};
  [[nodiscard]] bool has_tag() const { return kind <= Kind::catch_ref; }
  [[nodiscard]] bool has_ref() const {
    return kind == Kind::catch_ref || kind == Kind::catch_all_ref;
  }
};

struct CatchTable {
  const std::uint8_t* bytes = nullptr;
  std::uint32_t count = 0;
  /// Calls f(CatchClause) for each, in order.
  template <class F>
  void each(F&& f) const {
    const std::uint8_t* at = bytes;
    for (std::uint32_t i = 0; i < count; ++i) {
      CatchClause clause{static_cast<CatchClause::Kind>(*at++)};
      if (clause.has_tag()) clause.tag = {read_checked_u32(at)};
      clause.label = {read_checked_u32(at)};
      f(clause);
    }
  }
};

/// br_on_cast's two reference types.
struct CastTypes {
  HeapType from;
  HeapType to;
  bool from_nullable = false;
  bool to_nullable = false;
};

/// One decoded instruction. Which members are set follows from `info(op).immediate`; the others are
/// unspecified.
struct Instruction {
  WasmOp op{};
  std::uint8_t lane = 0;
  std::uint32_t offset = 0;  ///< byte offset of the opcode in the module
  /// The (first) index: label, func, type, local, global, table, memory, data, elem, tag.
  /// call_indirect: type; memory.init: data; table.init: elem; *.copy: destination; struct.get,
  /// array.new_data ...: type; br_on_cast: label; memarg: the memory, as in `memarg`.
  std::uint32_t index = 0;
  /// The second: call_indirect, table.init: table; memory.init: memory; *.copy: source; struct.get:
  /// field; array.new_fixed: count; array.new_data, array.init_data: data; the same with elem;
  /// array.copy: source type.
  std::uint32_t index2 = 0;
  union {
    std::int32_t i32;
    std::int64_t i64;
    std::uint32_t f32_bits;
    std::uint64_t f64_bits;
    std::array<std::uint8_t, 16> v128;  ///< v128.const, i8x16.shuffle
    MemArg memarg;
    BlockType block;  ///< block, loop, if, try, try_table
    LabelTable labels;
    HeapType heap;        ///< ref.null, ref.test, ref.cast
    ValType select_type;  ///< select with exactly one type (others: `select_count` != 1)
    CastTypes cast;
  };
  std::uint32_t select_count = 0;  ///< select with types: how many
  CatchTable catches{};

  constexpr Instruction() : i64(0) {}
};

class InstructionReader {
 public:
  /// Reads the instructions of `range`, which lies in `bytes`; offsets are relative to `bytes`.
  /// `features` decides only how encodings that a proposal changed are read (multi-memory's and
  /// reference types' indices, memory64's offsets); a disabled instruction is still read.
  InstructionReader(std::span<const std::uint8_t> bytes, ByteRange range, Features features)
      : reader_(bytes, range), features_(features) {}

  /// True at the end of the range, and after a failure.
  [[nodiscard]] bool at_end() const { return reader_.at_end(); }
  /// Of the next instruction.
  [[nodiscard]] std::uint32_t offset() const { return reader_.offset(); }

  /// Decodes the next instruction into `out`, which the caller uses again and again. False:
  /// malformed (the end of the range included), see `error()`.
  [[nodiscard]] bool next(Instruction& out);

  /// For who can pass over some instructions without `next`. Precondition: `count` bytes are left,
  /// and are well-formed instructions.
  void skip(std::size_t count) { reader_.cursor_ += count; }

  /// Precondition: `next` returned false.
  [[nodiscard]] const Error& error() const { return reader_.error(); }

 private:
  [[nodiscard]] bool next_slow(Instruction& out);
  [[nodiscard]] bool read_two_indices(Instruction& out, Immediate immediate);
  [[nodiscard]] bool read_immediate(Instruction& out, Immediate immediate);
  [[nodiscard]] bool read_constant(Instruction& out, Immediate immediate);
  [[nodiscard]] bool read_vector_immediate(Instruction& out, Immediate immediate);
  [[nodiscard]] bool read_typed_immediate(Instruction& out, Immediate immediate);
  void read_memarg(Instruction& out);
  void read_label_table(Instruction& out);
  void read_catches(Instruction& out);
  void read_select_types(Instruction& out);
  void read_br_on_cast(Instruction& out);
  void read_fence();
  [[nodiscard]] std::uint32_t memory_index();
  [[nodiscard]] std::uint32_t table_index();
  [[nodiscard]] std::uint32_t reserved_index();
  [[nodiscard]] bool illegal_opcode(std::uint32_t at, std::uint8_t byte, const std::uint32_t* code);

  Reader reader_;
  Features features_;
};

// The commonest instructions: a one-byte opcode without immediates, or with an immediate of one
// byte, or an index of two. Everything else, failures included, is next_slow's, which starts again
// at the opcode.
[[gnu::always_inline]] inline bool InstructionReader::next(Instruction& out) {
  const std::uint8_t* const at = reader_.cursor_;
  const auto left = reader_.end_ - at;
  if (left < 2) [[unlikely]]
    return next_slow(out);
  const detail::Encoded encoded = detail::encodings.plain[*at];
  if (!encoded.exists) [[unlikely]]
    return next_slow(out);
  out.op = encoded.op;
  out.offset = static_cast<std::uint32_t>(at - reader_.base_);
  const std::uint8_t operand = at[1];
  const bool has_index = is_index(encoded.immediate);
  if (has_index ? operand < 0x80 : encoded.immediate == Immediate::none) [[likely]] {
    out.index = operand;
    reader_.cursor_ = at + 1 + (has_index ? 1 : 0);
    return true;
  }
  if (has_index && left > 2 && at[2] < 0x80) {
    out.index = (operand & 0x7Fu) | std::uint32_t{at[2]} << 7;
    reader_.cursor_ = at + 3;
    return true;
  }
  switch (encoded.immediate) {
    case Immediate::block_type:
      if (operand != empty_block && !is_number_byte(operand)) break;
      std::construct_at(&out.block,
                        operand == empty_block
                            ? BlockType{}
                            : BlockType{BlockType::Kind::value, number_type(operand), {}});
      reader_.cursor_ = at + 2;
      return true;
    case Immediate::i32_const:
      if (operand >= 0x80) break;
      out.i32 = (operand ^ 0x40) - 0x40;
      reader_.cursor_ = at + 2;
      return true;
    case Immediate::memarg:
      // Alignment below 64 means memory 0.
      if (left < 3 || operand >= 0x40 || at[2] >= 0x80) break;
      out.index = 0;
      std::construct_at(&out.memarg, MemArg{operand, MemIdx{0}, at[2]});
      reader_.cursor_ = at + 3;
      return true;
    default:
      break;
  }
  return next_slow(out);
}

}  // namespace fermata
