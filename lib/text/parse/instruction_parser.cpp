// See instruction_parser.hpp. One function per kind of immediates.
#include "lib/text/parse/instruction_parser.hpp"

#include <fmt/format.h>

#include <bit>

#include "lib/module/quoted.hpp"
#include "lib/text/lex/numbers.hpp"
#include "lib/text/parse/type_parser.hpp"

namespace fermata::text {

std::uint32_t parse_label(Context& c) {
  const Token token = c.cursor.peek();
  if (token.kind != TokenKind::id) {
    if (token.kind == TokenKind::nat) return parse_u32(c);
    c.cursor.unexpected("a label");
    return 0;
  }
  const auto found = c.labels.find(id_text(c, token));
  if (!found)
    c.cursor.fail(token, fmt::format("unknown label {}", shortened(c.cursor.text(token))));
  c.cursor.take();
  return found.value_or(0);
}

namespace {

bool is_number(const Token& token) {
  return token.kind == TokenKind::nat || token.kind == TokenKind::integer ||
         token.kind == TokenKind::floating;
}

// --- constants
// ------------------------------------------------------------------------------------

/// The bits of a number token as a constant of a type. Fails when it does not fit.
std::uint64_t number_bits(Context& c, Token token, ValKind kind) {
  const std::string_view text = c.cursor.text(token);
  std::optional<std::uint64_t> bits;
  switch (kind) {
    case ValKind::f32:
      bits = parse_f32(text);
      break;
    case ValKind::f64:
      bits = parse_f64(text);
      break;
    default:
      if (token.kind == TokenKind::floating) break;
      bits = parse_int(text, kind == ValKind::i32 ? 32 : 64);
  }
  if (!bits) c.cursor.fail(token, fmt::format("constant out of range: {}", text.substr(0, 40)));
  return bits.value_or(0);
}

Token parse_number(Context& c) {
  if (is_number(c.cursor.peek())) return c.cursor.take();
  c.cursor.unexpected("a number");
  return {};
}

std::uint64_t parse_constant_of(Context& c, ValKind kind) {
  const Token token = c.cursor.peek();
  const bool is_int = kind == ValKind::i32 || kind == ValKind::i64;
  if (is_int && token.kind == TokenKind::floating) {
    c.cursor.fail(token, fmt::format("constant out of range: found `{}`, expected an integer",
                                     c.cursor.text(token).substr(0, 40)));
    return 0;
  }
  const Token number = parse_number(c);
  return c.cursor.failed() ? 0 : number_bits(c, number, kind);
}

struct Shape {
  unsigned lanes = 0;
  unsigned bits = 0;  // of a lane
  bool is_float = false;
};

Shape shape_of(Keyword k) {
  switch (k) {
    case Keyword::i8x16:
      return {16, 8, false};
    case Keyword::i16x8:
      return {8, 16, false};
    case Keyword::i32x4:
      return {4, 32, false};
    case Keyword::i64x2:
      return {2, 64, false};
    case Keyword::f32x4:
      return {4, 32, true};
    case Keyword::f64x2:
      return {2, 64, true};
    default:
      return {};
  }
}

std::optional<std::uint64_t> lane_bits(std::string_view text, TokenKind kind, Shape shape) {
  if (shape.is_float && shape.bits == 32) return parse_f32(text);
  if (shape.is_float) return parse_f64(text);
  if (kind == TokenKind::floating) return std::nullopt;
  return parse_int(text, shape.bits);
}

bool is_nan_pattern(const Token& token) {
  return token.is(Keyword::nan_canonical) || token.is(Keyword::nan_arithmetic);
}

/// The token of one lane as the number `index` of `out`.
void set_lane(Context& c, Token token, Shape shape, unsigned index, VectorConstant& out) {
  if (is_nan_pattern(token)) {
    out.patterns[index] = token.keyword();
    return;
  }
  const auto bits = lane_bits(c.cursor.text(token), token.kind, shape);
  if (!bits) return c.cursor.fail(token, "constant out of range: in a lane of a vector");
  const unsigned width = shape.bits / 8;
  for (unsigned i = 0; i < width; ++i) {
    out.bytes[index * width + i] = static_cast<std::uint8_t>(*bits >> (8 * i));
  }
}

}  // namespace

std::uint64_t parse_constant(Context& c, WasmOp op) {
  switch (op) {
    case WasmOp::i32_const:
      return parse_constant_of(c, ValKind::i32);
    case WasmOp::i64_const:
      return parse_constant_of(c, ValKind::i64);
    case WasmOp::f32_const:
      return parse_constant_of(c, ValKind::f32);
    default:
      return parse_constant_of(c, ValKind::f64);
  }
}

VectorConstant parse_vector(Context& c, bool with_patterns) {
  VectorConstant out;
  const Token shape_token = c.cursor.peek();
  const Shape shape = shape_of(shape_token.keyword());
  if (shape.lanes == 0) {
    c.cursor.unexpected("a vector shape");
    return out;
  }
  out.shape = shape_token.keyword();
  c.cursor.take();
  const auto at_lane = [&] {
    const Token& token = c.cursor.peek();
    return is_number(token) || (with_patterns && shape.is_float && is_nan_pattern(token));
  };
  std::array<Token, 16> lanes;
  unsigned count = 0;
  while (at_lane() && count < shape.lanes) lanes[count++] = c.cursor.take();
  if (c.cursor.at(TokenKind::reserved)) {
    c.cursor.unexpected("a number");
  } else if (count != shape.lanes || at_lane()) {
    c.cursor.fail(shape_token,
                  fmt::format("wrong number of lane literals: expected {}", shape.lanes));
  }
  for (unsigned i = 0; i < count; ++i) set_lane(c, lanes[i], shape, i, out);
  return out;
}

namespace {

void parse_shuffle(Context& c, Bytes& out) {
  const Token first = c.cursor.peek();
  std::vector<Token> lanes;
  while (is_number(c.cursor.peek())) lanes.push_back(c.cursor.take());
  if (lanes.size() != 16) {
    return c.cursor.fail(first,
                         fmt::format("invalid lane length: expected 16, found {}", lanes.size()));
  }
  for (const Token lane : lanes) {
    const std::string_view text = c.cursor.text(lane);
    const auto value = lane.kind == TokenKind::nat ? parse_nat(text, 8) : std::nullopt;
    if (!value) return c.cursor.fail(lane, "i8 constant out of range: in a lane index");
    write_u32(out, static_cast<std::uint32_t>(*value));
  }
}

// --- memory
// ---------------------------------------------------------------------------------------

std::uint8_t parse_lane(Context& c) {
  const Token token = c.cursor.expect(TokenKind::nat, "a lane index");
  if (c.cursor.failed()) return 0;
  return static_cast<std::uint8_t>(nat_value(c, token, c.cursor.text(token), 8));
}

/// `offset=` and `align=`, both optional; the alignment as its logarithm.
void parse_memarg(Context& c, WasmOp op, std::uint32_t memory, Bytes& out) {
  std::uint64_t offset = 0;
  if (c.cursor.at(TokenKind::offset_eq)) {
    const Token token = c.cursor.take();
    offset = nat_value(c, token, c.cursor.text(token).substr(7), 64);
  }
  unsigned align = info(op).natural_align;
  if (c.cursor.at(TokenKind::align_eq)) {
    const Token token = c.cursor.take();
    const std::uint64_t bytes = nat_value(c, token, c.cursor.text(token).substr(6), 64);
    if (!std::has_single_bit(bytes)) {
      c.cursor.fail(token, "alignment must be a power of two");
    } else {
      align = static_cast<unsigned>(std::countr_zero(bytes));
    }
  }
  // Bit 6 announces a memory index.
  write_u32(out, align | (memory != 0 ? 0x40 : 0));
  if (memory != 0) write_u32(out, memory);
  write_unsigned(out, offset);
}

/// A memory index may precede: a number is one only when a lane index still follows it.
void parse_memarg_lane(Context& c, WasmOp op, Bytes& out) {
  const TokenKind second = c.cursor.peek(1).kind;
  const bool has_memory =
      c.cursor.at(TokenKind::id) ||
      (c.cursor.at(TokenKind::nat) && (second == TokenKind::nat || second == TokenKind::offset_eq ||
                                       second == TokenKind::align_eq));
  const std::uint32_t memory = has_memory ? parse_index(c, c.memories, "memory") : 0;
  parse_memarg(c, op, memory, out);
  write_u32(out, parse_lane(c));
}

// --- indices
// --------------------------------------------------------------------------------------

/// Both indices or neither: destination and source of a copy.
void parse_two_or_none(Context& c, const IdSpace& space, std::string_view what, Bytes& out) {
  std::uint32_t destination = 0;
  std::uint32_t source = 0;
  if (c.cursor.at_index()) {
    destination = parse_index(c, space, what);
    source = parse_index(c, space, what);
  }
  write_u32(out, destination);
  write_u32(out, source);
}

/// An optional index of `space`, then a segment; the binary format has them the other way round.
void parse_init(Context& c, const IdSpace& space, std::string_view what, const IdSpace& segments,
                std::string_view segment_what, Bytes& out) {
  const TokenKind second = c.cursor.peek(1).kind;
  const bool has_both = second == TokenKind::nat || second == TokenKind::id;
  const std::uint32_t target = has_both ? parse_index(c, space, what) : 0;
  write_u32(out, parse_index(c, segments, segment_what));
  write_u32(out, target);
}

void parse_label_table(Context& c, Bytes& out) {
  std::vector<std::uint32_t> labels{parse_label(c)};
  while (c.cursor.at_index()) labels.push_back(parse_label(c));
  write_length(out, labels.size() - 1);
  for (const std::uint32_t label : labels) write_u32(out, label);
}

void parse_call_indirect(Context& c, Bytes& out) {
  const std::uint32_t table = parse_optional_index(c, c.tables, "table");
  const TypeIdx type = resolve_type_use(c, parse_type_use(c, false));
  write_u32(out, type.value);
  write_u32(out, table);
}

void parse_type_field_index(Context& c, Bytes& out) {
  const std::uint32_t type = parse_index(c, c.types, "type");
  static const IdSpace no_fields;
  const auto fields = c.fields.find(type);
  write_u32(out, type);
  write_u32(out, parse_index(c, fields == c.fields.end() ? no_fields : fields->second, "field"));
}

void parse_type_and(Context& c, Immediate second, Bytes& out) {
  write_u32(out, parse_index(c, c.types, "type"));
  switch (second) {
    case Immediate::type_data:
      c.uses_data = true;
      return write_u32(out, parse_index(c, c.datas, "data segment"));
    case Immediate::type_elem:
      return write_u32(out, parse_index(c, c.elems, "elem segment"));
    case Immediate::type_type:
      return write_u32(out, parse_index(c, c.types, "type"));
    default:
      return write_u32(out, parse_u32(c));  // type_count
  }
}

void parse_br_on_cast(Context& c, Bytes& out) {
  const std::uint32_t label = parse_label(c);
  const ValType from = parse_ref_type(c);
  const ValType to = parse_ref_type(c);
  write_byte(out, static_cast<std::uint8_t>((from.nullable ? 1 : 0) | (to.nullable ? 2 : 0)));
  write_u32(out, label);
  write_heap_type(out, from.heap);
  write_heap_type(out, to.heap);
}

// --- instructions whose opcode depends on an immediate
// --------------------------------------------

void parse_select(Context& c, Bytes& out) {
  if (!c.cursor.at_open(Keyword::result)) return write_op(out, WasmOp::select);
  ResultType types;
  parse_results(c, types);
  write_op(out, WasmOp::select_t);
  write_length(out, types.size());
  for (const ValType type : types) write_val_type(out, type);
}

void parse_ref_test(Context& c, WasmOp op, Bytes& out) {
  const ValType type = parse_ref_type(c);
  const bool is_test = op == WasmOp::ref_test;
  const WasmOp nullable = is_test ? WasmOp::ref_test_null : WasmOp::ref_cast_null;
  write_op(out, type.nullable ? nullable : op);
  write_heap_type(out, type.heap);
}

void parse_constant_immediate(Context& c, WasmOp op, Bytes& out) {
  switch (info(op).immediate) {
    case Immediate::i32_const:
      return write_signed(out, static_cast<std::int32_t>(parse_constant(c, op)));
    case Immediate::i64_const:
      return write_signed(out, static_cast<std::int64_t>(parse_constant(c, op)));
    case Immediate::f32_const:
      return write_fixed32(out, static_cast<std::uint32_t>(parse_constant(c, op)));
    case Immediate::f64_const:
      return write_fixed64(out, parse_constant(c, op));
    default:
      return write_bytes(out, parse_vector(c, false).bytes);
  }
}

/// An instruction whose only immediate is an index; nothing for others.
std::optional<std::uint32_t> parse_index_immediate(Context& c, Immediate immediate) {
  switch (immediate) {
    case Immediate::label:
      return parse_label(c);
    case Immediate::func:
      return parse_index(c, c.funcs, "function");
    case Immediate::type:
      return parse_index(c, c.types, "type");
    case Immediate::local:
      return parse_index(c, c.locals, "local");
    case Immediate::global:
      return parse_index(c, c.globals, "global");
    case Immediate::tag:
      return parse_index(c, c.tags, "tag");
    case Immediate::table:
      return parse_optional_index(c, c.tables, "table");
    case Immediate::memory:
      return parse_optional_index(c, c.memories, "memory");
    case Immediate::data:
      c.uses_data = true;
      return parse_index(c, c.datas, "data segment");
    case Immediate::elem:
      return parse_index(c, c.elems, "elem segment");
    case Immediate::lane:
      return parse_lane(c);
    default:
      return std::nullopt;
  }
}

void parse_immediates(Context& c, WasmOp op, Bytes& out) {
  const Immediate immediate = info(op).immediate;
  if (const auto index = parse_index_immediate(c, immediate)) return write_u32(out, *index);
  switch (immediate) {
    case Immediate::label_table:
      return parse_label_table(c, out);
    case Immediate::call_indirect:
      return parse_call_indirect(c, out);
    case Immediate::memarg:
      return parse_memarg(c, op, parse_optional_index(c, c.memories, "memory"), out);
    case Immediate::memarg_lane:
      return parse_memarg_lane(c, op, out);
    case Immediate::memory_memory:
      return parse_two_or_none(c, c.memories, "memory", out);
    case Immediate::table_table:
      return parse_two_or_none(c, c.tables, "table", out);
    case Immediate::data_memory:
      c.uses_data = true;
      return parse_init(c, c.memories, "memory", c.datas, "data segment", out);
    case Immediate::elem_table:
      return parse_init(c, c.tables, "table", c.elems, "elem segment", out);
    case Immediate::heap_type:
      return write_heap_type(out, parse_heap_type(c));
    case Immediate::type_field:
      return parse_type_field_index(c, out);
    case Immediate::type_data:
    case Immediate::type_elem:
    case Immediate::type_type:
    case Immediate::type_count:
      return parse_type_and(c, immediate, out);
    case Immediate::br_on_cast:
      return parse_br_on_cast(c, out);
    case Immediate::shuffle:
      return parse_shuffle(c, out);
    case Immediate::fence:
      return write_byte(out, 0);
    default:
      return parse_constant_immediate(c, op, out);
  }
}

}  // namespace

void parse_instruction(Context& c, WasmOp op, Bytes& out) {
  const Immediate immediate = info(op).immediate;
  if (op == WasmOp::select) return parse_select(c, out);
  if (immediate == Immediate::ref_test) return parse_ref_test(c, op, out);
  write_op(out, op);
  if (immediate != Immediate::none) parse_immediates(c, op, out);
}

}  // namespace fermata::text
