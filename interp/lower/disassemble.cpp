// Prints register code, one line an instruction, under the WebAssembly instruction that made it.
#include "interp/lower/disassemble.hpp"

#include <fmt/format.h>

#include "lib/binary/instruction_text.hpp"

namespace fermata {

namespace {

std::int32_t branch_offset(Word word) { return static_cast<std::int32_t>(field_wide(word)); }

std::string operands(Layout layout, const Word* at, std::uint32_t word) {
  const Word w = at[0];
  const Word v = words(layout) == 2 ? at[1] : 0;
  const auto a = field_a(w), b = field_b(w), c = field_c(w);
  const auto target = word + static_cast<std::uint32_t>(branch_offset(w));
  const auto low = low_half(v), high = high_half(v);
  switch (layout) {
    case Layout::none:
      return {};
    case Layout::d:
      return fmt::format("s{}", a);
    case Layout::ds:
      return fmt::format("s{}, s{}", a, b);
    case Layout::da:
      return fmt::format("s{}, acc", a);
    case Layout::dss:
      return fmt::format("s{}, s{}, s{}", a, b, c);
    case Layout::das:
      return fmt::format("s{}, acc, s{}", a, b);
    case Layout::dsa:
      return fmt::format("s{}, s{}, acc", a, b);
    case Layout::dsi:
      return fmt::format("s{}, s{}, {:#x}", a, b, v);
    case Layout::dai:
      return fmt::format("s{}, acc, {:#x}", a, v);
    case Layout::dis:
      return fmt::format("s{}, {:#x}, s{}", a, v, b);
    case Layout::dia:
      return fmt::format("s{}, {:#x}, acc", a, v);
    case Layout::dss_shift:
      return fmt::format("s{}, s{}, s{} << {}", a, b, c, v);
    case Layout::dsa_shift:
      return fmt::format("s{}, s{}, acc << {}", a, b, v);
    case Layout::sss:
      return fmt::format("s{}, s{}, s{}", a, b, c);
    case Layout::sss_index:
      return fmt::format("s{}, s{}, s{}, {}", a, b, c, v);
    case Layout::const32:
      return fmt::format("s{}, {:#x}", a, field_wide(w));
    case Layout::const64:
      return fmt::format("s{}, {:#x}", a, v);
    case Layout::copy2:
      return fmt::format("s{}, s{}, s{}, s{}", a, a + 1, b, c);
    case Layout::move_n:
      return fmt::format("s{}, s{}, {}", a, b, c);
    case Layout::select_s:
      return fmt::format("s{}, s{}, s{}, s{}", a, b, c, v);
    case Layout::select_a:
      return fmt::format("s{}, s{}, s{}, acc", a, b, c);
    case Layout::global_get:
      return fmt::format("s{}, global {}", a, field_wide(w));
    case Layout::global_set_s:
      return fmt::format("global {}, s{}", field_wide(w), a);
    case Layout::global_set_a:
      return fmt::format("global {}, acc", field_wide(w));
    case Layout::table_get:
      return fmt::format("s{}, table {} [s{}]", a, v, b);
    case Layout::table_set:
      return fmt::format("table {} [s{}], s{}", v, a, b);
    case Layout::table_three:
      return fmt::format("table {}, s{}, s{}, s{}", v, a, b, c);
    case Layout::table_copy:
      return fmt::format("{}, {}, s{}, s{}, s{}", low, high, a, b, c);
    case Layout::load_s:
      return fmt::format("s{}, [s{} + {}]", a, b, v);
    case Layout::load_a:
      return fmt::format("s{}, [acc + {}]", a, v);
    case Layout::load_i:
      return fmt::format("s{}, [(s{} + {:#x}) + {}]", a, b, high, low);
    case Layout::load_k:
      return fmt::format("s{}, [{}]", a, v);
    case Layout::load_x:
      return fmt::format("s{}, [s{} + (s{} << {}) + {}]", a, b, c, high, low);
    case Layout::load_ax:
      return fmt::format("s{}, [s{} + (acc << {}) + {}]", a, b, high, low);
    case Layout::store_ss:
      return fmt::format("[s{} + {}], s{}", a, v, b);
    case Layout::store_sa:
      return fmt::format("[s{} + {}], acc", a, v);
    case Layout::store_as:
      return fmt::format("[acc + {}], s{}", v, b);
    case Layout::store_si:
      return fmt::format("[s{} + {}], {:#x}", a, low, high);
    case Layout::store_is:
      return fmt::format("[(s{} + {:#x}) + {}], s{}", a, high, low, b);
    case Layout::store_ia:
      return fmt::format("[(s{} + {:#x}) + {}], acc", a, high, low);
    case Layout::store_ii:
      return fmt::format("[(s{} + {:#x}) + {}], {:#x}", a, high, low, field_wide(w));
    case Layout::store_ks:
      return fmt::format("[{}], s{}", v, b);
    case Layout::store_ka:
      return fmt::format("[{}], acc", v);
    case Layout::store_xs:
      return fmt::format("[s{} + (s{} << {}) + {}], s{}", a, b, high, low, c);
    case Layout::store_xa:
      return fmt::format("[s{} + (s{} << {}) + {}], acc", a, b, high, low);
    case Layout::store_xi:
      return fmt::format("[s{} + (s{} << {}) + {}], {:#x}", a, b, high, low, c);
    case Layout::branch:
      return fmt::format("-> {}", target);
    case Layout::branch_s:
      return fmt::format("s{} -> {}", a, target);
    case Layout::branch_a:
      return fmt::format("acc -> {}", target);
    case Layout::branch_ss:
      return fmt::format("s{}, s{} -> {}", a, v, target);
    case Layout::branch_as:
      return fmt::format("acc, s{} -> {}", a, target);
    case Layout::branch_si:
      return fmt::format("s{}, {:#x} -> {}", a, v, target);
    case Layout::branch_ai:
      return fmt::format("acc, {:#x} -> {}", v, target);
    case Layout::br_table_s:
      return fmt::format("s{}, {} targets", a, field_wide(w));
    case Layout::br_table_a:
      return fmt::format("acc, {} targets", field_wide(w));
    case Layout::return_0:
      return {};
    case Layout::return_s:
      return fmt::format("s{}", a);
    case Layout::return_a:
      return "acc";
    case Layout::return_i:
      return fmt::format("{:#x}", v);
    case Layout::return_n:
      return fmt::format("s{}, {}", a, c);
    case Layout::call:
      return fmt::format("s{}, function {}, frame s{}", a,
                         reinterpret_cast<const FuncCode*>(v)->index.value, c);
    case Layout::call_import:
      return fmt::format("s{}, import {}, frame s{}", a, v, c);
    case Layout::call_indirect_s:
      return fmt::format("s{}, table {} [s{}], frame s{}", a, high, b, c);
    case Layout::call_indirect_a:
      return fmt::format("s{}, table {} [acc], frame s{}", a, high, c);
  }
  return {};
}

bool is_table(Layout layout) {
  return layout == Layout::br_table_s || layout == Layout::br_table_a;
}

/// One instruction's line, and a line for each of a br_table's targets. Returns its words.
std::uint32_t print_op(TextSink& out, const std::vector<Word>& code, std::uint32_t word) {
  const Op op = op_of(code[word]);
  const Layout shape = layout(op);
  out.put(
      fmt::format("  {:5}  {:<20} {}\n", word, to_string(op), operands(shape, &code[word], word)));
  if (!is_table(shape)) return words(shape);
  const std::uint32_t count = field_wide(code[word]) + 1;
  for (std::uint32_t i = 0; i < count && !out.full(); ++i) {
    out.put(fmt::format("         {:>20} -> {}\n", i + 1 == count ? "default" : std::to_string(i),
                        word + static_cast<std::uint32_t>(code[word + 1 + i])));
  }
  return 1 + count;
}

/// The WebAssembly instructions up to the one at `last`, one a line.
void print_wasm(TextSink& out, InstructionReader& reader, std::uint32_t last) {
  Instruction in;
  while (!out.full() && !reader.at_end() && reader.offset() <= last && reader.next(in)) {
    out.put(fmt::format("{:#08x}  {}\n", in.offset, to_string(in)));
  }
}

}  // namespace

Disassembler::Disassembler(const Module& module, CodeMode mode)
    : module_(module.impl()), lowerer_(CodeCache::of(module_, mode)) {}

void Disassembler::list(FuncIdx function, TextSink& out) {
  const std::vector<Origin> origins = lowerer_.origins(function);
  const std::vector<Word>& code = lowerer_.code();
  const ByteRange body = module_.definition(function).body;

  InstructionReader reader(module_.data.bytes, body, module_.features);
  for (std::size_t i = 0; i < origins.size() && !out.full(); ++i) {
    print_wasm(out, reader, origins[i].offset);
    const std::uint32_t end =
        i + 1 < origins.size() ? origins[i + 1].word : static_cast<std::uint32_t>(code.size());
    for (std::uint32_t word = origins[i].word; word < end && !out.full();) {
      word += print_op(out, code, word);
    }
  }
  print_wasm(out, reader, body.end);
}

std::string disassemble(const Module& module, FuncIdx function, CodeMode mode) {
  TextSink out(max_text_size(module.impl().data.bytes.size()));
  Disassembler(module, mode).list(function, out);
  return out.take();
}

}  // namespace fermata
